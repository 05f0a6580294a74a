"""Admission of items: identities, wordings and the queue, in one atomic step; and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar, cast

from siegewatch.domain.event import Event
from siegewatch.domain.item import Item, Ruling
from siegewatch.store import codec
from siegewatch.store.client import Store, millis, told
from siegewatch.store.packing import packed_edit, packed_id, packed_wording, unpacked_id, unpacked_record
from siegewatch.store.streams import Handed, Stream

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that may be new: `identities` best first, `wording` the digest of what it says.
    Its own id is used if none of the identities is known. `edit_late` takes the place of `item.late` if it turns
    out to be another wording of a known item: an edit is as old as its wording, not as its item."""

    identities: tuple[str, ...]
    wording: str
    item: Item
    edit_late: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """How many of a document's entries were new items, new wordings of known ones, and known."""

    new: int = 0
    edits: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item with its events and what became of it; `decided_at` is when."""

    item: Item
    events: tuple[Event, ...]
    ruling: Ruling
    decided_at: datetime


def queued_item(handed: Handed) -> Item:
    """The item in a stream entry; a further wording gets an id of its own under the first one's."""
    item = codec.load(Item, handed.fields[b"item"])
    root = unpacked_id(handed.fields[b"edit_of"])
    if not root:
        return item
    edit = f"{root}.{handed.fields[b'wording'].hex()[:8]}"
    late = handed.fields[b"edit_late"] == b"1"
    return replace(item, id=edit, edit_of=root, published_at=item.seen_at, late=late)


@dataclass(frozen=True, slots=True)
class ItemStore:
    """Items seen and their records."""

    store: Store
    remember: timedelta

    @property
    def queue(self) -> Stream:
        """The stream of admitted items that waits for detection."""
        return Stream(self.store, "items", "detect")

    def admit(self, candidates: Sequence[Candidate]) -> Admitted:
        """Admits each candidate once for each wording, together with its place in the queue."""
        if not candidates:
            return Admitted()
        args: list[str | bytes | int] = [self.store.keys.prefix, ceil(self.remember / timedelta(days=1))]
        for one in candidates:
            args += [len(one.identities), *map(packed_id, one.identities), packed_wording(one.wording)]
            args += [packed_id(one.item.id), codec.dump(one.item), int(one.edit_late)]
        with told():
            counts = cast("list[int]", self.store.run("admit", [self.queue.key], args))
        return Admitted(*counts)

    def record(self, item: str) -> ItemRecord | None:
        """What became of the item with this id, None where it is not (or no longer) known."""
        return next(iter(self._records([item])), None)

    def recent(self, limit: int, skip: int = 0) -> list[ItemRecord]:
        """The items decided last, newest first, after the first `skip`."""
        ids = newest(self.store, "items:recent", limit, skip)
        return self._records(ids) if ids else []

    def _records(self, ids: Sequence[str]) -> list[ItemRecord]:
        """A root is found by its own digest, a further wording by that of its whole id."""
        args = [digest for item in ids for digest in dict.fromkeys((packed_id(item), packed_edit(item)))]
        with told():
            raws = cast("list[bytes]", self.store.run("record", [], [self.store.keys.prefix, *args]))
        return [unpacked_record(ItemRecord, raw) for raw in raws]

    def decided_since(self, since: datetime) -> int:
        """How many items were decided from `since` on, RECENT_KEPT at most."""
        return listed_since(self.store, "items:recent", since)


def listed_since(store: Store, listing: str, since: datetime) -> int:
    """How many ids a listing of the newest things has from `since` on; it holds so many and no more."""
    with told():
        return int(store.redis.zcount(store.keys(listing), millis(since), "+inf"))


def newest(store: Store, listing: str, limit: int, skip: int = 0) -> list[str]:
    """Ids in a listing of the newest things, newest first, after the first `skip`."""
    with told():
        ids = cast("list[bytes]", store.redis.zrevrange(store.keys(listing), skip, skip + limit - 1))
    return [member.decode() for member in ids]


def found(store: Store, shape: type[T], keys: Sequence[str]) -> list[T]:
    """What the keys hold, read at once; keys that hold nothing any more are passed by."""
    if not keys:
        return []
    with told():
        raws = cast("list[bytes | None]", store.redis.mget(keys))
    return [codec.load(shape, raw) for raw in raws if raw]
