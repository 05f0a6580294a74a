"""What a source is: something that reads one feed, once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from siegewatch.collect.identity import Keys
from siegewatch.collect.parser_process import ParserPool
from siegewatch.domain.feed import Feed, Validators, Wishes
from siegewatch.domain.item import Entry
from siegewatch.domain.subscription import Offer
from siegewatch.net.door import Door
from siegewatch.net.messages import Ask, Limits, Way


@dataclass(frozen=True, slots=True)
class Reading:
    """What one poll of a feed brought.

    `unchanged` says that the feed says it has nothing new. `problem` is why it could not be read, in one line;
    `remark` what is odd but harmless. `reached` is False where no answer came at all, None where no network was asked:
    such a feed says nothing of whether it is up. `after_seconds` is how long the server asks to be left alone,
    `fresh_seconds` for how long it says that nothing will change, `wishes` what a document that was read says of it.
    `format` names what was read, as far as it was. `feeds` are the addresses that the feed's own one names where it is
    no feed but a web page. `partial` says that the entries are only those that came since the last poll, not all that
    the feed holds; `beside` then are the keys of the others, as far as they can be told. `offer` is the hub that
    it says pushes it.
    """

    validators: Validators
    entries: tuple[Entry, ...] = ()
    title: str | None = None
    status: int | None = None
    problem: str | None = None
    remark: str | None = None
    unchanged: bool = False
    reached: bool | None = True
    after_seconds: float | None = None
    fresh_seconds: float | None = None
    wishes: Wishes | None = None
    beside: tuple[Keys, ...] = field(default=(), repr=False)
    format: str | None = None
    feeds: tuple[str, ...] = field(default=(), repr=False)
    partial: bool = False
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Tools:
    """What a source may work with: the door out with its limits, the parsers, and how much of a document to read.

    A body is read in full at least every `read_anew`, so that the identities of what a feed still serves, which live
    from when they were last read, never expire.
    """

    door: Door
    limits: Limits
    parsers: ParserPool
    max_entries: int
    read_anew: timedelta


class Source(Protocol):
    """What the entry-point group `siegewatch.sources` offers: made with `Tools`.

    `read` must be safe for several threads, must raise nothing that a feed can cause, and must not
    remember anything between calls: what it wants to know next time goes into `Reading.validators`.

    The class may also have `schemes`, the schemes of its addresses, the usual one last (http and https unless said;
    those of `file` have no host); `options`, the names of the options that it takes (none unless said); and a
    `check(feed) -> Sequence[str]` that can be called without an instance and tells what else is wrong with a feed as
    "options.name what is wrong, what to write", without any value.
    """

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        """Polls the feed once."""


@runtime_checkable
class WebSource(Source, Protocol):
    """A source whose polls begin with one GET, which the service then makes along with many others."""

    def ask(self, feed: Feed, validators: Validators, now: datetime) -> Ask:
        """The request that a poll begins with."""

    def hear(self, feed: Feed, validators: Validators, now: datetime, door: Way) -> Reading:
        """`read` with another way out, by which that request is answered already."""
