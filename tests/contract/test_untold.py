"""What was never told silences nothing: whatever repeats it is judged on its own."""

from dataclasses import replace
from datetime import timedelta

import pytest
from reports import BESIEGED, NOW, Table, admit, changes, detector, item

from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import Change, Outcome

TITLE = "Rebels besiege the garrison town of Tal Rumman"
SAME = "Garrison town of Tal Rumman besieged by rebels"
LEAD = "Rebels have ringed the garrison town of Tal Rumman since dawn, residents and the army say."


def decided(items, events, *reports: Item) -> list[Outcome]:
    """The outcome of each report, one after the other."""
    found = []
    for report in reports:
        admit(items, report)
        [decision] = detector(items, Table(events)).step().decisions
        found.append(decision.ruling.outcome)
    return found


def first(**more) -> Item:
    return item(TITLE, **more)


def again(title: str, **more) -> Item:
    return replace(item(title, 30, outlet="Herald", feed="Herald"), **more)


@pytest.mark.parametrize("title", [TITLE, f"BREAKING: {TITLE}", SAME], ids=["copy", "decorated", "other words"])
def test_repeat_of_a_report_that_was_not_believed_is_judged(items, title):
    doubtful = replace(BESIEGED, confidence=0.4)
    assert decided(items, {TITLE: (doubtful,)}, first()) == [Outcome.NEW]
    assert decided(items, {title: (BESIEGED,)}, again(title)) in ([Outcome.NEW], [Outcome.UPDATE])
    assert [change.change for change in changes(items)] == [Change.OPENED]


@pytest.mark.parametrize("title", [TITLE, SAME], ids=["copy", "other words"])
def test_repeat_of_an_old_report_is_judged(items, title):
    assert decided(items, {}, replace(first(), late=True)) == [Outcome.OLD]
    decided(items, {title: (BESIEGED,)}, again(title))
    assert [change.change for change in changes(items)] == [Change.OPENED]


def test_same_headline_over_a_lead_that_tells_is_heard(items):
    decided(items, {LEAD: (BESIEGED,)}, first(), again(TITLE, summary=LEAD))
    assert [change.item.outlet for change in changes(items)] == ["Herald"]


def test_what_was_told_is_a_repeat_from_then_on(items):
    reports = [first(), again(TITLE, summary=LEAD), again(TITLE, id="3", seen_at=NOW + timedelta(hours=1))]
    outcomes = decided(items, {LEAD: (BESIEGED,)}, *reports)
    assert outcomes[2] is Outcome.REPEAT
    assert len(changes(items)) == 1


def test_repeat_in_which_nothing_is_read_is_a_repeat(items):
    assert decided(items, {}, first(), again(TITLE)) == [Outcome.NEW, Outcome.REPEAT]


def test_told_report_is_preferred_to_an_old_one_that_is_as_like(items):
    events = {TITLE: (BESIEGED,), SAME: (BESIEGED,)}
    reports = [replace(first(), late=True), again(TITLE), again(SAME, id="3", seen_at=NOW + timedelta(hours=1))]
    assert decided(items, events, *reports)[2] in (Outcome.REPEAT, Outcome.UPDATE)
    assert len(changes(items)) == 1
