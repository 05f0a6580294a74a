"""The figures of `evaluate` as tables, for the terminal and for the page alike."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from siegewatch.apps.cli.scoring import FIELDS, QUESTIONS


class Table(NamedTuple):
    """Cells as text; the first column names the row. `name` heads it on the page, `remark` says how to read it."""

    name: str
    titles: tuple[str, ...]
    rows: list[list[str]]
    remark: str = ""


def tables(figures: dict[str, Any]) -> Iterator[Table]:
    """Every table that has rows."""
    yield _questions(figures)
    yield _fields(figures)
    if figures["sources"]:
        yield _sources(figures["sources"])
    yield _confidences(figures["confidences"])
    yield _calibration(figures["calibration"])
    for kind, rows in figures["confusion"].items():
        yield _confusion(kind, rows)


def _questions(figures: dict[str, Any]) -> Table:
    ranges = figures["intervals"]
    rates = {**{name: figures[name] for name in QUESTIONS}, **figures["phases"]}
    rows = [
        [name, *(_rate(rate[key]) for key in ("precision", "recall", "f1")), _interval(ranges.get(name)),
         *(str(rate[key]) for key in ("tp", "fp", "fn"))]
        for name, rate in rates.items()
    ]  # fmt: skip
    how = f"95 %: bootstrap over {ranges['of']} {ranges['drawn']}, of F1"
    return Table("Events", ("", "PRECISION", "RECALL", "F1", "95 %", "TP", "FP", "FN"), rows, how)


def _fields(figures: dict[str, Any]) -> Table:
    ranges = figures["intervals"]
    rows = [
        [name, _rate(figures[name]["accuracy"]), _interval(ranges.get(name)), str(figures[name]["of"])]
        for name in FIELDS
    ]
    return Table("Fields of matched events", ("FIELD", "ACCURACY", "95 %", "OF"), rows)


def _sources(sources: dict[str, Any]) -> Table:
    rows = [
        [source, str(rates["items"]), _rate(rates["item"]["precision"]), _rate(rates["item"]["recall"]),
         _rate(rates["item"]["f1"]), _rate(rates["kind+phase"]["f1"])]
        for source, rates in sources.items()
    ]  # fmt: skip
    return Table("Sources", ("SOURCE", "ITEMS", "PRECISION", "RECALL", "ITEM F1", "KIND+PHASE"), rows)


def _confidences(rows: list[dict[str, Any]]) -> Table:
    shown = [
        [f"{row['confidence']:.1f}", *(_rate(row["item"][key]) for key in ("precision", "recall", "f1")),
         *(_rate(row[question]["f1"]) for question in ("siege", "offensive", "kind+phase"))]
        for row in rows
    ]  # fmt: skip
    titles = ("CONFIDENCE", "PRECISION", "RECALL", "ITEM F1", "SIEGE", "OFFENSIVE", "KIND+PHASE")
    return Table("At other thresholds", titles, shown)


def _calibration(found: dict[str, Any]) -> Table:
    rows = [
        [f"{row['from']:.1f}–{row['to']:.1f}", str(row["events"]), _rate(row["confidence"]), _rate(row["right"])]
        for row in found["bins"]
    ]
    remark = f"expected calibration error {_rate(found['expected_error'])} over {found['events']} events"
    return Table("Calibration", ("CONFIDENCE", "EVENTS", "SAID", "RIGHT"), rows, remark)


def _confusion(kind: str, rows: dict[str, dict[str, int]]) -> Table:
    titles = (kind.upper(), *(phase.upper() for phase in rows))
    shown = [[phase, *map(str, row.values())] for phase, row in rows.items()]
    return Table(f"Phases of {kind}s", titles, shown, "rows: as labelled, columns: as told; none: missed, or false")


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _interval(bounds: list[float] | None) -> str:
    return f"{bounds[0]:.3f}–{bounds[1]:.3f}" if bounds else "–"
