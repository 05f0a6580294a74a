"""How commands print: tables that fit a terminal, JSON for programs, progress for those who wait."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import typer

from siegewatch.apps.cli.options import Form

if TYPE_CHECKING:
    from rich.console import RenderableType

Row = TypeVar("Row")
_NARROWEST = 60


class Column(NamedTuple, Generic[Row]):
    """One column of a table; those that `wrap` give way where the terminal is narrow, the others stay whole."""

    title: str
    cell: Callable[[Row], object]
    wrap: bool = False
    right: bool = False


def listing(form: Form, rows: Sequence[Row], columns: Sequence[Column[Row]], empty: str) -> None:
    """Prints rows as a table (`empty` says what it means that there are none), or as one JSON array."""
    if form is Form.JSON:
        from siegewatch.store import codec

        print_json([codec.plain(row) for row in rows])
    elif rows:
        print_table(rows, columns)
    else:
        typer.echo(empty)


def print_table(rows: Sequence[Row], columns: Sequence[Column[Row]]) -> None:
    """Prints rows as a table."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        justify = "right" if column.right else "left"
        table.add_column(column.title, no_wrap=not column.wrap, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*(Text(cell(column.cell(row))) for column in columns))
    _print(table)


def details(pairs: Sequence[tuple[str, object]]) -> None:
    """Prints one thing, a line or more for each of its sides; those that are None or empty are left out."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, "", ()):
            table.add_row(name, Text(cell(value)))
    _print(table)


def sections(parts: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Prints headings with lines below each, whole paragraphs that hang where they wrap; empty sections are left
    out."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    shown: list[RenderableType] = []
    for heading, lines in parts:
        if lines:
            table = Table.grid(padding=(0, 1))
            table.add_column(no_wrap=True)
            table.add_column(overflow="fold")
            for line in lines:
                table.add_row(" ·", Text(cell(line)))
            shown += [Text(heading, style="bold"), table]
    _print(Group(*shown))


def print_json(value: Any) -> None:
    """Prints one JSON value, laid out for reading."""
    import orjson

    _write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def print_lines(values: Sequence[Any]) -> None:
    """Prints JSON values, one a line."""
    import orjson

    _write(b"".join(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE) for value in values))


def _write(data: bytes) -> None:
    """Writes UTF-8 whatever the locale, all of it: with PYTHONUNBUFFERED one write may take a part only, and whether
    the reader has left shows in the next."""
    rest = memoryview(data)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) :]
    sys.stdout.flush()


def cell(value: object) -> str:
    """A value as a table shows it: what could steer a terminal is taken out, since titles come from strangers."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple | set | frozenset):
        value = ", ".join(map(str, value))
    return "".join(mark if mark.isprintable() or mark == "\n" else " " for mark in str(value))


def moment(at: datetime | None, zone: str) -> str | None:
    """A time as an operator reads it, to the minute, in the zone of `display.time_zone`."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if at else None


def span(length: timedelta) -> str:
    """A length of time in its largest unit, such as `5m`; less than none is `now`."""
    seconds = int(length.total_seconds())
    if seconds <= 0:
        return "now"
    units = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
    length_of, unit = next(pair for pair in units if seconds >= pair[0])
    return f"{seconds // length_of}{unit}"


def _print(what: "RenderableType") -> None:
    from rich.console import Console

    outside = Console()
    width = max(outside.width, _NARROWEST)
    inside = Console(file=StringIO(), width=width, force_terminal=outside.is_terminal, color_system="auto")
    inside.print(what)
    text = inside.file.getvalue()  # type: ignore[attr-defined]
    typer.echo("\n".join(line.rstrip() for line in text.splitlines()))


@contextmanager
def progress(what: str, total: int | None, *, streams: bool = False) -> Iterator[Callable[[int], None]]:
    """A bar on standard error while the block runs; call what it gives with the number of things done.

    There is none where standard error is no terminal, nor where the command `streams` its results to the same one.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    shown = console.is_terminal and not (streams and sys.stdout.isatty())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not shown, redirect_stdout=False) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
