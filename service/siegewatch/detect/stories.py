"""Stories: whose fight an event belongs to, and what a report changes in it."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b

from siegewatch.domain.alert import event_severity
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.story import Beat, Story
from siegewatch.domain.taxonomy import Change, Kind, Phase, Precision, Severity, Status

STORY_RUNS = timedelta(days=14)
"""A story without a report for this long is over; the next report opens another."""

LAG = timedelta(hours=18)
"""Outlets lag: for so long, reports of what a story has already gone through are not news."""

NEXT_CAPTURE = timedelta(hours=12)
"""On a front, whose places are not named, what is taken so long after the last one is another place."""

THREAT_HOLDS = timedelta(hours=72)
"""A threat once told is not told again for so long."""

MOST_BEATS = 200
MOST_SIDES = 20
MOST_OUTLETS = 1_000

_UNDER_WAY = {
    Kind.SIEGE: frozenset({Phase.IMPOSED, Phase.ONGOING}),
    Kind.OFFENSIVE: frozenset({Phase.LAUNCHED, Phase.ADVANCE, Phase.ONGOING}),
}


def story_key(event: Event, item: Item) -> str:
    """The place or front an event belongs to: the place where it is known, else its name, else the country,
    else the sides; an item that names none of them is a story of its own."""
    place = event.place
    if place and place.precision is not Precision.COUNTRY:
        return f"p:{place.geonames_id}" if place.geonames_id else f"n:{event.country or ''}:{_fold(place.name)}"
    if event.country:
        return f"c:{event.country}"
    sides = [event.attacker_id or event.attacker, event.defender_id or event.defender]
    named = sorted(_fold(side) for side in sides if side)
    return "s:" + "|".join(named) if named else f"i:{item.root}"


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(mark for mark in plain if mark.isalnum())


def gravest_first(events: Iterable[Event]) -> list[Event]:
    """Events by severity, actual ones first, in their own order otherwise."""
    order = list(Severity)
    return sorted(events, key=lambda event: order.index(event_severity(event, Change.OPENED)))


@dataclass(frozen=True, slots=True)
class Told:
    """A story after one report: what that changed, and the events that changed it."""

    story: Story
    change: Change
    events: tuple[Event, ...]


def tell(story: Story | None, key: str, events: Iterable[Event], item: Item) -> Told:
    """Adds what one item reports of one place to its story, opening one where none runs."""
    events = tuple(events)
    if story is None or item.seen_at - story.changed_at > STORY_RUNS:
        story = _open(key, events[0], item)
        changes = dict.fromkeys(events, Change.OPENED)
    else:
        changes = {event: change_by(story, event, item) for event in events}
    order = list(Change)
    change = min(changes.values(), key=order.index)
    changing = tuple(event for event in events if changes[event] is not Change.NONE)
    return Told(_add(story, events, changing, item), change, changing)


def _open(key: str, event: Event, item: Item) -> Story:
    identity = f"{key}\n{item.id}\n{item.seen_at.isoformat()}".encode()
    return Story(
        id=blake2b(identity, digest_size=6).hexdigest(),
        key=key,
        title=_title(event),
        place=event.place,
        country=event.country,
        opened_at=item.published_at,
        changed_at=item.seen_at,
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


def change_by(story: Story, event: Event, item: Item) -> Change:
    """What one event changes in a running story."""
    same_kind = [beat for beat in story.timeline if beat.kind is event.kind]
    actual = [beat for beat in same_kind if beat.status is Status.ACTUAL]
    if event.status is Status.THREATENED:
        return _by_threat(event, same_kind, item)
    if not actual:
        return Change.STATUS if same_kind else Change.PHASE
    if _is_taken_anew(story, event, actual, item) or _is_next(event, actual, item):
        return Change.PHASE
    return _by_sides(story, event)


def _is_taken_anew(story: Story, event: Event, actual: list[Beat], item: Item) -> bool:
    """Whether the place changes hands: nobody had it, or somebody else had; on a front, whether another falls."""
    captures = [beat for beat in actual if beat.taken]
    if not event.taken or not captures:
        return event.taken
    if _is_front(story):
        return not _since(captures, item, NEXT_CAPTURE)
    holders = [beat.attacker for beat in captures]
    return bool(_attacker(event) and holders[-1] and _attacker(event) != holders[-1])


def _is_front(story: Story) -> bool:
    return story.place is None or story.place.precision is Precision.COUNTRY


def _by_threat(event: Event, same_kind: list[Beat], item: Item) -> Change:
    """A threat is news where neither it nor the thing itself was told of late."""
    recent = _since(same_kind, item, THREAT_HOLDS)
    return Change.NONE if any(beat.phase is event.phase for beat in recent) else Change.PHASE


def _is_next(event: Event, actual: list[Beat], item: Item) -> bool:
    """Whether an actual phase is one the story has not gone through of late.

    *Ongoing* is news only after the fight had ended; *launched* only where no fighting was under way; and a report
    older than the last one tells how things began, not that they begin again.
    """
    if actual[-1].phase is event.phase or any(beat.phase is event.phase for beat in _since(actual, item, LAG)):
        return False
    under_way = _UNDER_WAY[event.kind]
    if event.phase in under_way and item.published_at < actual[-1].at:
        return False
    lately = {beat.phase for beat in _since(actual, item, LAG)}
    if event.phase is Phase.ONGOING:
        return actual[-1].phase not in under_way and not lately
    return not (event.phase is Phase.LAUNCHED and lately & under_way)


def _since(beats: list[Beat], item: Item, span: timedelta) -> list[Beat]:
    """The steps that were still reported within `span` before the item."""
    return [beat for beat in beats if item.published_at - beat.last_at <= span]


def _by_sides(story: Story, event: Event) -> Change:
    """A side that the story knows by none of its names is a change of sides; the first one named is not."""
    for side, known in ((event.attacker_id, story.attackers), (event.defender_id, story.defenders)):
        if side and known and side not in known:
            return Change.SIDES
    return Change.NONE


def _add(story: Story, events: tuple[Event, ...], changing: tuple[Event, ...], item: Item) -> Story:
    timeline = story.timeline
    for event in events:
        timeline = _stepped(timeline, event, item, anew=event in changing)
    return replace(
        story,
        version=story.version + 1,
        changed_at=max(story.changed_at, item.seen_at),
        timeline=timeline[-MOST_BEATS:],
        attackers=_named(story.attackers, map(_attacker, events))[-MOST_SIDES:],
        defenders=_named(story.defenders, (event.defender_id or event.defender for event in events))[-MOST_SIDES:],
        outlets=_named(story.outlets, [item.outlet or item.feed])[:MOST_OUTLETS],
        items=story.items + (item.edit_of is None),
    )


def _stepped(timeline: tuple[Beat, ...], event: Event, item: Item, *, anew: bool) -> tuple[Beat, ...]:
    """The timeline with one more report: a step of its own where it says something new, else the last step of its
    kind, phase and status was reported again."""
    same = [beat for beat in timeline if _is_same_step(beat, event)]
    if anew or not same:
        at = item.published_at
        beat = Beat(event.kind, event.phase, event.status, at, item.id, at, event.taken, _attacker(event))
        return (*timeline, beat)
    again = replace(same[-1], last_at=max(same[-1].last_at, item.published_at))
    return tuple(again if beat is same[-1] else beat for beat in timeline)


def _is_same_step(beat: Beat, event: Event) -> bool:
    return (beat.kind, beat.phase, beat.status) == (event.kind, event.phase, event.status)


def _attacker(event: Event) -> str | None:
    return event.attacker_id or event.attacker


def _named(known: tuple[str, ...], names: Iterable[str | None]) -> tuple[str, ...]:
    fresh = [name for name in names if name and name not in known]
    return (*known, *dict.fromkeys(fresh))
