"""What the store keeps small comes back as it was."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from siegewatch.domain.errors import UnreadableRecord
from siegewatch.domain.event import Codes, Event, Evidence, Place
from siegewatch.domain.item import Item, Ruling, Said
from siegewatch.domain.taxonomy import Kind, Outcome, Phase, Status
from siegewatch.store import codec
from siegewatch.store.items import ItemRecord
from siegewatch.store.packing import (
    packed_id,
    packed_record,
    packed_said,
    packed_wording,
    unpacked_id,
    unpacked_record,
    unpacked_said,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ITEM = Item("00ab34cd00ab34cd", "Army enters Tal Rumman", "The army has entered it.", NOW, NOW, link="https://c.org/1")
EVENT = Event(
    Kind.SIEGE,
    Phase.IMPOSED,
    Status.ACTUAL,
    attacker="army",
    place=Place("Tal Rumman", 35.1, 40.2, 999_001),
    confidence=0.875,
    evidence=(Evidence("title", 0, 4, "Army"),),
    codes=Codes("191", None, None),
)


@pytest.mark.parametrize(
    "text", ["00ab34cd00ab34cd", "0000000000000000", "canary-7", "sixteen", "a", "à", "0" * 24, "00AB34CD00AB34CD"]
)
def test_an_id_comes_back_as_it_was(text: str) -> None:
    assert unpacked_id(packed_id(text)) == text


def test_an_id_of_ours_takes_eight_bytes() -> None:
    assert len(packed_id(ITEM.id)) == 8


def test_wordings_are_told_apart() -> None:
    wordings = ("00ab34cd00ab34cd", "10ab34cd00ab34cd", "Army enters", "Army enters it")
    assert len({packed_wording(one) for one in wordings}) == 4


@pytest.mark.parametrize(("late", "told"), [(False, False), (True, False), (False, True), (True, True)])
def test_who_said_a_headline_comes_back_to_the_second(late: bool, told: bool) -> None:
    said = Said(ITEM.id, NOW.replace(microsecond=250_000), late, told)
    assert unpacked_said(packed_said(said)) == replace(said, at=NOW)


def test_a_record_comes_back_and_takes_half_the_room() -> None:
    ruling = Ruling(Outcome.NEW, None, "s1", "opened", ("story s1: opened", "gate: siege"))
    record = ItemRecord(replace(ITEM, tags=("a",), late=True), (EVENT,), ruling, NOW)
    packed = packed_record(record)
    assert unpacked_record(ItemRecord, packed) == record
    assert len(packed) < len(codec.dump(record)) / 2


def test_what_is_no_record_is_told_as_such() -> None:
    with pytest.raises(UnreadableRecord, match="cannot unpack"):
        unpacked_record(ItemRecord, b"\xff\xfe nonsense")
