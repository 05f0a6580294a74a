"""What hubs pushed: read, admitted and settled as what was polled."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from siegewatch.collect.admit import Moment, candidates
from siegewatch.collect.health import pace_after
from siegewatch.collect.parsed import Parsed
from siegewatch.collect.sources.base import Tools
from siegewatch.collect.turn import PollRules
from siegewatch.domain.errors import StoreError
from siegewatch.domain.feed import Feed, FeedState
from siegewatch.store.feeds import FeedStore
from siegewatch.store.items import Admitted, ItemStore
from siegewatch.store.streams import RECLAIM_AFTER_SECONDS, Handed, is_poison
from siegewatch.store.subscriptions import Pushed, SubscriptionStore, pushed_document

log = structlog.get_logger()

BATCH = 8
SOURCE = "feed"
"""The source whose documents hubs push; of another's they tell no more than that something is new."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one pushed document came to. With a `problem` its feed is fetched instead."""

    feed: Feed
    admitted: Admitted
    problem: str | None
    remark: str | None


@dataclass(frozen=True)
class PushReader:
    """Works off the queue of pushed documents."""

    feeds: Mapping[str, Feed]
    subscriptions: SubscriptionStore
    schedule: FeedStore
    items: ItemStore
    tools: Tools
    rules: PollRules
    consumer: str
    clock: Callable[[], datetime]

    def step(self, block_seconds: float = 0) -> list[Taken | None]:
        """Takes one batch of documents, waiting for the first up to `block_seconds`. None stands for one whose feed is
        not configured here, or that has to wait."""
        queue = self.subscriptions.queue
        return self._take_all(queue.read(self.consumer, count=BATCH, block_seconds=block_seconds))

    def take_over(self, idle_seconds: float = RECLAIM_AFTER_SECONDS) -> list[Taken | None]:
        """Takes what a worker left behind."""
        queue = self.subscriptions.queue
        return self._take_all(queue.left_behind(self.consumer, most=BATCH, idle_seconds=idle_seconds))

    def _take_all(self, handed: Iterable[Handed]) -> list[Taken | None]:
        return [self._try(one) for one in handed]

    def _try(self, handed: Handed) -> Taken | None:
        try:
            return self._take(handed)
        except StoreError:
            raise
        except Exception:
            # It comes back until its turns are over; those behind it must not wait for that.
            log.exception("push_not_read", entry=handed.entry, deliveries=handed.deliveries)
            return None

    def _take(self, handed: Handed) -> Taken | None:
        pushed = pushed_document(handed)
        # A paused feed is read when it is resumed, with all that it holds then.
        feed = None if pushed.feed in self.schedule.paused() else self.feeds.get(pushed.feed)
        taken = self._read(feed, pushed, poison=is_poison(handed)) if feed else None
        self.subscriptions.queue.finish(handed)
        return taken

    def _read(self, feed: Feed, pushed: Pushed, *, poison: bool) -> Taken:
        now = self.clock()
        parsed = Parsed(problem="no worker could read it") if poison else self._parsed(feed, pushed, now)
        if parsed.problem:
            # Whatever it was, something is new: a push that cannot be read is as good as a ping.
            self.schedule.bring_forward([feed.id], now)
            return Taken(feed, Admitted(), parsed.problem, parsed.remark)
        moment = Moment(now, self.schedule.states([feed.id])[0].health.ok_at, self.rules.window)
        admitted = self.items.admit(candidates(feed, parsed.title, parsed.entries, moment))
        self.schedule.note(feed.id, lambda state: noted(state, admitted, now))
        return Taken(feed, admitted, None, parsed.remark)

    def _parsed(self, feed: Feed, pushed: Pushed, now: datetime) -> Parsed:
        if feed.source != SOURCE:
            return Parsed(problem=f"the source {feed.source} reads no pushes")
        tools = self.tools
        return tools.parsers.parse(pushed.body, pushed.content_type, pushed.topic, tools.max_entries, now)


def noted(before: FeedState, admitted: Admitted, now: datetime) -> FeedState:
    """A feed's state after a push. How polling it goes is left alone: a server that fails is still told of."""
    health = before.health
    health = replace(
        health,
        ok_at=max(health.ok_at or now, now),
        item_at=now if admitted.new or admitted.edits else health.item_at,
        items=health.items + admitted.new,
        pace=pace_after(health.pace, health.ok_at, now) if admitted.new else health.pace,
    )
    return replace(before, health=health)
