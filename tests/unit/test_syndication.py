"""Whose words a report is."""

from datetime import UTC, datetime

import pytest

from siegewatch.detect.syndication import source_of, with_source
from siegewatch.domain.item import Item
from siegewatch.domain.story import Alike, Source
from siegewatch.domain.taxonomy import Likeness

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def item(outlet: str = "Courier", title: str = "Rebels besiege Tal Rumman", summary: str = "") -> Item:
    return Item("i", title, summary, NOW, NOW, outlet=outlet)


@pytest.mark.parametrize(
    "report",
    [
        item("Reuters"),
        item(title="Rebels besiege Tal Rumman - Reuters"),
        item(summary="TAL RUMMAN, March 1 (Reuters) - Rebels ringed the town."),
        item(summary="Rebels ringed the town. (Reuters)"),
        item(summary="Rebels ringed the town. Source: Reuters"),
    ],
)
def test_wire_is_known_by_outlet_signature_dateline_and_credit(report):
    assert source_of(report).name == "Reuters"


@pytest.mark.parametrize(
    "report",
    [
        item(),
        item(summary="Rebels told Reuters that they ringed the town."),
        item(summary="Rebels ringed the town (population 9,000) - the largest of the province."),
        item(summary="Rebels ringed the town, AP reported on Sunday."),
    ],
)
def test_outlet_that_only_quotes_a_wire_is_its_own_source(report):
    assert source_of(report) == Source("Courier", ("Courier",))


def test_report_with_the_text_of_another_has_its_source():
    wire = item(summary="TAL RUMMAN (AFP) - Rebels ringed the town.")
    assert source_of(item("Herald"), Alike(Likeness.UPDATE, "", wire, shares_text=True)).name == "AFP"
    assert source_of(item("Herald"), Alike(Likeness.UPDATE, "", item(), shares_text=True)).name == "Courier"
    assert source_of(item("Herald"), Alike(Likeness.UPDATE, "", wire)).name == "Herald"


def test_report_of_nobody_has_no_source():
    assert source_of(Item("i", "t", "", NOW, NOW)) is None


def test_outlets_of_one_wire_are_one_source():
    known: tuple[Source, ...] = ()
    for name, outlet in (("Reuters", "Courier"), ("Reuters", "Herald"), ("Third", "Third"), ("Reuters", "Herald")):
        known = with_source(known, Source(name, (outlet,)))
    assert known == (Source("Reuters", ("Courier", "Herald")), Source("Third", ("Third",)))
