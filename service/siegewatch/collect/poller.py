"""The collect phase at work: feeds claimed, polled and settled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from siegewatch.collect.health import is_gone
from siegewatch.collect.lanes import lane_of
from siegewatch.collect.schedule import JITTER, first_due_at
from siegewatch.collect.sources.base import Reading, Source, Tools
from siegewatch.collect.turn import Conclusion, PollRules, Turn
from siegewatch.domain.errors import UnreadableRecord
from siegewatch.domain.feed import COLLECT, PRIORITIES, Feed, FeedHealth, FeedState, Pause
from siegewatch.domain.subscription import Subscription
from siegewatch.store.claims import Claim, Worker
from siegewatch.store.feeds import TOGETHER, FeedStore
from siegewatch.store.items import Admitted, ItemStore
from siegewatch.store.subscriptions import SubscriptionStore

log = structlog.get_logger()

STRANGER_BACK = timedelta(seconds=10)
"""After how long a feed that is unknown here is due again: the process that knows it may be a moment ahead of us."""

BESIDES_REQUEST = timedelta(minutes=1)
"""Longer than what a poll does besides its requests can take: waiting for a parser, parsing, admission."""


MOST_REQUESTS = 3
"""Of one poll: where the feed was when last read, at its own address, and for the one feed that a web page names."""


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
    tools: Tools
    rules: PollRules
    worker: Worker
    subscriptions: SubscriptionStore | None = None

    def begin(self, now: datetime, first: int | None = None) -> None:
        """Makes our feeds the schedule. Known ones keep their turn, so a service that restarts again and again asks no
        feed more often than one that runs; those whose turn came meanwhile are spread, as new ones are. Of these only
        the `first` come in at once, if it is given: who has a hundred thousand need not wait with the first poll."""
        self.schedule.release(self.worker, now)
        self.schedule.forget_all_but(self.feeds)
        self._hasten(now)
        self.spread(now)
        self._bring_in(now, first)

    def _hasten(self, now: datetime) -> None:
        """Has nobody wait longer than is configured by now, which may have been changed while nothing ran."""
        late = [
            self.feeds[id]
            for id, at in zip(self.feeds, self.schedule.due_at(list(self.feeds)), strict=True)
            if at and at - now.timestamp() > self._longest_wait(self.feeds[id]).total_seconds() * (1 + JITTER)
        ]
        self.schedule.due_by({feed.id: now + self._longest_wait(feed) for feed in self._sound(late)})

    def _longest_wait(self, feed: Feed) -> timedelta:
        return feed.every or self.rules.rhythm.at_most

    def spread(self, now: datetime) -> None:
        """Spreads the feeds whose turn has come over the next minutes, the most important first: they are many after
        a long stop, or when the network is back."""
        overdue = [id for id in self.schedule.overdue(now) if id in self.feeds]
        self.schedule.put_off(self._first_times(overdue, now))

    def resume(self, accused: Iterable[str], now: datetime) -> None:
        """Goes on after our own network was down: with those that were wrongly held to have failed, and gently."""
        self.schedule.due_by(dict.fromkeys(accused, now))
        self.spread(now)

    def _first_times(self, ids: Iterable[str], now: datetime) -> dict[str, datetime]:
        ranked = sorted(ids, key=lambda id: _rank(self.feeds[id]))
        within = self.rules.rhythm.every
        return {id: first_due_at(now, place, len(ranked), within) for place, id in enumerate(ranked)}

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
        return feed.every or self.rules.rhythm.every

    def _sound(self, feeds: Iterable[Feed]) -> list[Feed]:
        """Those whose last poll went well, or is still to come."""
        asked = list(feeds)
        states = self.schedule.states([feed.id for feed in asked])
        return [feed for feed, state in zip(asked, states, strict=True) if not state.health.failures]

    def keep(self, now: datetime) -> None:
        """Brings in what should be in the schedule and is not, spread where it is much."""
        self._bring_in(now)

    def _bring_in(self, now: datetime, first: int | None = None) -> None:
        times = list(self._first_times(self.schedule.missing(list(self.feeds)), now).items())[:first]
        for start in range(0, len(times), TOGETHER):
            some = dict(times[start : start + TOGETHER])
            lanes = {id: lane_of(self.feeds[id]) for id in some}
            self.schedule.assign({id: lane for id, lane in lanes.items() if lane})
            self.schedule.add(some)

    def claim(self, now: datetime, limit: int) -> list[Claim]:
        """Up to `limit` feeds that are due, each for this worker alone."""
        return self.schedule.claim(self.worker, now, lease=self.longest, limit=limit)

    @property
    def longest(self) -> timedelta:
        """The longest that a poll can take."""
        return self.rules.timeout * MOST_REQUESTS + BESIDES_REQUEST

    def make_all_due(self, now: datetime) -> set[str]:
        """Makes every feed due now, save paused ones and those that are polled at this moment; returns the others."""
        ids = list(self.feeds)
        self.schedule.bring_forward(ids, now)
        due_at = self.schedule.due_at(ids)
        return {feed for feed, at in zip(ids, due_at, strict=True) if at is not None and at <= now.timestamp()}

    def turns(self, claims: Sequence[Claim], now: datetime) -> list[Turn]:
        """What was claimed, ready to be polled. A feed that is unknown here goes back: another process, with another
        configuration, scheduled it and may have it."""
        known = [claim for claim in claims if claim.id in self.feeds]
        strangers = [claim for claim in claims if claim.id not in self.feeds]
        self.schedule.give_back(strangers, now, now + STRANGER_BACK)
        return [self._turn(*one, now) for one in self._remembered(known)]

    def _remembered(self, claims: Sequence[Claim]) -> list[tuple[Claim, FeedState, Subscription | None]]:
        """What is known of each; what cannot be read must not keep others from being polled."""
        ids = [claim.id for claim in claims]
        try:
            pushes = self.subscriptions.known(ids) if self.subscriptions else [None] * len(ids)
            return list(zip(claims, self.schedule.states(ids), pushes, strict=True))
        except UnreadableRecord as error:
            if len(claims) == 1:
                log.warning("feed_unreadable", feed=self.feeds[claims[0].id].name, reason=str(error))
                return []
            return [one for claim in claims for one in self._remembered([claim])]

    def _turn(self, claim: Claim, state: FeedState, push: Subscription | None, now: datetime) -> Turn:
        feed = self.feeds[claim.id]
        return Turn(
            claim,
            feed,
            state,
            push,
            self.sources[feed.source],
            self.tools,
            self.items,
            self.subscriptions,
            self.rules,
            now,
        )

    def settle(self, concluded: Sequence[Conclusion], now: datetime) -> list[Polled]:
        """Stores what polls came to; a feed that is gone for good is paused, which the watch tells."""
        done = self.schedule.settle(concluded, now)
        for one in concluded:
            if is_gone(one.state.health):
                self.schedule.pause(one.feed.id, Pause(now, COLLECT, "the server says that it is gone for good (410)"))
        return [
            Polled(one.feed, one.reading, one.admitted, one.state.health, settled)
            for one, settled in zip(concluded, done, strict=True)
        ]


def _rank(feed: Feed) -> int:
    return PRIORITIES.index(feed.priority)


def _asked(feed: Feed) -> tuple[object, ...]:
    """What an operator changes so that a feed that fails can be read."""
    return feed.source, feed.options, feed.headers, feed.proxy, feed.allow
