"""What every role is made of: a turn repeated in a thread, and what it makes of a store that fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic
from typing import Protocol

import structlog

from siegewatch.apps.current import Means
from siegewatch.domain.errors import StoreError

log = structlog.get_logger()

BLOCK_SECONDS = 1.0
"""How long a turn waits for input: the longest that stopping waits for an idle role."""

TAKE_OVER_SECONDS = 5.0
"""How often a role looks for what another worker left behind."""

RETRY_SECONDS = 1.0
SAY_AGAIN = timedelta(minutes=1)
UNFIT_FOR = timedelta(seconds=20)
"""How long a role counts as unfit after the store failed it."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something that the scheduler calls again and again, the first time `after` it began."""

    turn: Callable[[], object]
    every: timedelta
    after: timedelta = timedelta()


class Role(Protocol):
    """One role: `drain` works off once what there is; `start` keeps it going until it is asked to stop."""

    name: str

    @property
    def jobs(self) -> Sequence[Job]:
        """What the scheduler has to call."""

    def drain(self) -> None:
        """Works off what there is now, and returns."""

    def start(self) -> None:
        """Begins."""

    def ask_to_stop(self) -> None:
        """Begins nothing more."""

    def stop(self, deadline: float) -> None:
        """Waits for what is under way, until the monotonic clock says `deadline`; what is left then is abandoned:
        its claim or its place in the stream brings it back."""

    def problem(self) -> str | None:
        """Why it is unfit, None where it is fit."""

    def prepare(self, means: Means) -> Callable[[], None]:
        """Makes all it needs to go on under other settings, and returns what takes it up between two turns; until that
        is called nothing has changed. What is under way ends as it began. Raises UsageError where they do not fit."""


@dataclass
class Trouble:
    """The failures of the store, as one role sees them."""

    clock: Callable[[], datetime]
    _last: str = ""
    _met_at: datetime | None = None
    _said_at: dict[str, datetime] = field(default_factory=dict)

    def met(self, error: StoreError) -> None:
        """Notes a failure; logs it unless that was done within a minute."""
        now, text = self.clock(), str(error)
        self._last, self._met_at = text, now
        self._said_at = {said: at for said, at in self._said_at.items() if now - at < SAY_AGAIN}
        if text not in self._said_at:
            self._said_at[text] = now
            log.error("store_failed", reason=text)

    def now(self) -> str | None:
        """The last failure, while it is recent."""
        return self._last if self._met_at and self.clock() - self._met_at < UNFIT_FOR else None


@dataclass
class Loop:
    """A thread that repeats `turn` until stopped, resting `idle_seconds` after each that found nothing to do.
    The store's failures are waited out, anything else is logged."""

    name: str
    turn: Callable[[], object]
    trouble: Trouble
    idle_seconds: float = 0
    _stopped: Event = field(default_factory=Event)
    _woken: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        """Begins."""
        self._thread = Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Lets the turn under way be the last."""
        self._stopped.set()
        self._woken.set()

    def wake(self) -> None:
        """Ends its rest, if it rests: there is something to do."""
        self._woken.set()

    def stop(self, deadline: float) -> None:
        """Waits for the turn under way until `deadline`."""
        if self._thread:
            self._thread.join(max(0.0, deadline - monotonic()))

    @property
    def is_alive(self) -> bool:
        """Whether its thread still runs."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._woken.clear()
                if not self.turn() and not self._stopped.is_set():
                    self._woken.wait(self.idle_seconds)
            except StoreError as error:
                self.trouble.met(error)
                self._stopped.wait(RETRY_SECONDS)
            except Exception:
                # A bug in one turn is told loudly, and must not end the watch.
                log.exception("turn_failed", loop=self.name)
                self._stopped.wait(RETRY_SECONDS)
