"""The collect role: threads that poll what the scheduler's tick claims."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic

import structlog

from siegewatch import wiring
from siegewatch.apps.current import Current, Means
from siegewatch.apps.reach import Reach, Unreached
from siegewatch.apps.roles.hubs import Hubs
from siegewatch.apps.roles.loop import Job, Trouble
from siegewatch.apps.watch import EVERY as WATCH
from siegewatch.apps.watch import Watch
from siegewatch.apps.web.metrics import Metrics
from siegewatch.collect.poller import Polled, Poller
from siegewatch.collect.roster import Refused, Roster
from siegewatch.domain.errors import StoreError
from siegewatch.store.claims import Claim

log = structlog.get_logger()

BACKLOG = 50_000
"""Items waiting for detection beyond which nothing more is polled: feeds keep what the store need not hold."""

TICK = timedelta(milliseconds=250)
"""How late a feed may be polled at most; one claim by script costs the store some twenty microseconds."""

REPORT = timedelta(seconds=3)
KEEP = timedelta(minutes=1)
FOLLOW = timedelta(seconds=5)
"""How late a feed is taken up, or let go, that a command added or removed."""

WATCH_AFTER = timedelta(minutes=2)
"""Until then what waits and what is old may be so because nothing ran."""

ASK = timedelta(minutes=1)


@dataclass
class Collect:
    """Polls what is due; the scheduler calls its jobs."""

    means: Means
    current: Current
    metrics: Metrics
    reach: Reach
    watch: Watch
    trouble: Trouble
    name: str = "collect"
    _before: Poller | None = None
    _following: Lock = field(default_factory=Lock)
    _said: tuple[Refused, ...] = ()
    _claims: "SimpleQueue[Claim | None]" = field(default_factory=SimpleQueue)
    _hands: list[Thread] = field(default_factory=list)
    _busy: int = 0
    _is_full: bool = False
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.poller = _poller(self.means, self.current.roster())
        # The address that hubs come to cannot change while we run, unlike whether they are asked.
        has_address = bool(self.means.settings.web.public_url)
        self.hubs = Hubs(self.means, self.poller.feeds, self.metrics, self.trouble) if has_address else None

    @property
    def jobs(self) -> Sequence[Job]:
        """Polling, reporting, keeping the schedule whole, following commands, watching, and asking hubs."""
        return (
            Job(self.tick, TICK),
            Job(self.report, REPORT),
            Job(self.keep_schedule, KEEP),
            Job(self.follow, FOLLOW),
            Job(self.watch_sources, WATCH, WATCH_AFTER),
            *([Job(self.hubs.ask, ASK)] if self.hubs else []),
        )

    @property
    def workers(self) -> int:
        """How many feeds are polled at the same time."""
        return self.means.settings.poll.workers

    def start(self) -> None:
        """Begins with all feeds but those that failed of late."""
        self._begin()
        if self.hubs:
            self.hubs.start(lambda: self._is_full)

    def _begin(self) -> None:
        self.poller.begin(self.trouble.clock())
        self._hire()

    def _hire(self) -> None:
        """As many hands as the settings say: those too many end with what they have in hand."""
        self._hands = [hand for hand in self._hands if hand.is_alive()]
        for number in range(len(self._hands), self.workers):
            self._hands.append(Thread(target=self._work, name=f"poll {number}", daemon=True))
            self._hands[-1].start()
        for _ in range(self.workers, len(self._hands)):
            self._claims.put(None)

    def prepare(self, means: Means) -> Callable[[], None]:
        """The poller for other settings; polls under way end under those they began with."""
        memory = means.memory
        poller = _poller(means, wiring.roster(means.settings, memory.added.all(), memory.feeds.paused()))

        def adopt() -> None:
            with self._following:
                self._take(means, poller)
                self._hire()
            self.follow()

        return adopt

    def follow(self) -> None:
        """Takes up feeds that commands added, and lets go those that they removed."""
        try:
            with self._following:
                roster = self.current.roster()
                self._tell_refused(roster)
                if {feed.id: feed for feed in roster.feeds} != self.poller.feeds:
                    self._take(self.means, _poller(self.means, roster))
                if self._before:
                    self.poller.succeed(self._before, self.trouble.clock())
                    self._before = None
        except StoreError as error:
            self.trouble.met(error)

    def _take(self, means: Means, poller: Poller) -> None:
        """From here on `poller` polls; it has the schedule to take over from the one whose schedule stands."""
        self._before = self._before or self.poller
        self.means, self.poller = means, poller
        self.reach.feeds = len(poller.feeds)
        if self.hubs:
            self.hubs.take(means, poller.feeds)

    def _tell_refused(self, roster: Roster) -> None:
        if roster.refused != self._said:
            self._said = roster.refused
            for fault in (fault for one in roster.refused for fault in one.faults):
                log.warning("feed_refused", fault=str(fault))

    def ask_to_stop(self) -> None:
        """Lets the polls under way be the last."""
        if self.hubs:
            self.hubs.ask_to_stop()
        with suppress(Empty):
            while True:
                self._claims.get_nowait()
        for _ in self._hands:
            self._claims.put(None)

    def stop(self, deadline: float) -> None:
        """Waits for those polls; what is claimed by then and not settled comes back with its lease."""
        for hand in self._hands:
            hand.join(max(0.0, deadline - monotonic()))
        if self.hubs:
            self.hubs.stop(deadline)

    def problem(self) -> str | None:
        """The store's trouble, or a queue that nobody works off."""
        full = f"over {BACKLOG} items wait for detection: nothing is polled until they are decided"
        return self.trouble.now() or (full if self._is_full else None)

    def drain(self) -> None:
        """Reads what was pushed, polls every feed once, and returns when that is done."""
        if self.hubs:
            self.hubs.drain()
        self._begin()
        now = self.trouble.clock()
        self._submit(self.poller.claim_all(now))
        for _ in self._hands:
            self._claims.put(None)
        for hand in self._hands:
            hand.join()
        self.report()
        self.watch.look(now)

    def tick(self) -> None:
        """Claims what is due, as far as hands are free."""
        try:
            free = self.workers - self._busy
            self._is_full = self.poller.items.queue.length() >= BACKLOG
            if free > 0 and not self._is_full:
                self._submit(self.poller.claim(self.trouble.clock(), free))
        except StoreError as error:
            self.trouble.met(error)

    def keep_schedule(self) -> None:
        """Puts back what the schedule lost, as where the store came back empty."""
        try:
            self.poller.keep(self.trouble.clock())
        except StoreError as error:
            self.trouble.met(error)

    def watch_sources(self) -> None:
        """Raises troubles, and clears those that are over."""
        try:
            self.watch.turn()
        except StoreError as error:
            self.trouble.met(error)

    def _submit(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            with self._lock:
                self._busy += 1
            self._claims.put(claim)

    def _work(self) -> None:
        while claim := self._claims.get():
            self._poll(claim)

    def report(self) -> None:
        """Says which feeds gave no answer, or that none does."""
        unreached, line = self.reach.report(self.trouble.clock())
        if line:
            log.warning(line)
        for one in unreached:
            log.warning("feed_failed", feed=one.feed, problem=one.problem)

    def _poll(self, claim: Claim) -> None:
        now, started = self.trouble.clock(), monotonic()
        try:
            if polled := self.poller.poll(claim, now, blame=self.reach.is_up(now)):
                self.metrics.polled(polled, monotonic() - started)
                self._say(polled, now)
        except StoreError as error:
            self.trouble.met(error)
        except Exception:
            # The lease brings the feed back; the trace tells whose bug it is.
            log.exception("poll_failed", feed=claim.id)
        finally:
            with self._lock:
                self._busy -= 1

    def _say(self, polled: Polled, now: datetime) -> None:
        reading, admitted, name = polled.reading, polled.admitted, polled.feed.name
        if reading.reached is False:
            self.reach.missed(Unreached(name, reading.problem or ""))
            return
        if reading.reached:
            self.reach.reached(now)
        if reading.problem:
            log.warning("feed_failed", feed=name, problem=reading.problem, failures=polled.health.failures)
        elif admitted.new or admitted.edits:
            log.info("feed_polled", feed=name, new=admitted.new, edits=admitted.edits, remark=reading.remark)
        else:
            log.debug("feed_polled", feed=name, status=reading.status, unchanged=reading.unchanged)


def _poller(means: Means, roster: Roster) -> Poller:
    return wiring.poller(means.settings, means.memory, means.tools, roster.feeds)
