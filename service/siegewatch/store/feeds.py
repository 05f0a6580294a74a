"""What is remembered of feeds: when each is due, who polls it, its validators and health; which are paused."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from siegewatch.domain.feed import FeedState, Pause
from siegewatch.store import codec
from siegewatch.store.claims import Claim, Worker, claim_due, release
from siegewatch.store.client import Store, millis, told
from siegewatch.store.keys import FEED_LIFE

LANE_GAP = timedelta(seconds=1)
"""Between two requests to the servers of one publisher."""

TOGETHER = 1_000
"""Feeds asked after in one round trip at most."""


class Settlement(Protocol):
    """What a poll came to, as far as it is stored."""

    @property
    def claim(self) -> Claim: ...

    @property
    def state(self) -> FeedState: ...

    @property
    def due_at(self) -> datetime: ...


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
    def _lanes(self) -> str:
        return self.store.keys("feeds:lanes")

    @property
    def _busy(self) -> str:
        return self.store.keys("lanes:busy")

    @property
    def _paused(self) -> str:
        return self.store.keys("feeds:paused")

    def _key(self, feed: str) -> str:
        return self.store.keys("feed:{id}", id=feed)

    def assign(self, lanes: Mapping[str, str]) -> None:
        """Says which feeds are on the servers of one publisher: those of a lane are polled one after the other."""
        if lanes:
            with told():
                self.store.redis.hset(self._lanes, mapping=cast("Any", lanes))

    def add(self, times: Mapping[str, datetime]) -> None:
        """Makes each feed due at its time, unless it is in the schedule already, or paused."""
        self._enlist("NX", {feed: millis(at) for feed, at in times.items()})

    def put_off(self, times: Mapping[str, datetime]) -> None:
        """Makes each feed that is in the schedule due at its time, unless it is later; the same are left out."""
        if times:
            with told():
                self.store.redis.zadd(self._due, {feed: millis(at) for feed, at in times.items()}, xx=True, gt=True)

    def overdue(self, now: datetime) -> list[str]:
        """The feeds that are due and wait for somebody, the longest due first."""
        with told():
            found = cast("list[bytes]", self.store.redis.zrangebyscore(self._due, "-inf", millis(now)))
        return [feed.decode() for feed in found]

    def missing(self, feeds: Sequence[str]) -> list[str]:
        """Which of these are neither in the schedule nor paused."""
        lost = [feed for feed, at in zip(feeds, self.due_at(feeds), strict=True) if at is None]
        paused = self.paused() if lost else {}
        return [feed for feed in lost if feed not in paused]

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
                pipe.hdel(self._lanes, *feeds)
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

    def give_back(self, claims: Sequence[Claim], now: datetime, due_at: datetime) -> None:
        """Ends claims without a poll."""
        self._settle([(claim, due_at, b"") for claim in claims], now)

    def claim(self, worker: Worker, now: datetime, *, lease: timedelta, limit: int) -> list[Claim]:
        """Claims feeds that are due, no two of a lane."""
        keys = [self._due, self._claims, self._lanes, self._busy, self.store.keys("lanes:turns")]
        return claim_due(
            self.store, "claim_feeds", keys, worker=worker, now=now, lease=lease, limit=limit, more=(_ms(LANE_GAP),)
        )

    def release(self, worker: Worker, now: datetime) -> None:
        """Takes back what workers claimed that are gone."""
        with told():
            for feed in release(self.store, self._due, self._claims, worker=worker, now=now):
                if lane := self.store.redis.hget(self._lanes, feed):
                    self.store.redis.zrem(self._busy, cast("bytes", lane))

    def settle(self, settlements: Sequence[Settlement], now: datetime) -> list[bool]:
        """Stores how polls went and when the next are due, in one round trip. False where a lease ran out meanwhile."""
        return self._settle([(one.claim, one.due_at, codec.dump(one.state)) for one in settlements], now)

    def _settle(self, ended: Sequence[tuple[Claim, datetime, bytes]], now: datetime) -> list[bool]:
        if not ended:
            return []
        state = self._key("")
        keys = [self._due, self._claims, self._lanes, self._busy, *(state + claim.id for claim, *_ in ended)]
        args: list[str | bytes | int] = [millis(now + LANE_GAP), int(FEED_LIFE.total_seconds())]
        for claim, due_at, known in ended:
            args += (claim.id, claim.token, millis(due_at), known)
        with told():
            return [bool(done) for done in cast("list[int]", self.store.run("settle_feeds", keys, args))]

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
        raw: list[bytes | None] = []
        with told():
            for some in _some(feeds):
                raw += cast("list[bytes | None]", self.store.redis.mget([self._key(feed) for feed in some]))
        return [codec.load(FeedState, found) if found else FeedState() for found in raw]

    def due_at(self, feeds: Sequence[str]) -> list[float | None]:
        """Seconds since the epoch when each feed is due, None where it is not scheduled."""
        scores: list[float | None] = []
        with told():
            for some in _some(feeds):
                scores += self.store.redis.zmscore(self._due, some)
        return [None if score is None else score / 1000 for score in scores]


def _some(feeds: Sequence[str]) -> Iterator[list[str]]:
    """By so many that no answer keeps the store from everybody else for more than some milliseconds."""
    for start in range(0, len(feeds), TOGETHER):
        yield list(feeds[start : start + TOGETHER])


def _in_order(feeds: Sequence[str], now: datetime) -> dict[str, int]:
    """Due times that are over by now, a millisecond apart."""
    first = millis(now) - len(feeds)
    return {feed: first + place for place, feed in enumerate(feeds)}


def _ms(length: timedelta) -> int:
    return int(length.total_seconds() * 1_000)
