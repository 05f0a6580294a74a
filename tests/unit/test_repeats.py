"""Headlines that say the same in other dress, and headlines that do not."""

from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.detect.repeats import fold, headline_digests, repeat_of, take_apart
from siegewatch.domain.item import Item, Said
from siegewatch.domain.story import Known

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLAIN = "Rebels lay siege to the old port of Marsa Tal"


def digest(title: str, *, outlet: str = "Daily Courier", times: int = 0, summary: str = "") -> str:
    item = Item("i", title, summary, NOW, NOW, outlet=outlet, feed="courier")
    return headline_digests(item, take_apart(title), times)[0]


@pytest.mark.parametrize(
    "copy",
    [
        PLAIN.upper(),
        "“Rebels lay siege to the old port of Marsa Tal”",
        "Rebels lay siege to the old port of Marsa Tal!",
        "BREAKING: Rebels lay siege to the old port of Marsa Tal",
        "UPDATE 2-Rebels lay siege to the old port of Marsa Tal",
        "WRAPUP 1-UPDATE 3-Rebels lay siege to the old port of Marsa Tal",
        "BREAKING | LIVE: Rebels lay siege to the old port of Marsa Tal",
        "Rebels lay siege to the old port of Marsa Tal - Reuters",
        "Rebels lay siege to the old port of Marsa Tal | Muslim Global",
        "Rebels lay siege to the old port of Marsa Tal – Daily Courier",
        "Rebels  lay siege to the old port of Mársa Tal",
    ],
)
def test_decorated_headline_folds_to_the_plain_one(copy):
    assert digest(copy) == digest(PLAIN)


@pytest.mark.parametrize(
    "other",
    [
        "Rebels lift siege of the old port of Marsa Tal",
        "Rebels lay siege to the old port of Marsa Tel",
        "Rebels lay siege to the old port of Marsa Tal - 5 killed",
        "Rebels lay siege to the old port of Marsa Tal - ministry",
        "Correction: Rebels lay siege to the old port of Marsa Tal",
    ],
)
def test_headline_that_says_more_is_its_own(other):
    assert digest(other) != digest(PLAIN)


@pytest.mark.parametrize(
    ("first", "second", "outlet"),
    [
        (
            "Battle for the city of Idlib - army nears the centre",
            "Battle for the city of Idlib - army captures it",
            "AP",
        ),
        ("Siege of the city of Homs | army breaks siege", "Siege of the city of Homs | city falls", "BBC"),
        ("Siege Of The City Of Homs | Army Breaks Siege", "Siege Of The City Of Homs | City Falls", "BBC"),
        ("SIEGE OF THE CITY OF HOMS | ARMY BREAKS SIEGE", "SIEGE OF THE CITY OF HOMS | CITY FALLS", "BBC"),
        ("Rebels take three more towns - Syria", "Rebels take three more towns - Yemen", "Syria News"),
    ],
)
def test_tail_that_tells_something_is_no_signature(first, second, outlet):
    assert digest(first, outlet=outlet) != digest(second, outlet=outlet)


def test_outlet_may_sign_with_a_part_of_its_name():
    assert digest(PLAIN + " - Marsa Gazette", outlet="The Marsa Gazette") == digest(PLAIN)
    assert digest(PLAIN + " - The Marsa Gazette Online", outlet="Marsa Gazette Online") == digest(PLAIN)


def test_signature_is_learned_from_the_feed():
    signed = PLAIN + " - The Marsa Gazette"
    assert digest(signed) != digest(PLAIN)
    assert digest(signed, times=3) == digest(PLAIN)


def test_figures_with_separators_stay_apart():
    assert fold("1,000 fighters") != fold("1000 000 fighters")
    assert fold("1,000 fighters") != fold("1 fighters")


def test_short_headline_is_known_by_its_summary_too():
    assert digest("Live updates", summary="a") != digest("Live updates", summary="b")


def said(*, days: int = 0, late: bool = False) -> Known:
    return Known(said=Said("first", NOW - timedelta(days=days), late))


def heard(known: Known, *, late: bool = False) -> str | None:
    return repeat_of(Item("i", PLAIN, "", NOW, NOW, late=late), known, timedelta(days=30))


def test_headline_said_within_the_memory_is_a_repeat():
    assert heard(said(days=30)) == "first"
    assert heard(said(days=31)) is None
    assert heard(Known()) is None


def test_what_was_too_old_to_ring_does_not_silence_what_is_fresh():
    assert heard(said(late=True)) is None
    assert heard(said(late=True), late=True) == "first"


def test_edit_under_its_own_headline_is_read_unless_the_item_was_old():
    edit = Item("first.1", PLAIN, "another lead", NOW, NOW, edit_of="first")
    assert repeat_of(edit, said(), timedelta(days=30)) is None
    assert repeat_of(edit, said(late=True), timedelta(days=30)) == "first"
