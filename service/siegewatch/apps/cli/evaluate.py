"""`siegewatch evaluate`: how well the classifier does on labelled items."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import ConfigDirIfAny, Form, FormOption, examples, settings_if_any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siegewatch.apps.cli.items import ItemLine
    from siegewatch.apps.cli.scoring import Score
    from siegewatch.settings import Settings

EPILOG = examples(
    "siegewatch evaluate gold.jsonl",
    "siegewatch evaluate gold.jsonl --wrong",
    "siegewatch evaluate gold.jsonl --format json | jq .item.f1",
)
Gold = Annotated[str, typer.Argument(metavar="GOLD", help="Labelled items: as for classify, with their events.")]
Wrong = Annotated[bool, typer.Option("--wrong", help="Name the items whose events are missed or false.")]


def evaluate(gold: Gold, wrong: Wrong = False, form: FormOption = Form.TABLE, config: ConfigDirIfAny = None) -> None:
    """Score classify on labelled items.

    item: does it hold an actual event at all; siege, offensive: the same by kind; kind+phase: the sets of both agree.
    Then how often the fields of matched events are right.
    """
    from siegewatch.apps.cli.items import opened
    from siegewatch.apps.cli.show import print_json

    settings = settings_if_any(config)
    with opened(gold) as raw:
        items = _labelled_lines(raw)
    if not items:
        raise fail(f"{gold}: no labelled items, each line needs a list of events")
    figures = _score(items, settings).figures()
    if form is Form.JSON:
        print_json(figures)
    else:
        _show(figures, wrong=wrong)


def _labelled_lines(raw: Any) -> "dict[str, ItemLine]":
    """Labelled items by id; of two with one id the last counts."""
    from siegewatch.apps.cli.items import BadLine, ItemLine, good_lines, read_lines

    def checked(line: "ItemLine | BadLine") -> "ItemLine | BadLine":
        if isinstance(line, ItemLine) and not _are_events(line.keys.get("events")):
            return BadLine(line.number, "no events, which must be a list of objects", line.id)
        return line

    return {line.id: line for line in good_lines(map(checked, read_lines(raw)))}


def _are_events(events: object) -> bool:
    return isinstance(events, list) and all(isinstance(event, dict) for event in events)


def _score(items: "Mapping[str, ItemLine]", settings: "Settings") -> "Score":
    from siegewatch import wiring
    from siegewatch.apps.cli.judging import batched, judge
    from siegewatch.apps.cli.scoring import Score, labelled, predicted
    from siegewatch.apps.cli.show import progress

    classifier, score = wiring.classifier(settings), Score()
    with progress("classifying", len(items)) as advance:
        for batch in batched(items.values()):
            judged = judge(batch, classifier, settings.detect.min_confidence)
            for line, (_, events) in zip(batch, judged, strict=True):
                score.add(line.id, [labelled(raw) for raw in line.keys["events"]], [predicted(e) for e in events])
            advance(len(batch))
    return score


def _show(figures: dict[str, Any], *, wrong: bool) -> None:
    from siegewatch.apps.cli.show import Column, print_table

    counted = [(name, values) for name, values in figures.items() if isinstance(values, dict) and "f1" in values]
    rated = [(name, values) for name, values in figures.items() if isinstance(values, dict) and "of" in values]
    for heading, rows, keys in (
        ("", counted, ("precision", "recall", "f1", "tp", "fp", "fn")),
        ("FIELD", rated, ("accuracy", "of")),
    ):
        columns = [Column[Any](heading, lambda row: row[0])]
        columns += [Column[Any](key.upper(), lambda row, key=key: _figure(row[1][key]), right=True) for key in keys]  # type: ignore[misc]
        print_table(rows, columns)
        typer.echo()
    typer.echo(f"{figures['items']} items, {len(figures['wrong'])} wrong")
    for item, how in figures["wrong"] if wrong else ():
        typer.echo(f"{how}\t{item}")


def _figure(value: float | None) -> str | None:
    return f"{value:.4f}" if isinstance(value, float) else None if value is None else str(value)
