"""`siegewatch replay`: what would have become of these items, or of those of last week."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli.options import (
    ConfigDirIfAny,
    Items,
    Lines,
    LinesOption,
    duration_of,
    examples,
    settings_if_any,
    settings_of,
)
from siegewatch.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from siegewatch.apps.cli.comparison import Compared
    from siegewatch.apps.cli.rehearsal import Replayed, Told, Turn
    from siegewatch.settings import Settings

EPILOG = examples(
    "siegewatch replay items.jsonl > outcomes.jsonl",
    "siegewatch replay items.jsonl --config other-config | jq 'select(.alerts != [])'",
    "siegewatch replay --since 7d --against other-config --format table",
)
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="The archive's items of this time, such as 7d.")
]
Against = Annotated[
    Path | None,
    typer.Option("--against", metavar="DIR", help="Another configuration: print the alerts it gains and loses."),
]


def replay(
    file: Items = "-",
    since: Since = None,
    against: Against = None,
    form: LinesOption = Lines.JSONL,
    config: ConfigDirIfAny = None,
) -> None:
    """Run items through repeats, detection, stories and routing as the service would have; send and keep nothing.

    Items are run in the order of published, which is the clock; those without it in the order of the file.
    A line whose id or link was seen with another headline or summary is an edit. Items of the archive are run in the
    order in which they were seen.
    """
    settings = settings_if_any(config)
    other = settings_of(against) if against else None
    turns = _turns(file, since, settings)
    if other:
        _compare(turns, settings, other, form)
        return
    totals: Counter[str] = Counter()
    batches = _counted(_outcomes(turns, settings, "replaying"), totals)
    if form is Lines.JSONL:
        _print_lines(batches)
    else:
        _print_table(batches)
    typer.echo(_summary(totals), err=True)


def _turns(file: str, since: str | None, settings: "Settings") -> "list[Turn]":
    """The items in their order; lines that are none are told."""
    from siegewatch import wiring
    from siegewatch.apps.cli import rehearsal
    from siegewatch.apps.cli.items import BadLine, opened, read_lines, report
    from siegewatch.store.archive import archived

    span, now = duration_of(since), wiring.now()
    if span is not None:
        if file != "-":
            raise UsageError("name a FILE, or --since for the archive, not both")
        return rehearsal.as_admitted(archived(wiring.archive_folder(settings), now - span))
    with opened(file) as raw:
        turns = rehearsal.in_order(read_lines(raw), now)
    for turn in turns:
        if isinstance(turn.line, BadLine):
            report(turn.line)
    return turns


def _outcomes(turns: "Sequence[Turn]", settings: "Settings", what: str) -> "Iterator[list[Replayed]]":
    from siegewatch.apps.cli import rehearsal
    from siegewatch.apps.cli.show import progress

    with rehearsal.opened(settings) as run, progress(what, len(turns), streams=True) as advance:
        for batch in run.run(turns):
            yield batch
            advance(len(batch))


def _counted(batches: "Iterator[list[Replayed]]", totals: Counter[str]) -> "Iterator[list[Replayed]]":
    for batch in batches:
        totals.update(one.outcome for one in batch)
        totals["items"] += len(batch)
        totals["alerts"] += sum(bool(one.alerts) for one in batch)
        yield batch


def _summary(totals: Counter[str]) -> str:
    outcomes = ", ".join(f"{totals[name]} {name}" for name in sorted(totals) if name not in ("items", "alerts"))
    return f"{totals['items']} items: {outcomes or 'none'}; {totals['alerts']} alerts"


def _print_lines(batches: "Iterator[list[Replayed]]") -> None:
    from siegewatch.apps.cli.show import print_lines
    from siegewatch.store import codec

    for batch in batches:
        print_lines([codec.plain(one) for one in batch])


def _print_table(batches: "Iterator[list[Replayed]]") -> None:
    from siegewatch.apps.cli.show import Column, print_table

    columns = [
        Column[Any]("ID", lambda one: one.id, wrap=True),
        Column[Any]("OUTCOME", lambda one: one.outcome),
        Column[Any]("CHANGE", lambda one: one.change),
        Column[Any]("STORY", lambda one: one.story),
        Column[Any]("ALERTED", lambda one: _told(one.alerts), wrap=True),
    ]
    print_table([one for batch in batches for one in batch], columns)


def _told(alerts: "Sequence[Told]") -> list[str]:
    return [f"{told.channel} ({told.severity})" for told in alerts]


def _compare(turns: "Sequence[Turn]", ours: "Settings", theirs: "Settings", form: Lines) -> None:
    """Runs the items under both configurations, and prints where their alerts differ."""
    from siegewatch.apps.cli.comparison import compared
    from siegewatch.apps.cli.show import print_lines
    from siegewatch.store import codec

    before, after = (
        [one for batch in _outcomes(turns, settings, what) for one in batch]
        for settings, what in ((ours, "replaying"), (theirs, "replaying against"))
    )
    found = list(compared(turns, before, after))
    if form is Lines.JSONL:
        print_lines([codec.plain(one) for one in found])
    elif found:
        _print_differences(found, ours.display.time_zone)
    totals = Counter(one.difference for one in found)
    differences = ", ".join(f"{totals[name]} {name}" for name in sorted(totals)) or "no difference"
    counts = [sum(bool(one.alerts) for one in run) for run in (before, after)]
    typer.echo(f"{len(turns)} items: {counts[0]} alerts, {counts[1]} against: {differences}", err=True)


def _print_differences(found: "Sequence[Compared]", zone: str) -> None:
    from siegewatch.apps.cli.show import Column, moment, print_table

    columns = [
        Column[Any]("ALERT", lambda one: one.difference),
        Column[Any]("AT", lambda one: moment(one.at, zone)),
        Column[Any]("TITLE", lambda one: one.title, wrap=True),
        Column[Any]("NOW", lambda one: _told(one.alerts), wrap=True),
        Column[Any]("AGAINST", lambda one: _told(one.against), wrap=True),
    ]
    print_table(found, columns)
