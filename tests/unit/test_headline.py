"""Headlines are prepared for the parser without moving a letter."""

import pytest

from siegewatch.detect.headline import Prepared, prepare

COMMON = frozenset(
    ["army", "retakes", "troops", "push", "into", "besieged", "quarter", "as", "talks", "stall", "siege", "of"]
)


def prepared(text: str, *names: str) -> Prepared:
    spans = [(text.index(name), text.index(name) + len(name)) for name in names]
    return prepare(text, spans, COMMON.__contains__)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("BREAKING: Rebels seize border post", "Rebels seize border post"),
        ("UPDATE 2-Rebels seize border post", "Rebels seize border post"),
        ("BREAKING | Rebels seize border post", "Rebels seize border post"),
        ("BEIRUT - Rebels seize base near the river", "Rebels seize base near the river"),
        ("Rebels seize border post | World Wire", "Rebels seize border post"),
        ("Rebels seize border post - Reuters", "Rebels seize border post"),
    ],
)
def test_headline_loses_prefixes_datelines_and_outlets(text: str, kept: str) -> None:
    assert prepared(text).text == kept


def test_headline_in_capitals_is_set_as_running_text_but_names_keep_theirs() -> None:
    text = "ARMY RETAKES QARYATAYN AS TALKS STALL"
    assert prepared(text, "QARYATAYN").text == "Army retakes Qaryatayn as talks stall"


def test_headline_in_title_case_is_set_as_running_text() -> None:
    text = "Troops Push Into Besieged Quarter As Talks Stall"
    assert prepared(text).text == "Troops push into besieged quarter as talks stall"


def test_headline_offsets_lead_back_to_the_original() -> None:
    text = "BREAKING: Rebels seize Homs post - state TV"
    ready = prepared(text)
    at = ready.text.index("Homs")
    assert text[at + ready.start :].startswith("Homs")
    assert ready.claimed_by == "state TV"


def test_headline_of_a_correction_keeps_its_first_word() -> None:
    assert prepared("Correction: rebels did not enter town").text.startswith("Correction")


@pytest.mark.parametrize(
    ("title", "claimant"),
    [
        ("Army claims capture of Tal Rumman", "Army"),
        ("Sudan army says it has broken siege of Tal Rumman", "Sudan army"),
        ("Two villages near Tal Rumman captured, Russia says", "Russia"),
        ("Rebels capture Tal Rumman", None),
    ],
)
def test_who_claims_it_in_a_headline_is_kept(title: str, claimant: str | None) -> None:
    assert prepare(title, [], lambda _: False).claimed_by == claimant
