"""What siegewatch tells of itself: troubles of its sources, channels and queues, raised once and cleared once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Subject(StrEnum):
    """What is in trouble. `canary` also tells that all is well."""

    FEED = "feed"
    CHANNEL = "channel"
    NETWORK = "network"
    QUEUE = "queue"
    CANARY = "canary"


ALL_QUIET = "all quiet"
"""The name of the daily sign of life: told as the end of a trouble of the canary that never was."""


WEEK = "week"
"""The name of the weekly message that says how good alerts were, told in the same way."""

SIGNS = frozenset({ALL_QUIET, WEEK})


class OpsType(StrEnum):
    RAISED = "ops.raised"
    CLEARED = "ops.cleared"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong, known by subject and name; `reason` is one sentence, `since` when it began."""

    subject: Subject
    name: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Flight:
    """The canary sent last, and when it was decided. `seconds` is how long that took the last one that arrived;
    `lost_since` is when the first of those was sent that did not arrive since."""

    id: str
    sent_at: datetime
    arrived_at: datetime | None = None
    seconds: float | None = None
    lost_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpsChange:
    """A trouble that began or ended, on its way to be told; `at` is when that was noticed."""

    type: OpsType
    trouble: Trouble
    at: datetime


@dataclass(frozen=True, slots=True)
class OpsAlert:
    """Our decision to tell a trouble, or its end. Both have an id of their own; subject, name and `since` are the
    same, so that a receiver knows which trouble ended."""

    id: str
    type: OpsType
    trouble: Trouble
    at: datetime
    channels: tuple[str, ...] = ()
