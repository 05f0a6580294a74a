"""Whether it is a feed that cannot be reached, or our own network that is down."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

LATELY = timedelta(minutes=10)
"""Where something answered within this time, our network is up and a silent feed is to blame."""

SAY_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Unreached:
    """A feed that gave no answer, and why."""

    feed: str
    problem: str


@dataclass
class Reach:
    """Collects what polls find; `report` says it: one line a feed while others answer, else one line for all."""

    feeds: int
    _reached_at: datetime | None = None
    _said_at: datetime | None = None
    _waiting: list[Unreached] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def reached(self, now: datetime) -> None:
        """Notes that some feed answered."""
        with self._lock:
            self._reached_at = now

    def missed(self, unreached: Unreached) -> None:
        """Notes that a feed gave no answer; it is said with the next report."""
        with self._lock:
            self._waiting.append(unreached)

    def is_up(self, now: datetime) -> bool:
        """Whether anything was reached of late."""
        return self._reached_at is not None and now - self._reached_at < LATELY

    def report(self, now: datetime) -> tuple[Sequence[Unreached], str | None]:
        """The feeds to name, or the one line that stands for all of them."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if not waiting or self.is_up(now):
            return waiting, None
        if self._said_at and now - self._said_at < SAY_AGAIN:
            return (), None
        self._said_at = now
        return (), f"0 of {self.feeds} feeds reachable: no network? retrying"
