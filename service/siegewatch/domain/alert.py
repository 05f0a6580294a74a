"""An alert: our decision to tell, with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.silence import Hushed
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import Change, Kind, Phase, Severity, Status


class AlertType(StrEnum):
    OPENED = "alert.opened"
    UPDATED = "alert.updated"
    CORRECTED = "alert.corrected"


@dataclass(frozen=True, slots=True)
class Alert:
    """`channels` are those that routing chose, in the order of the routes, `digests` says of some of them when they
    are told; `reason` is one sentence. `hushed` says why it was told nobody."""

    id: str
    type: AlertType
    severity: Severity
    reason: str
    change: Change
    events: tuple[Event, ...]
    story: Story
    item: Item
    at: datetime
    channels: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    hushed: Hushed | None = None


_FLASH_PHASES = frozenset({Phase.IMPOSED, Phase.BROKEN, Phase.FALLEN, Phase.LAUNCHED})
_FLASH_CHANGES = frozenset({Change.OPENED, Change.STATUS, Change.PHASE, Change.PLACE})


def event_severity(event: Event, change: Change) -> Severity:
    """The contract's table: severity of one event when `change` is what it changed."""
    if event.status is not Status.ACTUAL or change is Change.CORROBORATED:
        return Severity.WATCH
    grave = event.phase in _FLASH_PHASES or (event.kind is Kind.OFFENSIVE and event.taken)
    return Severity.FLASH if grave and change in _FLASH_CHANGES else Severity.UPDATE


def alert_severity(events: tuple[Event, ...], change: Change) -> Severity:
    """The gravest severity among the events of one alert (at least one)."""
    order = list(Severity)
    return min((event_severity(event, change) for event in events), key=order.index)


@dataclass(frozen=True, slots=True)
class Route:
    """A branch of the routing tree: `match` maps a matcher's name to the values it accepts. `digest` says when what it
    takes is told together: `hourly`, a time of day, or empty for at once. Its hours and days are those of `zone`.

    `routes` are looked at for what it takes: where one of them takes it too, that one tells in its place.
    """

    match: Mapping[str, tuple[str, ...]]
    channels: tuple[str, ...]
    continues: bool = False
    digest: str = ""
    zone: str = "UTC"
    routes: tuple["Route", ...] = ()


ALERT_MATCHERS = frozenset({"severity", "change", "tag", "outlet", "feed", "hours", "days"})
"""Matchers that ask about the alert as a whole."""

EVENT_MATCHERS = frozenset(
    {"kind", "phase", "status", "country", "region", "place", "actor", "near", "box", "confidence"}
)
"""Matchers of which one single event must satisfy all."""

OPS_MATCHERS = frozenset({"subject"})
"""Matchers that ask about an ops alert; a route with one takes no news, and one without takes no ops alert."""
