"""What is remembered that bears on new items: who said their headlines, and the reports that tell the same words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from siegewatch.domain.item import Said
from siegewatch.store.client import Store, told
from siegewatch.store.items import ItemRecord
from siegewatch.store.packing import packed_id, unpacked_record, unpacked_said

MOST_CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What one item is asked by: how its feed's headline ends, its digests, the words to find like reports by, and
    for an edit the id of its first wording, some of whose wordings are then among the reports."""

    feed: str
    tail: str
    digests: tuple[str, ...]
    words: tuple[str, ...]
    edit_of: str = ""


@dataclass(frozen=True, slots=True)
class Recalled:
    """How often the feed's headlines ended so, who said each digest first, the reports that may be alike, and the
    wordings of who said a digest first, where that was told."""

    times: int
    said: tuple[Said | None, ...]
    reports: tuple[ItemRecord, ...]
    first: tuple[ItemRecord, ...] = ()


def recall(store: Store, asked: Sequence[Asked]) -> list[Recalled]:
    """What is remembered for each, in one round trip."""
    args: list[str | bytes | int] = [store.keys.prefix, MOST_CANDIDATES]
    for one in asked:
        args += [one.feed, one.tail, packed_id(one.edit_of) if one.edit_of else ""]
        args += [len(one.digests), *map(packed_id, one.digests), len(one.words), *one.words]
    with told():
        answer = cast("list[tuple[int, list[bytes], list[bytes], list[bytes]]]", store.run("recall", [], args))
    return [
        Recalled(
            times,
            tuple(unpacked_said(raw) if raw else None for raw in said),
            tuple(map(_record, reports)),
            tuple(map(_record, first)),
        )
        for times, said, reports, first in answer
    ]


@lru_cache(maxsize=2_000)
def _record(raw: bytes) -> ItemRecord:
    """The same few reports are recalled again and again while something happens."""
    return unpacked_record(ItemRecord, raw)
