"""The quick reading of ordinary feeds: RSS, RDF and Atom as most publishers write them.

A document is read exactly as feedparser would read it or, at the first thing that is not sure to come out the same, not
at all: feedparser is asked then, and stays the reference. The XML parser behind both is the same (expat), so what is
well formed is the same; what declares a document type is never read here, so there are no entities to expand.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError, iterparse

from siegewatch.collect.dates import read_date
from siegewatch.collect.parsed import OUTLET_LIMIT, SUMMARY_LIMIT, TITLE_LIMIT, Content, Draft
from siegewatch.collect.quick_names import (
    AROUND_ENTRIES,
    CONTENTS,
    DATES,
    DOUBTFUL,
    IN_IMAGES,
    SUMMARIES,
    Doubt,
    Names,
)
from siegewatch.collect.text import from_any, from_html, looks_like_html

_TYPES = {
    **dict.fromkeys(("text", "plain", "text/plain"), "text/plain"),
    **dict.fromkeys(("html", "text/html"), "text/html"),
}
_PAGES = frozenset(("html", "xhtml", "text/html", "application/xhtml+xml"))
_RSS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_LANGUAGE = f"{_XML}lang"
_ON_MARKUP = frozenset(("type", _LANGUAGE, f"{_XML}base", f"{_XML}space"))

_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)""")
_UTF8 = frozenset(("utf-8", "utf8"))
_LIKE_ASCII = frozenset((*_UTF8, "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "windows-1251"))
# feedparser takes it for an older character set's and maps it.
_CONTROL = re.compile("[\x80-\x9f]")
_MAYBE_MARKUP = re.compile(r"</\w+>|&#?\w+;")
_PLAIN_ADDRESS = re.compile(r"https?://[a-zA-Z0-9.-]+(?::\d+)?/[\w./~%+:=&?,-]*(?<![?&])", re.ASCII)
_SLASHES = re.compile("^([A-Za-z][A-Za-z0-9+-.]*://)(/*)(.*?)")
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")


def read(document: bytes, content_type: str | None, url: str) -> Content | None:
    """What feedparser would make of a document, served as `content_type` from `url`; None where that is not sure, or
    where there are no entries."""
    if b"<!DOCTYPE" in document or not _known_charset(document, content_type):
        return None
    try:
        events = iterparse(BytesIO(document), ("start-ns",))  # noqa: S314 - without a DTD there is nothing to expand
        names = Names([pair for _, pair in events])
        content = _Document(names, url).read(events.root)  # type: ignore[attr-defined]
    except (ParseError, LookupError, ValueError, Doubt):
        return None
    return content if content.drafts else None


def _known_charset(document: bytes, content_type: str | None) -> bool:
    """Whether all that is said of the encoding comes to UTF-8."""
    in_header, in_document = _CHARSET.search(content_type or ""), _DECLARED.search(document)
    said = {in_header[1].lower()} if in_header else set()
    said |= {in_document[1].decode().lower()} if in_document else set()
    if document.isascii():
        return said <= _LIKE_ASCII
    # Without any word on it feedparser goes by the type: of text, and of none, older rules name older encodings.
    return said <= _UTF8 if said else not (content_type or "text/").strip().startswith("text/")


class _Document:
    """Reads one document and gathers what it says."""

    def __init__(self, names: Names, url: str) -> None:
        self.names = names
        self._url = url
        self._version = ""
        self._title: str | None = None
        self._links: list[tuple[str, str]] = []
        self._drafts: list[Draft] = []

    @property
    def is_atom(self) -> bool:
        return self._version.startswith("atom")

    def read(self, root: Element) -> Content:
        if any(name.lower().endswith("base") for name in root.attrib):
            raise Doubt
        kind = self.names(root)
        self._version = self._version_of(kind, root.get("version"))
        if kind == "feed":
            self._read_feed(root)
        else:
            self._read_root(root)
        return Content(self._version, self._title or "", tuple(self._links), tuple(self._drafts))

    def _version_of(self, kind: str, said: str | None) -> str:
        marks = self.names.marks
        if kind == "rss" and not any(mark.startswith("rss") for mark in marks):
            return _RSS.get(said or "") or ("rss20" if (said or "").startswith("2.") else "rss")
        if kind == "feed" and set(marks) <= {"atom10"}:
            return marks[0] if marks else _ATOM.get(said or "", "atom")
        if kind == "rdf_rdf" and marks and marks[0].startswith("rss"):
            return marks[0]
        raise Doubt

    def _read_root(self, root: Element) -> None:
        """Of RSS or RDF: one channel, and entries within or behind it."""
        channels = 0
        for child in root:
            name = self.names(child)
            if name == "channel" and not channels and child.attrib.keys() <= {_ABOUT, _LANGUAGE}:
                channels += 1
                self._read_feed(child)
            elif name == "item":
                self._drafts.append(_Entry(self).read(child))
            elif name in ("image", "textinput"):
                self._pass_image(child)
            else:
                raise Doubt

    def _read_feed(self, feed: Element) -> None:
        for child in feed:
            name = self.names(child)
            if name in ("item", "entry"):
                self._drafts.append(_Entry(self).read(child))
            elif name in ("title", "dc_title") and self._title is None:
                self._title = _cleaned(*self.markup(child, "text/plain"), TITLE_LIMIT)
            elif name == "link":
                self._links.append(self.link(child)[:2])
            elif name in ("image", "textinput"):
                self._pass_image(child)
            elif len(child) or name not in AROUND_ENTRIES:
                self.pass_by(child)

    def _pass_image(self, image: Element) -> None:
        if any(len(child) or self.names(child) not in IN_IMAGES for child in image):
            raise Doubt

    def pass_by(self, element: Element, *harmless: str) -> None:
        """Makes sure that neither an element nor what is in it means anything."""
        for one in element.iter():
            if (name := self.names(one)) in DOUBTFUL and name not in harmless:
                raise Doubt

    def markup(self, element: Element, usual: str) -> tuple[str, str]:
        """What an element says, and whether that is `text/html` or `text/plain`."""
        attributes = element.attrib
        kind = _TYPES.get(attributes.get("type", usual).lower())
        if kind is None or (attributes and not attributes.keys() <= _ON_MARKUP):
            raise Doubt
        text = said(element)
        # feedparser guesses whether this is markup; where our own guess is yes, both come to the same.
        if kind == "text/plain" and not self.is_atom and _MAYBE_MARKUP.search(text) and not looks_like_html(text):
            raise Doubt
        return text, kind

    def address(self, element: Element, *, resolved: bool = True) -> str:
        text = (element.text or "").strip()
        if len(element):
            raise Doubt
        text = self._resolved(text) if resolved and text else text
        return text if text.isascii() else _mended(text)

    def link(self, element: Element) -> tuple[str, str, bool]:
        """Its relation, its address, and whether it leads to what the entry is about."""
        attributes = _attributes(element)
        href = attributes.get("href")
        if href is None and not attributes:
            address = self.address(element)
            return (
                "alternate",
                _REFERENCE.sub(r"&\1", address.replace("&amp;", "&")) if "&" in address else address,
                True,
            )
        if not href or "url" in attributes or "uri" in attributes or len(element):
            raise Doubt
        relation = attributes.get("rel", "alternate").lower()
        kind = attributes.get("type", "text/html").lower()
        return relation, self._resolved(href), relation == "alternate" and kind in _PAGES

    def _resolved(self, address: str) -> str:
        if _PLAIN_ADDRESS.fullmatch(address):
            return address
        try:
            return urljoin(self._url, _SLASHES.sub(r"\1\3", address))
        except ValueError:
            return ""


class _Entry:
    """Reads one entry: its elements in their order, since feedparser lets some win over others by it."""

    def __init__(self, document: _Document) -> None:
        self._document = document
        self._title: tuple[str, str] | None = None
        self._settled = False
        self._summary: tuple[str, str] | None = None
        self._contents: list[tuple[str, str]] = []
        self._guid: str | None = None
        self._link: str | None = None
        self._dates: list[datetime | None] = [None, None, None]
        self._outlet = ""

    def read(self, entry: Element) -> Draft:
        if not entry.attrib.keys() <= {_ABOUT, _LANGUAGE}:
            raise Doubt
        self._guid = entry.get(_ABOUT) or None
        for child in entry:
            self._take(self._document.names(child), child)
        return Draft(
            title=_cleaned(*self._title, TITLE_LIMIT) if self._title else "",
            summary=next(filter(None, self._summaries()), ""),
            guid=self._guid,
            link=self._link,
            dated_at=next(filter(None, self._dates), None),
            outlet=self._outlet,
        )

    def _summaries(self) -> Iterator[str]:
        # Where there is content, it was taken for the summary if nothing else was.
        texts = [self._summary, *self._contents] if self._summary else []
        return (_cleaned(text, kind, SUMMARY_LIMIT) for text, kind in texts)

    def _take(self, name: str, element: Element) -> None:
        if name in DATES:
            self._dates[DATES[name]] = _date(element)
        elif name == "link":
            _, address, leads = self._document.link(element)
            self._link = address if leads else self._link
        elif name in ("guid", "id"):
            self._take_id(element)
        elif name in ("title", "dc_title", "media_title"):
            self._take_title(element, settles=name != "media_title")
        elif name in SUMMARIES:
            self._take_summary(element, SUMMARIES[name])
        elif name in CONTENTS:
            self._take_content(self._document.markup(element, CONTENTS[name]))
        elif name == "source":
            self._outlet, self._settled = from_html(said(element), OUTLET_LIMIT), False
        elif name == "image" and not len(element):
            self._settled = False
        elif len(element) or name in DOUBTFUL:
            self._document.pass_by(element, *(("media_title",) if self._settled else ()))

    def _take_title(self, element: Element, *, settles: bool) -> None:
        title = self._document.markup(element, "text/plain")
        if not self._settled:
            self._title = title
            self._settled = settles and title[0] != ""

    def _take_id(self, element: Element) -> None:
        is_link = _attributes(element).get("ispermalink", "true") == "true"
        self._guid = self._document.address(element, resolved=is_link)
        if is_link and self._link is None:
            self._link = self._guid

    def _take_summary(self, element: Element, usual: str) -> None:
        if self._summary is not None and not self._contents:
            self._take_content(self._document.markup(element, "text/plain"))
        else:
            self._summary = self._document.markup(element, usual)

    def _take_content(self, content: tuple[str, str]) -> None:
        self._contents.append(content)
        if self._summary is None:
            self._summary = content[0], "text/html"


def _attributes(element: Element) -> dict[str, str]:
    """The attributes of an address."""
    attributes = {name.lower(): value for name, value in element.attrib.items() if name != _LANGUAGE}
    if any(name.startswith("{") or name == "base" for name in attributes):
        raise Doubt
    return attributes


def said(element: Element) -> str:
    """The text of an element that holds nothing else."""
    if len(element):
        raise Doubt
    text = (element.text or "").strip()
    return text if text.isascii() else _mended(text)


def _mended(text: str) -> str:
    """The text without what encoding it twice has made of it."""
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    if _CONTROL.search(text):
        raise Doubt
    return text


def _date(element: Element) -> datetime | None:
    text = said(element)
    at = read_date(text)
    if text and at is None:
        raise Doubt
    return at


def _cleaned(text: str, kind: str, limit: int) -> str:
    return from_html(text, limit) if kind == "text/html" else from_any(text, limit)
