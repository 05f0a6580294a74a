"""What one report changes in a story: phases, lagging outlets, threats, sides."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.detect.stories import story_key, tell
from siegewatch.domain.event import Event, Place
from siegewatch.domain.item import Item
from siegewatch.domain.ledger import fights
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import Change, Kind, Phase, Precision, Status

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOWN = Place("Tal Rumman", 35.1, 40.2, 999_001, Precision.CITY)
OFFENSIVE = {Phase.LAUNCHED, Phase.ADVANCE, Phase.REPELLED, Phase.ENDED}


def event(phase: Phase, *, kind: Kind | None = None, status: Status = Status.ACTUAL, **more) -> Event:
    kind = kind or (Kind.OFFENSIVE if phase in OFFENSIVE else Kind.SIEGE)
    return Event(kind, phase, status, **({"place": TOWN, "country": "SY"} | more))


def item(hours: float = 0, outlet: str = "Courier") -> Item:
    at = NOW + timedelta(hours=hours)
    return Item(f"i{hours}", "title", "", at, at, outlet=outlet)


def story_of(*steps: tuple[float, Event]) -> Story:
    story = None
    for hours, happened in steps:
        story = tell(story, "p:999001", [happened], item(hours)).story
    return story


def change(story: Story, happened: Event, hours: float) -> Change:
    return tell(story, "p:999001", [happened], item(hours)).change


def test_first_report_opens_a_story():
    told = tell(None, "p:999001", [event(Phase.ADVANCE)], item())
    assert told.change is Change.OPENED
    assert told.story.version == 1
    assert told.story.title == "The fight for Tal Rumman, SY"
    assert [beat.phase for beat in told.story.timeline] == [Phase.ADVANCE]


def test_same_phase_again_changes_nothing():
    assert change(story_of((0, event(Phase.ADVANCE))), event(Phase.ADVANCE), 30) is Change.NONE


@pytest.mark.parametrize("phase", [Phase.REPELLED, Phase.ENDED, Phase.ADVANCE])
def test_next_phase_is_a_change(phase):
    assert change(story_of((0, event(Phase.LAUNCHED))), event(phase), 5) is Change.PHASE


def test_ongoing_after_launched_is_no_news():
    ongoing = event(Phase.ONGOING, kind=Kind.OFFENSIVE)
    assert change(story_of((0, event(Phase.LAUNCHED))), ongoing, 90) is Change.NONE


def test_siege_in_a_running_offensive_is_a_change():
    assert change(story_of((0, event(Phase.ADVANCE))), event(Phase.IMPOSED), 5) is Change.PHASE


def test_lagging_outlet_does_not_turn_the_story_back():
    story = story_of((0, event(Phase.IMPOSED)), (10, event(Phase.BROKEN)))
    assert change(story, event(Phase.IMPOSED), 17) is Change.NONE
    assert change(story, event(Phase.ONGOING), 17) is Change.NONE


def test_another_capture_on_a_front_is_a_change_once_the_first_is_no_longer_reported():
    falls = event(Phase.ADVANCE, place=None, taken=True, attacker="Army")
    story = story_of((0, falls), (5, falls))
    assert change(story, falls, 16) is Change.NONE
    assert change(story, falls, 18) is Change.PHASE


def test_same_captor_of_a_named_place_is_no_change_however_late():
    falls = event(Phase.ADVANCE, taken=True, attacker="Army")
    assert change(story_of((0, falls)), falls, 60) is Change.NONE


def test_siege_imposed_again_later_is_a_change():
    story = story_of((0, event(Phase.IMPOSED)), (20, event(Phase.BROKEN)))
    assert change(story, event(Phase.IMPOSED), 20 + 49) is Change.PHASE


def test_report_older_than_the_last_one_does_not_begin_the_fight_anew():
    story = story_of((60, event(Phase.BROKEN)))
    assert change(story, event(Phase.IMPOSED), 0) is Change.NONE
    assert change(story, event(Phase.FALLEN), 59) is Change.PHASE


def test_place_taken_is_a_change_even_while_advancing():
    assert change(story_of((0, event(Phase.ADVANCE))), event(Phase.ADVANCE, taken=True), 1) is Change.PHASE


def test_place_still_held_is_not_taken_again():
    taken = event(Phase.ADVANCE, taken=True, attacker="army", attacker_id="sy-army")
    story = story_of((0, taken), (49, taken))
    assert change(story, taken, 98) is Change.NONE
    assert len(story.timeline) == 1
    assert story.timeline[0].last_at == NOW + timedelta(hours=49)


def test_place_taken_by_the_other_side_changes_hands():
    story = story_of((0, event(Phase.ADVANCE, taken=True, attacker="army", attacker_id="sy-army")))
    back = event(Phase.ADVANCE, taken=True, attacker="IS", attacker_id="islamic-state")
    assert change(story, back, 5) is Change.PHASE
    assert change(story, event(Phase.ADVANCE, taken=True), 5) is Change.NONE, "unnamed: may be the same"


def test_threat_come_true_is_a_change_of_status():
    story = story_of((0, event(Phase.LAUNCHED, status=Status.THREATENED)))
    assert change(story, event(Phase.LAUNCHED), 10) is Change.STATUS


def test_threat_is_told_once():
    threat = event(Phase.BROKEN, status=Status.THREATENED)
    story = story_of((0, event(Phase.ONGOING)))
    assert change(story, threat, 1) is Change.PHASE
    assert change(story_of((0, event(Phase.ONGOING)), (1, threat)), threat, 20) is Change.NONE


def test_another_attacker_is_a_change_of_sides():
    story = story_of((0, event(Phase.ADVANCE, attacker="army", attacker_id="sy-army")))
    assert change(story, event(Phase.ADVANCE, attacker="IS", attacker_id="islamic-state"), 5) is Change.SIDES
    assert change(story, event(Phase.ADVANCE, attacker="troops"), 5) is Change.NONE


def test_who_was_attacked_and_gains_ground_turns_the_fight():
    story = story_of((0, event(Phase.ADVANCE, attacker_id="sy-army", defender_id="hts")))
    assert change(story, event(Phase.ADVANCE, attacker_id="hts"), 5) is Change.PHASE
    assert change(story, event(Phase.ADVANCE, attacker_id="sy-army"), 5) is Change.NONE


def test_attackers_beaten_back_and_defenders_gaining_ground_are_one_turn():
    story = story_of(
        (0, event(Phase.ADVANCE, attacker_id="sy-army", defender_id="hts")),
        (5, event(Phase.ADVANCE, attacker_id="hts")),
    )
    beaten = event(Phase.REPELLED, kind=Kind.OFFENSIVE, attacker_id="sy-army", defender_id="hts")
    assert change(story, beaten, 6) is Change.NONE


def test_advance_is_news_again_after_days_without_a_word_of_it():
    story = story_of((0, event(Phase.ADVANCE)))
    assert change(story, event(Phase.ADVANCE), 24) is Change.NONE
    assert change(story, event(Phase.ADVANCE), 24 * 5) is Change.PHASE


def test_siege_goes_on_without_news_after_people_were_let_out():
    story = story_of((0, event(Phase.IMPOSED)), (48, event(Phase.BROKEN)))
    told = tell(story, "p:999001", [event(Phase.ONGOING)], item(48 + 30))
    assert told.change is Change.NONE
    assert told.story.siege_days(item(48 + 30).seen_at) == 3
    assert change(told.story, event(Phase.FALLEN), 48 + 31) is Change.PHASE


def test_each_unnamed_village_of_a_region_is_taken_on_its_own_day():
    region = Place("Donetsk region", 48.0, 37.5, 999_002, Precision.REGION)
    taken = event(Phase.ADVANCE, place=region, country="UA", attacker_id="ru-army")
    story, changes = None, []
    reports = {
        0: "Army takes village in Donetsk region",
        2: "Village in Donetsk region taken",
        24: "Army takes another village in Donetsk region",
        50: "Donetsk region in the hands of the army",
    }
    for hours, title in reports.items():
        told = tell(story, "p:999002", [taken], replace(item(hours), title=title))
        story, _ = told.story, changes.append(told.change)
    assert changes == [Change.OPENED, Change.NONE, Change.PHASE, Change.NONE]
    assert fights(story)[0].ended_by is None, "a region is not taken with its villages"


def test_siege_broken_outright_is_news_after_aid_came_in():
    story = story_of((0, event(Phase.IMPOSED)), (24, event(Phase.BROKEN)))
    outright = replace(item(40), title="Army breaks siege of Tal Rumman")
    told = tell(story, "p:999001", [event(Phase.BROKEN)], outright)
    assert told.change is Change.PHASE
    again = replace(item(41), title="Siege of Tal Rumman lifted")
    assert tell(told.story, "p:999001", [event(Phase.BROKEN)], again).change is Change.NONE


def test_story_silent_for_two_weeks_is_followed_by_another():
    first = story_of((0, event(Phase.ADVANCE)))
    told = tell(first, "p:999001", [event(Phase.ADVANCE)], item(24 * 14 + 1))
    assert told.change is Change.OPENED
    assert told.story.id != first.id


def test_days_of_a_siege_count_from_its_first_report_until_it_ends():
    story = story_of((0, event(Phase.IMPOSED)), (48, event(Phase.ONGOING)))
    assert story.siege_days(NOW + timedelta(days=5, hours=3)) == 5
    assert tell(story, "k", [event(Phase.BROKEN)], item(60)).story.siege_days(NOW + timedelta(days=5)) is None


def test_outlets_are_counted_once_and_edits_are_no_further_items():
    story = story_of((0, event(Phase.ADVANCE)), (1, event(Phase.ADVANCE)))
    assert story.outlets == ("Courier",)
    assert story.items == 2


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        ({}, "p:999001"),
        ({"place": Place("Tal-Rummân")}, "n:SY:talrumman"),
        ({"place": None}, "c:SY"),
        ({"place": Place("Syria", precision=Precision.COUNTRY)}, "c:SY"),
        ({"place": None, "country": None, "attacker": "Army", "defender": "rebels"}, "s:army|rebels"),
        ({"place": None, "country": None}, "i:i0"),
    ],
)
def test_story_is_keyed_by_the_best_that_is_known(facts, key):
    assert story_key(event(Phase.ADVANCE, **facts), item()) == key
