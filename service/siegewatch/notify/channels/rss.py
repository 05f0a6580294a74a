"""The feed of alerts as RSS 2.0 (rssboard.org/rss-specification), for readers that take no Atom."""

from datetime import datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from siegewatch.domain.delivery import Message
from siegewatch.notify.channels.feed_file import (
    CONTENT_LIMIT,
    ENTRIES_KEPT,
    LINK_LIMIT,
    TITLE,
    id_of,
    link_of,
    title_of,
)
from siegewatch.notify.layout import Markup, laid_out, links
from siegewatch.notify.render import Words, words
from siegewatch.notify.text import inert


def with_item(items: list[ElementTree.Element], message: Message, now: datetime) -> bytes:
    """The feed with the message's item before those that it has."""
    added = _item(message)
    others = [item for item in items if item.findtext("guid") != id_of(message)]
    root = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(root, "channel")
    _add(channel, "title", TITLE)
    _add(channel, "link", message.public_url or "urn:siegewatch:alerts")
    _add(channel, "description", "What news reports tell, not verified")
    _add(channel, "language", "en")
    _add(channel, "lastBuildDate", format_datetime(now))
    channel.extend([added, *others][:ENTRIES_KEPT])
    written: bytes = ElementTree.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def kept(path: Path) -> list[ElementTree.Element]:
    """The items of the file; none where it is new, was Atom before or was broken from outside."""
    try:
        return ElementTree.parse(path).getroot().findall("channel/item")  # noqa: S314 - what this channel wrote itself
    except (FileNotFoundError, ElementTree.ParseError):
        return []


def _item(message: Message) -> ElementTree.Element:
    told = words(message)
    item = ElementTree.Element("item")
    _add(item, "title", title_of(told))
    if link := link_of(told):
        _add(item, "link", link)
    _add(item, "description", _html(told))
    _add(item, "category", str(told.tone))
    _add(item, "guid", id_of(message)).set("isPermaLink", "false")
    _add(item, "pubDate", format_datetime(message.alert.at))
    return item


def _html(told: Words) -> str:
    """Readers take a description for HTML; what feeds wrote in it is text."""
    text = laid_out(told, CONTENT_LIMIT, Markup(lambda said: escape(inert(said))), linked=False)
    led = (f'<a href="{escape(url)}">{escape(label)}</a>' for url, label in links(told) if len(url) <= LINK_LIMIT)
    return f"{text}\n{' · '.join(led)}".strip().replace("\n", "<br>\n")


def _add(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = text
    return element
