"""A feed: what we poll, and what we know of how that goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from types import MappingProxyType

PRIORITIES = ("critical", "high", "normal", "low")
"""Which feeds go first when many are due at once."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed as an operator configured it.

    `every` is None where the global interval holds. `allow` holds networks in CIDR that this feed may reach besides
    `network.allow`. `source` names the plugin that reads it, and knows what `options` mean. `headers` and `proxy`
    (`http://host:port`) are how it is asked for. `filled_in` says that a part of the address stood behind `${…}`, and
    so may be a secret that does not look like one. Options, headers, proxy and the address may hold secrets, so they
    are kept out of the repr.
    """

    url: str = field(repr=False)
    name: str
    tags: tuple[str, ...] = ()
    every: timedelta | None = None
    priority: str = "normal"
    outlet: str | None = None
    source: str = "feed"
    allow: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    proxy: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False, repr=False)
    filled_in: bool = False

    @property
    def id(self) -> str:
        """Twelve hex digits that stand for the address: stable over renames, restarts and other options, as every
        item of a feed with another id would be new."""
        return blake2b(self.url.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Move:
    """A permanent redirect of a feed: where it leads, how many answers in a row said so, and since when."""

    to: str = field(repr=False)
    times: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Validators:
    """What a source wants to know at the next poll: what a conditional request sends back byte for byte (RFC 9110
    section 13), the last body's hash, and where the feed is.

    `read_at` is when a body was last read in full: identities are refreshed by reading, so validators
    that are too old are not used. `found_at` is where the document came from if the feed's own address is a web page
    that leads to it; `move` and `state`, which is what else a source wants to know in its own form, outlive the rest.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    read_at: datetime | None = None
    found_at: str | None = field(default=None, repr=False)
    move: Move | None = None
    state: str | None = None
    marks: str | None = None

    def blank(self) -> "Validators":
        """Nothing but the move and the source's own state: the next request asks for the whole document, at the feed's
        address."""
        return Validators(move=self.move, state=self.state)


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
class Print:
    """Digests of what an entry was known by when it was read, "" for what it has not."""

    headline: str
    link: str
    guid: str
    date: str


@dataclass(frozen=True, slots=True)
class Usual:
    """The last document that was as documents of this feed are: how many entries it held, how many of them dated,
    digests of a few headlines, and the prints of their entries."""

    entries: int = 0
    dated: int = 0
    headlines: tuple[str, ...] = ()
    prints: tuple[Print, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How polling a feed goes. `problem` is the last fault in one line, None while all is well; failing since
    `failing_since`; `reached` says whether there was any answer at all, None where no network was asked. `remark` is a
    thing worth knowing that harms nothing, such as a cut. `oddity` is what makes its documents unlike those before,
    since `odd_since`."""

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
    reached: bool | None = True
    failing_since: datetime | None = None
    pace: Pace = field(default_factory=Pace)
    usual: Usual = field(default_factory=Usual)
    oddity: str | None = None
    odd_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a document says of when to come back: `ttl` or `sy:update…` in seconds, `skipHours` (0 to 23, GMT) and
    `skipDays` (0 is Monday)."""

    ttl_seconds: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class FeedState:
    """All that is remembered of a feed between polls."""

    validators: Validators = field(default_factory=Validators)
    health: FeedHealth = field(default_factory=FeedHealth)
    wishes: Wishes = field(default_factory=Wishes)


Written = Mapping[str, str | tuple[str, ...] | Mapping[str, str]]
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
    written: Written = field(repr=False)
    at: datetime


COLLECT = "collect"
"""Who pauses a feed where no operator does."""


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
