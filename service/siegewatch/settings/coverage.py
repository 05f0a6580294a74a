"""Whether one route takes all that another would, or nothing of it: by what both ask for. Pure.

Only what is certain counts: routes that overlap in part, or by places on the map, are left alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from siegewatch.domain.bounds import confidence, hours
from siegewatch.domain.regions import REGIONS
from siegewatch.domain.taxonomy import Change
from siegewatch.settings.matchers import VALUES

_ONLY_ON_REQUEST = frozenset({Change.SIDES, Change.TOLL})
_MINUTES = 24 * 60
_COMPARED = frozenset({"kind", "phase", "status", "country", "severity", "change", "subject", "days", "hours"})
"""Matchers of which two can leave nothing in common: an item has several tags, an event several actors and names."""

Accepted = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a route asks for: its matchers, the zone of its hours (empty: that around it), and whether it is asked for
    changes that ring only on request."""

    match: Mapping[str, tuple[str, ...]]
    zone: str = ""
    asks_for_change: bool = False


def covers(earlier: Taken, later: Taken) -> bool:
    """Whether `earlier` takes all that `later` takes."""
    first, second = _accepted(earlier), _accepted(later)
    if {"hours", "days"} & first.keys() and earlier.zone != later.zone:
        return False
    if not earlier.asks_for_change and later.asks_for_change and second.get("change", frozenset()) & _ONLY_ON_REQUEST:
        return False
    return all(name in second and _at_least(name, values, second[name]) for name, values in first.items())


def excluded(outer: Taken, inner: Taken) -> str | None:
    """What `outer` takes alone, where nothing of `inner` is in it; None where something may be."""
    first, second = _accepted(outer), _accepted(inner)
    for name in sorted(_COMPARED & first.keys() & second.keys()):
        clocks = name in ("hours", "days") and outer.zone != inner.zone
        if not clocks and first[name].isdisjoint(second[name]):
            asked = outer.match.get(name) or outer.match.get("region", ())
            return f"takes {name} {', '.join(asked)} alone"
    return None


def _at_least(name: str, first: frozenset[str], second: frozenset[str]) -> bool:
    if name == "confidence":
        least = [[confidence(value) or 0.0 for value in values] for values in (first, second)]
        return all(least) and min(least[0]) <= min(least[1])
    return second <= first


def _accepted(taken: Taken) -> Accepted:
    """By matcher, what it accepts: countries for regions, minutes for hours; one that accepts all is no matcher."""
    found = {name: frozenset(map(str.casefold, values)) for name, values in taken.match.items()}
    if grounds := [_countries(name, found[name]) for name in ("country", "region") if name in found]:
        found.pop("region", None)
        found["country"] = frozenset.intersection(*grounds)
    if "hours" in found:
        found["hours"] = frozenset(minute for text in found["hours"] for minute in _minutes(text))
    whole = {name: frozenset(VALUES[name]) for name in found.keys() & VALUES.keys() - {"change"}}
    return {name: values for name, values in found.items() if whole.get(name) != values}


def _countries(name: str, values: frozenset[str]) -> frozenset[str]:
    if name == "country":
        return values
    return frozenset(code.casefold() for value in values for code in REGIONS.get(value, ()))


def _minutes(text: str) -> frozenset[str]:
    """The minutes of the day within hours such as `22:00-06:00`."""
    read = hours(text)
    if read is None:
        return frozenset()
    begins, ends = (int(at[:2]) * 60 + int(at[3:]) for at in read)
    span = (ends - begins) % _MINUTES
    return frozenset(str((begins + passed) % _MINUTES) for passed in range(span))
