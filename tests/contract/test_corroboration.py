"""Corroboration on a real store: told once a step, by sources and not by copies, whoever works."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from reports import ENTERED, MONTH, TAKEN, Table, admit, changes, detector, item

from siegewatch.domain.alert import Route
from siegewatch.domain.item import Item
from siegewatch.domain.story import Decision
from siegewatch.domain.taxonomy import Change, Outcome, Phase, Severity, Status
from siegewatch.notify.outbox import alert_for
from siegewatch.store.items import ItemStore
from siegewatch.store.stories import StoryStore

WORDINGS = [
    "Army enters Tal Rumman",
    "Soldiers storm into town at dawn",
    "Armoured column is inside Tal Rumman, mayor says",
    "Residents flee as troops pour in",
    "Government forces breach the last defences",
]
CAPTURED = [
    "Army captures Tal Rumman",
    "Tal Rumman has fallen, ministry declares",
    "Flag raised over town hall as rebels leave for good",
]
EVENTS = dict.fromkeys(WORDINGS, (ENTERED,)) | dict.fromkeys(CAPTURED, (TAKEN,))


def report(number: int, title: str | None = None, **more) -> Item:
    name = f"outlet {number}"
    return item(title or WORDINGS[number], number, outlet=name, feed=name, **more)


def decide(items: ItemStore, *reports: Item, enough: int = 3) -> list[Decision]:
    found = []
    for one in reports:
        admit(items, one)
        worker = replace(detector(items, Table(EVENTS)), corroborated_by=enough)
        found += worker.step().decisions
    return found


def told(items: ItemStore) -> list[Change]:
    return [change.change for change in changes(items)]


def test_third_source_of_a_step_corroborates_it_and_no_later_one(items):
    done = decide(items, *map(report, range(5)))
    assert [one.ruling.change for one in done] == ["opened", "none", "corroborated", "none", "none"]
    first, third = changes(items)
    assert (first.change, third.change) == (Change.OPENED, Change.CORROBORATED)
    assert "told by 3 independent outlets: outlet 0, outlet 1, outlet 2" in done[2].ruling.steps
    assert third.story.timeline[0].corroborated_by == done[2].item.id


def test_alert_is_of_severity_watch_says_who_they_are_and_can_be_left_out_by_a_route(items):
    decide(items, *map(report, range(3)))
    change = changes(items)[1]
    routes = [Route({"severity": ("flash", "update")}, ("desk",), continues=True), Route({}, ("console",))]
    alert = alert_for(change, routes)
    assert (alert.severity, alert.channels) == (Severity.WATCH, ("console",))
    assert alert.reason == "3 independent outlets now tell it: outlet 0, outlet 1, outlet 2."


def test_next_step_is_corroborated_on_its_own(items):
    steps = [report(number, title) for number, title in enumerate(CAPTURED, start=10)]
    decide(items, *map(report, range(3)), *steps)
    assert told(items) == [Change.OPENED, Change.CORROBORATED, Change.PHASE, Change.CORROBORATED]


def test_late_word_of_an_earlier_step_corroborates_nothing(items):
    decide(items, report(0), report(1), report(10, CAPTURED[0]), report(2), report(3), report(4))
    assert told(items) == [Change.OPENED, Change.PHASE]


def test_who_tells_of_an_advance_does_not_corroborate_that_the_place_is_taken(items):
    decide(items, report(10, CAPTURED[0]), *map(report, range(4)))
    assert told(items) == [Change.OPENED]


def test_copies_corroborate_nothing(items):
    decide(items, *(report(number, WORDINGS[0]) for number in range(6)))
    assert told(items) == [Change.OPENED]


def test_copy_of_one_text_beside_two_sources_corroborates_nothing_and_one_with_its_own_does(items):
    lead = "Armoured columns rolled past burning orchards into the market square before dawn, officials said."
    own = "Residents phoned relatives about soldiers searching houses near the hospital while shops stayed shut."
    first, copy, other = (
        replace(report(number, WORDINGS[0]), summary=text) for number, text in enumerate((lead, lead, own))
    )
    [*_, opened, copied] = decide(items, report(7, WORDINGS[1]), first, copy)
    assert (opened.ruling.change, copied.ruling.outcome) == ("none", Outcome.REPEAT)
    [last] = decide(items, other)
    assert (last.ruling.outcome, last.ruling.change) == (Outcome.UPDATE, "corroborated")
    assert told(items) == [Change.OPENED, Change.CORROBORATED]


def test_turned_off_it_is_never_told(items):
    decide(items, *map(report, range(5)), enough=0)
    assert told(items) == [Change.OPENED]


def test_what_is_only_threatened_is_not_corroborated(items):
    threat = replace(ENTERED, status=Status.THREATENED, phase=Phase.LAUNCHED)
    for number in range(4):
        admit(items, report(number))
        table = Table(dict.fromkeys(WORDINGS, (threat,)))
        replace(detector(items, table), corroborated_by=2).step()
    assert told(items) == [Change.OPENED]


def test_several_workers_tell_it_once(items):
    titles = {f"Column {number} enters Tal Rumman": (ENTERED,) for number in range(30)}
    admit(items, *(report(number, title) for number, title in enumerate(titles)))
    workers = [replace(detector(items, Table(titles), f"w{number}"), corroborated_by=5) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_all, workers))
    [story] = StoryStore(items.store, MONTH).recent(9)
    assert len(story.sources) == 30
    assert sorted(told(items)) == [Change.CORROBORATED, Change.OPENED]


def _all(worker) -> None:
    while batch := worker.items.queue.read(worker.consumer, count=5, block_seconds=0):
        worker.decide(batch)
