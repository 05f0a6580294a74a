"""Items in: JSON Lines as the contract describes them, read line by line; a bad line harms only itself."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import typer

from siegewatch.collect.lines import NotAnItem, item_keys
from siegewatch.domain.errors import UsageError
from siegewatch.domain.item import Item


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no item: `what` is wrong with it; its `id` where it has one."""

    number: int
    what: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ItemLine:
    """A line that is an item, its keys as they stand there."""

    number: int
    id: str
    title: str
    keys: Mapping[str, Any]

    def published_at(self) -> datetime | None:
        """When it was published, None where the line does not say. Raises ValueError where that is no time."""
        written = self.keys.get("published")
        if not written:
            return None
        at = datetime.fromisoformat(written)
        try:
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except OverflowError as error:
            raise ValueError(f"no such time: {written}") from error

    def item(self, published_at: datetime, seen_at: datetime, tags: tuple[str, ...] = ()) -> Item:
        """As siegewatch would admit it."""
        return Item(
            id=self.id,
            title=self.title,
            summary=self.keys.get("summary") or "",
            published_at=published_at,
            seen_at=seen_at,
            link=self.keys.get("link"),
            outlet=self.keys.get("outlet"),
            feed=self.keys.get("feed"),
            tags=tags,
        )


def read_lines(raw: Iterable[bytes]) -> Iterator[ItemLine | BadLine]:
    """Each line that is not blank, in order, numbered from 1."""
    for number, line in enumerate(raw, 1):
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if text:
            yield _read(number, text)


def _read(number: int, text: bytes) -> ItemLine | BadLine:
    try:
        keys = item_keys(text)
    except NotAnItem as error:
        return BadLine(number, str(error), error.id)
    return ItemLine(number, keys["id"], keys["title"], keys)


def headline(text: str) -> ItemLine:
    """A headline from the command line; a byte of it that is no UTF-8 stands as a question mark."""
    return ItemLine(1, "text", text.encode("utf-8", "replace").decode(), {})


def report(bad: BadLine) -> None:
    """Tells on standard error which line is left out, and why."""
    typer.echo(f"line {bad.number}: {bad.what}; skipped", err=True)


def good_lines(lines: Iterable[ItemLine | BadLine]) -> Iterator[ItemLine]:
    """The items; bad lines are reported and left out."""
    for line in lines:
        if isinstance(line, BadLine):
            report(line)
        else:
            yield line


def plain_item(line: ItemLine) -> Item:
    """The item for those who do not ask when it was seen. What is told as news depends on the year it was told in, so
    its date is the line's own; the earliest of all where the line has none that can be read."""
    never = datetime.min.replace(tzinfo=UTC)
    try:
        return line.item(line.published_at() or never, never)
    except ValueError:
        return line.item(never, never)


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """The file, or standard input for `-`. Raises UsageError where it cannot be read."""
    if file == "-":
        if sys.stdin.isatty():
            raise UsageError("nothing to read: name a FILE, or send items to standard input")
        yield sys.stdin.buffer
        return
    with _opened_file(Path(file)) as source:
        yield source


def _opened_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
