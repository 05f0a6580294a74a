"""`siegewatch replay`: what would have become of these items."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import typer

from siegewatch.apps.cli.options import ConfigDirIfAny, Items, Lines, LinesOption, examples, settings_if_any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siegewatch.apps.cli.rehearsal import Replayed
    from siegewatch.settings import Settings

EPILOG = examples(
    "siegewatch replay items.jsonl > outcomes.jsonl",
    "siegewatch replay items.jsonl --config other-config | jq 'select(.alerts != [])'",
    "siegewatch replay - --format table < items.jsonl",
)


def replay(file: Items = "-", form: LinesOption = Lines.JSONL, config: ConfigDirIfAny = None) -> None:
    """Run items through repeats, detection, stories and routing as the service would have; send and keep nothing.

    Items are run in the order of published, which is the clock; those without it in the order of the file.
    A line whose id or link was seen with another headline or summary is an edit.
    """
    settings = settings_if_any(config)
    totals: Counter[str] = Counter()
    batches = _counted(_outcomes(file, settings), totals)
    if form is Lines.JSONL:
        _print_lines(batches)
    else:
        _print_table(batches)
    typer.echo(_summary(totals), err=True)


def _outcomes(file: str, settings: "Settings") -> "Iterator[list[Replayed]]":
    from siegewatch import wiring
    from siegewatch.apps.cli import rehearsal
    from siegewatch.apps.cli.items import BadLine, opened, read_lines, report
    from siegewatch.apps.cli.show import progress

    with opened(file) as raw:
        turns = rehearsal.in_order(read_lines(raw), wiring.now())
    for bad in [turn.line for turn in turns if isinstance(turn.line, BadLine)]:
        report(bad)
    with rehearsal.opened(settings) as run, progress("replaying", len(turns), streams=True) as advance:
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
        Column[Any]("ALERTED", lambda one: [f"{told.channel} ({told.severity})" for told in one.alerts], wrap=True),
    ]
    print_table([one for batch in batches for one in batch], columns)
