"""What a source is: something that reads one feed, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from siegewatch.collect.parser_process import ParserPool
from siegewatch.domain.feed import Feed, Validators
from siegewatch.domain.item import Entry
from siegewatch.domain.subscription import Offer
from siegewatch.net.door import Door, Limits


@dataclass(frozen=True, slots=True)
class Reading:
    """What one poll of a feed brought.

    `unchanged` says that the feed says it has nothing new. `problem` is why it could not be read, in one line;
    `remark` what is odd but harmless. `reached` is False where no answer came at all. `after_seconds` is how long
    the feed asks to be left alone. `format` names what was read, as far as it was;
    `offer` the hub that it says pushes it.
    """

    validators: Validators
    entries: tuple[Entry, ...] = ()
    title: str | None = None
    status: int | None = None
    problem: str | None = None
    remark: str | None = None
    unchanged: bool = False
    reached: bool = True
    after_seconds: float | None = None
    format: str | None = None
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
    """

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        """Polls the feed once."""
