"""Lists of feeds as other readers write and read them: OPML 2.0 (opml.org/spec2.opml).

A document type is refused, and with it every entity that a file could declare: none of ours is expanded or fetched.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from siegewatch.domain.errors import OperationError
from siegewatch.domain.feed import Feed

MOST_BYTES = 20_000_000
_OUTLINE = "outline"


@dataclass(frozen=True, slots=True)
class Outline:
    """One outline that is a feed, with the line on which it stands. `url` is empty where it names none; `tags` are the
    folders that it lies in and its categories."""

    line: int
    url: str
    name: str
    tags: tuple[str, ...]


def read_opml(raw: bytes) -> list[Outline]:
    """The feeds of a document, in its order. Raises OperationError where it is no OPML or has a document type."""
    if len(raw) > MOST_BYTES:
        raise OperationError(f"the file is over {MOST_BYTES // 1_000_000} MB, which is no list of feeds")
    reader = _Reader()
    try:
        reader.parser.Parse(raw, True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        raise OperationError(f"line {error.lineno} is no XML ({what}): have the other reader export it anew") from None
    except (ValueError, LookupError):
        raise OperationError("the file is in an encoding that is not read: save it as UTF-8") from None
    return reader.found


@dataclass
class _Reader:
    """Collects outlines; `folders` holds the tag of each outline that is open, empty for one that gives none."""

    found: list[Outline] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    begun: bool = False

    def __post_init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _refuse(self, *_: object) -> None:
        raise OperationError(f"line {self.parser.CurrentLineNumber} declares a document type: remove it (<!DOCTYPE …>)")

    def _start(self, element: str, written: Mapping[str, str]) -> None:
        if not self.begun and element.lower() != "opml":
            raise OperationError(f"the file is no OPML, but begins with <{element[:40]}>")
        self.begun = True
        if element.lower() != _OUTLINE:
            return
        # Readers differ in the case of xmlUrl.
        attributes = {name.lower(): " ".join(value.split()) for name, value in written.items()}
        name, url = attributes.get("title") or attributes.get("text", ""), attributes.get("xmlurl", "")
        is_feed = bool(url) or attributes.get("type", "").lower() in ("rss", "atom")
        if is_feed:
            tags = dict.fromkeys([*filter(None, self.folders), *_categories(attributes.get("category", ""))])
            self.found.append(Outline(self.parser.CurrentLineNumber, url, name, tuple(tags)))
        self.folders.append("" if is_feed else name)

    def _end(self, element: str) -> None:
        if element.lower() == _OUTLINE:
            self.folders.pop()


def _categories(text: str) -> Iterator[str]:
    """`/World/Asia,war`: a category that begins with a slash is a path, and each part of it a tag."""
    for one in text.split(","):
        yield from filter(None, map(str.strip, one.split("/") if one.strip().startswith("/") else [one]))


def write_opml(feeds: Iterable[Feed], now: datetime) -> str:
    """The feeds as a document, their tags as categories."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>siegewatch</title><dateCreated>{format_datetime(now)}</dateCreated></head>",
        "  <body>",
        *map(_outline, feeds),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines) + "\n"


def _outline(feed: Feed) -> str:
    # A comma parts two categories.
    category = ",".join(tag.replace(",", " ") for tag in feed.tags)
    attributes = {"type": "rss", "text": feed.name, "title": feed.name, "xmlUrl": feed.url, "category": category}
    written = " ".join(f"{name}={quoteattr(_plain(value))}" for name, value in attributes.items() if value)
    return f"    <outline {written}/>"


def _plain(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return "".join(mark if mark.isprintable() else " " for mark in text)
