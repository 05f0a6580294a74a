"""Feed documents in, clean entries out: the only place where feedparser parses.

It is given what `quick` is not sure of: bytes only, in documents small enough to be read in a moment (see `slices`),
and only its reading of XML is used: markup is turned into plain text here, so it neither sanitizes nor resolves links
inside texts.
"""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax import SAXException

import feedparser

from siegewatch.collect import delta, jsonapi, jsonfeed, quick
from siegewatch.collect.charset import mended
from siegewatch.collect.dates import read_date
from siegewatch.collect.discovery import Links, chosen
from siegewatch.collect.pages import feeds_of
from siegewatch.collect.parsed import OUTLET_LIMIT, SUMMARY_LIMIT, TITLE_LIMIT, Content, Draft, Parsed, Reading, finish
from siegewatch.collect.slices import Slices, cut, narrow, unread
from siegewatch.collect.text import from_any, from_html
from siegewatch.collect.wishes import wishes_of

__all__ = ["Parsed", "parse"]

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_HTML_PAGE = re.compile(rb"\s*(?:<\?xml[^<>]*>\s*)?(?:<!--[^>]*>\s*){0,9}<(?:!doctype\s+html|html[\s>])", re.IGNORECASE)
_HTML = "not a feed but an HTML page"
_UNKNOWN = "unknown"
_ROOT = re.compile(rb"<([a-zA-Z_][\w:.-]{0,60})")
_DATES = ("published", "updated", "created")


def parse(
    body: bytes,
    *,
    content_type: str | None,
    url: str,
    max_entries: int,
    now: datetime,
    layout: Mapping[str, str] | None = None,
    known: str | None = None,
    budget_seconds: float = 1.5,
    clock: Callable[[], float] = time.thread_time,
) -> Parsed:
    """The first `max_entries` entries of a document of any feed format, cleaned.

    `content_type` is the header as received (its charset outranks the document's, RFC 7303); `url` is where the
    document came from, for relative links; with a `layout` the document is that of a JSON API. Entries that are
    `known`, by the marks of an earlier reading, are left out. Reading ends early when `clock` (seconds) has advanced by
    `budget_seconds`.
    Raises MemoryError alone, where the process may not have more.
    """
    ends_at = clock() + budget_seconds
    if layout is not None:
        return finish(jsonapi.read(body, url, jsonapi.Layout(layout), max_entries, lambda: clock() > ends_at), now)
    if jsonfeed.is_json(body):
        return finish(jsonfeed.read(body, url, max_entries, lambda: clock() > ends_at), now)
    utf8 = narrow(body) or mended(body, content_type)
    if utf8 is not None:
        body, content_type = utf8, "application/xml; charset=utf-8"
    body = body.strip()
    slices = cut(body, max_entries)
    is_page = _HTML_PAGE.match(body) is not None
    if not body or (is_page and not slices.bounds):
        return _page(body, url) if body else Parsed(problem="empty document")
    headers = {"content-location": url} | ({"content-type": content_type} if content_type else {})

    def read(some: Slices) -> Parsed:
        reading = _Reader(some, headers, url).read(max_entries, lambda: clock() > ends_at)
        # A feed may stand in a page, but a page with a strange element is no feed.
        return _page(body, url) if is_page and reading.format == _UNKNOWN else finish(reading, now)

    parsed = _new_alone(slices, max_entries, known, read)
    remark = "; ".join(filter(None, (parsed.remark, unread(body)))) or None
    return replace(parsed, remark=remark, wishes=wishes_of(slices.frame()))


def _new_alone(slices: Slices, max_entries: int, known: str | None, read: Callable[[Slices], Parsed]) -> Parsed:
    """Reads of the document what is not `known`; all of it where that leaves any doubt."""
    marks, before = delta.digests(slices), delta.unpacked(known or "")
    left_out = [mark in before.slices for mark in marks]
    if any(left_out):
        parsed = Parsed(_UNKNOWN) if all(left_out) else read(cut(delta.without(slices, left_out), max_entries))
        after = delta.marked(marks, left_out, before, parsed.entries)
        if after and not (parsed.problem or parsed.remark):
            return replace(parsed, marks=after.packed())
    parsed = read(slices)
    after = delta.marked(marks, [False] * len(marks), before, parsed.entries)
    return replace(parsed, marks=after.packed() if after and not parsed.remark else None)


def _page(body: bytes, url: str) -> Parsed:
    return Parsed(problem=_HTML, feeds=feeds_of(body, url))


class _Reader:
    """Reads the chunks of one document with feedparser and gathers what they yield."""

    def __init__(self, slices: Slices, headers: Mapping[str, str], url: str) -> None:
        self._slices = slices
        self._headers = headers
        self._url = url
        self._links = Links()
        self._version = ""
        self._title = ""
        self._drafts: list[Draft] = []
        self._fault: str | None = None
        self._lost = 0

    def read(self, max_entries: int, spent: Callable[[], bool]) -> Reading:
        chunks = deque(self._slices.chunks())
        while chunks and len(self._drafts) <= max_entries:
            if self._drafts and spent():
                return self._reading(max_entries, "the time for reading was spent")
            first, last = chunks.popleft()
            if not self._read_chunk(first, last):
                middle = (first + last) // 2
                # One entry that feedparser chokes on must not cost the others.
                chunks.extendleft([(middle, last), (first, middle)] if first < middle else [])
                self._lost += first == middle
        over = f"it holds more than {max_entries}" if len(self._drafts) > max_entries else None
        return self._reading(max_entries, self._slices.rest or over)

    def _read_chunk(self, first: int, last: int) -> bool:
        document = self._slices.document(first, last)
        try:
            content = quick.read(document, self._headers.get("content-type"), self._url) or self._ask(document)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - on hostile text feedparser raises almost anything
            self._fault = f"feedparser failed: {type(error).__name__}"
            return False
        self._drafts += content.drafts
        self._version = self._version or content.version
        self._title = self._title or content.title
        # Every chunk repeats what stands around the entries; links may also stand between them.
        links = chosen(content.links, self._url)
        self._links = Links(self._links.hub or links.hub, self._links.topic or links.topic)
        self._fault = self._fault or content.fault
        return True

    def _ask(self, document: bytes) -> Content:
        """Asks feedparser."""
        # A bare bytes object would be tried as a file name first.
        feed = feedparser.parse(
            BytesIO(document), response_headers=self._headers, sanitize_html=False, resolve_relative_uris=False
        )
        title = _words(feed["feed"], "title", TITLE_LIMIT)
        drafts = tuple(draft(entry) for entry in feed["entries"])
        return Content(feed.get("version") or "", title, tuple(_links(feed["feed"])), drafts, _broken(feed))

    def _reading(self, max_entries: int, cut: str | None) -> Reading:
        if not self._version and not self._drafts:
            return Reading(None, problem=self._fault or _not_a_feed(self._slices.body))
        lost = (f"entries that could not be read: {self._lost}",) if self._lost else ()
        return Reading(
            format=self._version or _UNKNOWN,
            title=self._title,
            drafts=tuple(self._drafts[:max_entries]),
            cut=cut,
            problem=None if self._drafts else self._fault,
            remarks=(*lost, self._fault) if self._fault and self._drafts else lost,
            links=self._links,
        )


def _links(feed: Any) -> Iterator[tuple[str, str]]:
    for link in feed.get("links") or ():
        yield link.get("rel") or "", link.get("href") or ""


def _broken(feed: Any) -> str | None:
    """What is wrong with the XML. An encoding that differs from the declared one is no fault: it was read."""
    error = feed.get("bozo_exception")
    return f"broken XML: {error.getMessage()}" if isinstance(error, SAXException) else None


def _not_a_feed(body: bytes) -> str:
    root = _ROOT.search(body, 0, 65_536)
    return f"not a feed but a document of <{root.group(1).decode('ascii')}>" if root else "not a feed"


def draft(entry: Any) -> Draft:
    """One of feedparser's entries as plain text."""
    return Draft(
        title=_words(entry, "title", TITLE_LIMIT),
        summary=_words(entry, "summary", SUMMARY_LIMIT) or _content(entry),
        guid=entry.get("id"),
        link=entry.get("link"),
        dated_at=next(filter(None, (_date(entry, name) for name in _DATES)), None),
        outlet=_words(entry.get("source") or {}, "title", OUTLET_LIMIT),
    )


def _words(holder: Any, name: str, limit: int) -> str:
    """A text of an entry or feed as plain text. One without a type is markup, as feedparser has it."""
    text = holder.get(name) or ""
    kind = (holder.get(f"{name}_detail") or {}).get("type", "text/html")
    return _clean(text, kind, limit) if isinstance(text, str) else ""


def _content(entry: Any) -> str:
    texts = (
        _clean(part.get("value") or "", part.get("type", ""), SUMMARY_LIMIT) for part in entry.get("content") or ()
    )
    return next(filter(None, texts), "")


def _clean(text: str, kind: str, limit: int) -> str:
    return from_html(text, limit) if kind in _HTML_TYPES else from_any(text, limit)


def _date(entry: Any, name: str) -> datetime | None:
    # `in` first: feedparser warns when it has to take another date for the one asked for.
    if name not in entry and f"{name}_parsed" not in entry:
        return None
    text = entry.get(name) if name in entry else None
    parsed = entry.get(f"{name}_parsed") if f"{name}_parsed" in entry else None
    return read_date(text if isinstance(text, str) else None, parsed)
