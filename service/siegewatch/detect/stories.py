"""Stories: whose fight an event belongs to, and what a report changes in it."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from siegewatch.detect.beginnings import since_when
from siegewatch.detect.course import UNDER_WAY, change_by, is_eased, is_holder
from siegewatch.detect.tellers import named, outlet_of, step_told_by, story_told_by
from siegewatch.detect.tellings import as_worded, is_recap
from siegewatch.detect.tolls import tolls_in
from siegewatch.domain.alert import event_severity
from siegewatch.domain.event import Event, Place
from siegewatch.domain.item import Item
from siegewatch.domain.ledger import OVER, fights
from siegewatch.domain.story import Beat, Since, Source, Story, Toll
from siegewatch.domain.taxonomy import Change, Kind, Precision, Severity, Status

STORY_RUNS = timedelta(days=14)
"""A story without a report for this long is over; the next report opens another."""

SIEGE_RUNS = timedelta(days=60)
"""A siege goes on while nobody reports it: a named place under siege is waited for longer."""

MOST_BEATS = 200
MOST_SIDES = 20
MOST_TOLLS = 60
TITLE_KEPT = 160
"""Characters of the headline that a step keeps, so that a timeline can be read when the items are gone."""


def story_key(event: Event, item: Item) -> str:
    """The place or front an event belongs to: the place where it is known, a part of a city counting as the city; else
    its name, else the country, else the sides; an item that names none of them is a story of its own."""
    place = event.place
    if place and place.precision is not Precision.COUNTRY:
        return f"p:{place.within}" if place.within else _place_key(place, event.country)
    if event.country:
        return f"c:{event.country}"
    sides = [event.attacker_id or event.attacker, event.defender_id or event.defender]
    named = sorted(_fold(side) for side in sides if side)
    return "s:" + "|".join(named) if named else f"i:{item.root}"


def _place_key(place: Place, country: str | None) -> str:
    """A site that no list of towns has is known by where it lies: it has several names (*Chernobyl*, *the Chernobyl
    nuclear power plant*)."""
    if place.geonames_id:
        return f"p:{place.geonames_id}"
    sited = place.precision in (Precision.SITE, Precision.CITY) and place.lat is not None and place.lon is not None
    return f"n:{country or ''}:{f'{place.lat:.2f},{place.lon:.2f}' if sited else _fold(place.name)}"


def _spot(event: Event) -> str | None:
    """The key of the place itself, where the story is that of the city it lies in."""
    place = event.place
    return _place_key(place, event.country) if place and place.within else None


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(mark for mark in plain if mark.isalnum())


def gravest_first(events: Iterable[Event]) -> list[Event]:
    """Events by severity, actual ones first, in their own order otherwise."""
    order = list(Severity)
    return sorted(events, key=lambda event: order.index(event_severity(event, Change.OPENED)))


@dataclass(frozen=True, slots=True)
class Told:
    """A story after one report: what that changed, the events that changed it, and what was made of the text; whether
    a toll was among it that no source had given; and the events that only name the place of what was told."""

    story: Story
    change: Change
    events: tuple[Event, ...]
    steps: tuple[str, ...] = ()
    counts_anew: bool = False
    placed: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class _Report:
    """One item as a source: since when it says that each kind of fight goes on, and whom it counts."""

    item: Item
    since: dict[Kind, Since]
    tolls: tuple[Toll, ...]
    source: Source | None = None


def tell(story: Story | None, key: str, events: Iterable[Event], item: Item, source: Source | None = None) -> Told:
    """Adds what one item, whose words are those of `source`, reports of one place to its story, opening one where none
    runs."""
    found = tuple(events)
    report = _read(found, item, source)
    running = None if story is None or is_over(story, item) else story
    events = tuple(as_worded(event, item, report.since.get(event.kind), running) for event in found)
    steps = _steps(found, events, report)
    if running is None:
        story = _open(key, events[0], item, story)
        changes = dict.fromkeys(events, Change.OPENED)
    else:
        story = running
        events = tuple(event for event in events if not _adds_nothing(event, story, item))
        changes = {event: change_by(story, event, item, _spot(event)) for event in events}
    order = list(Change)
    change = min(changes.values(), key=order.index, default=Change.NONE)
    changing = tuple(event for event in events if changes[event] is not Change.NONE)
    told = _add(story, events, changing, report)
    anew = _counts_anew(story, told)
    if change is Change.NONE and anew and events:
        change, changing = Change.TOLL, events
    return Told(told, change, changing, steps, anew and bool(changing))


def _adds_nothing(event: Event, story: Story, item: Item) -> bool:
    """Whether a recap tells of a fight that is known, or a side besieges what it holds itself."""
    recap = is_recap(item) and any(beat.kind is event.kind for beat in story.timeline)
    return recap or is_holder(story, event)


def _read(events: tuple[Event, ...], item: Item, told_by: Source | None) -> _Report:
    kinds = dict.fromkeys(event.kind for event in events)
    told = {kind: since for kind in kinds if (since := since_when(item, kind))}
    source = item.outlet or item.feed or item.id
    tolls = tuple(Toll(events[0].kind, one, source, item.id, item.published_at) for one in tolls_in(item))
    return _Report(item, told, tolls, told_by)


def _steps(found: tuple[Event, ...], told: tuple[Event, ...], report: _Report) -> tuple[str, ...]:
    aged = (
        f"{event.kind} told as ongoing, not {event.phase}: {report.since[event.kind].words}"
        for event, worded in zip(found, told, strict=True)
        if worded is not event
    )
    counted = (f"toll: {toll.counted.harm} ({toll.counted.words})" for toll in report.tolls)
    recap = ("a recap: no news of its own",) if is_recap(report.item) else ()
    return (*recap, *aged, *counted)


def is_over(story: Story, item: Item) -> bool:
    """Whether a story has been silent for so long that the next report opens another."""
    besieged = story.key[:2] in ("p:", "n:") and story.siege_days(item.seen_at) is not None
    return item.seen_at - story.changed_at > (SIEGE_RUNS if besieged else STORY_RUNS)


def _open(key: str, event: Event, item: Item, before: Story | None) -> Story:
    identity = f"{key}\n{item.id}\n{item.seen_at.isoformat()}".encode()
    return Story(
        id=blake2b(identity, digest_size=6).hexdigest(),
        key=key,
        title=_title(event),
        place=event.place,
        country=event.country,
        opened_at=item.published_at,
        changed_at=item.seen_at,
        follows=before.id if before else None,
    )


def _title(event: Event) -> str:
    where = event.place.name if event.place else None
    if where and event.country and event.place and event.place.precision is not Precision.COUNTRY:
        where = f"{where}, {event.country}"
    sides = [side for side in (event.attacker, event.defender) if side]
    return (
        f"The fight for {where}"
        if where
        else f"Fighting in {event.country}"
        if event.country
        else (f"The fight of {' and '.join(sides)}" if sides else "A fight at an unnamed place")
    )


def _add(story: Story, events: tuple[Event, ...], changing: tuple[Event, ...], report: _Report) -> Story:
    item, timeline = report.item, story.timeline
    for event in events:
        timeline = _stepped(timeline, event, report, anew=event in changing)
    grown = replace(
        _named_after_the_whole(story, events),
        version=story.version + 1,
        changed_at=max(story.changed_at, item.seen_at),
        timeline=timeline[-MOST_BEATS:],
        attackers=named(story.attackers, map(_attacker, events))[-MOST_SIDES:],
        defenders=named(story.defenders, map(_defender, events))[-MOST_SIDES:],
        items=story.items + (item.edit_of is None),
    )
    return replace(story_told_by(grown, item, report.source), tolls=_counted(grown, report.tolls))


def _named_after_the_whole(story: Story, events: Iterable[Event]) -> Story:
    """A story that a part of the city opened takes the city's name and place when a report names it."""
    whole = next((event for event in events if event.place and not event.place.within), None)
    if whole and story.place and story.place.within:
        return replace(story, place=whole.place, title=_title(whole))
    return story


def _stepped(timeline: tuple[Beat, ...], event: Event, report: _Report, *, anew: bool) -> tuple[Beat, ...]:
    """The timeline with one more report: a step of its own where it says something new, else the last step of its
    kind, phase, status and place was reported again."""
    same = same_step(timeline, event)
    eased = is_eased(timeline, event, report.item)
    if same and not (anew or eased):
        again = _reported_again(same, event, report)
        return tuple(again if beat is same else beat for beat in timeline)
    beat = replace(_beat(event, report), news=anew)
    end = None if anew or eased else _end_before(timeline, event)
    if end is None:
        return (*timeline, beat)
    # The report lags: it tells of the fight before its end, and must not have it go on.
    at = timeline.index(end)
    return (*timeline[:at], replace(beat, at=min(beat.at, end.at)), *timeline[at:])


def _end_before(timeline: tuple[Beat, ...], event: Event) -> Beat | None:
    """The step that ended the fight of which the event tells that it goes on."""
    actual = [beat for beat in timeline if beat.kind is event.kind and beat.is_actual]
    ended = bool(actual) and actual[-1].phase in OVER[event.kind]
    goes_on = event.phase in UNDER_WAY[event.kind] and event.status is Status.ACTUAL
    return actual[-1] if ended and goes_on else None


def _beat(event: Event, report: _Report) -> Beat:
    item = report.item
    return Beat(
        event.kind,
        event.phase,
        event.status,
        item.published_at,
        item.id,
        item.published_at,
        event.taken,
        _attacker(event),
        _defender(event),
        item.title[:TITLE_KEPT],
        named((), [outlet_of(item)]),
        _spot(event),
        report.since.get(event.kind),
        sources=(report.source.name,) if report.source else (),
    )


def _reported_again(beat: Beat, event: Event, report: _Report) -> Beat:
    told = [since for since in (beat.since, report.since.get(event.kind)) if since]
    # Who tells of an advance does not say that the place is taken.
    source = report.source if event.taken or not beat.taken else None
    return replace(
        step_told_by(beat, report.item, source),
        last_at=max(beat.last_at, report.item.published_at),
        attacker=beat.attacker or _attacker(event),
        defender=beat.defender or _defender(event),
        since=min(told, key=lambda since: since.at, default=None),
    )


def same_step(timeline: Sequence[Beat], event: Event) -> Beat | None:
    """The last step that tells what the event tells, of the same place; one that also tells of it taken, or not taken,
    only where there is no other."""
    told = (event.kind, event.phase, event.status, _spot(event))
    same = [beat for beat in timeline if (beat.kind, beat.phase, beat.status, beat.spot) == told]
    standing = [beat for beat in same if beat.retracted_by is None]
    return next((beat for beat in reversed(standing) if beat.taken is event.taken), standing[-1] if standing else None)


def _counted(story: Story, fresh: tuple[Toll, ...]) -> tuple[Toll, ...]:
    """The tolls with those of one more item: in the fight that goes on, a source's later count replaces its earlier."""
    running = {fight.kind: fight.beats[0].at for fight in fights(story)}
    kept = [old for old in story.tolls if not any(_is_superseded(old, new, running) for new in fresh)]
    return (*kept, *fresh)[-MOST_TOLLS:]


def _is_superseded(old: Toll, new: Toll, running: dict[Kind, datetime]) -> bool:
    same = (old.kind, old.counted.harm, old.source) == (new.kind, new.counted.harm, new.source)
    return same and old.at <= new.at and old.at >= running.get(old.kind, old.at)


def _counts_anew(before: Story, after: Story) -> bool:
    """Whether a count has come in that no source had given."""
    known = {(toll.kind, toll.counted.harm, toll.counted.least, toll.counted.most) for toll in before.tolls}
    return any(
        (toll.kind, toll.counted.harm, toll.counted.least, toll.counted.most) not in known for toll in after.tolls
    )


def _attacker(event: Event) -> str | None:
    return event.attacker_id or event.attacker


def _defender(event: Event) -> str | None:
    return event.defender_id or event.defender
