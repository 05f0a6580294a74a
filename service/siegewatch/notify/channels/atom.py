"""An Atom feed of alerts (RFC 4287) in a file, for any web server to show.

A file and not a page of the web role: it has what its route gave it and nothing else, needs neither store nor token to
be read, and goes on being served while siegewatch does not run.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import ClassVar
from xml.etree import ElementTree

from siegewatch.domain.delivery import ChannelSpec, Message, Verdict
from siegewatch.net.door import Door
from siegewatch.notify.channels.base import Capacity, utc_now
from siegewatch.notify.channels.files import path_of, replace_file, tried
from siegewatch.notify.layout import Markup, laid_out
from siegewatch.notify.payload import timestamp
from siegewatch.notify.render import words
from siegewatch.notify.text import cut, inert

NAMESPACE = "http://www.w3.org/2005/Atom"
ENTRIES_KEPT = 100
TITLE_LIMIT = 300
CONTENT_LIMIT = 10_000
LINK_LIMIT = 2_000
_WRITING = Lock()
"""Two channels of one process may write to one file, each in its thread."""


class AtomChannel:
    """Adds each alert to the feed at `url`, the newest first; an alert that is sent again takes its own place."""

    needs_url = True
    schemes: ClassVar = ("file",)
    capacity = Capacity(title=TITLE_LIMIT, text=CONTENT_LIMIT)
    example: ClassVar = ChannelSpec("example", "atom", "file:///var/www/siegewatch.atom")

    def __init__(self, spec: ChannelSpec, _door: Door, clock: Callable[[], datetime] = utc_now) -> None:
        self._spec = spec
        self._clock = clock

    def send(self, message: Message) -> Verdict:
        """One write of the whole file."""
        path = path_of(self._spec.url)

        def write() -> None:
            with _WRITING:
                replace_file(path, with_entry(_kept(path), message, self._clock()))

        return tried(write)


def with_entry(entries: list[ElementTree.Element], message: Message, now: datetime) -> bytes:
    """The feed with the message's entry before those that it has."""
    added = _entry(message)
    name = _id(message)
    others = [entry for entry in entries if entry.findtext(_tag("id")) != name]
    feed = ElementTree.Element(_tag("feed"))
    _add(feed, "id", "urn:siegewatch:alerts")
    _add(feed, "title", "siegewatch: sieges and offensives in the news")
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
    _add(entry, "id", _id(message))
    _add(entry, "title", cut(inert(told.headline), TITLE_LIMIT))
    _add(entry, "updated", timestamp(alert.at))
    link = told.story_link or told.link or told.all_link
    if link and len(link) <= LINK_LIMIT:
        ElementTree.SubElement(entry, _tag("link"), href=link, rel="alternate")
    if told.link and told.link != link and len(told.link) <= LINK_LIMIT:
        ElementTree.SubElement(entry, _tag("link"), href=told.link, rel="via")
    ElementTree.SubElement(entry, _tag("category"), term=str(told.tone))
    _add(entry, "content", laid_out(told, CONTENT_LIMIT, Markup(inert), linked=False))
    return entry


def _id(message: Message) -> str:
    return f"urn:siegewatch:alert:{message.alert.id}"


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, _tag(name)).text = text
