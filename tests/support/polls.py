"""Polls that never were, for tests of what is remembered of feeds."""

from dataclasses import dataclass
from datetime import datetime

from siegewatch.collect.poller import Polled, Poller
from siegewatch.domain.feed import FeedState
from siegewatch.store.claims import Claim
from siegewatch.store.feeds import FeedStore


@dataclass(frozen=True)
class Settled:
    """What a poll came to, as far as it is stored."""

    claim: Claim
    state: FeedState
    due_at: datetime


def settle(feeds: FeedStore, claim: Claim, state: FeedState, due_at: datetime, *, now: datetime | None = None) -> bool:
    """Stores one; whether it counted. `now` is when it is due unless said."""
    return feeds.settle([Settled(claim, state, due_at)], now or due_at)[0]


def poll_once(poller: Poller, now: datetime) -> Polled:
    """Polls one feed in this thread, due or not."""
    poller.make_all_due(now)
    (turn,) = poller.turns(poller.claim(now, 1), now)
    reading = turn.read(None)
    admitted = turn.admit(reading)
    (polled,) = poller.settle([turn.concluded(reading, admitted, turn.pushes(reading, admitted), blame=True)], now)
    return polled
