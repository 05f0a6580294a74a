"""Counts of people in the text of an item, and numbers as news words them."""

from datetime import UTC, datetime
from time import monotonic

import pytest

from siegewatch.detect.beginnings import since_when
from siegewatch.detect.tolls import tolls_in
from siegewatch.domain.figures import Range, read_figure
from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import Kind

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def counted(title: str, summary: str = "") -> dict[str, tuple[int, int | None]]:
    tolls = tolls_in(Item("i", title, summary, NOW, NOW))
    return {str(one.harm): (one.least, one.most) for one in tolls}


@pytest.mark.parametrize(
    ("words", "least", "most"),
    [
        ("12", 12, 12),
        ("1,200", 1_200, 1_200),
        ("twenty-three", 23, 23),
        ("two hundred and fifty thousand", 250_000, 250_000),
        ("a dozen", 12, 12),
        ("1.5 million", 1_500_000, 1_500_000),
        ("300k", 300_000, 300_000),
        ("at least 30", 30, None),
        ("more than two thousand", 2_000, None),
        ("up to 400", 0, 400),
        ("20 to 30", 20, 30),
        ("between 20 and 30", 20, 30),
        ("dozens", 24, 99),
        ("tens of thousands", 20_000, 99_999),
    ],
)
def test_figure_is_read_as_a_range(words, least, most):
    assert read_figure(words) == Range(least, most)


@pytest.mark.parametrize("words", ["", "many", "north", "and"])
def test_what_is_no_figure_is_not_read(words):
    assert read_figure(words) is None


@pytest.mark.parametrize(
    ("title", "tolls"),
    [
        ("Air strike kills six in besieged Aleppo", {"killed": (6, 6)}),
        ("City rejects an ultimatum to surrender", {}),
        ("At least twenty-three civilians killed, 40 wounded", {"killed": (23, None), "wounded": (40, 40)}),
        ("Siege leaves 300,000 people trapped without food", {"trapped": (300_000, 300_000)}),
        ("Death toll in Mosul battle rises to 1,200", {"killed": (1_200, 1_200)}),
        ("Between 20 and 30 soldiers were killed in the assault", {"killed": (20, 30)}),
        ("Offensive forces 10,000 civilians to flee their homes", {"displaced": (10_000, 10_000)}),
        ("Offensive displaces tens of thousands of people", {"displaced": (20_000, 99_999)}),
        ("Five people dead and a dozen injured", {"killed": (5, 5), "wounded": (12, 12)}),
        ("Militants execute at least 40 captured soldiers", {"killed": (40, None)}),
        ("Troops capture 15 villages; 40 fighters surrendered", {"captured": (40, 40)}),
        ("Nobody was killed", {}),
        ("Commander killed 30 miles from the city", {}),
        ("Remembering those of 2013 killed in action", {}),
        ("One in 10 killed by hunger", {}),
        ("Army advances on 3 villages, 20% displaced", {}),
    ],
)
def test_toll_is_read_from_a_headline(title, tolls):
    assert counted(title) == tolls


def test_highest_count_of_headline_and_lead_stands():
    assert counted("Shelling kills six", "At least nine people were killed on Monday.") == {"killed": (9, None)}


@pytest.mark.parametrize(
    "part", ["1 ", "a hundred and ", "one-", "killed 1 ", "siege of ", "siege since 2013 ", "between 1 "]
)
def test_hostile_text_of_any_length_is_read_in_a_moment(part):
    hostile = Item("i", part * 100_000, part * 100_000, NOW, NOW)
    begun = monotonic()
    tolls_in(hostile)
    since_when(hostile, Kind.SIEGE)
    assert monotonic() - begun < 5
