"""Since when a fight has gone on, by the words of the item."""

from datetime import UTC, date, datetime

import pytest

from siegewatch.detect.beginnings import since_when
from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import Kind

NOW = datetime(2017, 9, 5, 12, tzinfo=UTC)


def since(title: str, kind: Kind = Kind.SIEGE) -> date | None:
    found = since_when(Item("i", title, "", NOW, NOW), kind)
    return found.at.date() if found else None


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("Deir al-Zor, besieged by IS since 2013, is starving", "2013-12-31"),
        ("Siege of Deir al-Zor, in place since early 2014, goes on", "2014-04-30"),
        ("The town has been under siege since 12 July 2012", "2012-07-12"),
        ("Under siege since July 12, 2012", "2012-07-12"),
        ("City besieged since March", "2017-03-31"),
        ("City besieged since November", "2016-11-30"),
        ("Town under siege since Monday", "2017-09-04"),
        ("Town under siege since last year", "2016-12-31"),
        ("Shells fall on day 500 of siege", "2016-04-24"),
        ("In its 500th day of siege", "2016-04-24"),
        ("The two-year siege is broken", "2015-09-06"),
        ("Residents freed after 18 months of siege", "2016-03-06"),
        ("Siege enters its third year", "2015-09-06"),
        ("City besieged for more than three years", "2014-09-05"),
        ("The months-long siege of Kobani", "2017-07-06"),
    ],
)
def test_beginning_is_the_latest_that_the_words_allow(title, day):
    assert since(title) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "title",
    [
        "Worst fighting of the siege since 2013",
        "First aid to reach the besieged town since 2013",
        "The army, in power since 2013, besieges the town",
        "Siege of the town begins",
        "Some 40 people killed since 2013 in the besieged town",
        "Besieged since 30 February 2017",
        "Siege expected to last until 2019",
    ],
)
def test_other_dates_are_not_the_fight_s(title):
    assert since(title) is None


def test_each_kind_has_its_own_beginning():
    title = "On day 20 of the offensive the two-year siege is broken"
    assert since(title) == date(2015, 9, 6)
    assert since(title, Kind.OFFENSIVE) == date(2017, 8, 17)


def test_words_are_kept_for_the_reader():
    found = since_when(Item("i", "Aleppo", "It has been besieged since mid-2012.", NOW, NOW), Kind.SIEGE)
    assert found is not None
    assert (found.words, found.item) == ("since mid-2012", "i")
