"""Whether a report names the place of what was told before, and what moves then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.detect.placing import placed
from siegewatch.detect.stories import Told, story_key, tell
from siegewatch.domain.event import Event, Place
from siegewatch.domain.item import Item
from siegewatch.domain.story import Alike, Known, Source, Story
from siegewatch.domain.taxonomy import Change, Kind, Likeness, Phase, Precision, Status

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOWN = Place("Tal Rumman", 35.1, 40.2, 999_001, Precision.CITY)
FRONT = Event(Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, country="SY", taken=True)
CLOSE = replace(FRONT, place=TOWN)
FIRST = Item("first", "Army takes key city", "", NOW, NOW, outlet="Courier")
COURIER = Source("Courier", ("Courier",))


def front(event: Event = FRONT) -> Story:
    return tell(None, story_key(event, FIRST), [event], FIRST, COURIER).story


def naming(hours: float = 1, *, edit: bool = True) -> Item:
    at = NOW + timedelta(hours=hours)
    return Item("first.1", "Army takes Tal Rumman", "", at, at, outlet="Courier", edit_of="first" if edit else None)


def name(
    event: Event = CLOSE, item: Item | None = None, before: Story | None = None, said: Event = FRONT, **known
) -> list[Told]:
    item, before, key = item or naming(), before or front(said), story_key(event, FIRST)
    alike = Alike(Likeness.REPEAT, "", FIRST, before.id, (said,))
    told = tell(None, key, [event], item, COURIER)
    stories = {before.key: before, key: None}
    return placed([told], {key: [event]}, item, Known(stories=stories, alike=alike, **known))


def test_step_moves_with_who_told_it_and_the_change_is_its_place():
    town, before = name()
    assert (town.change, town.placed) == (Change.PLACE, (CLOSE,))
    assert town.story.timeline[0].item == "first"
    assert (town.story.opened_at, town.story.sources) == (NOW, (COURIER,))
    assert before.story.merged_into == town.story.id
    assert before.story.version == front().version + 1


@pytest.mark.parametrize(
    "event",
    [
        replace(CLOSE, phase=Phase.REPELLED, taken=False),
        replace(CLOSE, taken=False),
        replace(CLOSE, status=Status.THREATENED),
        replace(CLOSE, place=replace(TOWN, precision=Precision.REGION)),
        replace(CLOSE, place=Place("a town of no map", precision=Precision.CITY)),
    ],
)
def test_another_step_or_another_vague_place_moves_nothing(event):
    [town] = name(event)
    assert (town.change, town.story.merged_from) == (Change.OPENED, ())


def test_what_was_told_long_ago_does_not_move():
    assert len(name(item=naming(19))) == 1


def test_what_has_moved_does_not_move_again():
    _, before = name()
    assert len(name(before=before.story)) == 1


def test_what_was_taken_back_does_not_move():
    story = front()
    taken_back = replace(story, timeline=(replace(story.timeline[0], retracted_by="x"),))
    assert len(name(before=taken_back)) == 1


def test_step_that_another_report_opened_does_not_move():
    story = front()
    others = replace(story, timeline=(replace(story.timeline[0], item="other"),))
    assert len(name(before=others)) == 1


def test_edits_that_told_of_another_place_move_nothing():
    assert len(name(facts=frozenset({"offensive/advance/actual/p:5/taken"}))) == 1
    assert len(name(facts=frozenset({"offensive/advance/actual/c:SY/taken"}))) == 2


def test_region_keeps_its_step_and_the_town_says_where_it_came_from():
    region = replace(FRONT, place=Place("Rumman province", 35.5, 40.5, 999_100, Precision.REGION))
    [town] = name(said=region)
    assert town.change is Change.PLACE
    assert town.story.split_from.story == front(region).id
    assert town.story.merged_from == ()
