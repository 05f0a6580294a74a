"""An Atom feed of alerts (RFC 4287), or with an option RSS, in a file, for any web server to show.

A file and not a page of the web role: it has what its route gave it and nothing else, needs neither store nor token to
be read, and goes on being served while siegewatch does not run.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import ClassVar
from xml.etree import ElementTree

from siegewatch.domain.delivery import ChannelSpec, Message, Verdict
from siegewatch.net.door import Door
from siegewatch.notify.channels import rss
from siegewatch.notify.channels.base import Capacity, utc_now
from siegewatch.notify.channels.feed_file import (
    CONTENT_LIMIT,
    ENTRIES_KEPT,
    LINK_LIMIT,
    TITLE,
    TITLE_LIMIT,
    id_of,
    link_of,
    title_of,
)
from siegewatch.notify.channels.files import path_of, replace_file, tried
from siegewatch.notify.layout import Markup, laid_out
from siegewatch.notify.payload import timestamp
from siegewatch.notify.render import words
from siegewatch.notify.text import inert

NAMESPACE = "http://www.w3.org/2005/Atom"
_FORMATS = ("atom", "rss")
_WRITING = Lock()
"""Two channels of one process may write to one file, each in its thread."""


class AtomChannel:
    """Adds each alert to the feed at `url`, the newest first; an alert that is sent again takes its own place."""

    needs_url = True
    schemes: ClassVar = ("file",)
    options: ClassVar = ("format",)
    capacity = Capacity(title=TITLE_LIMIT, text=CONTENT_LIMIT)
    example: ClassVar = ChannelSpec("example", "atom", "file:///var/www/siegewatch.atom")

    def __init__(self, spec: ChannelSpec, _door: Door, clock: Callable[[], datetime] = utc_now) -> None:
        self._spec = spec
        self._clock = clock

    @staticmethod
    def check(spec: ChannelSpec) -> Sequence[str]:
        """Its format by name."""
        known = spec.options.get("format", "atom") in _FORMATS
        return [] if known else [f"options.format is no format, write {' or '.join(_FORMATS)}"]

    def send(self, message: Message) -> Verdict:
        """One write of the whole file."""
        path = path_of(self._spec.url)

        def write() -> None:
            with _WRITING:
                replace_file(path, self._feed(path, message))

        return tried(write)

    def _feed(self, path: Path, message: Message) -> bytes:
        if self._spec.options.get("format") == "rss":
            return rss.with_item(rss.kept(path), message, self._clock())
        return with_entry(_kept(path), message, self._clock())


def with_entry(entries: list[ElementTree.Element], message: Message, now: datetime) -> bytes:
    """The feed with the message's entry before those that it has."""
    added = _entry(message)
    name = id_of(message)
    others = [entry for entry in entries if entry.findtext(_tag("id")) != name]
    feed = ElementTree.Element(_tag("feed"))
    _add(feed, "id", "urn:siegewatch:alerts")
    _add(feed, "title", TITLE)
    _add(feed, "updated", timestamp(now))
    _add(ElementTree.SubElement(feed, _tag("author")), "name", "siegewatch")
    feed.extend([added, *others][:ENTRIES_KEPT])
    ElementTree.register_namespace("", NAMESPACE)
    written: bytes = ElementTree.tostring(feed, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def _kept(path: Path) -> list[ElementTree.Element]:
    """The entries of the file; none where it is new or was broken from outside."""
    try:
        return ElementTree.parse(path).getroot().findall(_tag("entry"))  # noqa: S314 - what this channel wrote itself
    except (FileNotFoundError, ElementTree.ParseError):
        return []


def _entry(message: Message) -> ElementTree.Element:
    alert, told = message.alert, words(message)
    entry = ElementTree.Element(_tag("entry"))
    _add(entry, "id", id_of(message))
    _add(entry, "title", title_of(told))
    _add(entry, "updated", timestamp(alert.at))
    if link := link_of(told):
        ElementTree.SubElement(entry, _tag("link"), href=link, rel="alternate")
    if told.link and told.link != link and len(told.link) <= LINK_LIMIT:
        ElementTree.SubElement(entry, _tag("link"), href=told.link, rel="via")
    ElementTree.SubElement(entry, _tag("category"), term=str(told.tone))
    _add(entry, "content", laid_out(told, CONTENT_LIMIT, Markup(inert), linked=False))
    return entry


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, _tag(name)).text = text
