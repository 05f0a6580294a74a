"""Which channels an alert goes to. Pure: the contract's rules over the routes of `alerts.yaml`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from siegewatch.domain.alert import ALERT_MATCHERS, OPS_MATCHERS, Route
from siegewatch.domain.bounds import Box, Near, box, confidence, near, weekday, within_hours
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.ops import Subject, Trouble
from siegewatch.domain.taxonomy import Change, Severity

_ONLY_ON_REQUEST = frozenset({Change.SIDES, Change.TOLL})


@dataclass(frozen=True, slots=True)
class Routed:
    """`channels` in the order of the routes, each once; `path` says of every route looked at what it did; `digests`
    are the channels that only routes with a digest chose, with the first such route's."""

    channels: tuple[str, ...]
    path: tuple[str, ...]
    digests: Mapping[str, str] = field(default_factory=dict)


Facts = Mapping[str, frozenset[str]]
"""By matcher, the values that would satisfy it, case-folded."""


def route(events: Sequence[Event], severity: Severity, change: Change, item: Item, routes: Sequence[Route]) -> Routed:
    """Which channels are told of news: routes that ask for ops alerts are passed by. Hours and days are asked of the
    time at which the item was seen."""
    whole = _folded(severity=(severity,), change=(change,), tag=item.tags, outlet=(item.outlet,), feed=(item.feed,))
    return _walk(routes, lambda branch: _hindrance(branch, _timed(whole, branch, item.seen_at), events, change))


def route_ops(trouble: Trouble, routes: Sequence[Route]) -> Routed:
    """Which channels are told of a trouble: those of routes that ask for its subject, but for the one that is itself
    in trouble."""
    routed = _walk(routes, lambda branch: _ops_hindrance(branch, trouble.subject))
    return replace(routed, channels=fit_to_tell(trouble, routed.channels), digests={})


def fit_to_tell(trouble: Trouble, channels: Iterable[str]) -> tuple[str, ...]:
    """The channels but for the one that is itself in trouble."""
    own = trouble.name if trouble.subject is Subject.CHANNEL else None
    return tuple(channel for channel in channels if channel != own)


def _walk(routes: Sequence[Route], hindrance_of: Callable[[Route], str | None]) -> Routed:
    """Walk the routes from the top; the first match that does not continue ends the walk."""
    channels: dict[str, str] = {}
    path: list[str] = []
    for number, branch in enumerate(routes, start=1):
        hindrance = hindrance_of(branch)
        path.append(f"route {number} ({_asked(branch)}): {hindrance or _effect(branch)}")
        if hindrance is None:
            for channel in branch.channels:
                # Told at once by one route and in a digest by another, it is told at once.
                channels[channel] = branch.digest and channels.get(channel, branch.digest)
            if not branch.continues:
                break
    digests = {channel: digest for channel, digest in channels.items() if digest}
    return Routed(tuple(channels), tuple(path) or ("there are no routes",), digests)


def _timed(whole: Facts, branch: Route, at: datetime) -> Facts:
    """With the hours and days of the branch that it is now."""
    now = frozenset(hours for hours in branch.match.get("hours", ()) if within_hours(hours, branch.zone, at))
    return {**whole, "hours": now, "days": frozenset({weekday(branch.zone, at)})}


def _hindrance(branch: Route, whole: Facts, events: Sequence[Event], change: Change) -> str | None:
    """Why `branch` does not match news, None where it does."""
    if OPS_MATCHERS & branch.match.keys():
        return "passed by, as it asks for ops alerts"
    if change in _ONLY_ON_REQUEST and "change" not in branch.match:
        return f"passed by, as a change of {change} rings only where match.change asks for it"
    asked = {name: frozenset(map(str.casefold, values)) for name, values in branch.match.items()}
    for name in sorted(ALERT_MATCHERS & asked.keys()):
        if asked[name].isdisjoint(whole[name]):
            return (
                "passed by, as it is another time" if name == "hours" else f"passed by, as {name} is {_or(whole[name])}"
            )
    of_event = {name: values for name, values in asked.items() if name not in ALERT_MATCHERS}
    if of_event and not any(_satisfies(event, of_event) for event in events):
        return "passed by, as no event has all of that"
    return None


def _ops_hindrance(branch: Route, subject: Subject) -> str | None:
    if "subject" not in branch.match:
        return "passed by, as it does not ask for a subject"
    asked = frozenset(map(str.casefold, branch.match["subject"]))
    return None if subject in asked else f"passed by, as subject is {subject}"


def _satisfies(event: Event, asked: Facts) -> bool:
    facts = _event_facts(event)
    return all(
        BOUNDS[name](event, values) if name in BOUNDS else not values.isdisjoint(facts.get(name, frozenset()))
        for name, values in asked.items()
    )


def _is_near(event: Event, values: frozenset[str]) -> bool:
    return _lies_in(event, [near(value) for value in values])


def _is_in_box(event: Event, values: frozenset[str]) -> bool:
    return _lies_in(event, [box(value) for value in values])


def _lies_in(event: Event, areas: Sequence[Near | Box | None]) -> bool:
    """An event without a known point lies nowhere."""
    place = event.place
    if place is None or place.lat is None or place.lon is None:
        return False
    return any(area.holds(place.lat, place.lon) for area in areas if area)


def _is_sure(event: Event, values: frozenset[str]) -> bool:
    return any(least is not None and event.confidence >= least for least in map(confidence, values))


BOUNDS: Mapping[str, Callable[[Event, frozenset[str]], bool]] = {
    "near": _is_near,
    "box": _is_in_box,
    "confidence": _is_sure,
}
"""Matchers that ask for more than equal words."""


def _event_facts(event: Event) -> Facts:
    place = event.place
    return _folded(
        kind=(event.kind,),
        phase=(event.phase,),
        status=(event.status,),
        country=(event.country,),
        place=(place.name, str(place.geonames_id) if place.geonames_id else None) if place else (),
        actor=(event.attacker, event.attacker_id, event.defender, event.defender_id),
    )


def _folded(**facts: Sequence[str | None]) -> Facts:
    return {name: frozenset(value.casefold() for value in values if value) for name, values in facts.items()}


def _asked(branch: Route) -> str:
    return "; ".join(f"{name}: {', '.join(values)}" for name, values in branch.match.items()) or "everything"


def _effect(branch: Route) -> str:
    when = f" in a digest ({branch.digest})" if branch.digest else ""
    return f"matched, tells {', '.join(branch.channels)}{when}{' and goes on' if branch.continues else ''}"


def _or(values: frozenset[str]) -> str:
    return ", ".join(sorted(values)) or "unknown"
