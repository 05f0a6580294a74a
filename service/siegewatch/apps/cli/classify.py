"""`siegewatch classify`: items in, events out."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli.options import ConfigDirIfAny, Items, Lines, LinesOption, examples, settings_if_any
from siegewatch.domain.event import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from siegewatch.apps.cli.items import ItemLine
    from siegewatch.settings import Settings

EPILOG = examples(
    "siegewatch classify items.jsonl > events.jsonl",
    "zcat items.jsonl.gz | siegewatch classify - --format table",
    'siegewatch classify --text "Rebels storm Exampleton, army retreats"',
)
Text = Annotated[str | None, typer.Option("--text", metavar="T", help="Classify this headline instead of a file.")]
Row = dict[str, Any]


def classify(
    file: Items = "-",
    text: Text = None,
    form: LinesOption = Lines.JSONL,
    config: ConfigDirIfAny = None,
) -> None:
    """Find the sieges and offensives in items; needs no store and no network.

    One line of output for each line of input, in the same order.
    A line that is no item is reported by its number and skipped.
    Events below detect.min_confidence are left out.
    """
    from siegewatch.apps.cli.items import good_lines, headline, opened, read_lines

    settings = settings_if_any(config)
    if text is not None:
        _show(_judged([headline(text)], settings), form)
        return
    with opened(file) as raw:
        _show(_judged(good_lines(read_lines(raw)), settings), form)


def _judged(lines: "Iterable[ItemLine]", settings: "Settings") -> "Iterator[list[Row]]":
    from siegewatch import wiring
    from siegewatch.apps.cli.judging import batched, judge, plain_events
    from siegewatch.apps.cli.show import progress

    classifier = wiring.classifier(settings)
    with progress("classifying", None, streams=True) as advance:
        for batch in batched(lines):
            judged = judge(batch, classifier, settings.detect.min_confidence)
            yield [
                {"id": line.id, "language": judgement.language, "events": plain_events(events)}
                for line, (judgement, events) in zip(batch, judged, strict=True)
            ]
            advance(len(batch))


def _show(batches: "Iterator[list[Row]]", form: Lines) -> None:
    from siegewatch.apps.cli.show import Column, print_lines, print_table

    if form is Lines.JSONL:
        for batch in batches:
            print_lines(batch)
        return
    rows = [row for batch in batches for item in batch for row in _event_rows(item)]
    columns = [
        Column[Row](title, lambda row, key=key: row[key], wrap=title != "PHASE")  # type: ignore[misc]
        for title, key in TABLE
    ]
    print_table(rows, columns)


TABLE = (
    ("ID", "id"),
    ("KIND", "kind"),
    ("PHASE", "phase"),
    ("STATUS", "status"),
    ("PLACE", "place"),
    ("IN", "country"),
    ("ATTACKER", "attacker"),
    ("DEFENDER", "defender"),
)


def _event_rows(item: Row) -> list[Row]:
    """A row an event; an item without events has one row without any."""
    events = [{**event, "place": (event["place"] or {}).get("name"), "id": item["id"]} for event in item["events"]]
    return events or [dict.fromkeys((key for _, key in TABLE), "–") | {"id": item["id"]}]


def event_line(event: Event) -> str:
    """An event in one line: `siege broken, threatened · Exampleton, SY · A against B`."""
    status = "" if event.status == "actual" else f", {event.status}"
    taken = ", place taken" if event.taken else ""
    where = ", ".join(part for part in (event.place.name if event.place else None, event.country) if part)
    sides = " against ".join(side or "unnamed" for side in (event.attacker, event.defender))
    named = sides if event.attacker or event.defender else ""
    return " · ".join(part for part in (f"{event.kind} {event.phase}{status}{taken}", where, named) if part)
