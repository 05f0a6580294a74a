"""A delivery: one alert, of news or of ourselves, on its way to one channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from siegewatch.domain.alert import Alert
from siegewatch.domain.ops import OpsAlert


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: `status` is the HTTP status where there was one; `answer` the start of what came back, redacted."""

    at: datetime
    ok: bool
    status: int | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`id` is stable for (alert, channel) and is sent as `webhook-id`."""

    id: str
    alert: str
    channel: str
    created_at: datetime
    due_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: tuple[Attempt, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The channel took it."""

    status: int | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now: try again, no sooner than `after_seconds` where the channel said so."""

    reason: str
    status: int | None = None
    after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never: this delivery is dead. `disable` says that the channel asks for no more at all (HTTP 410)."""

    reason: str
    status: int | None = None
    disable: bool = False


Verdict = Accepted | Retry | Rejected
"""What sending came to."""


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """A channel as an operator configured it. An empty `url` where the type needs one means that it is off.
    Address and secrets are kept out of the repr."""

    name: str
    type: str
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is given to send: `id` is the delivery's and goes out as `webhook-id`.
    `public_url` is the address of the page, empty where none is set. `test` marks a sample."""

    id: str
    alert: Alert | OpsAlert
    public_url: str = ""
    time_zone: str = "UTC"
    test: bool = False
