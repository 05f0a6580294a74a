"""The part of the collect role that has to do with hubs: a thread that reads what they pushed, and a job that asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import structlog

from siegewatch import wiring
from siegewatch.apps.current import Means
from siegewatch.apps.roles.loop import BLOCK_SECONDS, TAKE_OVER_SECONDS, Loop, Trouble
from siegewatch.apps.web.metrics import Metrics
from siegewatch.collect.pushes import PushReader, Taken
from siegewatch.collect.subscriber import Subscriber
from siegewatch.domain.errors import StoreError
from siegewatch.domain.feed import Feed
from siegewatch.net.redact import redact_url

log = structlog.get_logger()


@dataclass
class Hubs:
    """Reads pushes, and asks hubs for more where the settings say so."""

    means: Means
    feeds: Mapping[str, Feed]
    metrics: Metrics
    trouble: Trouble
    _looked_at: float = 0.0
    _stopping: bool = False
    _loop: Loop | None = None

    def __post_init__(self) -> None:
        self.take(self.means, self.feeds)

    def take(self, means: Means, feeds: Mapping[str, Feed]) -> None:
        """Goes on with other settings and feeds, from the next turn on. What was pushed is read in any case."""
        self.means, self.feeds = means, feeds
        settings, memory = means.settings, means.memory
        self.reader: PushReader = wiring.push_reader(settings, memory, means.tools, feeds, self.trouble.clock)
        asks = wiring.takes_pushes(settings)
        self.subscriber: Subscriber | None = wiring.subscriber(settings, memory, means.door, feeds) if asks else None

    def start(self, is_full: Callable[[], bool]) -> None:
        """Begins; reads nothing while `is_full`."""
        self._loop = Loop("pushes", lambda: not is_full() and self._turn(), self.trouble, idle_seconds=0.1)
        self._loop.start()

    def ask_to_stop(self) -> None:
        """Lets the document and the request under way be the last."""
        self._stopping = True
        if self._loop:
            self._loop.ask_to_stop()

    def stop(self, deadline: float) -> None:
        """Waits for that document."""
        if self._loop:
            self._loop.stop(deadline)

    def drain(self) -> None:
        """Reads all that waits now."""
        while self._count(self.reader.take_over(idle_seconds=0)) or self._count(self.reader.step()):
            pass

    def ask(self) -> None:
        """Sends the requests that are due."""
        subscriber = self.subscriber
        if subscriber is None:
            return
        try:
            for asked in subscriber.ask_due(self.trouble.clock):
                say = log.warning if asked.problem else log.info
                say("hub_asked", feed=asked.feed.name, hub=redact_url(asked.hub), problem=asked.problem)
                if self._stopping:
                    return
        except StoreError as error:
            self.trouble.met(error)

    def _turn(self) -> bool:
        if monotonic() - self._looked_at > TAKE_OVER_SECONDS:
            self._count(self.reader.take_over())
            self._looked_at = monotonic()
        return self._count(self.reader.step(BLOCK_SECONDS))

    def _count(self, batch: Sequence[Taken | None]) -> bool:
        for taken in filter(None, batch):
            self.metrics.took(taken)
            if taken.problem:
                log.warning("push_unreadable", feed=taken.feed.name, problem=taken.problem)
            else:
                admitted = taken.admitted
                log.info(
                    "feed_pushed", feed=taken.feed.name, new=admitted.new, edits=admitted.edits, remark=taken.remark
                )
        return bool(batch)
