"""Stories as an Atom feed (RFC 4287), for feed readers."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree as Xml

from siegewatch.apps.exports.ledger import phase_words, toll_words
from siegewatch.domain.ledger import Fight, fights
from siegewatch.domain.story import Story

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_GEORSS = "http://www.georss.org/georss"
Xml.register_namespace("georss", _GEORSS)


def as_atom(stories: Sequence[Story], now: datetime, public_url: str) -> bytes:
    """An entry a story, as it stands now; its `updated` moves with every report. Links need a public address."""
    feed = Xml.Element("feed", {"xmlns": _ATOM})
    _add(feed, "id", f"{public_url}/stories.atom" if public_url else "urn:siegewatch:stories")
    _add(feed, "title", "siegewatch: sieges and offensives")
    _add(feed, "updated", _time(max((story.changed_at for story in stories), default=now)))
    _add(_add(feed, "author"), "name", "siegewatch")
    if public_url:
        _add(feed, "link", rel="self", href=f"{public_url}/stories.atom")
    for story in stories:
        feed.append(_entry(story, now, public_url))
    written: bytes = Xml.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(story: Story, now: datetime, public_url: str) -> Xml.Element:
    entry = Xml.Element("entry")
    address = f"{public_url}/api/v1/stories/{quote(story.id, safe='')}"
    _add(entry, "id", address if public_url else f"urn:siegewatch:story:{story.id}")
    _add(entry, "title", f"{story.title}: {_standing(story, now)}")
    _add(entry, "updated", _time(story.changed_at))
    _add(entry, "published", _time(story.opened_at))
    if public_url:
        _add(entry, "link", rel="alternate", type="application/json", href=address)
    for fight in fights(story):
        _add(entry, "category", term=str(fight.kind))
    if story.place and story.place.lat is not None and story.place.lon is not None:
        _add(entry, f"{{{_GEORSS}}}point", f"{story.place.lat} {story.place.lon}")
    _add(entry, "content", "\n".join(_lines(story, now)), type="text")
    return entry


def _standing(story: Story, now: datetime) -> str:
    last = {beat.kind: beat for beat in story.timeline}
    told = ", ".join(f"{kind} {phase_words(beat)}" for kind, beat in last.items())
    days = story.siege_days(now)
    return f"{told} (day {days + 1:,} of the siege)" if days else told


def _lines(story: Story, now: datetime) -> Iterator[str]:
    for fight in fights(story):
        yield fight_words(fight, now)
        yield from (f"{beat.at:%Y-%m-%d %H:%M} {phase_words(beat)}: {beat.title}" for beat in fight.beats)
        yield from (f"{toll_words(toll)} ({', '.join(toll.sources)})" for toll in fight.tolls)


def fight_words(fight: Fight, now: datetime) -> str:
    """*Siege since 2014-01-04 (since 2013), 1,340 days, broken 2017-09-05*."""
    begun = f" since {fight.begun_at:%Y-%m-%d}" if fight.begun_at else ", threatened"
    words = f" (“{fight.begun_words}”)" if fight.begun_words else ""
    days = fight.days(now)
    lasted = f", {days:,} day{'' if days == 1 else 's'}" if days is not None else ""
    ended = f", {fight.ended_how} {fight.ended_by.at:%Y-%m-%d}" if fight.ended_by else ""
    return f"{fight.kind.capitalize()}{begun}{words}{lasted}{ended}"


def _add(parent: Xml.Element, tag: str, text: str | None = None, **attributes: str) -> Xml.Element:
    child = Xml.SubElement(parent, tag, attributes)
    child.text = _clean(text) if text is not None else None
    return child


def _clean(text: str) -> str:
    """Without what XML 1.0 section 2.2 forbids, for titles come from strangers."""
    return "".join(
        mark for mark in text if mark in "\n\t" or (mark.isprintable() and not 0xD800 <= ord(mark) <= 0xDFFF)
    )


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
