"""What is remembered of feeds: when each is due, who polls it, its validators and health."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from siegewatch.domain.feed import FeedState
from siegewatch.store import codec
from siegewatch.store.claims import Claim, Worker, claim_due, release
from siegewatch.store.client import Store, millis, told
from siegewatch.store.keys import FEED_LIFE


@dataclass(frozen=True, slots=True)
class FeedStore:
    """The schedule and state of feeds."""

    store: Store

    @property
    def _due(self) -> str:
        return self.store.keys("feeds:due")

    @property
    def _claims(self) -> str:
        return self.store.keys("feeds:claims")

    def _key(self, feed: str) -> str:
        return self.store.keys("feed:{id}", id=feed)

    def add(self, feeds: Sequence[str], now: datetime) -> None:
        """Makes `feeds` due now, in their order, unless they are in the schedule already."""
        with told():
            self.store.redis.zadd(self._due, _in_order(feeds, now), nx=True)

    def bring_forward(self, feeds: Sequence[str], now: datetime) -> None:
        """Makes `feeds` due now, in their order, save those being polled at this moment."""
        with told():
            claimed = {member.decode() for member in cast("list[bytes]", self.store.redis.hkeys(self._claims))}
            free = [feed for feed in feeds if feed not in claimed]
            if free:
                self.store.redis.zadd(self._due, _in_order(free, now), lt=True)

    def forget_all_but(self, feeds: Collection[str]) -> None:
        """Takes out of the schedule what is no longer configured."""
        with told():
            known = [member.decode() for member in cast("list[bytes]", self.store.redis.zrange(self._due, 0, -1))]
            gone = [feed for feed in known if feed not in feeds]
            if gone:
                with self.store.redis.pipeline() as pipe:
                    pipe.zrem(self._due, *gone)
                    pipe.hdel(self._claims, *gone)
                    pipe.execute()

    def give_back(self, claim: Claim, due_at: datetime) -> None:
        """Ends a claim without a poll."""
        with told(), self.store.redis.pipeline() as pipe:
            pipe.hdel(self._claims, claim.id)
            pipe.zadd(self._due, {claim.id: millis(due_at)}, xx=True)
            pipe.execute()

    def claim(self, worker: Worker, now: datetime, *, lease: timedelta, limit: int) -> list[Claim]:
        """Claims feeds that are due."""
        return claim_due(self.store, self._due, self._claims, worker=worker, now=now, lease=lease, limit=limit)

    def release(self, worker: Worker, now: datetime) -> None:
        """Takes back what workers claimed that are gone."""
        release(self.store, self._due, self._claims, worker=worker, now=now)

    def settle(self, claim: Claim, state: FeedState, due_at: datetime) -> bool:
        """Stores how the poll went and when the next is due. False where the lease ran out meanwhile."""
        keys = [self._due, self._claims, self._key(claim.id)]
        life = int(FEED_LIFE.total_seconds())
        args: list[str | bytes | int] = [claim.id, claim.token, millis(due_at), codec.dump(state), life]
        with told():
            return bool(self.store.script("settle_feed")(keys=keys, args=args))

    def note(self, feed: str, noted: Callable[[FeedState], FeedState]) -> None:
        """Changes the state of a feed without a claim, as a pushed document does. A poll under way may overwrite what
        was noted with what it read before: these are figures, which the next one sets right."""
        key = self._key(feed)

        def attempt(pipe: Any) -> None:
            raw = cast("bytes | None", pipe.get(key))
            pipe.multi()
            state = noted(codec.load(FeedState, raw) if raw else FeedState())
            pipe.set(key, codec.dump(state), ex=int(FEED_LIFE.total_seconds()))

        with told():
            self.store.redis.transaction(attempt, key)

    def states(self, feeds: Sequence[str]) -> list[FeedState]:
        """The state of each feed, a blank one where it was never polled."""
        if not feeds:
            return []
        with told():
            raw = cast("list[bytes | None]", self.store.redis.mget([self._key(feed) for feed in feeds]))
        return [codec.load(FeedState, found) if found else FeedState() for found in raw]

    def due_at(self, feeds: Sequence[str]) -> list[float | None]:
        """Seconds since the epoch when each feed is due, None where it is not scheduled."""
        if not feeds:
            return []
        with told():
            scores = self.store.redis.zmscore(self._due, list(feeds))
        return [None if score is None else score / 1000 for score in scores]


def _in_order(feeds: Sequence[str], now: datetime) -> dict[str, int]:
    """Due times that are over by now, a millisecond apart."""
    first = millis(now) - len(feeds)
    return {feed: first + place for place, feed in enumerate(feeds)}
