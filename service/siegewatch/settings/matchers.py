"""Matchers of routes, silences and inhibitions as an operator writes them, and what can be wrong with one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator

from siegewatch.domain.alert import ALERT_MATCHERS, EVENT_MATCHERS, OPS_MATCHERS
from siegewatch.domain.bounds import DAYS, box, confidence, hours, near
from siegewatch.domain.errors import Fault
from siegewatch.domain.ops import Subject
from siegewatch.domain.regions import REGIONS
from siegewatch.domain.taxonomy import PHASES, Change, Kind, Phase, Severity, Status
from siegewatch.settings.complaints import meant
from siegewatch.settings.countries import COUNTRIES
from siegewatch.settings.document import Document, Path, shown, shown_key
from siegewatch.settings.section import listed

MATCHERS = ALERT_MATCHERS | EVENT_MATCHERS | OPS_MATCHERS
NEWS_MATCHERS = ALERT_MATCHERS | EVENT_MATCHERS
VALUES: Mapping[str, tuple[str, ...]] = {
    "severity": tuple(Severity),
    "change": tuple(change for change in Change if change is not Change.NONE),
    "kind": tuple(Kind),
    "phase": tuple(Phase),
    "status": tuple(Status),
    "subject": tuple(Subject),
    "region": tuple(sorted(REGIONS)),
    "days": DAYS,
}
"""The matchers whose values are known beforehand, with those values."""

READ: Mapping[str, tuple[Callable[[str], object | None], str, str]] = {
    "near": (near, "no point and radius", "write latitude, longitude and kilometres, such as 33.51 36.29 50km"),
    "box": (box, "no box", "write south, west, north and east, such as 32.3 35.7 37.3 42.4"),
    "confidence": (confidence, "no confidence", "write the least, from 0 to 1, such as 0.8"),
    "hours": (hours, "no hours", "write when they begin and end, such as 08:00-18:00"),
}
"""The matchers whose values have a form of their own: what reads it, what is wrong where it cannot, what to write."""

Wrong = tuple[str, str]
"""What is wrong, and what to write instead."""

Match = Mapping[str, tuple[str, ...]]


def _values(value: object) -> object:
    return listed(str(value) if isinstance(value, int | float) else value)


Matchers = dict[str, Annotated[tuple[str, ...], BeforeValidator(_values)]]


def folded(match: Match) -> dict[str, tuple[str, ...]]:
    """As the rest of siegewatch knows them: country codes are upper case, however they were written."""
    return {name: tuple(map(str.upper, values)) if name == "country" else values for name, values in match.items()}


def wrong_name(name: str) -> Wrong | None:
    """What is wrong with the name of a matcher."""
    return None if name in MATCHERS else (f"unknown matcher {shown_key(name)}", meant(name, MATCHERS))


def wrong_value(name: str, value: str) -> Wrong | None:
    """What is wrong with one value of a known matcher."""
    if name in READ and READ[name][0](value) is None:
        return f"{shown(value)} is {READ[name][1]}", READ[name][2]
    if name in VALUES and value not in VALUES[name]:
        return f"{name} {shown(value)} is not known", meant(value, VALUES[name])
    if name == "country" and value.upper() not in COUNTRIES:
        return f"country {shown(value)} is not known", "write the two letters of ISO 3166-1, such as SY"
    return None


def impossible(match: Match) -> Wrong | None:
    """Why no event can satisfy the matchers together: phases that none of the kinds can be in, countries outside the
    regions."""
    kinds = [kind for kind in Kind if kind in match.get("kind", ())]
    phases = [phase for phase in Phase if phase in match.get("phase", ())]
    possible = {phase for kind in kinds for phase in PHASES[kind]}
    if kinds and phases and possible.isdisjoint(phases):
        what = f"no {' or '.join(kinds)} is ever {' or '.join(phases)}"
        return what, f"write one of: {', '.join(phase for phase in Phase if phase in possible)}"
    countries, regions = match.get("country", ()), match.get("region", ())
    within = frozenset[str]().union(*(REGIONS.get(region, frozenset()) for region in regions))
    if countries and regions and within.isdisjoint(map(str.upper, countries)):
        return f"{' or '.join(countries)} is not in {' or '.join(regions)}", "write one of the two alone"
    return None


def match_faults(document: Document, where: Path, match: Match) -> Iterator[Fault]:
    """What is wrong with the matchers that stand at `where`, one by one."""
    for name, values in match.items():
        path = (*where, name)
        wrong = wrong_name(name)
        if wrong:
            yield document.fault(path, *wrong)
        elif not values and path not in document.faulty:
            yield document.fault(path, f"match.{name} is empty and takes nothing", "name a value, or remove it")
        for position, value in enumerate(values):
            place = (*path, position)
            wrong_one = None if wrong or place in document.faulty else wrong_value(name, value)
            if wrong_one:
                yield document.fault(place, *wrong_one)
