"""Reads the documents of a JSON API by a layout: paths to the list of items, and from an item to its parts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from json import detect_encoding

from siegewatch.collect.dates import read_date
from siegewatch.collect.jsonfeed import DECODER, absolute, is_json
from siegewatch.collect.jsonpaths import ALL, Path, content, dead_end, filled, find, find_text, read_path, read_template
from siegewatch.collect.parsed import OUTLET_LIMIT, SUMMARY_LIMIT, TITLE_LIMIT, Draft, Reading
from siegewatch.collect.text import from_any, plain

PARTS = ("title", "summary", "link", "id", "published", "outlet")
_CHECK_EVERY = 256


class Astray(Exception):
    """A path leads nowhere; the text names it and says what stands where it ends."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of `options`: `items` to the list of items, `parts` from an item to each of its parts. A link may be a
    template."""

    written: Mapping[str, str]

    @property
    def items(self) -> Path:
        """Where the list of items stands."""
        return read_path(self.written.get("items", ""))

    @property
    def parts(self) -> Mapping[str, Callable[[object], str]]:
        """What reads each part of an item that is asked for."""
        return {name: _reader(name, self.written[name]) for name in PARTS if name in self.written}


def read(body: bytes, url: str, layout: Layout, max_entries: int, spent: Callable[[], bool]) -> Reading:
    """The first `max_entries` items of a document; links are made absolute with `url`; `spent` tells when to stop."""
    try:
        document = DECODER.decode(body.decode(detect_encoding(body), "replace"))
    except (ValueError, RecursionError):
        return Reading(None, problem="broken JSON" if is_json(body) else "not JSON")
    try:
        return _read(document, url, layout, max_entries, spent)
    except Astray as error:
        return Reading(None, problem=str(error))


def _read(document: object, url: str, layout: Layout, max_entries: int, spent: Callable[[], bool]) -> Reading:
    parts, rows, cut = layout.parts, [], None
    items = list(islice(_items(document, layout), max_entries + 1))
    for place, item in enumerate(items[:max_entries]):
        if place % _CHECK_EVERY == 0 and spent():
            cut = "the time for reading was spent"
            break
        rows.append({name: reader(item) for name, reader in parts.items()})
    if len(items) > max_entries and not cut:
        cut = f"it holds more than {max_entries}"
    drafts = tuple(_draft(row, url) for row in rows)
    return Reading("json", drafts=drafts, cut=cut, remarks=tuple(_doubts(layout, rows, drafts, items)))


def _items(document: object, layout: Layout) -> Iterator[object]:
    """Raises Astray where there is no list."""
    path = layout.items
    written = layout.written.get("items") or "the document"
    to_list = path[:-1] if path and path[-1] is ALL else path
    lists = list(find(document, to_list))
    if not lists and (end := dead_end(document, to_list, "the document")):
        raise Astray(f"options.items: {written} finds nothing: {end}")
    for found in lists:
        if isinstance(found, dict) and to_list != path:
            yield from found.values()
        elif isinstance(found, list):
            yield from found
        elif found is not None:  # null stands for a list of nothing in many an API
            raise Astray(f"options.items: {written} is no list: it {content(found)}")


def _doubts(
    layout: Layout, rows: list[dict[str, str]], drafts: tuple[Draft, ...], items: list[object]
) -> Iterator[str]:
    """Parts that no item has. Raises Astray for the title, without which there is nothing to read."""
    missing = [name for name in layout.parts if rows and not any(row[name] for row in rows)]
    for name in missing:
        told = f"options.{name}: {layout.written[name]} finds nothing in {len(rows)} items"
        if name == "title":
            end = dead_end(items[0], read_path(layout.written[name]), "the first one")
            raise Astray(f"{told}: {end}" if end else told)
        yield told
    if any(row.get("published") for row in rows) and not any(draft.dated_at for draft in drafts):
        yield f"options.published: {layout.written['published']} holds no date that is known"


def _reader(name: str, written: str) -> Callable[[object], str]:
    if name == "link" and "{" in written:
        template = read_template(written)
        return lambda item: filled(item, template)
    path = read_path(written)
    return lambda item: find_text(item, path)


def _draft(row: Mapping[str, str], url: str) -> Draft:
    link = row.get("link")
    return Draft(
        title=from_any(row.get("title", ""), TITLE_LIMIT),
        summary=from_any(row.get("summary", ""), SUMMARY_LIMIT),
        guid=row.get("id") or None,
        link=absolute(url, link) if link else None,
        dated_at=_date(row.get("published", "")),
        outlet=plain(row.get("outlet", ""), OUTLET_LIMIT),
    )


def _date(text: str) -> datetime | None:
    """RFC 3339, RFC 2822, or seconds or milliseconds since 1970, with or without a fraction."""
    whole, _, fraction = text.strip().partition(".")
    return read_date(whole if whole.isdigit() and fraction.isdigit() else text)
