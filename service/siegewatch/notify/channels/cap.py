"""Common Alerting Protocol 1.2 (OASIS, docs.oasis-open.org/emergency/cap/v1.2): a document for each alert.

Posted to a receiver, or written to a folder that a web server shows. News is no warning by an authority: certainty
is never *Observed*, the response asked for is to monitor, and every alert says that it is not verified, and when it
expires.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from xml.etree import ElementTree

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import ChannelSpec, Message, Verdict
from siegewatch.domain.digest import Digest
from siegewatch.domain.event import Event
from siegewatch.domain.ops import OpsAlert, OpsType
from siegewatch.domain.taxonomy import Precision, Severity, Status
from siegewatch.net.door import Door
from siegewatch.notify.channels.base import REFUSALS, Capacity, post, utc_now
from siegewatch.notify.channels.files import path_of, replace_file, tried
from siegewatch.notify.digest import tone, within
from siegewatch.notify.layout import facts
from siegewatch.notify.render import Words, gravest_first, words
from siegewatch.notify.text import cut, inert

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
LASTS = timedelta(hours=24)
KEPT = timedelta(hours=48)
"""How long the folder keeps a document: a day longer than it holds, for receivers that were away."""

HEADLINE_LIMIT = 160
DESCRIPTION_LIMIT = 10_000
LINK_LIMIT = 2_000
_SUFFIX = ".cap.xml"
_AROUND_KM = {Precision.SITE: 2, Precision.CITY: 10}
_SEVERITIES = {Severity.FLASH: "Severe", Severity.UPDATE: "Moderate", Severity.WATCH: "Minor"}
_URGENCIES = {Severity.FLASH: "Immediate", Severity.UPDATE: "Expected", Severity.WATCH: "Future"}
_FORBIDDEN_IN_NAMES = frozenset(" ,<&")


class CapChannel:
    """`options.sender` names who issues them, as an address of a domain of one's own."""

    needs_url = True
    schemes: ClassVar = ("file", "http", "https")
    options: ClassVar = ("sender",)
    capacity = Capacity(title=HEADLINE_LIMIT, text=DESCRIPTION_LIMIT)
    example: ClassVar = ChannelSpec(
        "example", "cap", "https://cap.example.org/in/exampletoken0", options={"sender": "siegewatch@example.org"}
    )

    def __init__(self, spec: ChannelSpec, door: Door, clock: Callable[[], datetime] = utc_now) -> None:
        self._spec = spec
        self._door = door
        self._clock = clock

    @staticmethod
    def check(spec: ChannelSpec) -> Sequence[str]:
        """Who sends, in the form that CAP asks of it."""
        sender = spec.options.get("sender", "")
        if sender and sender.isprintable() and _FORBIDDEN_IN_NAMES.isdisjoint(sender):
            return []
        what = "has spaces, commas, < or &" if sender else "is missing"
        return [f"options.sender {what}, write siegewatch@your.domain"]

    def send(self, message: Message) -> Verdict:
        """One attempt."""
        sender, now = self._spec.options["sender"], self._clock()
        if urlsplit(self._spec.url).scheme != "file":
            headers = {"Content-Type": "application/cap+xml"}
            return post(self._door, self._spec, document(message, sender), headers, now, REFUSALS)
        return tried(lambda: _put(path_of(self._spec.url), message, sender, now))


def document(message: Message, sender: str, references: Sequence[str] = ()) -> bytes:
    """The alert as CAP. With references to earlier ones of its story it is an update of them; without, one of the same
    incident, as an update must name what it updates."""
    alert, told = message.alert, words(message)
    root = ElementTree.Element("alert", xmlns=NAMESPACE)
    _add(root, "identifier", identifier(message))
    _add(root, "sender", sender)
    _add(root, "sent", _time(alert.at))
    _add(root, "status", "System" if isinstance(alert, OpsAlert) else "Test" if message.test else "Actual")
    _add(root, "msgType", "Update" if references else "Alert")
    _add(root, "scope", "Public")
    if references:
        _add(root, "references", " ".join(references))
    _add(root, "incidents", _name(told.thread))
    _info(root, message, told)
    written: bytes = ElementTree.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def identifier(message: Message) -> str:
    """The alert's, the same to every channel."""
    return _name(f"siegewatch.{message.alert.id}")


def _info(root: ElementTree.Element, message: Message, told: Words) -> None:
    alert = message.alert
    info = ElementTree.SubElement(root, "info")
    _add(info, "language", "en")
    _add(info, "category", "Infra" if isinstance(alert, OpsAlert) else "Security")
    _add(info, "event", _event(alert))
    _add(info, "responseType", "Monitor")
    urgency, severity, certainty = _axes(alert)
    _add(info, "urgency", urgency)
    _add(info, "severity", severity)
    _add(info, "certainty", certainty)
    _add(info, "expires", _time(alert.at + LASTS))
    _add(info, "senderName", "siegewatch, from news reports")
    _add(info, "headline", cut(inert(told.headline), HEADLINE_LIMIT))
    _add(info, "description", _description(told))
    link = told.story_link or told.link or told.all_link
    if link and len(link) <= LINK_LIMIT:
        _add(info, "web", link)
    if isinstance(alert, Alert):
        _area(info, gravest_first(alert)[0], told)


def _description(told: Words) -> str:
    said = facts(told)
    room = DESCRIPTION_LIMIT - sum(len(inert(fact)) + 1 for fact in said)
    listed = within(told.sections, room, lambda line: len(inert(line.text)) + 1)
    lines = [*(quote.text for quote in told.quotes), *(line.text for line in listed), *said]
    return cut(inert("\n".join(lines)), DESCRIPTION_LIMIT)


def _axes(alert: Alert | OpsAlert | Digest) -> tuple[str, str, str]:
    """Urgency, severity and certainty, which are three things: a threat of two outlets is likely, yet in the future."""
    if isinstance(alert, Digest):
        gravest = tone(alert)
        if isinstance(gravest, Severity):
            return _URGENCIES[gravest], _SEVERITIES[gravest], "Possible"
        return "Unknown", "Unknown", "Observed"
    if isinstance(alert, OpsAlert):
        return ("Past" if alert.type is OpsType.CLEARED else "Unknown"), "Unknown", "Observed"
    threatened = all(event.status is Status.THREATENED for event in alert.events)
    certainty = "Likely" if len(alert.story.outlets) > 1 and not threatened else "Possible"
    return _URGENCIES[alert.severity], _SEVERITIES[alert.severity], certainty


def _area(info: ElementTree.Element, event: Event, told: Words) -> None:
    place, country = event.place, event.country
    area = ElementTree.SubElement(info, "area")
    _add(area, "areaDesc", cut(inert(told.where), HEADLINE_LIMIT) or "not named")
    around = _AROUND_KM.get(place.precision) if place and place.precision else None
    if place and around and place.lat is not None and place.lon is not None:
        _add(area, "circle", f"{place.lat:.4f},{place.lon:.4f} {around}")
    if country:
        code = ElementTree.SubElement(area, "geocode")
        _add(code, "valueName", "ISO 3166-1")
        _add(code, "value", country.upper())


def _event(alert: Alert | OpsAlert | Digest) -> str:
    if isinstance(alert, Digest):
        return "Digest of alerts"
    if isinstance(alert, OpsAlert):
        return "Trouble of the service"
    event = gravest_first(alert)[0]
    return f"{event.kind.capitalize()}, {event.status}: {event.phase}"


def _put(folder: Path, message: Message, sender: str, now: datetime) -> None:
    """Writes the document, and clears away those that nobody needs any more. Raises OSError."""
    earlier = sorted(_earlier(folder, message))
    replace_file(folder / f"{identifier(message)}{_SUFFIX}", document(message, sender, earlier))
    for path in folder.glob(f"*{_SUFFIX}"):
        if now.timestamp() - path.stat().st_mtime > KEPT.total_seconds():
            path.unlink(missing_ok=True)


def _earlier(folder: Path, message: Message) -> Iterator[str]:
    """What CAP calls references: the documents of the same story that were sent before and still hold."""
    incident, at = _name(words(message).thread), message.alert.at
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            root = ElementTree.parse(path).getroot()  # noqa: S314 - what this channel wrote itself
        except (ElementTree.ParseError, FileNotFoundError):
            continue
        sender, name, sent, incidents = (_text(root, tag) for tag in ("sender", "identifier", "sent", "incidents"))
        if incidents == incident and at - LASTS < datetime.fromisoformat(sent) < at:
            yield f"{sender},{name},{sent}"


def _text(root: ElementTree.Element, tag: str) -> str:
    return root.findtext(f"{{{NAMESPACE}}}{tag}", "")


def _add(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = text


def _time(at: datetime) -> str:
    """CAP wants the offset in digits; UTC is -00:00."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _name(text: str) -> str:
    """A name without what CAP forbids in one."""
    return "".join("-" if mark in _FORBIDDEN_IN_NAMES or mark.isspace() else mark for mark in text)
