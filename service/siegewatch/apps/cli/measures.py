"""What lies behind a score: how far chance may carry it, whether confidence means what it says, what is taken for
what, and what another threshold would give."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from siegewatch.apps.cli.assessment import Assessed
from siegewatch.apps.cli.scoring import (
    PHASE_QUESTIONS,
    Tally,
    aligned,
    counted,
    figures,
    labelled,
    tally,
    verdict,
)
from siegewatch.domain.taxonomy import PHASES, Phase

RESAMPLES = 1000
SEED = 1
BINS = 10
CONFIDENCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_COUNTS = ("tp", "fp", "fn", "of")
NONE = "none"
"""What a labelled event is taken for that is missed, and what a false one is labelled."""


def measure(items: Sequence[Assessed]) -> dict[str, Any]:
    """Everything by name, ready for JSON; what the labels do not tell apart is left out."""
    tallies = [tally(one.gold, one.found) for one in items]
    total = _sum(tallies)
    return {
        "items": len(items),
        **figures(total),
        "wrong": [(one.line.id, how) for one in items if (how := verdict(one.gold, one.found))],
        "phases": {question: counted(total, question) for question in PHASE_QUESTIONS},
        "intervals": intervals(tallies, [one.source for one in items]),
        "sources": _by_source(items, tallies),
        "calibration": calibration(items),
        "confusion": confusion(items),
        "confidences": _by_confidence(items),
    }


def _sum(tallies: Iterable[Tally]) -> Tally:
    total: Tally = Counter()
    for one in tallies:
        total.update(one)
    return total


def _by_source(items: Sequence[Assessed], tallies: Sequence[Tally]) -> dict[str, Any]:
    groups = defaultdict(list)
    for one, counts in zip(items, tallies, strict=True):
        if one.source is not None:
            groups[one.source].append(counts)
    return {source: {"items": len(group), **figures(_sum(group))} for source, group in sorted(groups.items())}


def intervals(tallies: Sequence[Tally], sources: Sequence[str | None]) -> dict[str, Any]:
    """95 % intervals by the percentile bootstrap (Efron 1979), always with the same draws.

    What is drawn are whole sources, since items of one outlet or war err together; single items where the gold does
    not say of all where they are from, or all are from one.
    """
    grouped = None not in sources and len(set(sources)) > 1
    groups: dict[Any, Tally] = defaultdict(Counter)
    for at, (source, counts) in enumerate(zip(sources, tallies, strict=True)):
        groups[source if grouped else at].update(counts)
    drawn: dict[str, list[float]] = defaultdict(list)
    for total in _resampled(list(groups.values())):
        for name, rate in _flat(total).items():
            drawn[name].append(rate)
    how = {"drawn": "sources" if grouped else "items", "of": len(groups), "resamples": RESAMPLES, "seed": SEED}
    return {**how, **{name: _range(rates) for name, rates in drawn.items()}}


def _resampled(groups: Sequence[Tally]) -> Iterator[Tally]:
    chance = random.Random(SEED)  # noqa: S311 - drawn alike each time, on purpose
    groups = [Counter({key: count for key, count in group.items() if count}) for group in groups]
    for _ in range(RESAMPLES):
        total: Tally = Counter()
        for at, times in Counter(chance.choices(range(len(groups)), k=len(groups))).items():
            for key, count in groups[at].items():
                total[key] += count * times
        yield total


def _flat(total: Tally) -> dict[str, Any]:
    """The one figure that matters of each question and field that the draw holds events for."""
    rates: dict[str, dict[str, Any]] = {
        **figures(total),
        **{question: counted(total, question) for question in PHASE_QUESTIONS},
    }
    asked = {name: rate for name, rate in rates.items() if any(total[name, count] for count in _COUNTS)}
    item = {f"item {name}": rates["item"][name] for name in ("precision", "recall") if "item" in asked}
    return {**item, **{name: rate.get("f1", rate.get("accuracy")) for name, rate in asked.items()}}


def _range(values: list[float]) -> list[float]:
    ordered = sorted(values)
    return [ordered[round(share * (len(ordered) - 1))] for share in (0.025, 0.975)]


def calibration(items: Sequence[Assessed]) -> dict[str, Any]:
    """Whether of the events told with a confidence of 0.7 seven in ten are right: the expected calibration error over
    ten bins of equal width (Naeini et al. 2015).

    Counted are all that the classifier tells, those below `detect.min_confidence` too; right is an event whose item
    holds one of its kind and status, which is what its confidence speaks of.
    """
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for one in items:
        held = {(event.kind, event.status) for event in one.gold}
        for event in one.judgement.events:
            right = (event.kind, event.status) in held
            bins[min(BINS - 1, int(event.confidence * BINS))].append((event.confidence, right))
    rows = [_bin(number, told) for number, told in enumerate(bins)]
    events = sum(map(len, bins))
    error = sum(row["events"] * abs(row["confidence"] - row["right"]) for row in rows if row["events"])
    return {"expected_error": round(error / events, 4) if events else None, "events": events, "bins": rows}


def _bin(number: int, told: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    edges = {"from": number / BINS, "to": (number + 1) / BINS, "events": len(told)}
    if not told:
        return {**edges, "confidence": None, "right": None}
    confidence, right = (sum(column) / len(told) for column in zip(*told, strict=True))
    return {**edges, "confidence": round(confidence, 4), "right": round(right, 4)}


def confusion(items: Sequence[Assessed]) -> dict[str, dict[str, dict[str, int]]]:
    """By kind: how often each labelled phase is told as which, of events matched one to one, whatever their status."""
    phases = {kind: [*(str(phase) for phase in Phase if phase in PHASES[kind]), NONE] for kind in PHASES}
    table = {str(kind): {row: dict.fromkeys(names, 0) for row in names} for kind, names in phases.items()}
    for one in items:
        found = one.found
        for at, other in aligned(one.gold, found):
            gold = one.gold[at] if at is not None else None
            told = found[other] if other is not None else None
            rows = table.get(str((gold or told or labelled({})).kind), {})
            row = rows.get(str(gold.phase) if gold else NONE)
            if row is not None:
                row[str(told.phase) if told else NONE] += 1
    return table


def _by_confidence(items: Sequence[Assessed]) -> list[dict[str, Any]]:
    """What each `detect.min_confidence` would give."""
    return [{"confidence": least, **_at(items, least)} for least in CONFIDENCES]


def _at(items: Sequence[Assessed], least: float) -> dict[str, Any]:
    total = _sum(tally(one.gold, one.found_at(least)) for one in items)
    return {question: counted(total, question) for question in ("item", "siege", "offensive", "kind+phase")}
