"""Whether news satisfies matchers, and which of them. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siegewatch.domain.alert import ALERT_MATCHERS, Alert
from siegewatch.domain.bounds import Box, Near, box, confidence, near, weekday, within_hours
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.regions import regions_of
from siegewatch.domain.taxonomy import Change, Severity
from siegewatch.domain.way import Weighed

Match = Mapping[str, tuple[str, ...]]
Facts = Mapping[str, frozenset[str]]
"""By matcher, the values that would satisfy it, case-folded."""


@dataclass(frozen=True, slots=True)
class News:
    """What matchers ask about: the alert as a whole, and those of its events that may yet satisfy them."""

    events: tuple[Event, ...]
    severity: Severity
    change: Change
    item: Item


def news_of(alert: Alert) -> News:
    """What matchers ask about an alert."""
    return News(alert.events, alert.severity, alert.change, alert.item)


class Weighing(NamedTuple):
    """What became of each matcher; `left` is the news with the events that satisfy all of them, None where it is
    not taken."""

    matchers: tuple[Weighed, ...]
    left: News | None


def weigh(match: Match, zone: str, news: News) -> Weighing:
    """Every matcher, those of the whole alert first. Hours and days are asked of the time when the item was seen, by
    clocks in `zone`."""
    names = sorted(match, key=lambda name: (name not in ALERT_MATCHERS, name))
    weighed = tuple(_weighed(name, match[name], zone, news) for name in names)
    asked = {name: _fold(match[name]) for name in names if name not in ALERT_MATCHERS}
    fit = tuple(event for event in news.events if all(_holds(event, name, values) for name, values in asked.items()))
    is_taken = all(one.holds for one in weighed) and (bool(fit) or not asked)
    return Weighing(weighed, replace(news, events=fit) if is_taken else None)


def takes(match: Match, zone: str, news: News) -> bool:
    """Whether the whole satisfies its matchers, and one single event all of its own."""
    return weigh(match, zone, news).left is not None


def _weighed(name: str, values: tuple[str, ...], zone: str, news: News) -> Weighed:
    asked = _fold(values)
    if name not in ALERT_MATCHERS:
        found = dict.fromkeys(value for event in news.events for value in _found(event, name))
        return Weighed(name, values, tuple(found), any(_holds(event, name, asked) for event in news.events))
    if name == "hours":
        at = news.item.seen_at
        return Weighed(name, values, (_clock(at, zone),), any(within_hours(hours, zone, at) for hours in values))
    facts = _whole(news, zone)[name]
    return Weighed(name, values, tuple(sorted(facts)), not asked.isdisjoint(facts))


def _clock(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def _whole(news: News, zone: str) -> Facts:
    item = news.item
    return {
        "severity": frozenset({news.severity}),
        "change": frozenset({news.change}),
        "tag": _fold(item.tags),
        "outlet": _fold((item.outlet,)),
        "feed": _fold((item.feed,)),
        "days": frozenset({weekday(zone, item.seen_at)}),
    }


def _holds(event: Event, name: str, asked: frozenset[str]) -> bool:
    if name in BOUNDS:
        return BOUNDS[name](event, asked)
    return not asked.isdisjoint(_fold(_facts(event, name)))


def _found(event: Event, name: str) -> tuple[str, ...]:
    """What an event has to show to a matcher, for those who ask why."""
    place = event.place
    if name == "confidence":
        return (f"{event.confidence:.2f}",)
    if name in BOUNDS:
        return (f"{place.lat:.2f} {place.lon:.2f}",) if place and None not in (place.lat, place.lon) else ()
    return tuple(value for value in _facts(event, name) if value)


def _facts(event: Event, name: str) -> tuple[str | None, ...]:
    place = event.place
    if name == "actor":
        return (event.attacker, event.attacker_id, event.defender, event.defender_id)
    if name == "place":
        return (place.name, str(place.geonames_id) if place.geonames_id else None) if place else ()
    if name == "region":
        return regions_of(event.country)
    value: str | None = getattr(event, name, None)
    return (value,)


def _lies_in(event: Event, areas: Sequence[Near | Box | None]) -> bool:
    """An event without a known point lies nowhere."""
    place = event.place
    if place is None or place.lat is None or place.lon is None:
        return False
    return any(area.holds(place.lat, place.lon) for area in areas if area)


def _is_sure(event: Event, values: frozenset[str]) -> bool:
    return any(least is not None and event.confidence >= least for least in map(confidence, values))


BOUNDS: Mapping[str, Callable[[Event, frozenset[str]], bool]] = {
    "near": lambda event, values: _lies_in(event, [near(value) for value in values]),
    "box": lambda event, values: _lies_in(event, [box(value) for value in values]),
    "confidence": _is_sure,
}
"""Matchers that ask for more than equal words."""


def _fold(values: Sequence[str | None]) -> frozenset[str]:
    return frozenset(value.casefold() for value in values if value)
