"""Reads JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not.

The items are decoded one at a time, so that a million of them take no more memory than those that are kept, and
whatever stands before a break in the document is read.
"""

import re
from collections.abc import Callable, Iterator
from json import JSONDecoder, detect_encoding
from urllib.parse import urljoin

from siegewatch.collect.dates import read_date
from siegewatch.collect.discovery import chosen
from siegewatch.collect.parsed import SUMMARY_LIMIT, TITLE_LIMIT, Draft, Reading
from siegewatch.collect.text import from_html, plain

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1(\.1)?/?")
_HUB_TYPES = ("websub", "pubsubhubbub")
_SPACE = re.compile(r"[ \t\r\n]*")
_CHECK_EVERY = 256

DECODER = JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)
"""Numbers stay text: ids are compared as text, and int() refuses the longest ones."""


def is_json(body: bytes) -> bool:
    """Whether the document begins as a JSON object or array does."""
    return body[:64].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] in (b"{", b"[")


def read(body: bytes, url: str, max_entries: int, spent: Callable[[], bool]) -> Reading:
    """The first `max_entries` items of a document; links are made absolute with `url`; `spent` tells when to stop."""
    walk = _Walk(body.decode(detect_encoding(body), "replace"), max_entries, spent)
    broken = False
    try:
        walk.run()
    except (ValueError, RecursionError, IndexError):
        broken = True
    return _reading(walk, url, broken)


class _Walk:
    """One pass over the members of the outermost object: `fields` gets all but the items."""

    def __init__(self, text: str, max_entries: int, spent: Callable[[], bool]) -> None:
        self.fields: dict[str, object] = {}
        self.items: list[dict[str, object]] = []
        self.cut: str | None = None
        self._text = text
        self._max_entries = max_entries
        self._spent = spent

    def run(self) -> None:
        """Raises ValueError, IndexError or RecursionError where the document breaks; what was read stays."""
        at = self._after("{", self._skip(0))
        while self._text[at] != "}":
            key, at = self._value(at)
            at = self._after(":", at)
            if key == "items" and self._text[at] == "[":
                at = self._read_items(at)
                if self.cut and "version" in self.fields:
                    return
            else:
                self.fields[str(key)], at = self._value(at)
            if self._text[at] != "}":
                at = self._after(",", at)

    def _read_items(self, at: int) -> int:
        """Items beyond those wanted are decoded and dropped while the version, which may stand last, is not known."""
        at, count = self._after("[", at), 0
        while self._text[at] != "]":
            if count >= self._max_entries:
                self.cut = f"it holds more than {self._max_entries}"
            if count % _CHECK_EVERY == 0 and self._spent():
                self.cut = "the time for reading was spent"
                self.fields.setdefault("version", None)
            if self.cut and "version" in self.fields:
                return at
            item, at = self._value(at)
            count += 1
            if isinstance(item, dict) and not self.cut:
                self.items.append(item)
            at = at if self._text[at] == "]" else self._after(",", at)
        return self._skip(at + 1)

    def _value(self, at: int) -> tuple[object, int]:
        value, end = DECODER.raw_decode(self._text, at)
        return value, self._skip(end)

    def _after(self, sign: str, at: int) -> int:
        if self._text[at] != sign:
            raise ValueError(f"no {sign!r} at {at}")
        return self._skip(at + 1)

    def _skip(self, at: int) -> int:
        space = _SPACE.match(self._text, at)
        return space.end() if space else at


def _reading(walk: _Walk, url: str, broken: bool) -> Reading:
    version = _VERSION.fullmatch(_text(walk.fields.get("version")))
    if not version and not walk.items:
        return Reading(None, problem="broken JSON" if broken else "JSON, but not a feed")
    return Reading(
        format="json" + ("" if not version else "11" if version.group(1) else "10"),
        title=plain(_text(walk.fields.get("title")), TITLE_LIMIT),
        drafts=tuple(_draft(item, url) for item in walk.items),
        cut=walk.cut,
        problem="broken JSON" if broken and not walk.items else None,
        remarks=(f"broken JSON behind item {len(walk.items)}",) if broken and walk.items else (),
        links=chosen(_links(walk.fields), url),
    )


def _links(fields: dict[str, object]) -> Iterator[tuple[str, str]]:
    yield "self", _text(fields.get("feed_url"))
    hubs = fields.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and _text(hub.get("type")).lower() in _HUB_TYPES:
            yield "hub", _text(hub.get("url"))


def _draft(item: dict[str, object], url: str) -> Draft:
    markup = _text(item.get("content_html"))
    words = _text(item.get("summary")) or _text(item.get("content_text"))
    link = _text(item.get("url")) or _text(item.get("external_url"))
    return Draft(
        title=plain(_text(item.get("title")), TITLE_LIMIT),
        summary=plain(words, SUMMARY_LIMIT) or from_html(markup, SUMMARY_LIMIT),
        guid=_text(item.get("id")) or None,
        link=absolute(url, link) if link else None,
        dated_at=read_date(_text(item.get("date_published"))) or read_date(_text(item.get("date_modified"))),
        outlet=None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def absolute(url: str, link: str) -> str | None:
    """A link as it stands in the document at `url`; None where it is none."""
    try:
        return urljoin(url, link.strip())
    except ValueError:
        return None
