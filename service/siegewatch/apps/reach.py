"""Whether it is a feed that cannot be reached, or our own network that is down; and how carefully to ask until then."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

LATELY = timedelta(minutes=10)
"""Where something answered within this time, our network is up and a silent feed is to blame."""

IN_A_ROW, PUBLISHERS = 8, 3
"""So many feeds of so many publishers, one after the other and none of them reached: that is our network. So it is
where every feed there is was missed."""

PROBES = 3
PROBE_EVERY = timedelta(seconds=10)
"""While our network is down no more is asked, and no sooner again."""

SAY_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Unreached:
    """A feed that gave no answer, and why. `publisher` is whose servers it is on."""

    feed: str
    problem: str
    publisher: str = ""
    id: str = ""


@dataclass
class Reach:
    """Collects what polls find; `report` says it: one line a feed while others answer, else one line for all."""

    feeds: int
    _reached_at: datetime | None = None
    _said_at: datetime | None = None
    _probed_at: datetime | None = None
    _waiting: list[Unreached] = field(default_factory=list)
    _in_a_row: dict[str, Unreached] = field(default_factory=dict)
    _is_down: bool = False
    _accused: tuple[str, ...] = ()
    _is_back: bool = False
    _lock: Lock = field(default_factory=Lock)

    def reached(self, now: datetime) -> None:
        """Notes that some feed answered."""
        with self._lock:
            self._reached_at = now
            self._in_a_row.clear()
            self._is_back |= self._is_down
            self._is_down = False

    def missed(self, unreached: Unreached) -> None:
        """Notes that a feed gave no answer; it is said with the next report."""
        with self._lock:
            self._waiting.append(unreached)
            if self._is_down:
                return
            self._in_a_row[unreached.id or unreached.feed] = unreached
            if self._speaks_for_us():
                self._is_down, self._accused = True, tuple(self._in_a_row)

    def _speaks_for_us(self) -> bool:
        missed = len(self._in_a_row)
        publishers = {one.publisher for one in self._in_a_row.values()}
        return 1 < self.feeds <= missed or (missed >= IN_A_ROW and len(publishers) >= PUBLISHERS)

    def is_up(self, now: datetime) -> bool:
        """Whether anything was reached of late, and whatever was asked since then is not all out of reach."""
        return not self._is_down and self._reached_at is not None and now - self._reached_at < LATELY

    def room(self, room: int, busy: int, now: datetime) -> int:
        """How many of `room` polls to begin beside the `busy` ones: a few probes now and then while we are down."""
        if not self._is_down:
            return room
        if self._probed_at and now - self._probed_at < PROBE_EVERY:
            return 0
        self._probed_at = now
        return max(0, min(room, PROBES - busy))

    def returned(self) -> Sequence[str] | None:
        """Told once when the network is back: the feeds held to have failed before it was known to be down."""
        with self._lock:
            if not self._is_back:
                return None
            self._is_back, accused = False, self._accused
            return accused

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
