"""The routes of `alerts.yaml`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from siegewatch.domain.alert import ALERT_MATCHERS, EVENT_MATCHERS, OPS_MATCHERS, Route
from siegewatch.domain.bounds import DAYS, box, confidence, hours, near
from siegewatch.domain.errors import Fault
from siegewatch.domain.feed import Feed
from siegewatch.domain.ops import Subject
from siegewatch.domain.taxonomy import PHASES, Change, Kind, Phase, Severity, Status
from siegewatch.settings.complaints import complaint, meant
from siegewatch.settings.countries import COUNTRIES
from siegewatch.settings.document import Document, Path, shown, shown_key
from siegewatch.settings.section import Section, Words, is_time_of_day, listed, time_zone

MATCHERS = ALERT_MATCHERS | EVENT_MATCHERS | OPS_MATCHERS
VALUES: Mapping[str, tuple[str, ...]] = {
    "severity": tuple(Severity),
    "change": tuple(change for change in Change if change is not Change.NONE),
    "kind": tuple(Kind),
    "phase": tuple(Phase),
    "status": tuple(Status),
    "subject": tuple(Subject),
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


def _values(value: object) -> object:
    return listed(str(value) if isinstance(value, int | float) else value)


class RouteEntry(Section):
    """One entry of the list `routes`."""

    match: dict[str, Annotated[tuple[str, ...], BeforeValidator(_values)]] = Field(
        default={}, description="which alerts take this route: matchers and values; empty takes all"
    )
    channels: Words = Field(description="names of the channels that are told")
    continues: bool = Field(
        default=False, alias="continue", description="whether the routes below are looked at as well"
    )

    time_zone: str = Field(
        default="", description="the zone of its hours and days, such as Asia/Damascus; empty: display.time_zone"
    )
    digest: str = Field(
        default="",
        description="hourly, or a time of day such as 07:00: what it takes is told in one digest then; empty: at once",
    )

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        return time_zone(value) if value else value

    @field_validator("digest")
    @classmethod
    def _when(cls, value: str) -> str:
        if value and value != "hourly" and not is_time_of_day(value):
            raise complaint("is no digest", "write hourly, or a time of day such as 07:00")
        return value

    @field_validator("channels")
    @classmethod
    def _some(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise complaint("is empty", "name at least one channel")
        return value

    def route(self, zone: str) -> Route:
        """As the rest of siegewatch knows it; `zone` is that of the desk."""
        match = {name: _folded(name, values) for name, values in self.match.items()}
        return Route(match, self.channels, self.continues, self.digest, self.time_zone or zone)


def route_faults(document: Document, routes: Mapping[Path, RouteEntry], channels: frozenset[str]) -> Iterator[Fault]:
    """What is wrong with routes beyond their keys. `channels` are all names that the file gives to channels."""
    ends: int | None = None
    for path, entry in routes.items():
        yield from _unknown_channels(document, path, entry, channels)
        for name in entry.match:
            yield from _matcher_faults(document, path, entry, name)
        yield from _impossible(document, path, entry)
        yield from _mixed(document, path, entry)
        if ends is not None and not _of_ops(entry):
            what = f"no alert gets here: the route on line {ends} takes all"
            yield document.fault(path, what, "put continue: true there, or move this route above it")
        elif not entry.match and not entry.continues:
            ends = document.at(path).line


def route_warnings(document: Document, routes: Mapping[Path, RouteEntry], feeds: tuple[Feed, ...]) -> Iterator[Fault]:
    """Tags and feeds that no configured feed has: such a route stays silent."""
    had = {"tag": {tag for feed in feeds for tag in feed.tags}, "feed": {feed.name for feed in feeds}}
    for path, entry in routes.items():
        for name, known in had.items():
            for position, value in enumerate(entry.match.get(name, ())):
                if value not in known:
                    where = (*path, "match", name, position)
                    yield document.fault(
                        where, f"no feed has the {name} {shown(value)}", meant(value, known, "check it")
                    )


def _unknown_channels(document: Document, path: Path, entry: RouteEntry, channels: frozenset[str]) -> Iterator[Fault]:
    for position, name in enumerate(entry.channels):
        where = (*path, "channels", position)
        if name not in channels and where not in document.faulty:
            yield document.fault(where, f"no channel is named {shown(name)}", meant(name, channels))


def _matcher_faults(document: Document, path: Path, entry: RouteEntry, name: str) -> Iterator[Fault]:
    where = (*path, "match", name)
    values = _folded(name, entry.match[name])
    if name not in MATCHERS:
        yield document.fault(where, f"unknown matcher {shown_key(name)}", meant(name, MATCHERS))
    elif not values and where not in document.faulty:
        yield document.fault(where, f"match.{name} is empty and takes nothing", "name a value, or remove it")
    for position, value in enumerate(values):
        place = (*where, position)
        if place in document.faulty:
            continue
        if name in READ and READ[name][0](value) is None:
            yield document.fault(place, f"{shown(value)} is {READ[name][1]}", READ[name][2])
        if name in VALUES and value not in VALUES[name]:
            yield document.fault(place, f"{name} {shown(value)} is not known", meant(value, VALUES[name]))
        if name == "country" and value not in COUNTRIES:
            instead = "write the two letters of ISO 3166-1, such as SY"
            yield document.fault(place, f"country {shown(entry.match[name][position])} is not known", instead)


def _impossible(document: Document, path: Path, entry: RouteEntry) -> Iterator[Fault]:
    """Phases that none of the route's kinds can be in."""
    kinds = [kind for kind in Kind if kind in entry.match.get("kind", ())]
    phases = [phase for phase in Phase if phase in entry.match.get("phase", ())]
    possible = {phase for kind in kinds for phase in PHASES[kind]}
    if kinds and phases and possible.isdisjoint(phases):
        what = f"no {' or '.join(kinds)} is ever {' or '.join(phases)}"
        instead = f"write one of: {', '.join(phase for phase in Phase if phase in possible)}"
        yield document.fault((*path, "match", "phase"), what, instead)


def _of_ops(entry: RouteEntry) -> bool:
    return not OPS_MATCHERS.isdisjoint(entry.match)


def _mixed(document: Document, path: Path, entry: RouteEntry) -> Iterator[Fault]:
    """A route takes ops alerts or news: neither has what the other's matchers ask about."""
    of_news = [name for name in entry.match if name in ALERT_MATCHERS | EVENT_MATCHERS]
    if of_news and _of_ops(entry):
        what = f"match.subject takes ops alerts, which have no {of_news[0]}"
        yield document.fault((*path, "match", of_news[0]), what, "write a route of its own for subject")


def _folded(matcher: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Country codes are upper case, however they were written."""
    return tuple(map(str.upper, values)) if matcher == "country" else values
