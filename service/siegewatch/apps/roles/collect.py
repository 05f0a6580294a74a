"""The collect role: polls what the scheduler's tick claims."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic, sleep
from urllib.parse import urlsplit

import structlog

from siegewatch import wiring
from siegewatch.apps.current import Current, Means
from siegewatch.apps.reach import Reach, Unreached
from siegewatch.apps.roles.hubs import Hubs
from siegewatch.apps.roles.loop import Job, Trouble
from siegewatch.apps.roles.polling import Polling
from siegewatch.apps.watch import EVERY as WATCH
from siegewatch.apps.watch import Watch
from siegewatch.apps.web.metrics import Metrics
from siegewatch.collect.lanes import lane_of
from siegewatch.collect.poller import Polled, Poller
from siegewatch.collect.roster import Refused, Roster
from siegewatch.collect.schedule import AT_ONCE
from siegewatch.collect.sources.base import Reading
from siegewatch.collect.turn import Conclusion
from siegewatch.domain.errors import StoreError
from siegewatch.domain.feed import Feed
from siegewatch.store.claims import Claim

log = structlog.get_logger()

BACKLOG = 50_000
"""Items waiting for detection beyond which nothing more is polled: feeds keep what the store need not hold."""

TICK = timedelta(milliseconds=250)
"""How late a feed may be polled at most; one claim by script costs the store some twenty microseconds."""

DRAIN_SECONDS = 0.05
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
    _is_full: bool = False
    _stopping: bool = False

    def __post_init__(self) -> None:
        self.poller = _poller(self.means, self.current.roster())
        self.polling = Polling(self._settle, self._polled, self._blames, self.trouble, self.means.settings.poll.workers)
        self.door = wiring.multi_door(self.means.settings)
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

    def start(self) -> None:
        """Begins with the first feeds, and asks for them before anything else begins, such as the loading of a model;
        keeping the schedule brings in the others."""
        self._start_polling(AT_ONCE)
        self.tick()
        if self.hubs:
            self.hubs.start(lambda: self._is_full)

    def _start_polling(self, first: int | None = None) -> None:
        self.poller.begin(self.trouble.clock(), first)
        self.polling.start()

    def prepare(self, means: Means) -> Callable[[], None]:
        """The poller for other settings; polls under way end under those they began with."""
        memory = means.memory
        poller = _poller(means, wiring.roster(means.settings, memory.added.all(), memory.feeds.paused()))

        def adopt() -> None:
            with self._following:
                self._take(means, poller)
                self.polling.hire(means.settings.poll.workers)
                self.door.retire()
                self.door = wiring.multi_door(means.settings)
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
        self._stopping = True
        if self.hubs:
            self.hubs.ask_to_stop()

    def stop(self, deadline: float) -> None:
        """Waits for the polls under way; what is not settled by then comes back with its lease."""
        self.polling.stop(deadline)
        if self.hubs:
            self.hubs.stop(deadline)
        self.door.close()

    def problem(self) -> str | None:
        """The store's trouble, or a queue that nobody works off."""
        full = f"over {BACKLOG} items wait for detection: nothing is polled until they are decided"
        return self.trouble.now() or (full if self._is_full else None)

    def drain(self) -> None:
        """Reads what was pushed, polls every feed once, and returns when that is done."""
        if self.hubs:
            self.hubs.drain()
        self._start_polling()
        longest = self.poller.longest.total_seconds()
        left, until = self.poller.make_all_due(self.trouble.clock()), monotonic() + longest
        # Those of a lane come one after the other; what another process has taken meanwhile never comes.
        while left and monotonic() < until:
            claims = self.poller.claim(self.trouble.clock(), max(self._room(), 0))
            self._begin(claims)
            if begun := left & {claim.id for claim in claims}:
                left, until = left - begun, monotonic() + longest
            sleep(DRAIN_SECONDS)
        self.stop(monotonic() + longest)
        self.report()
        self.watch.look(self.trouble.clock())

    def tick(self) -> None:
        """Claims what is due, as far as there is room, and begins to poll it."""
        try:
            if (accused := self.reach.returned()) is not None:
                self.poller.resume(accused, self.trouble.clock())
            self._is_full = self.poller.items.queue.length() >= BACKLOG
            if not (self._is_full or self._stopping):
                self._begin(self._claimed())
        except StoreError as error:
            self.trouble.met(error)

    def _claimed(self) -> list[Claim]:
        now = self.trouble.clock()
        room = self.reach.room(self._room(), self.polling.busy, now)
        return self.poller.claim(now, room) if room > 0 else []

    def _room(self) -> int:
        return self.means.settings.poll.at_once - self.polling.busy

    def _begin(self, claims: Sequence[Claim]) -> None:
        if claims:
            # Under the lock, so that the door is not retired between being looked up and being asked.
            with self._following:
                self.polling.begin(self.poller, self.door, claims)

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

    def report(self) -> None:
        """Says which feeds gave no answer, or that none does."""
        unreached, line = self.reach.report(self.trouble.clock())
        if line:
            log.warning(line)
        for one in unreached:
            log.warning("feed_failed", feed=one.feed, problem=one.problem)

    def _settle(self, concluded: Sequence[Conclusion], now: datetime) -> list[Polled]:
        return self.poller.settle(concluded, now)

    def _blames(self, feed: Feed, reading: Reading) -> bool:
        """Notes whether the feed was reached, and says whether it is to blame if not."""
        now = self.trouble.clock()
        if reading.reached is False:
            publisher = lane_of(feed) or urlsplit(feed.url).netloc
            self.reach.missed(Unreached(feed.name, reading.problem or "", publisher, feed.id))
        elif reading.reached:
            self.reach.reached(now)
        return self.reach.is_up(now)

    def _polled(self, polled: Polled, seconds: float) -> None:
        self.metrics.polled(polled, seconds)
        reading, admitted, name = polled.reading, polled.admitted, polled.feed.name
        if reading.reached is False:
            # The report tells it, with the others.
            return
        if reading.problem:
            log.warning("feed_failed", feed=name, problem=reading.problem, failures=polled.health.failures)
        elif admitted.new or admitted.edits:
            log.info("feed_polled", feed=name, new=admitted.new, edits=admitted.edits, remark=reading.remark)
        else:
            log.debug("feed_polled", feed=name, status=reading.status, unchanged=reading.unchanged)


def _poller(means: Means, roster: Roster) -> Poller:
    return wiring.poller(means.settings, means.memory, means.tools, roster.feeds)
