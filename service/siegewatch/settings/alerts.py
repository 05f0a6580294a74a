"""`alerts.yaml`: where alerts can go, and which go there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any

from pydantic import Field

from siegewatch.domain.alert import Route
from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.errors import Fault
from siegewatch.domain.feed import Feed
from siegewatch.domain.inhibition import Inhibition
from siegewatch.settings.channels import ChannelEntry, channel_faults
from siegewatch.settings.complaints import checked, checked_each
from siegewatch.settings.document import Document, Path, shown
from siegewatch.settings.inhibit import InhibitEntry, inhibit_faults
from siegewatch.settings.quantities import Network
from siegewatch.settings.routes import RouteEntry, branches, route_faults, route_warnings
from siegewatch.settings.section import Section


class AlertsFile(Section):
    channels: tuple[Any, ...] = Field(default=(), description="where alerts can go")
    routes: tuple[Any, ...] = Field(default=(), description="which alerts go where, read from the top")
    inhibit: tuple[Any, ...] = Field(default=(), description="what is held back while something graver was told")


@dataclass(frozen=True, slots=True)
class AlertRules:
    """What channels and routes are checked against. `allow` is None where `network.allow` itself is at fault."""

    allow: tuple[Network, ...] | None
    types: Mapping[str, EntryPoint]
    feeds: tuple[Feed, ...]
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Alerts:
    """What the file says, and all that is wrong with it."""

    channels: tuple[ChannelSpec, ...] = ()
    routes: tuple[Route, ...] = ()
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    inhibit: tuple[Inhibition, ...] = ()


def console_alone(file: str) -> Alerts:
    """What holds without the file: everything to the console, and a warning that says so."""
    warning = Fault(file, 0, "no such file: every alert goes to the console alone", "write it to send alerts elsewhere")
    console = ChannelSpec(name="console", type="console")
    return Alerts((console,), (Route(match={}, channels=(console.name,)),), (), (warning,))


def read_alerts(document: Document, rules: AlertRules) -> Alerts:
    """Channels and routes, with their faults; warnings only where no fault is left that might explain them."""
    whole, faults = checked(AlertsFile, document.data, document)
    if whole is None:
        return Alerts(faults=tuple(faults))
    channels, wrong_channels = checked_each(ChannelEntry, whole.channels, document, "channels")
    routes, wrong_routes = checked_each(RouteEntry, whole.routes, document, "routes")
    inhibits, wrong_inhibits = checked_each(InhibitEntry, whole.inhibit, document, "inhibit")
    faults = [
        *wrong_channels,
        *wrong_routes,
        *wrong_inhibits,
        *channel_faults(document, channels, rules.types, rules.allow),
        *route_faults(document, routes, _names(whole.channels)),
        *inhibit_faults(document, inhibits),
    ]
    warnings = [] if faults else [*_unused(document, channels, routes), *route_warnings(document, routes, rules.feeds)]
    return Alerts(
        tuple(entry.spec() for entry in channels.values()),
        tuple(entry.route(rules.zone) for entry in routes.values()),
        tuple(faults),
        tuple(warnings),
        tuple(entry.inhibition(rules.zone) for entry in inhibits.values()),
    )


def _names(channels: tuple[Any, ...]) -> frozenset[str]:
    """All channels' names, of those too that are otherwise at fault."""
    return frozenset(
        entry["name"] for entry in channels if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    )


def _unused(
    document: Document, channels: Mapping[Path, ChannelEntry], routes: Mapping[Path, RouteEntry]
) -> Iterator[Fault]:
    if not routes:
        yield document.fault(("routes",), "no route is listed: no alert goes anywhere", "add - {channels: [console]}")
    named = {name for branch in branches(routes) for name in branch.entry.channels}
    for path, entry in channels.items():
        if routes and entry.name not in named:
            what = f"no route names the channel {shown(entry.name)}"
            yield document.fault((*path, "name"), what, "add it to a route, or remove it")
