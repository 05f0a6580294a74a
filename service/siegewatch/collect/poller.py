"""The collect phase at work: one feed claimed, read, admitted and settled."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from siegewatch.collect.admit import Moment, candidates
from siegewatch.collect.schedule import Rhythm, next_due_at
from siegewatch.collect.sources.base import Reading, Source
from siegewatch.domain.feed import Feed, FeedHealth, FeedState
from siegewatch.store.claims import Claim, Worker
from siegewatch.store.feeds import FeedStore
from siegewatch.store.items import Admitted, ItemStore

log = structlog.get_logger()

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

    def schedule_all(self, now: datetime) -> None:
        """Makes our feeds the schedule, all of them due now: after a stop of whatever length a desk wants the news."""
        self.schedule.release(self.worker, now)
        self.schedule.schedule(self.feeds, now)

    def claim(self, now: datetime, limit: int) -> list[Claim]:
        """Up to `limit` feeds that are due, each for this worker alone."""
        return self.schedule.claim(self.worker, now, lease=self.rules.lease, limit=limit)

    def poll(self, claim: Claim, now: datetime, *, blame: bool = True) -> Polled:
        """Polls one claimed feed; its validators are saved only after its items are admitted.

        Without `blame` a feed that gives no answer is not held to have failed: our own network may be down.
        """
        feed = self.feeds[claim.id]
        state = self.schedule.states([feed.id])[0]
        reading = self.sources[feed.source].read(feed, state.validators, now)
        moment = Moment(now, state.health.ok_at, self.rules.window)
        admitted = self.items.admit(candidates(feed, reading.title, reading.entries, moment))
        health = health_after(state.health, reading, admitted, now, blame=blame)
        due_at = next_due_at(
            now,
            Rhythm(feed.every or self.rules.every, self.rules.at_most),
            failures=health.failures,
            after_seconds=reading.after_seconds,
            jitter=random.uniform(-1, 1),  # noqa: S311 - spreads load, guards nothing
        )
        settled = self.schedule.settle(claim, FeedState(reading.validators, health), due_at)
        return Polled(feed, reading, admitted, health, settled)


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
