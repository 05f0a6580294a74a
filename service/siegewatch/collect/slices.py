"""Cuts an XML feed into small documents before any XML parser sees it.

A large feed is handed over as its prologue, some entries and the end tags that are then missing, again and again: so
that only the entries wanted cost anything, and reading can stop between two. Works on bytes of any encoding that
keeps ASCII (UTF-16 and UTF-32 are transcoded before), and on broken XML.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

WHOLE_BYTES = 256 * 1024
"""A document up to this size is read as it stands, if it has no more entries than wanted and no giant run of text."""

RUN_BYTES = 16 * 1024
"""A longer run between two "<" is cut: more than the longest summary kept, in any script but those of three bytes."""

PERSON_BYTES = 512
"""The same for persons' names, which feedparser searches with a quadratic pattern (250 kB took four minutes)."""

ENTRY_BYTES = 128 * 1024
PROLOGUE_BYTES = 64 * 1024
"""What is kept of one entry, and of all that stands before the first."""

CHUNK_BYTES = 128 * 1024
CHUNK_ENTRIES = 64
"""Of one small document: about 40 ms of parsing for ordinary entries, so that the time budget is kept closely."""

MARKS = 200_000
"""Comments, CDATA sections and entries looked at: a hundred for each of the 2,000 entries read by default."""

_MARK = re.compile(rb"<(?:!--|!\[CDATA\[|((?:[\w.-]{1,40}:)?(?:item|entry))(?=[\s/>]))", re.IGNORECASE)
_TAG = re.compile(
    rb"""<(?:!--.*?(?:-->|\Z)|!\[CDATA\[.*?(?:\]\]>|\Z)|[?!][^<>]*>|"""
    rb"""(/?)([a-zA-Z_][\w:.-]{0,80}+)((?:"[^"<]*"|'[^'<]*'|[^<>"'])*+)>)""",
    re.DOTALL,
)
_NAME = re.compile(rb"/?[a-zA-Z_][\w:.-]{0,80}")
_PERSON = re.compile(
    rb"(?:[\w.-]{1,40}:)?(?:author|creator|managingeditor|webmaster|publisher|name)[\s>]", re.IGNORECASE
)
_FEED_LINK = re.compile(rb"""<(?:[\w.-]{1,40}:)?link\s(?:"[^"<]*+"|'[^'<]*'|[^<>"'])*+(?<=/)>""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_NEAR = 64
# Entities made of other entities: no feed needs them, and ten levels of them make a billion laughs.
_NESTED_ENTITY = re.compile(rb"<!ENTITY[^<>&]*+(?:&#[^<>&]*+)*+&(?!#)[^<>]*+>")
_OUTER_ENTITY = re.compile(rb"<!ENTITY\s+(?:%\s+)?[^\s<>]{1,80}\s+(?:SYSTEM|PUBLIC)\s")
_WIDE = (
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)


def narrow(body: bytes) -> bytes | None:
    """UTF-16 and UTF-32 as UTF-8, known by byte order mark or first "<" (XML 1.0 appendix F); None if it is neither."""
    encoding = next((name for mark, name in _WIDE if body.startswith(mark)), None)
    if encoding is None:
        return None
    return _DECLARATION.sub("", body.decode(encoding, "replace"), count=1).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Slices:
    """Where the entries of `body` stand: `bounds` has the start of each and the end of the last, nothing without
    entries; `rest` says why there may be others beyond; `whole` that the body may be read as it stands."""

    body: bytes
    bounds: tuple[int, ...]
    rest: str | None
    whole: bool
    prologue: bytes
    epilogue: bytes

    def frame(self) -> bytes:
        """What stands around the entries, as far as anyone looks."""
        first, last = (self.bounds[0], self.bounds[-1]) if self.bounds else (len(self.body), len(self.body))
        return self.body[: min(first, PROLOGUE_BYTES)] + self.body[last : last + PROLOGUE_BYTES]

    def chunks(self) -> Iterator[tuple[int, int]]:
        """Ranges of entries that make small documents; one empty range where there are none."""
        last = max(len(self.bounds) - 1, 0)
        if self.whole or not last:
            yield 0, last
            return
        first = size = 0
        for at in range(last):
            size += min(self.bounds[at + 1] - self.bounds[at], ENTRY_BYTES)
            if size >= CHUNK_BYTES or at + 1 - first == CHUNK_ENTRIES:
                yield first, at + 1
                first, size = at + 1, 0
        if first < last:
            yield first, last

    def document(self, first: int, last: int) -> bytes:
        """The document that holds the entries from `first` up to `last`, not included."""
        if self.whole and (first, last) == (0, max(len(self.bounds) - 1, 0)):
            return self.body
        spans = zip(self.bounds[first:last], self.bounds[first + 1 : last + 1], strict=True)
        entries = (shorten(self.body, ENTRY_BYTES, start, end) for start, end in spans)
        return b"".join((self.prologue, *entries, self.epilogue))


def cut(body: bytes, max_entries: int) -> Slices:
    """Finds the first `max_entries` entries, in one pass that ends where they end."""
    if b"<!ENTITY" in body[:PROLOGUE_BYTES]:
        body = _NESTED_ENTITY.sub(b"", body[:PROLOGUE_BYTES]) + body[PROLOGUE_BYTES:]
    starts, rest = _starts(body, max_entries)
    if not starts:
        bounds: tuple[int, ...] = ()
    elif rest:
        bounds = tuple(starts)
    else:
        bounds = (*starts, _end_of_last(body, starts[-1]))
    whole = not rest and len(body) <= WHOLE_BYTES and _longest_run(body) <= RUN_BYTES
    # Parts up to the root are kept open, for the entries to stand in.
    prologue = b"" if whole else shorten(body, PROLOGUE_BYTES, 0, starts[0] if starts else None, keep_open=1)
    epilogue = _end_tags(open_elements(prologue))
    if not whole and bounds and not rest:
        # The feed's own links may stand behind its entries.
        epilogue = b"".join(_FEED_LINK.findall(body, bounds[-1], bounds[-1] + PROLOGUE_BYTES)) + epilogue
    return Slices(body, bounds, rest, whole, prologue, epilogue)


def unread(body: bytes) -> str | None:
    """What a document declares that is not read, as no feed needs it; None of nearly all."""
    top = body[:PROLOGUE_BYTES]
    if b"<!ENTITY" not in top:
        return None
    found = {"external entities": _OUTER_ENTITY.search(top), "entities made of entities": _NESTED_ENTITY.search(top)}
    named = " and ".join(what for what, match in found.items() if match)
    return f"{named} are not read" if named else None


def shorten(body: bytes, limit: int, start: int = 0, end: int | None = None, keep_open: int = 0) -> bytes:
    """The part of `body` from `start` to `end` with giant runs cut, and ended at about `limit` bytes: what is open then
    is closed, save the `keep_open` outermost elements. Giant runs are never copied."""
    end = len(body) if end is None else end
    if end - start <= min(RUN_BYTES, limit):
        return body[start:end]
    kept: list[bytes] = []
    size, at = 0, start
    while at <= end and size <= limit:
        stop = body.find(b"<", at, end)
        stop = end if stop < 0 else stop
        kept.append(_cut_run(body, at, stop))
        size += len(kept[-1]) + 1
        at = stop + 1
    short = b"<".join(kept)
    if at > end:
        return short
    if short.rfind(b"<![CDATA[") > short.rfind(b"]]>"):
        short += b"]]>"
    return short + _end_tags(open_elements(short)[keep_open:])


def open_elements(fragment: bytes) -> list[bytes]:
    """Names of the elements that are begun and not ended, outermost first."""
    stack: list[bytes] = []
    for tag in _TAG.finditer(fragment):
        end, name, attributes = tag.groups()
        if name is None or attributes.endswith(b"/"):
            continue
        if not end:
            stack.append(name)
        elif name in stack[-_NEAR:]:
            while stack.pop() != name:
                pass
    return stack


def _starts(body: bytes, max_entries: int) -> tuple[list[int], str | None]:
    """Where entries start, at most one more than `max_entries`, and why the search ended before the document did."""
    starts: list[int] = []
    kind: bytes | None = None
    at = 0
    for _ in range(MARKS):
        mark = _MARK.search(body, at)
        if mark is None:
            return starts, None
        name = mark.group(1)
        if name is None:
            at = body.find(b"-->" if mark.group() == b"<!--" else b"]]>", mark.end())
            if at < 0:
                return starts, None
            continue
        at = mark.end()
        kind = kind or name.lower()
        if name.lower() == kind:
            starts.append(mark.start())
            if len(starts) > max_entries:
                return starts, f"it holds more than {max_entries}"
    return starts, f"its first {MARKS:,} comments and sections hold no more"


def _end_of_last(body: bytes, start: int) -> int:
    name = _NAME.match(body, start + 1)
    end = body.rfind(b"</" + name.group() if name else b"</", start)
    return len(body) if end < 0 else body.find(b">", end) + 1 or len(body)


def _longest_run(body: bytes) -> int:
    return max(map(len, body.split(b"<")))


def _cut_run(body: bytes, start: int, end: int) -> bytes:
    """One run after a "<": an end or start tag and the text behind it, a comment, or a part of a CDATA section."""
    limit = PERSON_BYTES if _PERSON.match(body, start, end) else RUN_BYTES
    if end - start <= limit:
        return body[start:end]
    head = body[start : start + limit]
    section_end = b"]]>" if body.find(b"]]>", start + limit, end) >= 0 else b""
    if head.startswith(b"!") and not head.startswith(b"![CDATA["):
        return b"!---->"
    name = _NAME.match(head)
    if name is None or b">" in head:
        # White space at the end goes too: feedparser looks for declarations with a pattern that is quadratic in it.
        return head.rstrip() + section_end
    close = body.find(b">", start, end)
    return name.group() + (b"/>" if body[close - 1 : close] == b"/" else b">") + section_end


def _end_tags(names: list[bytes]) -> bytes:
    return b"".join(b"</" + name + b">" for name in reversed(names))
