"""A feed: what we poll, and what we know of how that goes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

PRIORITIES = ("critical", "high", "normal", "low")
"""Which feeds go first when many are due at once."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed as an operator configured it.

    `every` is None where the global interval holds. `allow` holds networks in CIDR that this feed may reach besides
    `network.allow`. `source` names the plugin that reads it.
    """

    url: str
    name: str
    tags: tuple[str, ...] = ()
    every: timedelta | None = None
    priority: str = "normal"
    outlet: str | None = None
    source: str = "feed"
    allow: tuple[str, ...] = ()

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
class Pace:
    """How often a feed brings something new, learnt from its arrivals: polls that brought any new item.

    `gap_seconds` is the expected gap between two, a mean in which the latest count most; `longest_seconds` the longest
    of late, such as the night.
    """

    first_at: datetime | None = None
    last_at: datetime | None = None
    arrivals: int = 0
    gap_seconds: float = 0.0
    longest_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Usual:
    """The last document that was as documents of this feed are: how many entries it held, how many of them dated, and
    digests of a few headlines."""

    entries: int = 0
    dated: int = 0
    headlines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How polling a feed goes. `problem` is the last fault in one line, None while all is well; failing since
    `failing_since`; `reached` says whether there was any answer at all. `remark` is a thing worth knowing that harms
    nothing, such as a cut. `oddity` is what makes its documents unlike those before, since `odd_since`."""

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
    reached: bool = True
    failing_since: datetime | None = None
    pace: Pace = field(default_factory=Pace)
    usual: Usual = field(default_factory=Usual)
    oddity: str | None = None
    odd_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedState:
    """All that is remembered of a feed between polls."""

    validators: Validators = field(default_factory=Validators)
    health: FeedHealth = field(default_factory=FeedHealth)
