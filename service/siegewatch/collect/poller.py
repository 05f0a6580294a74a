"""The collect phase at work: one feed claimed, read, admitted and settled."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex

import structlog

from siegewatch.collect import websub
from siegewatch.collect.admit import Moment, candidates
from siegewatch.collect.schedule import Rhythm, next_due_at
from siegewatch.collect.sources.base import Reading, Source
from siegewatch.domain.feed import PRIORITIES, Feed, FeedHealth, FeedState
from siegewatch.store.claims import Claim, Worker
from siegewatch.store.feeds import FeedStore
from siegewatch.store.items import Admitted, ItemStore
from siegewatch.store.subscriptions import SubscriptionStore

log = structlog.get_logger()

KEY_BYTES = 16
"""Of a callback's address: nobody guesses it."""

BESIDES_REQUEST = timedelta(minutes=1)
"""Longer than what a poll does besides its request can take: waiting for a parser, parsing, admission."""


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
        return self.timeout + BESIDES_REQUEST


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
        states = zip(self.feeds.values(), self.schedule.states(list(self.feeds)), strict=True)
        sound = [feed for feed, state in states if not state.health.failures]
        self.schedule.bring_forward([feed.id for feed in sorted(sound, key=_rank)], now)
        self.keep(now)

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
            self.schedule.give_back(claim, now + self.rules.every)
            return None
        state = self.schedule.states([feed.id])[0]
        reading = self.sources[feed.source].read(feed, state.validators, now)
        moment = Moment(now, state.health.ok_at, self.rules.window)
        admitted = self.items.admit(candidates(feed, reading.title, reading.entries, moment))
        health = health_after(state.health, reading, admitted, now, blame=blame)
        every = self._every(feed, reading, admitted, now)
        due_at = next_due_at(
            now,
            Rhythm(every, self.rules.at_most),
            failures=health.failures,
            after_seconds=reading.after_seconds,
            jitter=random.uniform(-1, 1),  # noqa: S311 - spreads load, guards nothing
        )
        settled = self.schedule.settle(claim, FeedState(reading.validators, health), due_at)
        return Polled(feed, reading, admitted, health, settled)

    def _every(self, feed: Feed, reading: Reading, admitted: Admitted, now: datetime) -> timedelta:
        """How often to poll: less while a hub pushes, of which this poll has learnt something too."""
        every = feed.every or self.rules.every
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


def health_after(before: FeedHealth, reading: Reading, admitted: Admitted, now: datetime, *, blame: bool) -> FeedHealth:
    """A feed's health after one more poll."""
    if reading.problem:
        failures = before.failures + (blame or reading.reached)
        return replace(before, polled_at=now, status=reading.status, failures=failures, problem=reading.problem)
    return replace(
        before,
        polled_at=now,
        ok_at=now,
        item_at=now if admitted.new or admitted.edits else before.item_at,
        status=reading.status,
        failures=0,
        problem=None,
        remark=before.remark if reading.unchanged else reading.remark,
        entries=before.entries if reading.unchanged else len(reading.entries),
        items=before.items + admitted.new,
        title=reading.title or before.title,
    )
