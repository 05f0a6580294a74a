"""The routes of `alerts.yaml`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field, field_validator

from siegewatch.domain.alert import OPS_MATCHERS, Route
from siegewatch.domain.errors import Fault
from siegewatch.domain.feed import Feed
from siegewatch.settings.complaints import complaint, meant
from siegewatch.settings.coverage import Taken, covers, excluded
from siegewatch.settings.document import Document, Path, shown
from siegewatch.settings.matchers import NEWS_MATCHERS, Matchers, folded, impossible, match_faults
from siegewatch.settings.section import Section, Words, is_time_of_day, time_zone

_AT_ONCE = "none"


class RouteEntry(Section):
    """One entry of the list `routes`, or of the `routes` of another."""

    match: Matchers = Field(
        default={}, description="which alerts take this route: matchers and values; empty takes all"
    )
    channels: Words = Field(
        default=(), description="names of the channels that are told; inside another route: its, unless named"
    )
    continues: bool = Field(
        default=False, alias="continue", description="whether the routes below are looked at as well"
    )

    time_zone: str = Field(
        default="",
        description="the zone of its hours and days, such as Asia/Damascus; empty: that of the route around it, or "
        "display.time_zone",
    )
    digest: str = Field(
        default="",
        description="hourly, or a time of day such as 07:00: what it takes is told in one digest then; none: at once; "
        "empty: as the route around it, else at once",
    )
    routes: tuple["RouteEntry", ...] = Field(
        default=(), description="routes inside it, for what it takes: one that matches tells in its place"
    )

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        return time_zone(value) if value else value

    @field_validator("digest")
    @classmethod
    def _when(cls, value: str) -> str:
        if value not in ("", "hourly", _AT_ONCE) and not is_time_of_day(value):
            raise complaint("is no digest", "write hourly, a time of day such as 07:00, or none")
        return value

    @field_validator("channels")
    @classmethod
    def _some(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise complaint("is empty", "name at least one channel")
        return value

    def route(self, zone: str, channels: tuple[str, ...] = (), digest: str = "") -> Route:
        """As the rest of siegewatch knows it; zone, channels and digest are those of the route around it, or the
        desk's zone."""
        own_zone, own_channels = self.time_zone or zone, self.channels or channels
        own_digest = "" if self.digest == _AT_ONCE else self.digest or digest
        inside = tuple(entry.route(own_zone, own_channels, own_digest) for entry in self.routes)
        return Route(folded(self.match), own_channels, self.continues, own_digest, own_zone, inside)


@dataclass(frozen=True, slots=True)
class Branch:
    """One route of the tree where it stands: `above` are those around it, the outermost first."""

    path: Path
    entry: RouteEntry
    above: tuple["Branch", ...] = ()

    @property
    def is_of_ops(self) -> bool:
        """Whether it takes ops alerts, by its own matchers or by those around it."""
        return any(not OPS_MATCHERS.isdisjoint(one.entry.match) for one in (*self.above, self))

    @property
    def taken(self) -> Taken:
        """What it asks for by itself, and whether it is asked for changes that ring only on request."""
        zone = next((one.entry.time_zone for one in (self, *reversed(self.above)) if one.entry.time_zone), "")
        match = folded(self.entry.match)
        return Taken(match, zone, any("change" in one.entry.match for one in (*self.above, self)))


def branches(routes: Mapping[Path, RouteEntry], above: tuple[Branch, ...] = ()) -> Iterator[Branch]:
    """Every route of the tree, each before those inside it."""
    for path, entry in routes.items():
        branch = Branch(path, entry, above)
        yield branch
        yield from branches(_inside(branch), (*above, branch))


def _kinds(around: Sequence[Branch]) -> tuple[str, ...]:
    """The kinds that the innermost of the routes around one asks for that asks for any."""
    return next((kinds for one in reversed(around) if (kinds := one.entry.match.get("kind", ()))), ())


def _inside(branch: Branch) -> dict[Path, RouteEntry]:
    return {(*branch.path, "routes", position): entry for position, entry in enumerate(branch.entry.routes)}


def route_faults(document: Document, routes: Mapping[Path, RouteEntry], channels: frozenset[str]) -> Iterator[Fault]:
    """What is wrong with routes beyond their keys. `channels` are all names that the file gives to channels."""
    tree = tuple(branches(routes))
    for branch in tree:
        yield from _channel_faults(document, branch, channels)
        yield from match_faults(document, (*branch.path, "match"), branch.entry.match)
        if found := impossible({"kind": _kinds(branch.above), **folded(branch.entry.match)}):
            yield document.fault((*branch.path, "match", "phase"), *found)
        yield from _mixed(document, branch)
        yield from _shut_out(document, branch)
    yield from _unreachable(document, tree)


def route_warnings(document: Document, routes: Mapping[Path, RouteEntry], feeds: tuple[Feed, ...]) -> Iterator[Fault]:
    """Tags and feeds that no configured feed has: such a route stays silent. Zones without anything to ask of them."""
    had = {"tag": {tag for feed in feeds for tag in feed.tags}, "feed": {feed.name for feed in feeds}}
    for branch in branches(routes):
        for name, known in had.items():
            for position, value in enumerate(branch.entry.match.get(name, ())):
                if value not in known:
                    where = (*branch.path, "match", name, position)
                    yield document.fault(
                        where, f"no feed has the {name} {shown(value)}", meant(value, known, "check it")
                    )
        within = (branch.entry, *(one.entry for one in branches(_inside(branch))))
        if branch.entry.time_zone and not any({"hours", "days"} & one.match.keys() for one in within):
            what = "time_zone has no effect: the route asks for no hours or days"
            yield document.fault((*branch.path, "time_zone"), what, "remove it, or add match.hours")


def _channel_faults(document: Document, branch: Branch, channels: frozenset[str]) -> Iterator[Fault]:
    if not any(one.entry.channels for one in (*branch.above, branch)):
        yield document.fault(branch.path, "channels is missing", "write it")
    for position, name in enumerate(branch.entry.channels):
        where = (*branch.path, "channels", position)
        if name not in channels and where not in document.faulty:
            yield document.fault(where, f"no channel is named {shown(name)}", meant(name, channels))


def _mixed(document: Document, branch: Branch) -> Iterator[Fault]:
    """A route takes ops alerts or news: neither has what the other's matchers ask about."""
    of_news = [name for name in branch.entry.match if name in NEWS_MATCHERS]
    if of_news and branch.is_of_ops:
        what = f"match.subject takes ops alerts, which have no {of_news[0]}"
        yield document.fault((*branch.path, "match", of_news[0]), what, "write a route of its own for subject")
    elif "subject" in branch.entry.match and branch.above and not branch.above[0].is_of_ops:
        what = "no ops alert gets here: the route around it takes news"
        yield document.fault((*branch.path, "match", "subject"), what, "write a route of its own for subject")


def _shut_out(document: Document, branch: Branch) -> Iterator[Fault]:
    """A route inside another that leaves nothing for it."""
    for outer in branch.above:
        if found := excluded(outer.taken, branch.taken):
            what = f"no alert gets here: the route around it, on line {document.at(outer.path).line}, {found}"
            yield document.fault(branch.path, what, "write it beside that route, or change one of the two")
            return


def _unreachable(document: Document, tree: Sequence[Branch]) -> Iterator[Fault]:
    """Routes below one that takes all that they would, and does not continue."""
    for branch in tree:
        for earlier in tree:
            if earlier.path == branch.path:
                break
            beside = earlier.path[:-1] == branch.path[:-1] and earlier.is_of_ops == branch.is_of_ops
            if beside and not earlier.entry.continues and covers(earlier.taken, branch.taken):
                takes = "all of that" if earlier.entry.match else "all"
                what = f"no alert gets here: the route on line {document.at(earlier.path).line} takes {takes}"
                yield document.fault(branch.path, what, "put continue: true there, or move this route above it")
                break
