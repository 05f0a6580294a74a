"""Detection on a real store: each item decided once, repeats silent, one story for one place, whoever works."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from reports import BESIEGED, ENTERED, MONTH, NOW, TAKEN, Table, admit, changes, detector, item

from siegewatch.detect.detector import Detector
from siegewatch.domain.event import Place
from siegewatch.domain.ledger import fights
from siegewatch.domain.taxonomy import Change, Outcome, Phase, Status
from siegewatch.store.archive import NoArchive
from siegewatch.store.items import Candidate, ItemStore
from siegewatch.store.stories import StoryStore


def outcomes(items: ItemStore, table: Table) -> list[Outcome]:
    done = detector(items, table).step()
    return [one.ruling.outcome for one in sorted(done.decisions, key=lambda one: one.item.seen_at)]


def test_item_is_decided_once_and_leaves_the_queue(items):
    admit(items, item("Army enters Tal Rumman"))
    table = Table({"Army enters Tal Rumman": (ENTERED,)})
    assert outcomes(items, table) == [Outcome.NEW]
    assert items.queue.length() == 0
    assert [change.change for change in changes(items)] == [Change.OPENED]


def test_decorated_copy_is_a_repeat_and_never_read(items):
    table = Table({"Army enters Tal Rumman": (ENTERED,)})
    copies = [
        item("Army enters Tal Rumman"),
        item("ARMY ENTERS TAL RUMMAN", 1, outlet="Herald", feed="Herald"),
        item("BREAKING: Army enters ‘Tal Rumman’ - Reuters", 2, outlet="Herald", feed="Herald"),
        item("Army enters Tal Rumman | Herald", 3, outlet="Herald", feed="Herald"),
    ]
    for one in copies:
        admit(items, one)
        detector(items, table).step()
    assert table.asked == ["Army enters Tal Rumman"]
    assert len(changes(items)) == 1
    assert items.record(copies[3].id).ruling.repeat_of == copies[0].id


def test_signed_headline_is_known_again_after_its_signature_was_learned(items):
    titles = [f"Column {name} leaves the city of Homs - The Marsa Gazette" for name in ("one", "two", "three", "four")]
    for number, title in enumerate([*titles, titles[0], titles[3].removesuffix(" - The Marsa Gazette")]):
        admit(items, item(title, number, feed="gazette", outlet="gazette"))
        decided = outcomes(items, Table({}))
        assert decided == [Outcome.NEW if number < 4 else Outcome.REPEAT], title


def test_copies_in_one_batch_are_told_once(items):
    table = Table(dict.fromkeys(["Army enters Tal Rumman", "ARMY ENTERS TAL RUMMAN"], (ENTERED,)))
    admit(items, item("Army enters Tal Rumman"), item("ARMY ENTERS TAL RUMMAN", 1))
    assert sorted(outcomes(items, table)) == [Outcome.NEW, Outcome.REPEAT]
    assert len(changes(items)) == 1


def test_second_outlet_in_other_words_tells_nothing_new(items):
    table = Table({"Army enters Tal Rumman": (ENTERED,), "Troops storm into Tal Rumman town": (ENTERED,)})
    admit(items, item("Army enters Tal Rumman"), item("Troops storm into Tal Rumman town", 5, outlet="Herald"))
    assert outcomes(items, table) == [Outcome.NEW, Outcome.UPDATE]
    assert len(changes(items)) == 1
    story = StoryStore(items.store, MONTH).recent(5)[0]
    assert set(story.outlets) == {"Courier", "Herald"}
    assert story.items == 2


def test_one_item_with_two_events_of_a_place_is_one_change(items):
    admit(items, item("Army enters Tal Rumman and rings it"))
    detector(items, Table({"Army enters Tal Rumman and rings it": (ENTERED, BESIEGED)})).step()
    told = changes(items)
    assert len(told) == 1
    assert [event.phase for event in told[0].events] == [Phase.IMPOSED, Phase.ADVANCE], "the gravest first"


def test_store_that_has_forgotten_the_scripts_is_taught_them_again(items, raw):
    raw.script_flush()
    admit(items, item("Army enters Tal Rumman"), item("Council meets in Homs", 1))
    assert outcomes(items, Table({})) == [Outcome.NEW, Outcome.NEW]


def test_records_are_found_by_the_id_of_each_wording(items):
    first = item("Army enters Tal Rumman")
    for number in range(12):
        edit = replace(first, title=f"Army enters Tal Rumman, hour {number}", seen_at=NOW + timedelta(hours=number))
        items.admit([Candidate((first.id,), edit.title, edit)])
        detector(items, Table({})).step()
    recent = items.recent(20)
    assert len(recent) == 12
    assert [items.record(one.item.id) for one in recent] == recent
    assert items.record(first.id).item.title.endswith("hour 0")
    assert items.record("no such item") is None


def test_next_phase_of_a_story_is_a_change(items):
    table = Table({"Army enters Tal Rumman": (ENTERED,), "Army captures Tal Rumman": (TAKEN,)})
    admit(items, item("Army enters Tal Rumman"), item("Army captures Tal Rumman", 60))
    detector(items, table).step()
    assert [change.change for change in changes(items)] == [Change.OPENED, Change.PHASE]


def test_late_item_is_remembered_and_not_told(items):
    admit(items, replace(item("Army enters Tal Rumman"), late=True))
    assert outcomes(items, Table({"Army enters Tal Rumman": (ENTERED,)})) == [Outcome.OLD]
    assert changes(items) == []


def test_fresh_copy_of_a_late_item_is_told(items):
    table = Table({"Army enters Tal Rumman": (ENTERED,)})
    admit(items, replace(item("Army enters Tal Rumman"), late=True), item("Army enters Tal Rumman", 1, feed="Herald"))
    assert outcomes(items, table) == [Outcome.OLD, Outcome.NEW]
    assert len(changes(items)) == 1


def test_edit_that_changes_no_fact_is_silent_and_one_that_does_is_told(items):
    table = Table(
        {
            "Army enters Tal Rumman": (ENTERED,),
            "Army enters Tal Rumman, residents flee": (replace(ENTERED, place=None),),
            "Army captures Tal Rumman": (TAKEN,),
        }
    )
    first = item("Army enters Tal Rumman")
    for minutes, title in enumerate(table.events):
        edit = replace(first, title=title, seen_at=NOW + timedelta(minutes=minutes))
        items.admit([Candidate((first.id,), title, edit)])
        detector(items, table).step()
    assert [change.item.title for change in changes(items)] == ["Army enters Tal Rumman", "Army captures Tal Rumman"]


def test_edit_that_changes_the_toll_alone_is_an_update(items):
    first = item("Assault on Tal Rumman kills six")
    table = Table(dict.fromkeys([first.title, "Assault on Tal Rumman kills nine"], (ENTERED,)))
    for minutes, title in enumerate((*table.events, "Assault on Tal Rumman leaves nine dead")):
        table.events = {**table.events, title: (ENTERED,)}
        items.admit(
            [Candidate((first.id,), title, replace(first, title=title, seen_at=NOW + timedelta(minutes=minutes)))]
        )
    assert outcomes(items, table) == [Outcome.NEW, Outcome.UPDATE, Outcome.REPEAT]
    assert [change.change for change in changes(items)] == [Change.OPENED, Change.TOLL]


def test_workers_lose_no_source_of_a_toll(items):
    titles = [f"Column {number} enters Tal Rumman, kills {number + 2}" for number in range(24)]
    table = Table(dict.fromkeys(titles, (ENTERED,)))
    admit(items, *(item(title, number, outlet=f"outlet {number}") for number, title in enumerate(titles)))
    workers = [detector(items, table, f"worker {number}") for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_all, workers))
    [story] = StoryStore(items.store, MONTH).recent(10)
    [killed] = fights(story)[0].tolls
    assert (killed.least, killed.most, len(killed.sources)) == (2, 25, 24)


def test_items_are_kept_before_what_they_lead_to_is_stored(items):
    kept = []

    class Shelf(NoArchive):
        def keep(self, batch):
            kept.append(([one.title for one in batch], items.queue.length()))

    admit(items, item("Army enters Tal Rumman"), item("ARMY ENTERS TAL RUMMAN", 1))
    table = Table(dict.fromkeys(["Army enters Tal Rumman", "ARMY ENTERS TAL RUMMAN"], (ENTERED,)))
    replace(detector(items, table), archive=Shelf()).step()
    assert kept == [(["Army enters Tal Rumman", "ARMY ENTERS TAL RUMMAN"], 2)], "once, though decided in two rounds"


def test_edit_of_the_lead_alone_is_read(items):
    first = item("Fighting for Tal Rumman goes on")
    table = Table({})
    items.admit([Candidate((first.id,), "w1", first)])
    detector(items, table).step()
    items.admit([Candidate((first.id,), "w2", replace(first, summary="The army has taken it."))])
    table.events = {first.title: (TAKEN,)}
    assert outcomes(items, table) == [Outcome.UPDATE]
    assert len(changes(items)) == 1


def test_edit_of_the_item_that_opened_a_story_long_over_opens_another(items):
    first = item("Army enters Tal Rumman")
    table = Table({"Army enters Tal Rumman": (ENTERED,), "Army enters Tal Rumman again": (TAKEN,)})
    items.admit([Candidate((first.id,), "w1", first)])
    detector(items, table).step()
    later = replace(first, title="Army enters Tal Rumman again", seen_at=NOW + timedelta(days=20))
    items.admit([Candidate((first.id,), "w2", later)])
    detector(items, table).step()
    assert [change.change for change in changes(items)] == [Change.OPENED, Change.OPENED]


def test_change_is_told_of_the_story_that_it_changes(items):
    other = replace(BESIEGED, place=Place("Jisr", 35.3, 40.1, 999_002), status=Status.THREATENED)
    table = Table({"Army takes Tal Rumman": (TAKEN,), "Army, in Tal Rumman, is to ring Jisr": (TAKEN, other)})
    for title in table.events:
        admit(items, item(title))
        detector(items, table).step()
    first, second = changes(items)
    assert (first.story.place.name, second.story.place.name) == ("Tal Rumman", "Jisr")
    assert [event.place.name for event in second.events] == ["Jisr"]


def test_items_of_one_story_in_a_batch_are_decided_in_their_order(items):
    titles = [f"Column {number} enters Tal Rumman" for number in range(5)]
    table = Table(dict.fromkeys(titles, (ENTERED,)))
    admit(items, *(item(title, number) for number, title in enumerate(titles)))
    done = detector(items, table).step().decisions
    assert [decision.item.title for decision in done] == titles


def test_two_workers_keep_one_story_one(items):
    titles = [f"Column {number} enters Tal Rumman" for number in range(40)]
    table = Table(dict.fromkeys(titles, (ENTERED,)))
    admit(items, *(item(title, number) for number, title in enumerate(titles)))
    workers = [detector(items, table, f"worker {number}") for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = [one for batch in pool.map(lambda worker: _all(worker), workers) for one in batch]
    stories = StoryStore(items.store, MONTH).recent(10)
    assert len(done) == 40
    assert [story.items for story in stories] == [40]
    assert [change.change for change in changes(items)] == [Change.OPENED]


def _all(worker: Detector) -> list:
    done = []
    while batch := worker.items.queue.read(worker.consumer, count=5, block_seconds=0):
        done += worker.decide(batch).decisions
    return done


def test_item_left_by_a_dead_worker_is_decided_once(items):
    admit(items, item("Army enters Tal Rumman"))
    dead = items.queue.read("dead", count=1, block_seconds=0)
    table = Table({"Army enters Tal Rumman": (ENTERED,)})
    taken = list(items.queue.left_behind("two", most=9, idle_seconds=0))
    assert [one.deliveries for one in taken] == [2]
    assert len(detector(items, table, "two").decide(taken).decisions) == 1
    assert detector(items, table, "dead").decide(dead).decisions == (), "the one thought dead decides it no more"
    assert len(changes(items)) == 1


def test_item_that_kills_its_worker_costs_no_other_a_delivery(items):
    admit(items, *(item(f"Column {number} leaves", number) for number in range(4)))
    items.queue.read("dead", count=9, block_seconds=0)
    for _ in range(9):
        next(items.queue.left_behind("dies at once", most=9, idle_seconds=0))
    left = list(items.queue.left_behind("two", most=9, idle_seconds=0))
    assert [one.deliveries for one in left] == [11, 2, 2, 2]


def test_reader_goes_on_where_the_store_came_back_empty(items, raw):
    raw.flushall()
    worker = detector(items, Table({}))
    assert worker.step().handed == 0
    admit(items, item("Army enters Tal Rumman"))
    assert worker.step().handed == 1


def test_poison_is_buried_with_its_reason_and_blocks_nothing(items, raw):
    raw.xadd("t:items", {"edit_of": "", "wording": "w", "item": "no item at all"})
    admit(items, item("Army enters Tal Rumman"))
    items.queue.read("dead", count=9, block_seconds=0)
    worker = detector(items, Table({}), "two")
    decided = [len(worker.take_over(idle_seconds=0).decisions) for _ in range(6)]
    assert decided == [1, 0, 0, 0, 0, 0], "the sound one behind it is decided at once"
    buried = raw.xrange("t:items:dead")
    assert [fields[b"item"] for _, fields in buried] == [b"no item at all"]
    assert b"never decided" in buried[0][1][b"reason"]
    assert items.queue.length() == 0


def test_outlets_that_print_one_wire_are_one_source(items):
    titles = ["Army enters Tal Rumman", "Troops storm into town of Tal Rumman", "Tal Rumman: soldiers are in"]
    table = Table(dict.fromkeys(titles, (ENTERED,)))
    lead = "TAL RUMMAN (Reuters) - "
    outlets = ["Courier", "Herald", "Third"]
    for number, (title, outlet) in enumerate(zip(titles, outlets, strict=True)):
        report = replace(item(title, number, outlet=outlet), summary=lead * (outlet != "Third"))
        admit(items, report)
        detector(items, table).step()
    [story] = StoryStore(items.store, MONTH).recent(9)
    assert story.outlets == ("Courier", "Herald", "Third")
    assert [(one.name, one.outlets) for one in story.sources] == [
        ("Reuters", ("Courier", "Herald")),
        ("Third", ("Third",)),
    ]


def test_edit_that_names_the_place_of_what_it_said_before_is_silent_on_a_page_that_told_of_others(items):
    first = item("Fighting rages at the gates of Jisr")
    assault = replace(ENTERED, phase=Phase.LAUNCHED)
    events = {
        first.title: (replace(ENTERED, place=Place("Jisr", 35.3, 40.1, 999_002)),),
        "Army widens assault to hit base in the east": (replace(assault, place=None),),
        "Army widens assault to hit base near Tal Rumman in the east": (assault,),
    }
    for minutes, title in enumerate(events):
        edit = replace(first, title=title, seen_at=NOW + timedelta(minutes=minutes))
        items.admit([Candidate((first.id,), f"w{minutes}", edit)])
        detector(items, Table(events)).step()
    assert [change.item.title for change in changes(items)] == list(events)[:2]


def test_recap_opens_a_story_of_a_place_and_none_of_a_front(items):
    somewhere = replace(BESIEGED, place=None)
    admit(items, item("Day 10 of the war explained"))
    [decision] = detector(items, Table({"Day 10 of the war explained": (somewhere,)})).step().decisions
    assert (decision.ruling.outcome, decision.ruling.story, changes(items)) == (Outcome.NEW, None, [])
    admit(items, item("The siege of Tal Rumman explained", 5))
    detector(items, Table({"The siege of Tal Rumman explained": (BESIEGED,)})).step()
    assert [change.change for change in changes(items)] == [Change.OPENED]


def test_end_of_a_siege_in_the_words_of_its_beginning_is_told(items):
    titles = {"Army besieges rebels in Tal Rumman": BESIEGED}
    titles["Rebels break army siege of Tal Rumman"] = replace(BESIEGED, phase=Phase.BROKEN)
    table = Table({title: (event,) for title, event in titles.items()})
    for number, title in enumerate(titles):
        admit(items, item(title, 50 * number))
        detector(items, table).step()
    assert [change.change for change in changes(items)] == [Change.OPENED, Change.PHASE]


def told_of_hands(items: ItemStore, hours: dict[str, int]) -> list[Change]:
    """The changes by headlines that have the town taken, by the army or by rebels, so many hours after the first."""
    by = {title: "sy-army" if title.startswith("Army") else "hts" for title in hours}
    table = Table({title: (replace(TAKEN, attacker_id=side),) for title, side in by.items()})
    for title, hour in hours.items():
        admit(items, item(title, 60 * hour))
        detector(items, table).step()
    return [change.change for change in changes(items)]


def test_town_taken_back_is_told_again_in_nearly_the_first_words_when_it_is_lost_again(items):
    hours = {"Rebel fighters capture the garrison town of Tal Rumman": 0, "Army retakes Tal Rumman": 30}
    hours["Rebel fighters recapture the garrison town of Tal Rumman"] = 60
    hours["Rebel fighters recapture garrison town of Tal Rumman today"] = 61
    assert told_of_hands(items, hours) == [Change.OPENED, Change.PHASE, Change.PHASE]


def test_lagging_copy_of_a_town_that_was_taken_back_is_silent(items):
    hours = {"Rebel fighters capture the garrison town of Tal Rumman": 0, "Army retakes Tal Rumman": 5}
    hours["Rebel fighters recapture the garrison town of Tal Rumman"] = 6
    assert told_of_hands(items, hours) == [Change.OPENED, Change.PHASE]
