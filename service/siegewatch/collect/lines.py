"""Items as JSON Lines: one object a line, with an id and a title."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from siegewatch.collect.dates import read_date
from siegewatch.collect.parsed import OUTLET_LIMIT, SUMMARY_LIMIT, TITLE_LIMIT, Draft
from siegewatch.collect.text import from_any, plain

LINE_BYTES = 1_000_000
"""A longer line is no item: a hundred times the longest summary that is kept."""

_OPTIONAL = ("summary", "published", "link", "outlet", "feed")


class NotAnItem(ValueError):
    """A line that is no item: the text says what is wrong; `id` is its id where it has one."""

    def __init__(self, what: str, name: str | None = None) -> None:
        super().__init__(what)
        self.id = name


@dataclass
class Portion:
    """What some bytes of a file of lines hold: the items in their order, how many bytes they take with all that stands
    between them, and what is wrong with other lines."""

    drafts: list[Draft] = field(default_factory=list)
    size: int = 0
    faults: Counter[str] = field(default_factory=Counter)


def item_keys(line: bytes) -> Mapping[str, Any]:
    """The keys of an item as they stand in its line. Raises NotAnItem."""
    try:
        keys = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise NotAnItem(f"no JSON: {error.msg}") from None
    if not isinstance(keys, dict):
        raise NotAnItem("no JSON object")
    name, title = keys.get("id"), keys.get("title")
    if not isinstance(name, str) or not name:
        raise NotAnItem("no id, which must be a text")
    if not isinstance(title, str):
        raise NotAnItem("no title, which must be a text", name)
    for key in _OPTIONAL:
        if not isinstance(keys.get(key), str | None):
            raise NotAnItem(f"{key} must be a text", name)
    return keys


def read_portion(data: bytes, max_items: int, undated_at: datetime | None, *, goes_on: bool) -> Portion:
    """The first `max_items` items of `data`, which begins at a line; `goes_on` says that the file holds more.

    A last line without an end counts once it is whole: until then somebody is writing it. An item without a date has
    that of `undated_at`.
    """
    portion = Portion()
    while portion.size < len(data) and len(portion.drafts) < max_items:
        end = data.find(b"\n", portion.size)
        if end < 0:
            _last(portion, data, undated_at, goes_on=goes_on)
            break
        _take(portion, data[portion.size : end], undated_at)
        portion.size = end + 1
    return portion


def _last(portion: Portion, data: bytes, undated_at: datetime | None, *, goes_on: bool) -> None:
    """What stands behind the last line end: the begin of a line, a whole one, or a piece of one without end."""
    if goes_on and portion.size:
        return
    if goes_on:
        portion.faults[f"over {LINE_BYTES // 1_000_000} MB long"] += 1
        portion.size = len(data)
        return
    try:
        item_keys(data[portion.size :].strip())
    except NotAnItem:
        return
    _take(portion, data[portion.size :], undated_at)
    portion.size = len(data)


def _take(portion: Portion, line: bytes, undated_at: datetime | None) -> None:
    line = line.removeprefix(b"\xef\xbb\xbf").strip()
    if not line:
        return
    if len(line) > LINE_BYTES:
        portion.faults[f"over {LINE_BYTES // 1_000_000} MB long"] += 1
        return
    try:
        portion.drafts.append(_draft(item_keys(line), undated_at))
    except NotAnItem as error:
        portion.faults[str(error)] += 1


def _draft(keys: Mapping[str, Any], undated_at: datetime | None) -> Draft:
    return Draft(
        title=from_any(keys["title"], TITLE_LIMIT),
        summary=from_any(keys.get("summary") or "", SUMMARY_LIMIT),
        guid=keys["id"],
        link=keys.get("link"),
        dated_at=read_date(keys.get("published")) or undated_at,
        outlet=plain(keys.get("outlet") or "", OUTLET_LIMIT),
    )
