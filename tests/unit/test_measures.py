"""What lies behind a score: intervals, calibration, confusion, other thresholds; and the mistakes themselves."""

from typing import Any

import pytest

from siegewatch.apps.cli.assessment import Assessed, assessed, issues, mistakes
from siegewatch.apps.cli.items import ItemLine
from siegewatch.apps.cli.measures import calibration, confusion, intervals, measure
from siegewatch.apps.cli.scoring import tally
from siegewatch.detect.ruling import confident
from siegewatch.domain.event import Event, Judgement, Place
from siegewatch.domain.taxonomy import Kind, Phase, Status


def told(kind: str, phase: str, confidence: float = 0.9, place: str = "Exampleton", **others: Any) -> Event:
    status = Status(others.pop("status", "actual"))
    return Event(Kind(kind), Phase(phase), status, place=Place(place), confidence=confidence, **others)


def label(kind: str, phase: str, place: str = "Exampleton", **others: Any) -> dict[str, Any]:
    return {"kind": kind, "phase": phase, "status": "actual", "place": place, **others}


def one(gold: list[dict[str, Any]], *events: Event, name: str = "a", source: str | None = None) -> Assessed:
    line = ItemLine(1, name, "A title", {"events": gold, "source": source})
    return assessed(line, Judgement("en", events, ("gate: passed by 'siege'",)), confident(events, 0.5))


RIGHT = one([label("siege", "imposed")], told("siege", "imposed"))
MISSED = one([label("siege", "imposed")], told("siege", "imposed", 0.4))
FALSE = one([], told("siege", "imposed"))


def test_intervals_hold_the_figure_and_narrow_with_more_items() -> None:
    few = measure([RIGHT, MISSED, FALSE, RIGHT] * 5)
    many = measure([RIGHT, MISSED, FALSE, RIGHT] * 50)
    low, high = few["intervals"]["item"]
    assert low < few["item"]["f1"] < high
    assert few["intervals"]["drawn"] == "items"
    assert many["intervals"]["item"][1] - many["intervals"]["item"][0] < high - low


def test_intervals_are_the_same_each_time() -> None:
    items = [RIGHT, MISSED, FALSE] * 4
    assert measure(items)["intervals"] == measure(items)["intervals"]


def test_intervals_draw_whole_sources_where_all_items_name_theirs() -> None:
    def drawn(*sources: str | None) -> dict[str, Any]:
        tallies = [tally(item.gold, item.found) for item in (RIGHT, RIGHT, MISSED, MISSED)]
        return intervals(tallies, sources)

    assert (drawn("x", "x", "y", "y")["drawn"], drawn("x", "x", "y", "y")["of"]) == ("sources", 2)
    # A draw holds x alone, y alone or both: what lies between comes of single items only.
    assert drawn("x", "x", "y", "y")["item recall"] == [0.0, 1.0]
    assert drawn("x", "x", "y", None)["drawn"] == "items"
    assert drawn("x", "x", "x", "x")["drawn"] == "items"


def test_intervals_leave_out_what_no_item_asks() -> None:
    assert "offensive ended" not in measure([RIGHT, MISSED])["intervals"]


def test_sources_have_figures_of_their_own() -> None:
    items = [one([], name="a", source="y"), one([label("siege", "imposed")], name="b", source="x")]
    sources = measure(items)["sources"]
    assert list(sources) == ["x", "y"]
    assert (sources["x"]["item"]["fn"], sources["y"]["item"]["fn"]) == (1, 0)


def test_calibration_is_good_where_confidence_is_how_often_it_is_right() -> None:
    right, wrong = (
        one([label("siege", "ongoing")], told("siege", "imposed", 0.75)),
        one([], told("siege", "imposed", 0.75)),
    )
    found = calibration([right] * 3 + [wrong])
    assert found["expected_error"] == 0.0
    assert found["bins"][7] == {"from": 0.7, "to": 0.8, "events": 4, "confidence": 0.75, "right": 0.75}


def test_calibration_counts_what_was_dropped_and_weighs_bins_by_events() -> None:
    found = calibration([MISSED, FALSE, FALSE, FALSE])
    assert found["expected_error"] == pytest.approx((1 * 0.6 + 3 * 0.9) / 4)
    assert found["events"] == 4


def test_calibration_of_no_events_is_unknown() -> None:
    assert calibration([one([])])["expected_error"] is None


def test_calibration_takes_a_threat_for_another_event() -> None:
    threat = one([label("siege", "imposed")], told("siege", "imposed", 1.0, status="threatened"))
    assert calibration([threat])["bins"][9]["right"] == 0.0


def test_confusion_counts_what_is_told_as_what() -> None:
    swapped = one([label("siege", "fallen")], told("siege", "broken"))
    table = confusion([swapped, swapped, MISSED, FALSE])["siege"]
    assert table["fallen"]["broken"] == 2
    assert table["imposed"]["none"] == table["none"]["imposed"] == 1
    assert sum(count for row in table.values() for count in row.values()) == 4


def test_confidences_are_as_if_the_threshold_were_another() -> None:
    rows = {row["confidence"]: row for row in measure([RIGHT, MISSED])["confidences"]}
    assert (rows[0.4]["item"]["recall"], rows[0.5]["item"]["recall"]) == (1.0, 0.5)


def test_issues_tell_what_decides_the_item_first() -> None:
    assert [(issue.kind, issue.what) for issue in issues(FALSE)] == [("siege", "item false"), ("siege", "false")]
    assert [issue.what for issue in issues(MISSED)] == ["item missed", "missed"]
    assert not issues(RIGHT)


def test_issues_of_an_item_are_those_of_its_actual_events() -> None:
    found = one([], told("siege", "imposed"), told("offensive", "launched", status="threatened"))
    assert [(i.kind, i.what) for i in issues(found)][:2] == [("siege", "item false"), ("siege", "false")]


def test_issues_name_the_wrong_fields_of_a_matched_event() -> None:
    gold = [label("offensive", "advance", attacker="Army", country="SY")]
    found = one(
        gold, told("offensive", "launched", attacker="Rebels", defender="Army", country="SY", status="threatened")
    )
    faults = [issue.what for issue in issues(found)]
    assert faults == ["item missed", "phase", "attacker", "defender", "status"]


def test_mistakes_hold_text_labels_events_and_why() -> None:
    [mistake] = mistakes([RIGHT, MISSED])
    assert (mistake["title"], mistake["events"], len(mistake["dropped"])) == ("A title", [], 1)
    assert mistake["gold"] == [label("siege", "imposed")]
    assert mistake["stages"] == [{"stage": "gate", "steps": ["passed by 'siege'"]}]
