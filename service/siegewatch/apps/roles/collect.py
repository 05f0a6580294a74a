"""The collect role: a pool of threads that polls what the scheduler's tick claims."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

import structlog

from siegewatch.apps.reach import Reach, Unreached
from siegewatch.apps.roles.loop import Job, Trouble
from siegewatch.apps.web.metrics import Metrics
from siegewatch.collect.poller import Polled, Poller
from siegewatch.domain.errors import StoreError
from siegewatch.store.claims import Claim

log = structlog.get_logger()

BACKLOG = 50_000
"""Items waiting for detection beyond which nothing more is polled: feeds keep what the store need not hold."""

TICK = timedelta(milliseconds=250)
"""How late a feed may be polled at most; one claim by script costs the store some twenty microseconds."""

REPORT = timedelta(seconds=3)


@dataclass
class Collect:
    """Polls what is due; the scheduler calls `tick` and `report`."""

    poller: Poller
    workers: int
    metrics: Metrics
    reach: Reach
    trouble: Trouble
    name: str = "collect"
    _busy: int = 0
    _lock: Lock = field(default_factory=Lock)

    @property
    def jobs(self) -> Sequence[Job]:
        """Polling and reporting."""
        return (Job(self.tick, TICK), Job(self.report, REPORT))

    def start(self) -> None:
        """Begins; every feed is due at once."""
        self._pool = ThreadPoolExecutor(self.workers, thread_name_prefix="poll")
        self.poller.schedule_all(self.trouble.clock())

    def stop(self) -> None:
        """Ends after the polls under way."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def problem(self) -> str | None:
        """The store's trouble."""
        return self.trouble.now()

    def tick(self) -> None:
        """Claims what is due, as far as hands are free."""
        try:
            free = self.workers - self._busy
            if free > 0 and self.poller.items.queue.length() < BACKLOG:
                self._submit(self.poller.claim(self.trouble.clock(), free))
        except StoreError as error:
            self.trouble.met(error)

    def drain(self) -> None:
        """Polls every feed once, and returns when that is done."""
        self._pool = ThreadPoolExecutor(self.workers, thread_name_prefix="poll")
        now = self.trouble.clock()
        self.poller.schedule_all(now)
        self._submit(self.poller.claim(now, len(self.poller.feeds)))
        self._pool.shutdown(wait=True)
        self.report()

    def _submit(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            with self._lock:
                self._busy += 1
            self._pool.submit(self._poll, claim)

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
            polled = self.poller.poll(claim, now, blame=self.reach.is_up(now))
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
        if not reading.reached:
            self.reach.missed(Unreached(name, reading.problem or ""))
            return
        self.reach.reached(now)
        if reading.problem:
            log.warning("feed_failed", feed=name, problem=reading.problem, failures=polled.health.failures)
        elif admitted.new or admitted.edits:
            log.info("feed_polled", feed=name, new=admitted.new, edits=admitted.edits, remark=reading.remark)
        else:
            log.debug("feed_polled", feed=name, status=reading.status, unchanged=reading.unchanged)
