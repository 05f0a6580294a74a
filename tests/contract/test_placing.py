"""Merge and split on a real store: what was told of a front or a region gets its place, and rings once for that."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from reports import BESIEGED, ENTERED, MONTH, NOW, TAKEN, TOWN, Table, admit, changes, detector, item

from siegewatch.domain.event import Event, Place
from siegewatch.domain.item import Item
from siegewatch.domain.ledger import fights
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import Change, Outcome, Precision
from siegewatch.store.items import Candidate, ItemStore
from siegewatch.store.stories import StoryStore

CITY = replace(TOWN, precision=Precision.CITY)
PROVINCE = Place("Rumman province", 35.5, 40.5, 999_100, Precision.REGION)
VAGUE, CLOSE = "Army takes control of key city", "Army takes control of Tal Rumman"
CAPTURED = replace(TAKEN, place=CITY, attacker_id="sy-army")
FRONT = replace(CAPTURED, place=None)
SIDES = replace(FRONT, country=None, defender_id="islamic-state")
NAMELESS = replace(CAPTURED, place=Place("the key city"))
REGIONAL = replace(CAPTURED, place=PROVINCE)
OTHER = replace(CAPTURED, place=Place("Jisr", 35.3, 40.1, 999_002, Precision.CITY))


def reword(items: ItemStore, wordings: dict[str, tuple[Event, ...]], root: str = "page", minutes: int = 0) -> list:
    """What becomes of one item as its headline is edited, ten minutes apart."""
    done = []
    for number, title in enumerate(wordings):
        at = NOW + timedelta(minutes=minutes + 10 * number)
        wording = Item(root, title, "", NOW, at, outlet="Courier", feed="Courier")
        items.admit([Candidate((root,), title, wording)])
        done += detector(items, Table(wordings)).step().decisions
    return done


def report(items: ItemStore, title: str, event: Event, outlet: str = "Herald", minutes: int = 30):
    admit(items, item(title, minutes, outlet=outlet, feed=outlet))
    return detector(items, Table({title: (event,)})).step().decisions[0]


def stories(items: ItemStore) -> dict[str, Story]:
    return {story.key: story for story in StoryStore(items.store, MONTH).recent(9)}


def told(items: ItemStore) -> list[Change]:
    return [change.change for change in changes(items)]


@pytest.mark.parametrize(
    ("event", "key"), [(FRONT, "c:SY"), (SIDES, "s:islamicstate|syarmy"), (NAMELESS, "n:SY:thekeycity")]
)
def test_edit_that_names_the_place_merges_the_story_of_the_front_into_that_of_the_place(items, event, key):
    _, named = reword(items, {VAGUE: (event,), CLOSE: (CAPTURED,)})
    assert (named.ruling.outcome, named.ruling.change) == (Outcome.UPDATE, Change.PLACE)
    front, town = stories(items)[key], stories(items)["p:999001"]
    assert front.merged_into == town.id
    assert [origin.story for origin in town.merged_from] == [front.id]
    assert [(beat.item, beat.title) for beat in town.timeline] == [("page", VAGUE)], "as it was told first"
    assert (fights(front), len(fights(town)), town.items, town.outlets) == ((), 1, 1, ("Courier",))
    first, second = changes(items)
    assert (first.change, second.change, second.story.id) == (Change.OPENED, Change.PLACE, town.id)


def test_place_once_known_is_told_no_more(items):
    reword(items, {VAGUE: (FRONT,), CLOSE: (CAPTURED,), f"{CLOSE}, residents flee": (CAPTURED,)})
    report(items, "Tal Rumman has fallen, ministry declares", CAPTURED)
    report(items, "Government forces seize first big town", FRONT, "Third")
    report(items, VAGUE, FRONT, "Fourth", 40)
    assert told(items) == [Change.OPENED, Change.PLACE]


def test_what_the_story_of_the_place_has_told_is_told_no_more(items):
    report(items, "Tal Rumman has fallen, ministry declares", CAPTURED, minutes=-5)
    reword(items, {VAGUE: (FRONT,), CLOSE: (CAPTURED,)})
    assert told(items) == [Change.OPENED, Change.OPENED]
    town = stories(items)["p:999001"]
    assert stories(items)["c:SY"].merged_into == town.id
    assert town.timeline[0].outlets == ("Courier", "Herald")


def test_near_duplicate_that_names_the_place_merges_too(items):
    report(items, "Army takes control of key city after days of heavy fighting", FRONT, "Courier", 0)
    done = report(items, "Army takes control of key city of Tal Rumman after days of heavy fighting", CAPTURED)
    assert done.ruling.change == Change.PLACE
    town = stories(items)["p:999001"]
    assert (stories(items)["c:SY"].merged_into, town.outlets) == (town.id, ("Courier", "Herald"))
    assert told(items) == [Change.OPENED, Change.PLACE]


def test_copy_of_the_first_headline_counts_for_the_story_of_the_place(items):
    reword(items, {VAGUE: (FRONT,), CLOSE: (CAPTURED,)})
    report(items, VAGUE, FRONT, "Fourth", 40)
    assert stories(items)["p:999001"].timeline[0].outlets == ("Courier", "Fourth")


def test_correction_of_the_first_report_takes_the_step_back_where_it_is_now(items):
    reword(items, {VAGUE: (FRONT,), CLOSE: (CAPTURED,)})
    report(items, f"Correction: {VAGUE}", FRONT)
    assert stories(items)["p:999001"].timeline[0].retracted_by
    assert told(items)[-1] is Change.CORRECTED


def test_towns_of_a_region_get_stories_of_their_own_and_its_steps_stay(items):
    first = "Army launches assault in Rumman province after days of heavy fighting"
    report(items, first, REGIONAL, "Courier", 0)
    for outlet, town, event in (("Herald", "Tal Rumman", CAPTURED), ("Third", "Jisr", OTHER)):
        report(items, f"Army launches assault on {town} in Rumman province after days of heavy fighting", event, outlet)
    region = stories(items)["p:999100"]
    assert (region.merged_into, len(fights(region))) == (None, 1)
    assert {stories(items)[key].split_from.story for key in ("p:999001", "p:999002")} == {region.id}


def test_page_that_told_of_another_place_before_places_nothing(items):
    reword(items, {"Army takes Jisr": (OTHER,), VAGUE: (FRONT,), CLOSE: (CAPTURED,)})
    assert all(not story.merged_from for story in stories(items).values())


def test_place_named_a_day_later_moves_nothing(items):
    reword(items, {VAGUE: (FRONT,)})
    reword(items, {CLOSE: (CAPTURED,)}, minutes=24 * 60)
    assert stories(items)["c:SY"].merged_into is None


def test_another_step_of_the_front_stays_there(items):
    reword(items, {VAGUE: (FRONT,)})
    besieged = replace(BESIEGED, place=None)
    report(items, "Rebels ring a garrison in the east", besieged, "Third")
    reword(items, {CLOSE: (CAPTURED,)}, minutes=40)
    front = stories(items)["c:SY"]
    assert [bool(beat.moved_to) for beat in front.timeline] == [True, False]
    assert front.merged_into is None
    assert [fight.kind for fight in fights(front)] == ["siege"]


def test_workers_that_name_the_place_at_once_keep_both_stories_one(items):
    titles = {f"Army column {number} takes control of key city": (replace(FRONT, taken=False),) for number in range(12)}
    closer = {
        f"Army column {number} takes control of Tal Rumman": (replace(ENTERED, place=CITY),) for number in range(12)
    }
    for number, title in enumerate(titles):
        items.admit([Candidate((f"r{number}",), title, Item(f"r{number}", title, "", NOW, NOW, outlet=f"o{number}"))])
    detector(items, Table(titles)).step()
    for number, title in enumerate(closer):
        at = NOW + timedelta(minutes=number)
        items.admit([Candidate((f"r{number}",), title, Item(f"r{number}", title, "", NOW, at, outlet=f"o{number}"))])
    workers = [detector(items, Table(closer), f"w{number}") for number in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_all, workers))
    found = stories(items)
    assert set(found) == {"c:SY", "p:999001"}
    assert found["c:SY"].merged_into == found["p:999001"].id
    assert len(found["p:999001"].outlets) == 12
    assert sorted(told(items)) == [Change.OPENED, Change.PLACE]


def _all(worker) -> None:
    while batch := worker.items.queue.read(worker.consumer, count=3, block_seconds=0):
        worker.decide(batch)
