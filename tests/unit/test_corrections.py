"""Which items take back what was told."""

from datetime import UTC, datetime

import pytest

from siegewatch.detect.corrections import Correcting, correcting
from siegewatch.detect.likeness import Comparer, Verdict
from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import Likeness

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def comparer() -> Comparer:
    return Comparer()


def how(title: str, summary: str = "") -> Correcting | None:
    return correcting(Item("i", title, summary, NOW, NOW))


@pytest.mark.parametrize(
    "title",
    [
        "Correction: Rebels did not enter Tal Rumman",
        "CORRECTION - Tal Rumman siege",
        "Clarification: what the army said about Tal Rumman",
        "Army retracts claim that it took Tal Rumman",
        "Courier withdraws its report of a siege at Tal Rumman",
        "Report of siege at Tal Rumman was based on error; story retracted",
    ],
)
def test_notice_is_known_by_its_words(title):
    assert how(title) is Correcting.NOTICE


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("CORRECTED-UPDATE 1-Rebels besiege Tal Rumman", ""),
        ("Corrected: Rebels besiege Tal Rumman", ""),
        ("Rebels besiege Tal Rumman (corrects name of town)", ""),
        ("Rebels besiege Tal Rumman", "An earlier version of this story named another town."),
        ("Rebels besiege Tal Rumman", "This article was corrected on Monday."),
    ],
)
def test_report_put_out_again_is_known_by_its_words(title, summary):
    assert how(title, summary) is Correcting.REFILE


@pytest.mark.parametrize(
    "title",
    [
        "Army withdraws from Tal Rumman, report says",
        "Rebels withdraw after reports of heavy losses",
        "Course correction: the army changes its plan",
        "Inmates besiege correctional facility",
        "House of Corrections: life in a besieged prison",
        "Rebels make story of Tal Rumman a legend",
    ],
)
def test_other_news_takes_nothing_back(title):
    assert how(title) is None


def verdict(comparer: Comparer, earlier: str, later: str) -> Verdict:
    read = comparer.reader.read
    return comparer.compare(read(earlier, ""), read(later, ""), NOW - NOW)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Rebels enter Tal Rumman", "Rebels did not enter Tal Rumman"),
        ("Rebels enter Tal Rumman", "Correction: Rebels did not enter Tal Rumman"),
        ("Army besieges the town of Jisr", "Town of Jisr is not besieged by army, residents say"),
        ("Army captures Jisr from rebels", "Army has not captured Jisr from rebels"),
    ],
)
def test_denial_in_the_same_words_is_an_update_that_denies(comparer, earlier, later):
    found = verdict(comparer, earlier, later)
    assert (found.likeness, found.denies) == (Likeness.UPDATE, True)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("Rebels enter Tal Rumman", "Rebels have not left Tal Rumman"),
        ("Rebels besiege Tal Rumman", "No food in besieged Tal Rumman as winter nears, aid groups warn of famine"),
        ("Rebels did not enter Tal Rumman", "Rebels enter Tal Rumman"),
        ("Army takes Jisr", "No survivors after bus crash near Marsa"),
    ],
)
def test_a_no_to_something_else_denies_nothing(comparer, earlier, later):
    assert not verdict(comparer, earlier, later).denies
