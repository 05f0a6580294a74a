"""What is remembered of feeds: when each is due, who polls it, its validators and health; which are paused."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from siegewatch.domain.feed import FeedState, Pause
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

    @property
    def _paused(self) -> str:
        return self.store.keys("feeds:paused")

    def _key(self, feed: str) -> str:
        return self.store.keys("feed:{id}", id=feed)

    def add(self, feeds: Sequence[str], now: datetime) -> None:
        """Makes `feeds` due now, in their order, unless they are in the schedule already, or paused."""
        self._enlist("NX", _in_order(feeds, now))

    def bring_forward(self, feeds: Sequence[str], now: datetime) -> None:
        """Makes `feeds` due now, in their order, save those being polled at this moment, and paused ones."""
        self._enlist("LT", _in_order(feeds, now))

    def due_by(self, times: Mapping[str, datetime]) -> None:
        """Makes each feed due at its time, unless it is sooner; the same are left out."""
        self._enlist("LT", {feed: millis(at) for feed, at in times.items()})

    def _enlist(self, which: str, times: Mapping[str, int]) -> None:
        if times:
            args = [which, *(one for feed, at in times.items() for one in (at, feed))]
            with told():
                self.store.script("enlist")(keys=[self._due, self._claims, self._paused], args=args)

    def pause(self, feed: str, pause: Pause) -> None:
        """Takes a feed out of the schedule until it is resumed. A poll under way ends as it would have."""
        with told(), self.store.redis.pipeline() as pipe:
            pipe.hset(self._paused, feed, codec.dump(pause).decode())
            pipe.zrem(self._due, feed)
            pipe.execute()

    def resume(self, feed: str, now: datetime) -> bool:
        """Makes a paused feed due now. False where it was not paused."""
        with told(), self.store.redis.pipeline() as pipe:
            pipe.hdel(self._paused, feed)
            pipe.zadd(self._due, {feed: millis(now)}, nx=True)
            return bool(pipe.execute()[0])

    def paused(self) -> dict[str, Pause]:
        """Every paused feed, by id."""
        with told():
            found = cast("dict[bytes, bytes]", self.store.redis.hgetall(self._paused))
        return {feed.decode(): codec.load(Pause, raw) for feed, raw in found.items()}

    def forget(self, feeds: Sequence[str]) -> None:
        """Takes feeds out of the schedule that are no more. A poll under way can still admit what it reads."""
        if feeds:
            with told(), self.store.redis.pipeline() as pipe:
                pipe.zrem(self._due, *feeds)
                pipe.hdel(self._claims, *feeds)
                pipe.execute()

    def drop(self, feed: str) -> None:
        """Takes a feed out of the schedule that was removed for good, and its pause with it."""
        with told(), self.store.redis.pipeline() as pipe:
            pipe.zrem(self._due, feed)
            pipe.hdel(self._claims, feed)
            pipe.hdel(self._paused, feed)
            pipe.execute()

    def forget_all_but(self, feeds: Collection[str]) -> None:
        """Takes out of the schedule what is no longer configured."""
        with told():
            known = [member.decode() for member in cast("list[bytes]", self.store.redis.zrange(self._due, 0, -1))]
        self.forget([feed for feed in known if feed not in feeds])

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
