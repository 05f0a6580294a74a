"""What every role is made of: a turn repeated in a thread, and what it makes of a store that fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Protocol

import structlog

from siegewatch.domain.errors import StoreError

log = structlog.get_logger()

BLOCK_SECONDS = 1.0
"""How long a turn waits for input: the longest that stopping waits for an idle role."""

TAKE_OVER_SECONDS = 5.0
"""How often a role looks for what another worker left behind."""

RETRY_SECONDS = 1.0
UNFIT_FOR = timedelta(seconds=20)
"""How long a role counts as unfit after the store failed it."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something that the scheduler calls again and again."""

    turn: Callable[[], object]
    every: timedelta


class Role(Protocol):
    """One role: `drain` works off once what there is, `start` and `stop` keep it going."""

    name: str

    @property
    def jobs(self) -> Sequence[Job]:
        """What the scheduler has to call."""

    def drain(self) -> None:
        """Works off what there is now, and returns."""

    def start(self) -> None:
        """Begins."""

    def stop(self) -> None:
        """Ends what is under way and begins nothing more."""

    def problem(self) -> str | None:
        """Why it is unfit, None where it is fit."""


@dataclass
class Trouble:
    """The last failure of the store, as one role saw it."""

    clock: Callable[[], datetime]
    _said: str = ""
    _at: datetime | None = None

    def met(self, error: StoreError) -> None:
        """Notes a failure; logs it where it is another than the last one, or that is long past."""
        if self.now() is None or str(error) != self._said:
            log.error("store_failed", reason=str(error))
        self._said, self._at = str(error), self.clock()

    def now(self) -> str | None:
        """The failure, while it is recent."""
        return self._said if self._at and self.clock() - self._at < UNFIT_FOR else None


@dataclass
class Loop:
    """A thread that repeats `turn` until stopped, resting `idle_seconds` after each that found nothing to do.
    The store's failures are waited out, anything else is logged."""

    name: str
    turn: Callable[[], object]
    trouble: Trouble
    idle_seconds: float = 0
    _stopped: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        """Begins."""
        self._thread = Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 25) -> None:
        """Lets the turn under way end, for at most so long."""
        self._stopped.set()
        if self._thread:
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                if not self.turn():
                    self._stopped.wait(self.idle_seconds)
            except StoreError as error:
                self.trouble.met(error)
                self._stopped.wait(RETRY_SECONDS)
            except Exception:
                # A bug in one turn is told loudly, and must not end the watch.
                log.exception("turn_failed", loop=self.name)
                self._stopped.wait(RETRY_SECONDS)
