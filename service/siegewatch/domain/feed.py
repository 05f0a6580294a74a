"""A feed: what we poll, and what we know of how that goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

PRIORITIES = ("critical", "high", "normal", "low")
"""Which feeds go first when many are due at once."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed as an operator configured it.

    `every` is None where the global interval holds. `allow` holds networks in CIDR that this feed may reach besides
    `network.allow`. `source` names the plugin that reads it. `filled_in` says that a part of the address stood behind
    `${…}`, and so may be a secret that does not look like one.
    """

    url: str
    name: str
    tags: tuple[str, ...] = ()
    every: timedelta | None = None
    priority: str = "normal"
    outlet: str | None = None
    source: str = "feed"
    allow: tuple[str, ...] = ()
    filled_in: bool = False

    @property
    def id(self) -> str:
        """Twelve hex digits that stand for the address: stable over renames and restarts."""
        return blake2b(self.url.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request sends back byte for byte (RFC 9110 section 13), and the last body's hash.

    `read_at` is when a body was last read in full: identities are refreshed by reading, so validators
    that are too old are not used.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How polling a feed goes. `problem` is the last fault in one line, None while all is well;
    `remark` is a thing worth knowing that harms nothing, such as a cut."""

    polled_at: datetime | None = None
    ok_at: datetime | None = None
    item_at: datetime | None = None
    status: int | None = None
    failures: int = 0
    problem: str | None = None
    remark: str | None = None
    entries: int = 0
    items: int = 0
    title: str | None = None


@dataclass(frozen=True, slots=True)
class FeedState:
    """All that is remembered of a feed between polls."""

    validators: Validators = field(default_factory=Validators)
    health: FeedHealth = field(default_factory=FeedHealth)


Written = Mapping[str, str | tuple[str, ...]]
"""An entry of feeds.yaml: its keys and values as they were written, before `${…}` is filled in."""


class Origin(StrEnum):
    """Where a feed was written down: what stands in the file is removed there."""

    FILE = "feeds.yaml"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class AddedFeed:
    """A feed added at run time. Kept as it was written: the rules of the day are asked whenever it is read, and a
    secret behind `${…}` is never stored. `id` is the feed's at the time."""

    id: str
    written: Written
    at: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a feed is not polled: since when, who decided so (`operator`, or the phase that did), and for what reason."""

    since: datetime
    by: str
    reason: str = ""

    def __str__(self) -> str:
        return f"paused by {self.by}" + (f": {self.reason}" if self.reason else "")


@dataclass(frozen=True, slots=True)
class Listed:
    """One feed that there is. `added` is None where it stands in feeds.yaml."""

    feed: Feed
    added: AddedFeed | None = None
    pause: Pause | None = None

    @property
    def origin(self) -> Origin:
        """Where it was written down."""
        return Origin.ADDED if self.added else Origin.FILE
