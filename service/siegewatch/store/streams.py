"""Hand-overs between phases: a stream with one consumer group, acknowledged last."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from redis.exceptions import ResponseError

from siegewatch.domain.errors import StoreError
from siegewatch.store.client import Store, told
from siegewatch.store.keys import DEAD_KEPT

RECLAIM_AFTER_SECONDS = 10
"""A batch takes a second or two; what has been out for longer belongs to a worker that died."""

FORGET_READER_SECONDS = 86_400
"""Every process reads under a name of its own, and leaves it behind."""

MOST_DELIVERIES = 5
"""Input that was handed out so often and never acknowledged is poison."""

Fields = dict[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Handed:
    """One entry of a stream, handed to this worker for the `deliveries`-th time."""

    entry: str
    fields: Fields
    deliveries: int = 1


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream; `name` is its row in the table of keys, `group` the phase that reads it."""

    store: Store
    name: str
    group: str

    @property
    def key(self) -> str:
        """The stream's full key."""
        return self.store.keys(self.name)

    def open(self) -> None:
        """Makes the stream and its group where they are missing; forgets readers that are long gone."""
        with told():
            try:
                self.store.redis.xgroup_create(self.key, self.group, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise
            readers = self.store.redis.xinfo_consumers(self.key, self.group)
            for reader in readers:
                if reader["pending"] == 0 and reader["idle"] > FORGET_READER_SECONDS * 1000:
                    self.store.redis.xgroup_delconsumer(self.key, self.group, reader["name"])

    def read(self, consumer: str, *, count: int, block_seconds: float) -> list[Handed]:
        """Up to `count` new entries, waiting for the first one up to `block_seconds` (0: not at all)."""
        block = int(block_seconds * 1000) or None
        try:
            with told():
                answer = self.store.redis.xreadgroup(self.group, consumer, {self.key: ">"}, count=count, block=block)
        except StoreError as error:
            if "NOGROUP" not in str(error):
                raise
            # The store came back empty: whatever was in it, the line must go on.
            self.open()
            return []
        batches = cast("list[tuple[bytes, list[tuple[bytes, Fields]]]]", answer)
        return [Handed(entry.decode(), fields) for _, batch in batches or [] for entry, fields in batch]

    def left_behind(self, consumer: str, *, most: int, idle_seconds: float) -> Iterator[Handed]:
        """Entries that another worker has held for `idle_seconds`, each claimed when it is asked for."""
        idle = int(idle_seconds * 1000)
        with told():
            pending = cast(
                "list[dict[str, Any]]",
                self.store.redis.xpending_range(self.key, self.group, "-", "+", most, idle=idle),
            )
        for row in pending:
            with told():
                claimed = cast(
                    "list[tuple[bytes, Fields]]",
                    self.store.redis.xclaim(self.key, self.group, consumer, idle, [row["message_id"]]),
                )
            for entry, fields in claimed:
                yield Handed(entry.decode(), fields, int(row["times_delivered"]) + 1)

    def finish(self, handed: Handed) -> None:
        """Acknowledges and forgets an entry whose output is stored."""
        with told(), self.store.redis.pipeline() as pipe:
            pipe.xack(self.key, self.group, handed.entry)
            pipe.xdel(self.key, handed.entry)
            pipe.execute()

    def bury(self, handed: Handed, reason: str) -> None:
        """Moves poison input to the dead-letter stream with its reason, in one step."""
        with told(), self.store.redis.pipeline() as pipe:
            fields = {**handed.fields, b"reason": reason.encode()}
            pipe.xadd(self.key + ":dead", cast("Any", fields), maxlen=DEAD_KEPT, approximate=True)
            pipe.xack(self.key, self.group, handed.entry)
            pipe.xdel(self.key, handed.entry)
            pipe.execute()

    def length(self) -> int:
        """Entries not yet decided."""
        with told():
            return int(self.store.redis.xlen(self.key))

    def oldest_at(self) -> datetime | None:
        """When the oldest entry not yet decided came, by the store's clock; None where none waits."""
        with told():
            first = cast("list[tuple[bytes, Fields]]", self.store.redis.xrange(self.key, count=1))
        return datetime.fromtimestamp(int(first[0][0].split(b"-")[0]) / 1000, UTC) if first else None

    def buried(self) -> int:
        """Entries among the dead letters of this stream."""
        with told():
            return int(self.store.redis.xlen(self.key + ":dead"))


def is_poison(handed: Handed) -> bool:
    """Whether it was handed out more often than a sound entry ever is."""
    return handed.deliveries > MOST_DELIVERIES
