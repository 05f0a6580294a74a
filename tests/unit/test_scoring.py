"""Scores are those of the labelled sets' own scorer, figure by figure."""

from collections import Counter
from typing import Any

import pytest

from siegewatch.apps.cli.scoring import (
    PHASE_QUESTIONS,
    Labelled,
    Tally,
    aligned,
    counted,
    figures,
    labelled,
    same_name,
    tally,
    verdict,
)
from siegewatch.domain.taxonomy import PHASES

ITEMS = 300
NAMES = (
    "Exampleton", "the city of Exampleton", "Sample Ville", "sampleville", "Northern Sampleland", "Éxample-sur-Mer",
    None, "U.S. troops", "American forces", "IS fighters", "Islamic State", "army", "Rebels", "Sampleland's army",
    "Samplelander forces", "Ukraine", "Kyiv", "", "Moscow", "Russian army", "the militants",
    "Deir al-Zor", "Dayr az-Zawr",
)  # fmt: skip


def _named(number: int) -> str | None:
    return NAMES[number % len(NAMES)]


def _event(number: int) -> dict[str, Any]:
    kind = list(PHASES)[number % 3 % 2]
    phases = sorted(PHASES[kind])
    return {
        "kind": str(kind),
        "phase": str(phases[number // 3 % len(phases)]),
        "status": "threatened" if number % 6 == 4 else "actual",
        "place": _named(number * 5),
        "country": ("SY", "UA", None)[number % 3],
        "attacker": _named(number * 7 + 3),
        "defender": _named(number * 11 + 8),
    }


GOLD = [[_event(item * 4 + at) for at in range(item % 4)] for item in range(ITEMS)]
"""The labels of invented items, none to three events each."""


def _turned(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "attacker": event["defender"], "defender": event["attacker"]}


def _other_status(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "status": "threatened" if event["status"] == "actual" else "actual"}


CHANGES = (
    lambda event: [event],
    lambda event: [{**event, "phase": "ongoing", "place": {"name": str(event["place"]).upper()}}],
    lambda event: [],
    lambda event: [_turned(event)],
    lambda event: [{**event, "place": None, "country": "XX"}, event],
    lambda event: [_other_status(event)],
    lambda event: [{**event, "kind": "siege", "phase": "broken", "attacker": f"The {event['attacker']}"}],
    lambda event: [{**event, "place": _named(len(event["phase"])), "attacker": "Samplelander"}],
)
INVENTED = {"kind": "offensive", "phase": "advance", "status": "actual", "place": "Exampleton", "country": None}


def told(number: int, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events as a classifier with every kind of error would tell them, errors in turn."""
    change = CHANGES[number // 4 % len(CHANGES)]
    changed = [new for event in events for new in change(event)]
    return changed if events or number % 5 else [INVENTED]


FIGURES_OF_SCORE_PY: dict[str, Any] = {
    "item": {"precision": 0.8977, "recall": 0.79, "f1": 0.8404, "tp": 158, "fp": 18, "fn": 42},
    "siege": {"precision": 1.0, "recall": 0.745, "f1": 0.8539, "tp": 149, "fp": 0, "fn": 51},
    "offensive": {"precision": 0.5424, "recall": 0.64, "f1": 0.5872, "tp": 32, "fp": 27, "fn": 18},
    "kind+phase": {"precision": 0.7224, "recall": 0.5446, "f1": 0.6211, "tp": 177, "fp": 68, "fn": 148},
    "place": {"accuracy": 0.8656, "of": 372},
    "country": {"accuracy": 0.9839, "of": 372},
    "attacker": {"accuracy": 0.7231, "of": 372},
    "defender": {"accuracy": 0.8575, "of": 372},
    "status": {"accuracy": 0.8548, "of": 372},
}
"""What `score.py` of the labelled sets gives for GOLD against what is `told` of it."""


def _events(raw: list[dict[str, Any]]) -> list[Labelled]:
    return [labelled(event) for event in raw]


@pytest.fixture(scope="module")
def total() -> Tally:
    added: Tally = Counter()
    for number, events in enumerate(GOLD):
        added.update(tally(_events(events), _events(told(number, events))))
    return added


@pytest.mark.parametrize("name", FIGURES_OF_SCORE_PY)
def test_figures_are_those_of_the_sets_own_scorer(total: Tally, name: str) -> None:
    assert figures(total)[name] == FIGURES_OF_SCORE_PY[name]


def test_figures_are_all_that_the_sets_own_scorer_gives(total: Tally) -> None:
    assert list(figures(total)) == list(FIGURES_OF_SCORE_PY)


def test_counts_of_phases_add_up_to_those_of_kind_and_phase(total: Tally) -> None:
    phases = [counted(total, question) for question in PHASE_QUESTIONS]
    together = counted(total, "kind+phase")
    assert {name: sum(phase[name] for phase in phases) for name in ("tp", "fp", "fn")} == {
        name: together[name] for name in ("tp", "fp", "fn")
    }


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (None, "", True),
        ("Exampleton", None, False),
        ("Russian army", "Russia", True),
        ("The city of Example", "Éxample", True),
        ("Deir al-Zor", "Dayr az-Zawr", False),
        ("Sample Ville", "sampleville", True),
        ("IS fighters", "Islamic State", True),
        ("army", "army", True),
        ("army", "rebels", False),
        ("U.S. troops", "American forces", True),
    ],
)
def test_names_are_the_same_where_they_share_a_content_word(one: str | None, other: str | None, same: bool) -> None:
    assert same_name(one, other) is same


def test_events_of_a_kind_go_to_the_best_fit_first_and_the_others_are_left() -> None:
    gold = _events([{"kind": "siege", "phase": "broken", "place": "Exampleton"}])
    found = _events([{"kind": "siege", "phase": "broken", "place": name} for name in ("Sampleville", "Exampleton")])
    assert aligned(gold, found) == [(0, 1), (None, 0)]
    assert aligned(found, gold) == [(0, 0), (1, None)]


def test_nothing_found_where_nothing_was_is_perfect() -> None:
    rates = figures(tally([], []))
    assert rates["item"]["f1"] == 1.0
    assert rates["place"] == {"accuracy": None, "of": 0}


def test_a_threat_is_nothing_to_alert_to() -> None:
    threat, actual = _events([{"kind": "siege", "status": "threatened"}, {"kind": "siege"}])
    assert verdict([threat], []) is None
    assert verdict([threat], [actual]) == "false"
    assert verdict([actual], [threat]) == "missed"
