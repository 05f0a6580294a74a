"""A subscription: what we have agreed with the hub that pushes a feed (WebSub, W3C Recommendation of 2018)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class PushState(StrEnum):
    """How far a subscription has come."""

    OFFERED = "offered"
    """The feed names a hub that was not asked yet."""

    ASKED = "asked"
    """The hub was asked and has not verified that it was us."""

    ACTIVE = "active"
    """The hub verified it: it pushes until the lease ends."""

    REFUSED = "refused"
    """The hub would not have us."""


@dataclass(frozen=True, slots=True)
class Offer:
    """That a feed is pushed: `hub` is whom to ask, `topic` what for, both absolute web addresses."""

    hub: str
    topic: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed at one hub.

    `key` is the part of the callback's address that nobody can guess. `secrets` are what a push may be signed with, the
    newest first: the older one holds until the hub has verified the newest, and for what it had in hand then.
    `unverified` says that a request is under way, `ask_at` when to send the next one. `pushes` counts signed documents
    received, `ignored` those that were not, `backups` the polls since the last push that found what none had brought.
    """

    hub: str
    topic: str
    ask_at: datetime
    key: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    state: PushState = PushState.OFFERED
    unverified: bool = False
    asked_at: datetime | None = None
    lease_until: datetime | None = None
    pushed_at: datetime | None = None
    pushes: int = 0
    ignored: int = 0
    backups: int = 0
    reason: str | None = None
