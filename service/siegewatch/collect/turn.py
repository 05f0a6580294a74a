"""One poll of one feed, from its claim to what is to be stored of it."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from http import HTTPStatus
from secrets import token_hex
from typing import cast

from siegewatch.collect import websub
from siegewatch.collect.admit import Moment, candidates
from siegewatch.collect.health import health_after
from siegewatch.collect.schedule import Asked, Rhythm, Silence, next_due_at
from siegewatch.collect.sources.base import Reading, Source, Tools, WebSource
from siegewatch.collect.watch import expected_gap
from siegewatch.domain.errors import FetchError
from siegewatch.domain.feed import PRIORITIES, Feed, FeedHealth, FeedState
from siegewatch.domain.moves import adopted
from siegewatch.domain.subscription import Subscription
from siegewatch.net.messages import Answered, Arrival, Ask
from siegewatch.store.claims import Claim
from siegewatch.store.items import Admitted, ItemStore
from siegewatch.store.subscriptions import SubscriptionStore

Outcome = Arrival | FetchError
"""What came of the first request of a poll."""

NOTHING = Admitted()

KEY_BYTES = 16
"""Of a callback's address: nobody guesses it."""


@dataclass(frozen=True, slots=True)
class PollRules:
    """What the settings say of polling."""

    rhythm: Rhythm
    window: timedelta
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a poll came to: what is to be stored of the feed, and when it is due next."""

    claim: Claim
    feed: Feed
    began_at: datetime
    reading: Reading
    admitted: Admitted
    state: FeedState
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A feed claimed and about to be polled at `now`, with what was known of it before."""

    claim: Claim
    feed: Feed
    state: FeedState
    push: Subscription | None
    source: Source
    tools: Tools
    items: ItemStore
    subscriptions: SubscriptionStore | None
    rules: PollRules
    now: datetime

    def ask(self) -> Ask | None:
        """The request to begin with; None where the source has to fetch for itself, as it does through a proxy."""
        if self.feed.proxy or not _is_web(type(self.source)):
            return None
        return cast("WebSource", self.source).ask(self.feed, self.state.validators, self.now)

    def is_light(self, outcome: Outcome) -> bool:
        """Whether reading this answer takes neither a parser nor another request."""
        held = self.state.validators
        if held.found_at or adopted(held.move, self.now):
            return False
        return isinstance(outcome, FetchError) or outcome.answer.status != HTTPStatus.OK

    def read(self, outcome: Outcome | None) -> Reading:
        """Polls the feed; `outcome` is that of the request to begin with, where it was made already."""
        if outcome is None:
            return self.source.read(self.feed, self.state.validators, self.now)
        door = Answered(outcome, self.tools.door)
        return cast("WebSource", self.source).hear(self.feed, self.state.validators, self.now, door)

    def admit(self, reading: Reading) -> Admitted:
        """Admits what was read: before the validators are saved, so that a crash between the two loses nothing."""
        if not reading.entries:
            return NOTHING
        moment = Moment(self.now, self.state.health.ok_at, self.rules.window)
        return self.items.admit(candidates(self.feed, reading.title, reading.entries, moment, reading.beside))

    def pushes(self, reading: Reading, admitted: Admitted) -> Subscription | None:
        """The subscription at the feed's hub, after what this poll has learnt of it."""
        if self.subscriptions is None or not (reading.offer or (self.push and admitted.new)):
            return self.push
        learnt = partial(
            websub.polled, offer=reading.offer, found_new=admitted.new > 0, key=token_hex(KEY_BYTES), now=self.now
        )
        return self.subscriptions.change(self.feed.id, learnt)

    def concluded(self, reading: Reading, admitted: Admitted, push: Subscription | None, *, blame: bool) -> Conclusion:
        """What the poll came to. Without `blame` a feed that gives no answer is not held to have failed: our own
        network may be down. Nor does it wait for longer than a feed that brings news."""
        unknown = reading.reached is False and not blame
        health = health_after(self.state.health, reading, admitted, self.now, blame=blame)
        wishes = reading.wishes or self.state.wishes
        due_at = next_due_at(
            self.now,
            self.feed,
            self.rules.rhythm,
            failures=health.failures,
            silence=Silence() if unknown else _silence(health, self.now),
            asked=Asked(reading.after_seconds, reading.fresh_seconds, wishes),
            seldom=self._seldom(push),
            jitter=random.uniform(-1, 1),  # noqa: S311 - spreads load, guards nothing
        )
        state = FeedState(reading.validators, health, wishes)
        return Conclusion(self.claim, self.feed, self.now, reading, admitted, state, due_at)

    def _seldom(self, push: Subscription | None) -> timedelta:
        """How long to wait at least: longer while a hub pushes."""
        every, at_most = self.feed.every or self.rules.rhythm.every, self.rules.rhythm.at_most
        critical = self.feed.priority == PRIORITIES[0]
        return websub.paced(every, push, critical=critical, at_most=at_most, now=self.now)


@cache
def _is_web(kind: type) -> bool:
    return issubclass(kind, WebSource)


def _silence(health: FeedHealth, now: datetime) -> Silence:
    return Silence(now - health.item_at if health.item_at else None, expected_gap(health.pace))
