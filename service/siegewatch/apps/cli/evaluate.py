"""`siegewatch evaluate`: how well the classifier does on labelled items."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import ConfigDirIfAny, Form, FormOption, examples, settings_if_any
from siegewatch.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siegewatch.apps.cli.assessment import Assessed
    from siegewatch.apps.cli.items import ItemLine
    from siegewatch.detect.detector import Classifier
    from siegewatch.settings import Settings

EPILOG = examples(
    "siegewatch evaluate gold.jsonl",
    "siegewatch evaluate gold.jsonl --report mistakes.html",
    "siegewatch evaluate gold.jsonl --format json | jq .item.f1",
    "siegewatch evaluate --feedback",
)
Gold = Annotated[
    str | None,
    typer.Argument(metavar="[GOLD]", help="Labelled items: as for classify, with their events.", show_default=False),
]
OfFeedback = Annotated[bool, typer.Option("--feedback", help="Score the alerts by what readers said of them instead.")]
Wrong = Annotated[bool, typer.Option("--wrong", help="Name the items whose events are missed or false.")]
Report = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write every figure and mistake to one HTML page.", dir_okay=False),
]


def evaluate(
    gold: Gold = None,
    feedback: OfFeedback = False,
    wrong: Wrong = False,
    report: Report = None,
    form: FormOption = Form.TABLE,
    config: ConfigDirIfAny = None,
) -> None:
    """Score classify on labelled items.

    item: does it hold an actual event at all; siege, offensive: the same by kind; kind+phase: the sets of both agree.
    Then how often the fields of matched events are right, how far chance carries each figure, whether confidence
    means what it says, which phase is taken for which, and what other thresholds would give. With --feedback: how many
    alerts were right in the eyes of those who read them, by severity, kind and outlet.
    """
    if (gold is None) != feedback:
        raise UsageError("name a file of labelled items, or write --feedback")
    if gold is None:
        _score_feedback(config, form)
    else:
        _score(gold, config, form, wrong=wrong, report=report)


def _score_feedback(config: Path | None, form: Form) -> None:
    from siegewatch.apps.cli.appraisal import show_tallies
    from siegewatch.apps.cli.options import DEFAULT_CONFIG, remembered

    with remembered(config or DEFAULT_CONFIG) as (_, memory):
        show_tallies(memory, form)


def _score(gold: str, config: Path | None, form: Form, *, wrong: bool, report: Path | None) -> None:
    from siegewatch import wiring
    from siegewatch.apps.cli.assessment import mistakes
    from siegewatch.apps.cli.items import opened
    from siegewatch.apps.cli.measures import measure
    from siegewatch.apps.cli.show import print_json

    settings = settings_if_any(config)
    if report and not report.absolute().parent.is_dir():
        raise UsageError(f"{report}: no such folder")
    with opened(gold) as raw:
        items = _labelled_lines(raw)
    if not items:
        raise fail(f"{gold}: no labelled items, each line needs a list of events")
    classifier = wiring.classifier(settings)
    judged = _assess(items, classifier, settings)
    figures = measure(judged)
    if report:
        about = f"{gold} by {settings.detect.classifier}, events from {settings.detect.min_confidence} up"
        _write(report, figures, judged, about)
    if form is Form.JSON:
        print_json({**figures, "mistakes": mistakes(judged)})
    else:
        _show(figures, wrong=wrong)


def _labelled_lines(raw: Any) -> "dict[str, ItemLine]":
    """Labelled items by id; of two with one id the last counts."""
    from siegewatch.apps.cli.items import BadLine, ItemLine, good_lines, read_lines

    def checked(line: "ItemLine | BadLine") -> "ItemLine | BadLine":
        if isinstance(line, ItemLine) and not _are_events(line.keys.get("events")):
            what = "no events, which must be a list of objects with texts in their fields"
            return BadLine(line.number, what, line.id)
        return line

    return {line.id: line for line in good_lines(map(checked, read_lines(raw)))}


def _are_events(events: object) -> bool:
    return isinstance(events, list) and all(isinstance(event, dict) and _is_event(event) for event in events)


def _is_event(event: dict[str, Any]) -> bool:
    """Whether every field is a text or missing; the place may be an object."""
    place = event.get("place")
    plain = [event.get(name) for name in ("kind", "phase", "status", "country", "attacker", "defender")]
    plain += [place.get("name"), place.get("country")] if isinstance(place, dict) else [place]
    return all(value is None or isinstance(value, str) for value in plain)


def _assess(items: "Mapping[str, ItemLine]", classifier: "Classifier", settings: "Settings") -> "list[Assessed]":
    from siegewatch.apps.cli.assessment import assessed
    from siegewatch.apps.cli.judging import batched, judge
    from siegewatch.apps.cli.show import progress

    done: list[Assessed] = []
    with progress("classifying", len(items)) as advance:
        for batch in batched(items.values()):
            judged = judge(batch, classifier, settings.detect.min_confidence)
            done += [assessed(line, *one) for line, one in zip(batch, judged, strict=True)]
            advance(len(batch))
    return done


def _write(file: Path, figures: dict[str, Any], judged: "list[Assessed]", about: str) -> None:
    from siegewatch.apps.cli.report import page

    file.write_text(page(figures, judged, about), encoding="utf-8")
    typer.echo(f"{file} holds every mistake: open it in a browser", err=True)


def _show(figures: dict[str, Any], *, wrong: bool) -> None:
    from siegewatch.apps.cli.show import Column, print_table
    from siegewatch.apps.cli.tables import tables

    for table in tables(figures):
        columns = [
            Column[Any](title, lambda row, at=at: row[at], right=at > 0)  # type: ignore[misc]
            for at, title in enumerate(table.titles)
        ]
        if table.remark:
            typer.echo(table.remark)
        print_table(table.rows, columns)
        typer.echo()
    typer.echo(f"{figures['items']} items, {len(figures['wrong'])} wrong")
    for item, how in figures["wrong"] if wrong else ():
        typer.echo(f"{how}\t{item}")
