"""Repeats on a real store: each outlet that prints a told report is known to tell the story, and nothing rings."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from reports import BESIEGED, ENTERED, MONTH, TAKEN, Table, admit, changes, detector, item

from siegewatch.domain.item import Item
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import Change, Outcome
from siegewatch.store.items import Candidate, ItemStore
from siegewatch.store.stories import StoryStore

TITLE = "Army enters Tal Rumman"
LEAD = "Armoured columns rolled past burning orchards into the market square before dawn, witnesses and officials said."
OTHER_LEAD = "Residents phoned relatives about soldiers searching houses near the hospital; shops stayed shut."


def decide(items: ItemStore, *reports: Item, events=None) -> None:
    for report in reports:
        admit(items, report)
        detector(items, Table(events or {TITLE: (ENTERED,)})).step()


def copy(outlet: str, minutes: int, title: str = TITLE, **more) -> Item:
    return item(title, minutes, outlet=outlet, feed=outlet, **more)


def story(items: ItemStore) -> Story:
    [found] = StoryStore(items.store, MONTH).recent(9)
    return found


def sources(items: ItemStore) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.name, one.outlets) for one in story(items).sources]


@pytest.mark.parametrize("title", [TITLE, f"BREAKING: {TITLE.upper()}", "Army enters Tal Rumman town"])
def test_copy_in_another_outlet_adds_that_outlet_to_story_and_step_and_rings_nobody(items, title):
    decide(items, copy("Courier", 0), copy("Herald", 5, title))
    found = story(items)
    assert found.outlets == ("Courier", "Herald")
    assert [beat.outlets for beat in found.timeline] == [("Courier", "Herald")]
    assert (found.timeline[0].sources, found.items) == (("Courier",), 1), "of one text"
    assert [change.change for change in changes(items)] == [Change.OPENED]
    record = items.record(copy("Herald", 5, title).id)
    assert (record.ruling.outcome, record.ruling.story) == (Outcome.REPEAT, found.id)


def test_copies_of_a_wire_are_one_source(items):
    first = replace(copy("Courier", 0), summary=f"TAL RUMMAN (Reuters) - {LEAD}")
    decide(items, first, *(replace(first, id=name, outlet=name, feed=name) for name in ("Herald", "Third")))
    assert sources(items) == [("Reuters", ("Courier", "Herald", "Third"))]
    assert story(items).timeline[0].sources == ("Reuters",)


def test_outlet_with_a_lead_of_its_own_under_the_same_headline_is_a_source_of_its_own(items):
    decide(items, *(replace(copy(name, 0), summary=lead) for name, lead in (("Courier", LEAD), ("Herald", OTHER_LEAD))))
    assert [name for name, _ in sources(items)] == ["Courier", "Herald"]
    assert story(items).timeline[0].sources == ("Courier", "Herald")


def test_lead_that_is_cut_short_is_no_lead_of_its_own(items):
    cut = " ".join(LEAD.split()[:12])
    decide(items, replace(copy("Courier", 0), summary=LEAD), replace(copy("Herald", 1), summary=cut))
    assert sources(items) == [("Courier", ("Courier", "Herald"))]


def test_copy_adds_its_outlet_to_the_step_that_it_tells(items):
    events = {TITLE: (ENTERED,), "Army captures Tal Rumman": (TAKEN,)}
    decide(
        items,
        copy("Courier", 0),
        copy("Courier", 300, "Army captures Tal Rumman"),
        copy("Herald", 310, "Army captures Tal Rumman"),
        events=events,
    )
    assert [beat.outlets for beat in story(items).timeline] == [("Courier",), ("Courier", "Herald")]


def test_copy_in_an_outlet_that_is_known_stores_no_story(items):
    decide(items, copy("Courier", 0), copy("Herald", 5))
    before = story(items)
    decide(items, copy("Herald", 9, f"UPDATE 1-{TITLE}"), copy("Courier", 9, f"WATCH: {TITLE}"))
    assert story(items) == before


def test_copy_that_is_too_old_to_ring_adds_nobody(items):
    decide(items, copy("Courier", 0), replace(copy("Herald", 5), late=True))
    assert story(items).outlets == ("Courier",)


def test_copy_of_an_edited_headline_adds_its_outlet_to_what_the_edit_told(items):
    first = copy("Courier", 0)
    table = Table({TITLE: (ENTERED,), "Army captures Tal Rumman": (TAKEN,)})
    for title in table.events:
        items.admit([Candidate((first.id,), title, replace(first, title=title))])
        detector(items, table).step()
    decide(items, copy("Herald", 9, "Army captures Tal Rumman"))
    assert [beat.outlets for beat in story(items).timeline] == [("Courier",), ("Courier", "Herald")]


def test_paraphrase_whose_place_is_not_read_adds_its_outlet_to_the_story_it_tells(items):
    events = {TITLE: (ENTERED,), "Army enters Tal Rumman, sources say": (replace(ENTERED, place=None),)}
    decide(items, copy("Courier", 0), copy("Herald", 5, "Army enters Tal Rumman, sources say"), events=events)
    assert story(items).outlets == ("Courier", "Herald")


def test_copies_in_one_batch_and_by_several_workers_are_all_counted(items):
    names = [f"outlet {number}" for number in range(40)]
    admit(items, *(copy(name, number) for number, name in enumerate(names)))
    workers = [detector(items, Table({TITLE: (ENTERED,)}), f"worker {number}") for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_all, workers))
    assert set(story(items).outlets) == set(names)
    assert len(story(items).sources) == 1
    assert len(story(items).timeline[0].outlets) == 12, "a step keeps so many"
    assert [change.change for change in changes(items)] == [Change.OPENED]


def _all(worker) -> None:
    while batch := worker.items.queue.read(worker.consumer, count=7, block_seconds=0):
        worker.decide(batch)


def test_correction_takes_back_what_only_copies_of_it_tell(items):
    events = {"Rebels besiege the town of Tal Rumman": (BESIEGED,)}
    told = "Rebels besiege the town of Tal Rumman"
    correction = copy("Courier", 60, f"Correction: {told}")
    decide(items, copy("Courier", 0, told), copy("Herald", 5, told), correction, events=events)
    assert story(items).outlets == ("Courier", "Herald")
    assert story(items).timeline[0].retracted_by
