"""What an edit adds, and which events count."""

from dataclasses import replace
from datetime import UTC, datetime

from siegewatch.detect.ruling import confident, fact, is_news_in_edit
from siegewatch.detect.told_before import is_told
from siegewatch.domain.event import Event, Place
from siegewatch.domain.item import Item
from siegewatch.domain.story import Alike
from siegewatch.domain.taxonomy import Kind, Likeness, Phase, Precision, Status

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOWN = Place("Tal Rumman", 35.1, 40.2, 999_001, Precision.CITY)
PART = Place("Tal Rumman airport", 35.15, 40.25, None, Precision.SITE, within=999_001)
OTHER = Place("Jisr", 35.3, 40.1, 999_002, Precision.CITY)
ENTERED = Event(Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, place=TOWN, country="SY")
ITEM = Item("i", "title", "", NOW, NOW)


def news(after: Event, *before: Event) -> bool:
    return is_news_in_edit(after, ITEM, frozenset(fact(event, ITEM) for event in before))


def test_edit_with_the_same_claim_is_no_news():
    assert not news(ENTERED, ENTERED)


def test_edit_that_drops_or_adds_the_place_is_no_news():
    assert not news(replace(ENTERED, place=None), ENTERED)
    assert not news(ENTERED, replace(ENTERED, place=None))


def test_edit_with_another_place_is_news():
    assert news(replace(ENTERED, place=OTHER), ENTERED)


def test_edit_with_another_phase_is_news_unless_it_only_goes_on():
    assert news(replace(ENTERED, phase=Phase.REPELLED), ENTERED)
    assert not news(replace(ENTERED, phase=Phase.ONGOING), ENTERED)


def test_edit_that_has_the_place_taken_is_news():
    assert news(replace(ENTERED, taken=True), ENTERED)
    assert not news(ENTERED, replace(ENTERED, taken=True))


def test_edit_that_has_the_whole_city_taken_is_news_after_a_part():
    whole = replace(ENTERED, taken=True)
    part = replace(whole, place=PART)
    assert news(whole, part)
    assert news(part, ENTERED)
    assert not news(part, whole)


def test_edit_of_an_item_without_claims_is_news():
    assert news(ENTERED)


def test_doubtful_events_are_dropped():
    assert confident([replace(ENTERED, confidence=0.4)], 0.5) == ()


def test_threat_beside_the_actual_thing_is_dropped():
    threat = replace(ENTERED, status=Status.THREATENED, phase=Phase.LAUNCHED)
    assert confident([threat, ENTERED], 0.5) == (ENTERED,)
    assert confident([threat], 0.5) == (threat,)


def told(event: Event, other: Event, *, firm: bool = False) -> bool:
    said = Alike(Likeness.REPEAT, "", replace(ITEM, id="first"), "story", (other,), firm)
    return is_told(event, said, ITEM)


def test_same_claim_of_the_same_place_or_of_none_was_told():
    assert told(ENTERED, ENTERED)
    assert told(replace(ENTERED, place=None), ENTERED)
    assert told(ENTERED, replace(ENTERED, place=None))


def test_city_taken_was_not_told_by_the_capture_of_a_part_of_it():
    whole = replace(ENTERED, taken=True)
    part = replace(whole, place=PART)
    assert not told(whole, part)
    assert not told(whole, part, firm=True)
    assert told(part, whole)
    assert told(replace(whole, place=None), part)


def test_capture_by_another_side_was_not_told():
    ours = replace(ENTERED, taken=True, attacker_id="sy-army")
    assert not told(replace(ours, attacker_id="hts"), ours, firm=True)
    assert told(replace(ours, attacker_id="sy"), ours)
    assert told(replace(ours, attacker_id=None, attacker="rebels"), ours)


def test_another_place_was_not_told_however_like_the_reports_are():
    assert not told(replace(ENTERED, place=OTHER), ENTERED)
    assert not told(replace(ENTERED, place=OTHER), ENTERED, firm=True)


def test_region_of_a_town_is_no_other_place_where_the_headline_adds_nothing():
    region = replace(ENTERED, place=Place("eastern Syria", precision=Precision.REGION))
    assert told(region, ENTERED, firm=True)
    assert told(ENTERED, region, firm=True)
    assert not told(region, ENTERED)
    assert not told(replace(region, country="IQ"), ENTERED, firm=True)


def test_another_phase_was_told_only_by_a_headline_that_adds_nothing_and_is_no_graver():
    repelled = replace(ENTERED, phase=Phase.REPELLED)
    assert not told(repelled, ENTERED)
    assert not told(repelled, ENTERED, firm=True)
    goes_on = Event(Kind.SIEGE, Phase.ONGOING, Status.ACTUAL, place=TOWN, country="SY")
    assert not told(replace(goes_on, phase=Phase.BROKEN), goes_on, firm=True)
    assert not told(goes_on, replace(goes_on, status=Status.THREATENED), firm=True)
    assert not told(replace(ENTERED, taken=True), ENTERED, firm=True)
    assert not told(goes_on, ENTERED, firm=True)
