"""Heartbeats of processes, by role."""

from collections.abc import Iterable, Mapping
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

    def beat(self, beats: Mapping[str, Beat]) -> None:
        """Notes by role that the process lives, all roles in one step: whoever asks sees the process whole or not at
        all, never its fit roles without an unfit one. Forgets processes that have not lived for long."""
        known = self._all(beats)
        with told(), self.store.redis.pipeline() as pipe:
            for role, beat in beats.items():
                key = self._key(role)
                pipe.hset(key, beat.process, codec.dump(beat).decode())
                pipe.expire(key, FORGET)
                if gone := [other.process for other in known[role] if beat.at - other.at > FORGET]:
                    pipe.hdel(key, *gone)
            pipe.execute()

    def leave(self, roles: Iterable[str], process: str) -> None:
        """Notes that the process ended as it should."""
        with told(), self.store.redis.pipeline() as pipe:
            for role in roles:
                pipe.hdel(self._key(role), process)
            pipe.execute()

    def living(self, roles: Iterable[str], host: str, now: datetime) -> dict[str, list[Beat]]:
        """By role, the processes that live: those on `host` alone if it ran any in that role within a day, so that each
        of many containers answers for itself; else those on all hosts."""
        return {role: _living(beats, host, now) for role, beats in self._all(roles).items()}

    def _key(self, role: str) -> str:
        return self.store.keys("alive:{role}", role=role)

    def _all(self, roles: Iterable[str]) -> dict[str, list[Beat]]:
        names = list(roles)
        with told(), self.store.redis.pipeline() as pipe:
            for role in names:
                pipe.hgetall(self._key(role))
            found = cast("list[dict[bytes, bytes]]", pipe.execute())
        return {role: [codec.load(Beat, raw) for raw in kept.values()] for role, kept in zip(names, found, strict=True)}


def _living(beats: Iterable[Beat], host: str, now: datetime) -> list[Beat]:
    known = [beat for beat in beats if now - beat.at <= FORGET]
    here = [beat for beat in known if beat.process.startswith(f"{host}:")]
    return [beat for beat in here or known if now - beat.at <= FRESH]
