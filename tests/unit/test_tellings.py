"""How an item tells: what is a recap, what is held and not taken, what began before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.detect.stories import story_key, tell
from siegewatch.detect.tellings import is_recap, is_state
from siegewatch.domain.event import Event, Evidence, Place
from siegewatch.domain.item import Item
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import Change, Kind, Phase, Precision, Status

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
"""A Friday."""

TOWN = Place("Tal Rumman", 35.1, 40.2, 999_001, Precision.CITY)
LAUNCHED = Event(Kind.OFFENSIVE, Phase.LAUNCHED, Status.ACTUAL, attacker="rebels", place=TOWN, country="SY")
TAKEN = replace(LAUNCHED, phase=Phase.ADVANCE, taken=True)
BESIEGED = replace(LAUNCHED, kind=Kind.SIEGE, phase=Phase.IMPOSED)


def item(title: str, hours: float = 0, summary: str = "") -> Item:
    at = NOW + timedelta(hours=hours)
    return Item(f"{title}{hours}", title, summary, at, at, outlet="Courier")


def story(*reports: tuple[Event, Item]) -> Story:
    told = None
    for event, report in reports:
        told = tell(told, story_key(event, report), [event], report).story
    assert told
    return told


def change(running: Story, event: Event, report: Item) -> Change:
    return tell(running, running.key, [event], report).change


@pytest.mark.parametrize(
    "title",
    [
        "Day three of the war explained",
        "Day 5: Tracking the offensive in maps",
        "Siege of Tal Rumman: What we know",
        "What happened on day 17",
        "The war in Syria: a timeline",
        "Tal Rumman at a glance",
    ],
)
def test_recap_is_known_by_its_headline(title):
    assert is_recap(item(title))


@pytest.mark.parametrize(
    "title", ["Rebels enter Tal Rumman", "Day 5 of siege: Tal Rumman falls", "Army seizes maps of rebel positions"]
)
def test_news_is_no_recap(title):
    assert not is_recap(item(title))


def test_recap_changes_nothing_in_a_running_story_and_may_open_one():
    recap = item("The battle for Tal Rumman explained", 30)
    running = story((LAUNCHED, item("Rebels attack Tal Rumman")))
    assert change(running, TAKEN, recap) is Change.NONE
    assert not any(beat.taken for beat in tell(running, running.key, [TAKEN], recap).story.timeline)
    assert tell(None, running.key, [TAKEN], recap).change is Change.OPENED


def test_recap_tells_of_a_siege_that_the_story_has_not():
    recap = item("The battle for Tal Rumman explained", 30)
    assert change(story((LAUNCHED, item("Rebels attack Tal Rumman"))), BESIEGED, recap) is Change.PHASE


def state(event: Event, report: Item, field: str, words: str) -> bool:
    text = report.title if field == "title" else report.summary
    start = text.index(words)
    return is_state(replace(event, evidence=(Evidence(field, start, start + len(words), words),)), report)


def test_place_that_remains_in_hands_is_not_taken():
    assert state(TAKEN, item("Tal Rumman remains in government hands"), "title", "remains in government hands")
    still = item("Cities on alert", summary="Outposts in the north are still under army control.")
    assert state(TAKEN, still, "summary", "under army control")


def test_advance_that_remains_stalled_is_not_repelled_now():
    stalled = item("Advance on Tal Rumman remains stalled")
    assert state(replace(LAUNCHED, phase=Phase.REPELLED), stalled, "title", "Advance on Tal Rumman remains stalled")
    assert not state(replace(LAUNCHED, phase=Phase.ONGOING), stalled, "title", "Advance on Tal Rumman remains stalled")


def test_place_that_is_taken_while_another_is_held_is_taken():
    both = item("Rebels seize Tal Rumman, Jisr remains in government hands")
    assert not state(TAKEN, both, "title", "Rebels seize Tal Rumman")


def test_beginning_before_the_last_step_is_no_news():
    running = story((replace(LAUNCHED, phase=Phase.ADVANCE), item("Rebels near Tal Rumman", -20)))
    lead = "Rebels launched their offensive on Tal Rumman on Monday and are in its suburbs."
    assert change(running, LAUNCHED, item("Five days of war", summary=lead)) is Change.NONE
    ended = story((replace(LAUNCHED, phase=Phase.ENDED), item("Rebels give up", -20 * 24)))
    assert change(replace(ended, changed_at=NOW), LAUNCHED, item("War is back", summary=lead)) is Change.PHASE


def test_threat_to_begin_what_goes_on_is_no_news():
    running = story((replace(LAUNCHED, phase=Phase.ADVANCE), item("Rebels near Tal Rumman", -5 * 24)))
    threat = replace(LAUNCHED, status=Status.THREATENED)
    assert change(running, threat, item("Rebels prepare assault on Tal Rumman")) is Change.NONE
    assert change(running, threat, item("Rebels prepare assault on Tal Rumman", 4 * 24)) is Change.PHASE
    over = story((replace(LAUNCHED, phase=Phase.REPELLED), item("Rebels driven from Tal Rumman", -5 * 24)))
    assert change(over, threat, item("Rebels prepare assault on Tal Rumman")) is Change.PHASE


def test_who_holds_a_place_does_not_besiege_it():
    running = story((TAKEN, item("Rebels take Tal Rumman", -20)))
    report = item("Rebels besiege cities, Tal Rumman in their hands")
    told = tell(running, running.key, [BESIEGED], report)
    assert told.change is Change.NONE
    assert told.story.siege_days(NOW) is None
    assert change(running, replace(BESIEGED, attacker="army"), report) is Change.PHASE


def test_one_site_by_two_names_is_one_place():
    plant = Place("Marsa", 51.389, 30.099, precision=Precision.SITE)
    other = replace(plant, name="Marsa nuclear power plant")
    keys = {story_key(replace(LAUNCHED, place=place), item("t")) for place in (plant, other)}
    assert len(keys) == 1
    assert story_key(replace(LAUNCHED, place=replace(plant, lat=50.0)), item("t")) not in keys


def test_state_and_its_army_are_one_side():
    by_state = replace(TAKEN, attacker_id="ru")
    running = story((by_state, item("Russia takes Tal Rumman", -50)))
    assert change(running, replace(TAKEN, attacker_id="ru-army"), item("March in Tal Rumman")) is Change.NONE
    assert change(running, replace(TAKEN, attacker_id="ua-army"), item("Ukraine takes Tal Rumman")) is Change.PHASE
