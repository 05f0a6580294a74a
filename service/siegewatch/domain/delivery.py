"""A delivery: one alert, of news or of ourselves, on its way to one channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from siegewatch.domain.alert import Alert
from siegewatch.domain.digest import Digest, Gathered
from siegewatch.domain.feedback import Feedback
from siegewatch.domain.ops import OpsAlert
from siegewatch.domain.standing import Terms


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    DIGESTED = "digested"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: `status` is the HTTP status where there was one; `answer` the start of what came back, redacted.
    `counts` towards giving up: not where the channel as a whole was busy or paused."""

    at: datetime
    ok: bool
    status: int | None = None
    answer: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """`id` is stable for (alert, channel) and is sent as `webhook-id`; `alert` may be that of a digest.

    `lines` are the stories (or the trouble) whose order it keeps: it waits for what stands before it in any of them.
    `gather` is why it waits to be told together with others, `digest` the delivery in which it was, and
    `tells` how many alerts it tells.
    """

    id: str
    alert: str
    channel: str
    created_at: datetime
    due_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: tuple[Attempt, ...] = ()
    reason: str | None = None
    lines: tuple[str, ...] = ()
    gather: Gathered | None = None
    digest: str | None = None
    tells: int = 1


def delivery_id(alert: str, channel: str) -> str:
    """The id of the alert's delivery to the channel, the same for every attempt: a digest, since a channel's name
    may hold a dot, which Standard Webhooks keeps for itself in what is signed."""
    return "msg_" + blake2b(f"{alert}\n{channel}".encode(), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The channel took it. `receipt` is by what it finds the message again, to answer in its thread or edit it; empty
    where it cannot, or where this is not the first of a thread."""

    status: int | None = None
    answer: str = ""
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now: try again, no sooner than `after_seconds` where the channel said so. `unsent` says that the request
    never reached it."""

    reason: str
    status: int | None = None
    after_seconds: float | None = None
    unsent: bool = False

    @property
    def is_busy(self) -> bool:
        """Whether the channel as a whole takes nothing now (HTTP 429, 503), whatever it is sent."""
        return self.status in (429, 503)


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
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Thread:
    """What a channel told first of a story: where, the `alert` (None where it is no longer known), what was `said` of
    it, and where readers of it can answer."""

    receipt: str
    alert: Alert | None = None
    said: tuple[Feedback, ...] = ()
    answer_url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is given to send: `id` is the delivery's and goes out as `webhook-id`.
    `public_url` is the address of the page, empty where none is set; `answer_url` is where whoever reads it can say
    whether it was right, empty where that is not asked. `test` marks a sample. `thread` is what was told before of its
    story, for channels that have `threads`; `said` what readers said of the alert, where it is told again."""

    id: str
    alert: Alert | OpsAlert | Digest
    public_url: str = ""
    time_zone: str = "UTC"
    test: bool = False
    answer_url: str = ""
    thread: Thread | None = None
    said: tuple[Feedback, ...] = ()
