"""Entries as documents carry them, and items as siegewatch admits them."""

from dataclasses import dataclass
from datetime import datetime

from siegewatch.domain.taxonomy import Outcome

CANARY = "canary-"
"""What the ids of items begin with that siegewatch sends down its own line; no other id does."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a feed document holds, cleaned to plain text, before anyone asks whether it is new.

    `published_at` is None where the document gives no date or one that cannot be true.
    """

    title: str
    summary: str = ""
    guid: str | None = None
    link: str | None = None
    published_at: datetime | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One wording of one thing published, admitted once.

    `id` is unique for the wording; `edit_of` is the id of the wording first admitted, None for that one.
    `published_at` is when it counts as published (never after `seen_at`); `late` says that it was
    published before the window when it was first seen, so it is remembered but does not ring.
    """

    id: str
    title: str
    summary: str
    published_at: datetime
    seen_at: datetime
    link: str | None = None
    outlet: str | None = None
    feed: str | None = None
    tags: tuple[str, ...] = ()
    edit_of: str | None = None
    late: bool = False

    @property
    def root(self) -> str:
        """The id that all wordings of this item share."""
        return self.edit_of or self.id

    @property
    def is_canary(self) -> bool:
        """Whether this is no news but a canary: decided like any item, never told."""
        return self.id.startswith(CANARY)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of an item, and why: one line for each stage that decided something."""

    outcome: Outcome
    repeat_of: str | None = None
    story: str | None = None
    change: str | None = None
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """Who said a headline first: the item's root id, when it was seen, whether it was too old to ring, and whether it
    was `told`: an event was read from it, which a story holds. What was not told silences nothing."""

    root: str
    at: datetime
    late: bool = False
    told: bool = False
