"""A correction on a real store: it reaches the story that was told, once, and never opens one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from reports import BESIEGED, MONTH, NOW, Table, admit, changes, detector, item

from siegewatch.domain.item import Item
from siegewatch.domain.story import Decision, Story
from siegewatch.domain.taxonomy import Change, Outcome
from siegewatch.store.items import Candidate
from siegewatch.store.stories import StoryStore

TITLE = "Rebels besiege the town of Tal Rumman"
DENIED = "Rebels did not besiege the town of Tal Rumman"
EVENTS = {TITLE: (BESIEGED,)}


def decide(items, *reports: Item, events=EVENTS) -> list[Decision]:
    """What is decided on each report, one after the other."""
    found = []
    for report in reports:
        admit(items, report)
        found += detector(items, Table(events)).step().decisions
    return found


def later(title: str, minutes: int = 60, **more) -> Item:
    return item(title, minutes, outlet="Herald", feed="Herald", **more)


def story(items) -> Story:
    [found] = StoryStore(items.store, MONTH).recent(9)
    return found


@pytest.mark.parametrize("title", [DENIED, f"Correction: {DENIED}", f"Correction: {TITLE}", f"Retraction: {TITLE}"])
def test_correction_of_what_was_told_is_a_change_of_its_story(items, title):
    first, second = decide(items, item(TITLE), later(title))
    assert (second.ruling.outcome, second.ruling.change) == (Outcome.UPDATE, Change.CORRECTED)
    assert second.ruling.story == first.ruling.story
    assert [(one.change, one.events) for one in changes(items)][1] == (Change.CORRECTED, (BESIEGED,))


def test_siege_that_was_taken_back_is_none(items):
    decide(items, item(TITLE), later(f"Correction: {DENIED}"))
    assert story(items).siege_days(NOW + timedelta(days=3)) is None
    assert story(items).timeline[0].retracted_by


def test_siege_that_others_report_too_stands(items):
    other = item("Insurgents encircle Tal Rumman and cut its roads", 5, outlet="Third", feed="Third")
    decide(items, item(TITLE), other, later(DENIED), events={**EVENTS, other.title: (BESIEGED,)})
    assert [one.change for one in changes(items)] == [Change.OPENED, Change.CORRECTED]
    assert story(items).siege_days(NOW + timedelta(days=3)) == 3


def test_siege_reported_after_it_was_taken_back_is_news(items):
    anew = item("Column of insurgents encircles Tal Rumman, governor confirms", 600, outlet="Third", feed="Third")
    decide(items, item(TITLE), later(DENIED), anew, events={**EVENTS, anew.title: (BESIEGED,)})
    assert [one.change for one in changes(items)] == [Change.OPENED, Change.CORRECTED, Change.PHASE]


def test_one_report_is_corrected_once(items):
    again = later(f"Correction: {TITLE}", 90)
    copies = [later(DENIED), again, replace(again, id="x", outlet="Third", feed="Third"), later(DENIED.upper(), 95)]
    decide(items, item(TITLE), *copies)
    assert [one.change for one in changes(items)] == [Change.OPENED, Change.CORRECTED]


@pytest.mark.parametrize("title", [f"Correction: {TITLE}", f"Clarification: {TITLE}"])
def test_correction_of_what_was_never_told_opens_no_story(items, title):
    [decision] = decide(items, item(title), events={title: (BESIEGED,)})
    assert (decision.ruling.outcome, decision.ruling.story, decision.events) == (Outcome.NEW, None, ())
    assert changes(items) == []


def test_corrected_report_of_which_nothing_was_told_is_news(items):
    title = f"CORRECTED-{TITLE}"
    decide(items, item(title), events={title: (BESIEGED,)})
    assert [one.change for one in changes(items)] == [Change.OPENED]


def test_edit_that_turns_a_report_round_is_a_correction(items):
    first = item(TITLE)
    for minutes, title in enumerate((TITLE, DENIED)):
        edit = replace(first, title=title, seen_at=NOW + timedelta(minutes=minutes))
        items.admit([Candidate((first.id,), title, edit)])
        detector(items, Table(EVENTS)).step()
    assert [one.change for one in changes(items)] == [Change.OPENED, Change.CORRECTED]


@pytest.mark.parametrize(("hours", "told"), [(5, []), (40, [Change.PHASE])])
def test_what_was_taken_back_is_told_when_it_happens_after_all_and_not_by_laggards(items, hours, told):
    again = "Rebels besieged the town of Tal Rumman"
    events = {**EVENTS, again: (BESIEGED,)}
    decide(items, item(TITLE), later(f"Correction: {DENIED}"), later(again, 60 * hours), events=events)
    assert [one.change for one in changes(items)] == [Change.OPENED, Change.CORRECTED, *told]
