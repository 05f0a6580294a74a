"""What the encoder learns from: labelled items as word pieces, with the words that name places and sides marked."""

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

from siegewatch.detect.cleaning import clean_item
from siegewatch.detect.encoder import KINDS, ROLES, TAGS, TOLD
from siegewatch.detect.pieces import FIELDS, PieceCutter, Pieces
from siegewatch.detect.reading import Reader
from siegewatch.domain.item import Item

Row = dict[str, Any]
Floats = npt.NDArray[np.float32]


def read_rows(*paths: Path) -> list[Row]:
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]


def item_of(row: Row) -> Item:
    """The item as the classifier reads it."""
    at = datetime.fromisoformat(row["published"]) if row.get("published") else datetime(2022, 1, 1, tzinfo=UTC)
    return clean_item(Item(row["id"], row["title"], row.get("summary") or "", at, at, outlet=row["outlet"])).item


@dataclass(frozen=True, slots=True)
class Lesson:
    """One labelled item: its pieces, what is told (columns KINDS + TOLD), and which pieces name what (TAGS)."""

    pieces: Pieces
    told: Floats
    named: Floats


class Teacher:
    """Makes lessons of rows, with the tokens and the preparation of headlines that are used at run time."""

    def __init__(self, reader: Reader, cutter: PieceCutter, swapper: "Swapper") -> None:
        self._reader = reader
        self._cutter = cutter
        self._swapper = swapper

    def prepared(self, rows: Iterable[Row]) -> list[Row]:
        """The rows with their texts as the classifier prepares them."""
        cut = [(row, self._reader.cut([item_of(row)])[0]) for row in rows]
        return [row | {"title": one.title.text, "summary": one.summary.text} for row, one in cut]

    def length(self, text: str) -> int:
        """Tokens of a prepared text."""
        return len(self._reader.tokens(text))

    def lesson(self, row: Row, *, swapped: bool = False) -> Lesson:
        """The lesson of a prepared row; `swapped` under other names."""
        row = self._swapper.swapped(row) if swapped else row
        docs = tuple(self._reader.tokens(row[field]) for field in FIELDS)
        pieces = self._cutter.cut(docs[0], docs[1])
        return Lesson(pieces, told_of(row), named_in(row, docs, pieces))


def told_of(row: Row) -> Floats:
    kinds = {(e["kind"], e["status"]) for e in row["events"]}
    phases = {(e["kind"], e["phase"], e["status"]) for e in row["events"]}
    return np.array([key in kinds for key in KINDS] + [key in phases for key in TOLD], np.float32)


def named_in(row: Row, docs: Sequence[Doc], pieces: Pieces) -> Floats:
    """(pieces, TAGS): 1 where a piece belongs to words that an event names."""
    marked = {
        (number, token.i, TAGS.index((event["kind"], role)))
        for event in row["events"]
        for role in ROLES
        if event[role]
        for number, doc in enumerate(docs)
        for found in re.finditer(rf"(?<!\w){re.escape(event[role])}(?!\w)", doc.text, re.IGNORECASE)
        for token in doc.char_span(*found.span(), alignment_mode="expand") or ()
    }
    columns = range(len(TAGS))
    rows = [[token is not None and (*token, column) in marked for column in columns] for token in pieces.tokens]
    return np.array(rows, np.float32)


class Swapper:
    """Swaps the names of places and of sides for others of the same sort, the same one for the same one in an item."""

    def __init__(self, rows: Iterable[Row], dice: random.Random) -> None:
        events = [event for row in rows for event in row["events"]]
        self._places = _names(event["place"] for event in events)
        self._sides = _names(event[role] for event in events for role in ("attacker", "defender"))
        self._dice = dice

    @cached_property
    def _any(self) -> re.Pattern[str]:
        longest_first = sorted({*self._places, *self._sides}, key=len, reverse=True)
        return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")

    def swapped(self, row: Row) -> Row:
        """The row under other names, in its texts and events alike."""
        others: dict[str, str] = {}
        places = frozenset(self._places)

        def other(found: re.Match[str]) -> str:
            name = found.group()
            if name not in others:
                others[name] = self._dice.choice(self._places if name in places else self._sides)
            return others[name]

        def renamed(text: str | None) -> str | None:
            return self._any.sub(other, text) if text else text

        texts = {field: renamed(row[field]) for field in FIELDS}
        return row | texts | {"events": [e | {role: renamed(e[role]) for role in ROLES} for e in row["events"]]}


def _names(found: Iterable[str | None]) -> list[str]:
    """Those that begin with a capital: descriptions ("rebels", "the town") are no names."""
    return sorted({name for name in found if name and name[0].isupper() and len(name) > 3})


def batches(lessons: Sequence[Lesson], size: int, dice: random.Random) -> Iterator[list[Lesson]]:
    """All lessons in random batches of like lengths."""
    order = list(lessons)
    dice.shuffle(order)
    pools = [order[at : at + 20 * size] for at in range(0, len(order), 20 * size)]
    found = [
        pool[at : at + size]
        for pool in (sorted(pool, key=lambda lesson: len(lesson.pieces.ids)) for pool in pools)
        for at in range(0, len(pool), size)
    ]
    dice.shuffle(found)
    yield from found
