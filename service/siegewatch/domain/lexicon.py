"""What an operator adds to the lists that siegewatch brings: words that tell of events, who fights, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from siegewatch.domain.errors import Fault
from siegewatch.domain.taxonomy import Kind, Phase, Precision, Status


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an operator wrote something. `line` counts from 1."""

    file: str
    line: int

    def fault(self, what: str, instead: str) -> Fault:
        """A fault on that line."""
        return Fault(self.file, self.line, what, instead)


@dataclass(frozen=True, slots=True)
class OwnFrame:
    """Words for a frame that siegewatch has, or a new frame, which has a kind and a phase.

    `verbs`: the words are verbs, in their base form; else nouns. What is None is as in the frame of that name, or as
    is usual. The fields mean what lexicon/triggers.yaml says of them; `goal` is its `to`.
    """

    name: str
    verbs: bool
    words: tuple[str, ...]
    at: Origin
    kind: Kind | None = None
    phase: Phase | None = None
    status: Status | None = None
    taken: bool | None = None
    subject: str | None = None
    object: str | None = None
    goal: str | None = None
    weight: float | None = None
    not_after: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnActor:
    """Names for an actor that siegewatch has, or a new actor. `kind`, `country` and `theatres` as in the actor list;
    `names` are sure, `unsure` ones need a text that speaks of fighting and holds none of `not_if`."""

    id: str
    names: tuple[str, ...]
    at: Origin
    unsure: tuple[str, ...] = ()
    not_if: tuple[str, ...] = ()
    kind: str | None = None
    country: str | None = None
    theatres: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """A place, its usual name first. `country` is None for seas and straits; `point` is degrees latitude and longitude
    (WGS 84), None where `geonames_id` tells them."""

    names: tuple[str, ...]
    country: str | None
    precision: Precision
    at: Origin
    point: tuple[float, float] | None = None
    geonames_id: int | None = None


@dataclass(frozen=True, slots=True)
class OwnLexicon:
    """All that an operator adds. `irregular`: past and participle of verbs, as "took taken"; `doubled`: verbs that
    double their last letter."""

    frames: tuple[OwnFrame, ...] = ()
    irregular: Mapping[str, str] = field(default_factory=dict)
    doubled: tuple[str, ...] = ()
    actors: tuple[OwnActor, ...] = ()
    places: tuple[OwnPlace, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.frames or self.irregular or self.doubled or self.actors or self.places)


NOTHING_OWN = OwnLexicon()
"""What an operator adds who adds nothing."""
