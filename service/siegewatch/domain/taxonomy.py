"""Kinds, phases, statuses and severities, as the labelling guidelines and the contract name them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    SIEGE = "siege"
    OFFENSIVE = "offensive"


class Phase(StrEnum):
    IMPOSED = "imposed"
    BROKEN = "broken"
    FALLEN = "fallen"
    LAUNCHED = "launched"
    ADVANCE = "advance"
    REPELLED = "repelled"
    ENDED = "ended"
    ONGOING = "ongoing"


PHASES: Mapping[Kind, frozenset[Phase]] = MappingProxyType(
    {
        Kind.SIEGE: frozenset({Phase.IMPOSED, Phase.ONGOING, Phase.BROKEN, Phase.FALLEN}),
        Kind.OFFENSIVE: frozenset({Phase.LAUNCHED, Phase.ONGOING, Phase.ADVANCE, Phase.REPELLED, Phase.ENDED}),
    }
)
"""Which phases a kind can be in."""


class Status(StrEnum):
    ACTUAL = "actual"
    THREATENED = "threatened"


class Precision(StrEnum):
    """How closely a place is known, finest first."""

    SITE = "site"
    CITY = "city"
    REGION = "region"
    COUNTRY = "country"


class Severity(StrEnum):
    """Gravest first; the order of declaration is the order of gravity."""

    FLASH = "flash"
    UPDATE = "update"
    WATCH = "watch"


class Change(StrEnum):
    """What an item changed in its story; if several, the first in this order is told."""

    OPENED = "opened"
    STATUS = "status"
    PHASE = "phase"
    PLACE = "place"
    SIDES = "sides"
    TOLL = "toll"
    CORROBORATED = "corroborated"
    CORRECTED = "corrected"
    NONE = "none"


class Outcome(StrEnum):
    """What became of one item."""

    NEW = "new"
    REPEAT = "repeat"
    UPDATE = "update"
    RELATED = "related"
    OLD = "old"
    INVALID = "invalid"


class Likeness(StrEnum):
    """How like a report is to an earlier one, the likest first."""

    COPY = "copy"
    """The same words: not worth reading again."""
    REPEAT = "repeat"
    """Other words, no other fact."""
    UPDATE = "update"
    """The same happening or running story, other facts."""
    RELATED = "related"
    """The same war or topic, another happening."""
