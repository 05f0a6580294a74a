"""Heartbeats of processes, by role."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from siegewatch.store import codec
from siegewatch.store.client import Store, told

FRESH = timedelta(seconds=30)
"""A heartbeat older than this says that the process is gone."""

FORGET = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Beat:
    """One process's sign of life in one role; `problem` is why it is unfit, None where it is fit."""

    process: str
    at: datetime
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Heartbeats:
    """Who lives."""

    store: Store

    def beat(self, role: str, beat: Beat) -> None:
        """Notes that the process lives, and forgets those that have not for long."""
        key = self.store.keys("alive:{role}", role=role)
        gone = [other.process for other in self._all(key) if beat.at - other.at > FORGET]
        with told(), self.store.redis.pipeline() as pipe:
            pipe.hset(key, beat.process, codec.dump(beat).decode())
            pipe.expire(key, FORGET)
            if gone:
                pipe.hdel(key, *gone)
            pipe.execute()

    def leave(self, role: str, process: str) -> None:
        """Notes that the process ended as it should."""
        with told():
            self.store.redis.hdel(self.store.keys("alive:{role}", role=role), process)

    def living(self, role: str, host: str, now: datetime) -> list[Beat]:
        """The processes of a role that live: those on `host` alone if it ran any within a day, so that each of many
        containers answers for itself; else those on all hosts."""
        beats = [beat for beat in self._all(self.store.keys("alive:{role}", role=role)) if now - beat.at <= FORGET]
        here = [beat for beat in beats if beat.process.startswith(f"{host}:")]
        return [beat for beat in here or beats if now - beat.at <= FRESH]

    def _all(self, key: str) -> list[Beat]:
        with told():
            raw = cast("dict[bytes, bytes]", self.store.redis.hgetall(key))
        return [codec.load(Beat, value) for value in raw.values()]
