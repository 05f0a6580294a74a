"""The collect phase at work: one feed claimed, read, admitted and settled."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex

import structlog

from siegewatch.collect import websub
from siegewatch.collect.admit import Moment, candidates
from siegewatch.collect.health import health_after
from siegewatch.collect.schedule import Rhythm, next_due_at
from siegewatch.collect.sources.base import Reading, Source
from siegewatch.domain.feed import PRIORITIES, Feed, FeedHealth, FeedState
from siegewatch.store.claims import Claim, Worker
from siegewatch.store.feeds import FeedStore
from siegewatch.store.items import Admitted, ItemStore
from siegewatch.store.subscriptions import SubscriptionStore

log = structlog.get_logger()

STRANGER_BACK = timedelta(seconds=10)
"""After how long a feed that is unknown here is due again: the process that knows it may be a moment ahead of us."""

KEY_BYTES = 16
"""Of a callback's address: nobody guesses it."""

BESIDES_REQUEST = timedelta(minutes=1)
"""Longer than what a poll does besides its requests can take: waiting for a parser, parsing, admission."""


MOST_REQUESTS = 3
"""Of one poll: where the feed was when last read, at its own address, and for the one feed that a web page names."""


@dataclass(frozen=True, slots=True)
class PollRules:
    """What the settings say of polling."""

    every: timedelta
    at_most: timedelta
    window: timedelta
    timeout: timedelta

    @property
    def lease(self) -> timedelta:
        """How long a feed is claimed for: longer than any poll can take."""
        return self.timeout * MOST_REQUESTS + BESIDES_REQUEST


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll came to. `settled` is False where another worker had taken the feed over meanwhile."""

    feed: Feed
    reading: Reading
    admitted: Admitted
    health: FeedHealth
    settled: bool


@dataclass(frozen=True)
class Poller:
    """Polls feeds; threads may share it."""

    feeds: Mapping[str, Feed]
    sources: Mapping[str, Source]
    schedule: FeedStore
    items: ItemStore
    rules: PollRules
    worker: Worker
    subscriptions: SubscriptionStore | None = None

    def begin(self, now: datetime) -> None:
        """Makes our feeds the schedule: after a stop of whatever length a desk wants the news, so all are due now, the
        most important first; but those that failed keep their turn, lest a service that restarts again and again
        hammers a feed that asks for peace."""
        self.schedule.release(self.worker, now)
        self.schedule.forget_all_but(self.feeds)
        sound = self._sound(self.feeds.values())
        self.schedule.bring_forward([feed.id for feed in sorted(sound, key=_rank)], now)
        self.keep(now)

    def succeed(self, before: "Poller", now: datetime) -> None:
        """Takes the schedule over from the poller with the feeds and rules of before: what is gone is due no more, what
        is new or asked for in another way is due now, and what is polled more often than before, as where hubs are no
        longer relied on, within its new interval."""
        self.schedule.forget([feed for feed in before.feeds if feed not in self.feeds])
        kept = [feed for feed in self.feeds.values() if feed.id in before.feeds]
        alone = before.subscriptions is not None and self.subscriptions is None
        hastened = [feed for feed in kept if alone or self._every(feed) < before._every(before.feeds[feed.id])]
        self.schedule.bring_forward([one.id for one in kept if _asked(one) != _asked(before.feeds[one.id])], now)
        self.schedule.due_by({feed.id: now + self._every(feed) for feed in self._sound(hastened)})
        self.keep(now)

    def _every(self, feed: Feed) -> timedelta:
        return feed.every or self.rules.every

    def _sound(self, feeds: Iterable[Feed]) -> list[Feed]:
        """Those whose last poll went well, or is still to come."""
        asked = list(feeds)
        states = self.schedule.states([feed.id for feed in asked])
        return [feed for feed, state in zip(asked, states, strict=True) if not state.health.failures]

    def keep(self, now: datetime) -> None:
        """Makes due what should be in the schedule and is not."""
        self.schedule.add(sorted(self.feeds, key=lambda feed: _rank(self.feeds[feed])), now)

    def claim(self, now: datetime, limit: int) -> list[Claim]:
        """Up to `limit` feeds that are due, each for this worker alone."""
        return self.schedule.claim(self.worker, now, lease=self.rules.lease, limit=limit)

    def claim_all(self, now: datetime) -> list[Claim]:
        """All feeds that nobody polls at this moment, due or not."""
        self.schedule.bring_forward(list(self.feeds), now)
        return self.claim(now, len(self.feeds))

    def poll(self, claim: Claim, now: datetime, *, blame: bool = True) -> Polled | None:
        """Polls one claimed feed; its validators are saved only after its items are admitted. None where the feed is
        unknown here: another process, with another configuration, scheduled it and may have it back.

        Without `blame` a feed that gives no answer is not held to have failed: our own network may be down.
        """
        feed = self.feeds.get(claim.id)
        if feed is None:
            self.schedule.give_back(claim, now + STRANGER_BACK)
            return None
        state = self.schedule.states([feed.id])[0]
        reading = self.sources[feed.source].read(feed, state.validators, now)
        moment = Moment(now, state.health.ok_at, self.rules.window)
        admitted = self.items.admit(candidates(feed, reading.title, reading.entries, moment))
        health = health_after(state.health, reading, admitted, now, blame=blame)
        due_at = next_due_at(
            now,
            Rhythm(self._pace(feed, reading, admitted, now), self.rules.at_most),
            failures=health.failures,
            after_seconds=reading.after_seconds,
            jitter=random.uniform(-1, 1),  # noqa: S311 - spreads load, guards nothing
        )
        settled = self.schedule.settle(claim, FeedState(reading.validators, health), due_at)
        return Polled(feed, reading, admitted, health, settled)

    def _pace(self, feed: Feed, reading: Reading, admitted: Admitted, now: datetime) -> timedelta:
        """How often to poll: less while a hub pushes, of which this poll has learnt something too."""
        every = self._every(feed)
        if self.subscriptions is None:
            return every
        learnt = partial(
            websub.polled, offer=reading.offer, found_new=admitted.new > 0, key=token_hex(KEY_BYTES), now=now
        )
        known = self.subscriptions.change(feed.id, learnt)
        critical = feed.priority == PRIORITIES[0]
        return websub.paced(every, known, critical=critical, at_most=self.rules.at_most, now=now)


def _rank(feed: Feed) -> int:
    return PRIORITIES.index(feed.priority)


def _asked(feed: Feed) -> tuple[object, ...]:
    """What an operator changes so that a feed that fails can be read."""
    return feed.source, feed.options, feed.headers, feed.proxy, feed.allow
