"""Silences: kept for all workers, until a while after they end."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from siegewatch.domain.silence import Silence
from siegewatch.store import codec
from siegewatch.store.client import Store, millis, told
from siegewatch.store.items import found
from siegewatch.store.keys import SILENCE_LIFE


@dataclass(frozen=True, slots=True)
class SilenceStore:
    """Every worker asks it before it tells, so that a silence holds at once."""

    store: Store

    @property
    def _index(self) -> str:
        return self.store.keys("silences")

    def _key(self, silence: str) -> str:
        return self.store.keys("silence:{id}", id=silence)

    def put(self, silence: Silence, now: datetime) -> None:
        """Keeps a silence, in place of the one with its id."""
        with told(), self.store.redis.pipeline() as pipe:
            pipe.set(self._key(silence.id), codec.dump(silence), ex=silence.until + SILENCE_LIFE - now)
            pipe.zadd(self._index, {silence.id: millis(silence.until)})
            pipe.zremrangebyscore(self._index, "-inf", millis(now - SILENCE_LIFE))
            pipe.execute()

    def get(self, silence: str) -> Silence | None:
        """The silence with this id, None where it is not (or no longer) known."""
        with told():
            raw = cast("bytes | None", self.store.redis.get(self._key(silence)))
        return codec.load(Silence, raw) if raw else None

    def active(self, now: datetime) -> list[Silence]:
        """Those that hold, the first to end first."""
        return self._from(f"({millis(now)}")

    def all(self) -> list[Silence]:
        """Those too that ended of late."""
        return self._from("-inf")

    def _from(self, least: str) -> list[Silence]:
        with told():
            ids = cast("list[bytes]", self.store.redis.zrangebyscore(self._index, least, "+inf"))
        return found(self.store, Silence, [self._key(one.decode()) for one in ids])

    def expire(self, silence: Silence, now: datetime) -> None:
        """Ends a silence."""
        self.put(replace(silence, until=now), now)
