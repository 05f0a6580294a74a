"""A story: the fight for one place or front over time, and what one item changes in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from siegewatch.domain.event import Event, Place
from siegewatch.domain.item import Item, Ruling, Said
from siegewatch.domain.taxonomy import Change, Kind, Likeness, Phase, Status


@dataclass(frozen=True, slots=True)
class Since:
    """Since when a fight has gone on, as `item` says it in `words`: `at` is the latest that they allow, so that days
    counted from it are never too many."""

    at: datetime
    words: str
    item: str


class Harm(StrEnum):
    """What became of those whom a toll counts."""

    KILLED = "killed"
    WOUNDED = "wounded"
    TRAPPED = "trapped"
    DISPLACED = "displaced"
    MISSING = "missing"
    CAPTURED = "captured"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many an item counts, in its `words`; `most` is None where it says "at least"."""

    harm: Harm
    least: int
    most: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Toll:
    """A count that one source gave in one fight, at `at`; a later one of the same source takes its place."""

    kind: Kind
    counted: Counted
    source: str
    item: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Who tells a story: an outlet, or a wire whose words several `outlets` print."""

    name: str
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forerunner:
    """The story that another came out of, or was one with, and the item that showed it."""

    story: str
    item: str


@dataclass(frozen=True, slots=True)
class Beat:
    """One step of a story: reported first by `item` at `at`, under `title`, and last at `last_at`, by `outlets`.

    Sides are ids, or else the names they were given. `taken`: the attacker had the place. `spot` is the key of the
    place itself, where that is a part of the story's. `since`: when the fight began, where a report told it.
    `retracted_by` is the item that took it back. `sources` names the independent ones among those who report it.
    `news` says that it changed the story; `corroborated_by` is the item with which enough sources told it; `moved_to`
    is the story of the place that it turned out to be of.
    """

    kind: Kind
    phase: Phase
    status: Status
    at: datetime
    item: str
    last_at: datetime
    taken: bool = False
    attacker: str | None = None
    defender: str | None = None
    title: str = ""
    outlets: tuple[str, ...] = ()
    spot: str | None = None
    since: Since | None = None
    retracted_by: str | None = None
    sources: tuple[str, ...] = ()
    news: bool = False
    corroborated_by: str | None = None
    moved_to: str | None = None

    @property
    def begun_at(self) -> datetime:
        """Since when the fight has gone on by this step: as told, else since its first report."""
        return min(self.since.at, self.at) if self.since else self.at

    @property
    def is_actual(self) -> bool:
        """Whether it stands as reported fact."""
        return self.status is Status.ACTUAL and self.retracted_by is None


@dataclass(frozen=True, slots=True)
class Story:
    """`key` is the place or front it is about; `version` grows by one with every stored change; `follows` is the story
    that was told of the same place before; `corrected` are the roots of items that were corrected. `sources` are the
    independent ones: `outlets` that print one wire's words are one. `merged_from` are those that told the same before
    the place was known; `split_from` is that of the region that it was first told of."""

    id: str
    key: str
    title: str
    place: Place | None
    country: str | None
    opened_at: datetime
    changed_at: datetime
    timeline: tuple[Beat, ...] = ()
    attackers: tuple[str, ...] = ()
    defenders: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    items: int = 0
    version: int = 0
    tolls: tuple[Toll, ...] = ()
    follows: str | None = None
    corrected: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    merged_from: tuple[Forerunner, ...] = ()
    split_from: Forerunner | None = None

    @property
    def merged_into(self) -> str | None:
        """The story that all its steps have moved to, None while it has one of its own."""
        whole = bool(self.timeline) and all(beat.moved_to for beat in self.timeline)
        return self.timeline[-1].moved_to if whole else None

    def siege_days(self, now: datetime) -> int | None:
        """Whole days of the siege now under way, None where none is: since the text says it began, else since its first
        report."""
        begun: datetime | None = None
        eased: datetime | None = None
        for beat in self.timeline:
            if beat.kind is not Kind.SIEGE or not beat.is_actual or beat.moved_to:
                continue
            if beat.phase in (Phase.BROKEN, Phase.FALLEN):
                eased, begun = begun or eased if beat.phase is Phase.BROKEN else None, None
                continue
            # Where people were let out and the siege goes on, it goes on since it began.
            earlier = begun or (eased if beat.phase is Phase.ONGOING else None)
            begun = min(earlier, beat.begun_at) if earlier else beat.begun_at
        return None if begun is None else max(now - begun, timedelta()) // timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StoryChange:
    """What one item changed in one story: `events` are those that changed it, the gravest first."""

    story: Story
    change: Change
    events: tuple[Event, ...]
    item: Item
    at: datetime


@dataclass(frozen=True, slots=True)
class Alike:
    """An earlier report that an item is like: `why` names what decided how like, `story` and `events` are what came
    of it. `firm`: the item's headline names nothing that the report does not. `denied`: it denies what the report's
    headline says; `shares_text`: one is printed from the other, as far as can be told."""

    likeness: Likeness
    why: str
    item: Item
    story: str | None = None
    events: tuple[Event, ...] = ()
    firm: bool = False
    denied: bool = False
    shares_text: bool = False

    @property
    def is_told(self) -> bool:
        """Whether an event was read from it, so that what it tells has been judged and may be silent."""
        return bool(self.events)


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered that bears on one item: who said its headline first, in this dress or another; who `owns`
    its digest; what its earlier wordings claimed; the running stories of the places it tells of, by key; the earlier
    report it is `alike`, for an edit its own; and that which has its headline, where that was told."""

    said: Said | None = None
    owner: str | None = None
    facts: frozenset[str] = frozenset()
    stories: Mapping[str, Story | None] = field(default_factory=dict)
    alike: Alike | None = None
    first: Alike | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that one item leads to, stored in one step: `known` is what it was decided on.

    `headline` is the digest to remember it by, `words` those to find it by; `stories` are the changed ones, each with
    its version grown by one.
    """

    item: Item
    events: tuple[Event, ...]
    ruling: Ruling
    known: Known
    headline: str
    tail: str
    facts: frozenset[str] = frozenset()
    stories: tuple[Story, ...] = ()
    change: StoryChange | None = None
    words: tuple[str, ...] = ()
