"""Admission: once for each wording, whoever serves it and however often."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

import pytest

from siegewatch.domain.item import Item
from siegewatch.store.client import Store
from siegewatch.store.items import Admitted, Candidate, ItemStore, queued_item

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def candidate(*identities: str, wording: str = "w1", title: str = "Army enters Tal Rumman") -> Candidate:
    return Candidate(identities, wording, Item(identities[0], title, "", NOW, NOW))


@pytest.fixture
def items(store: Store) -> ItemStore:
    opened = ItemStore(store, timedelta(days=30))
    opened.queue.open()
    return opened


def queued(items: ItemStore) -> list[Item]:
    return [queued_item(one) for one in items.queue.read("test", count=100, block_seconds=0)]


def test_item_seen_twice_is_queued_once(items):
    assert items.admit([candidate("g1", "l1")]) == Admitted(new=1)
    assert items.admit([candidate("g1", "l1")]) == Admitted(known=1)
    assert [item.id for item in queued(items)] == ["g1"]


def test_item_with_new_guid_is_known_by_its_link(items):
    items.admit([candidate("g1", "l1")])
    assert items.admit([candidate("g2", "l1")]) == Admitted(known=1)
    assert items.admit([candidate("g2", "l9")]) == Admitted(known=1), "the new guid was learned with the link"


def test_new_wording_of_a_known_item_is_an_edit_of_the_first(items):
    items.admit([candidate("g1")])
    assert items.admit([candidate("g1", wording="w2", title="Army takes Tal Rumman")]) == Admitted(edits=1)
    first, edit = queued(items)
    assert edit.edit_of == edit.root == first.id
    assert edit.id != first.id
    assert edit.title == "Army takes Tal Rumman"


def test_wording_that_comes_back_is_not_queued_again(items):
    for wording in ("w1", "w2", "w1", "w2"):
        items.admit([candidate("g1", wording=wording)])
    assert len(queued(items)) == 2


def test_same_item_twice_in_one_document_is_queued_once(items):
    assert items.admit([candidate("g1"), candidate("g1")]) == Admitted(new=1, known=1)


def members(raw: Any) -> Iterator[tuple[bytes, bytes, bytes]]:
    for key in raw.keys("t:seen:*"):
        for member, value in raw.hgetall(key).items():
            yield key, member, value


def last_served(raw: Any, days_ago: int) -> None:
    """Dates all that is remembered of items back."""
    for key, member, value in members(raw):
        marked = value[0] & 0x80
        day = time() // 86_400 - days_ago
        raw.hset(key, member, bytes([marked | int(day) >> 8, int(day) & 0xFF]) + value[2:])
        raw.expire(key, 5)


def test_identity_is_kept_alive_by_being_served(items, raw):
    items.admit([candidate("g1", "l1")])
    for _ in range(3):
        last_served(raw, days_ago=30)
        assert items.admit([candidate("g1", "l1")]) == Admitted(known=1)
    assert all(raw.ttl(key) > 1_000_000 for key, _, _ in members(raw))


def test_identity_not_served_for_longer_than_it_is_remembered_is_new(items, raw):
    items.admit([candidate("g1", "l1")])
    last_served(raw, days_ago=31)
    assert items.admit([candidate("g2", "l1"), candidate("g1", "l2")]) == Admitted(new=2)


def test_what_is_served_again_on_the_same_day_is_only_read(items, raw):
    items.admit([candidate("g1", "l1")])
    raw.config_resetstat()
    items.admit([candidate("g1", "l1")])
    assert "cmdstat_hset" not in raw.info("commandstats")


def test_what_is_over_is_swept_out_of_the_hashes_that_grow(items, raw):
    alike = [f"{number:016x}" for number in range(64)]
    items.admit([candidate(one) for one in alike[:32]])
    last_served(raw, days_ago=31)
    items.admit([candidate(one) for one in alike[32:]])
    assert len({key for key, _, _ in members(raw)}) == 1, "digests that begin alike share a hash"
    assert len(list(members(raw))) == 32


def test_a_million_items_lie_in_packed_hashes(items, raw):
    alike = [f"{number:016x}" for number in range(128)]
    items.admit([candidate(one, "f" + one[1:]) for one in alike])
    assert {raw.object("encoding", key) for key, _, _ in members(raw)} == {b"listpack"}


def test_a_text_that_changes_with_every_request_does_not_grow_without_end(items):
    many = [candidate("g1", wording=f"w{number}") for number in range(1_200)]
    assert items.admit(many) == Admitted(new=1, edits=999, known=200)


def test_everything_remembered_expires(items, raw):
    items.admit([candidate("g1", "l1")])
    kept = {key for key in raw.keys("*") if raw.ttl(key) == -1}
    assert kept <= {b"t:items", b"t:schema"}


def test_two_thousand_entries_are_admitted_in_one_step(items):
    many = [candidate(f"g{number}", wording=f"w{number}") for number in range(2_000)]
    assert items.admit(many) == Admitted(new=2_000)
    assert items.queue.length() == 2_000
