"""An event: a happening that an item claims."""

from dataclasses import dataclass

from siegewatch.domain.taxonomy import PHASES, Kind, Phase, Precision, Status


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the item words it, and where it is. Degrees are WGS 84; all but the name may be unknown.

    `within` is the GeoNames id of the city that it is a part or a site of, None where it is none of that.
    """

    name: str
    lat: float | None = None
    lon: float | None = None
    geonames_id: int | None = None
    precision: Precision | None = None
    within: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that say it: code points `start` to `end` of `field` ("title" or "summary")."""

    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Codes:
    """The event in other taxonomies: CAMEO, PLOVER, ACLED."""

    cameo: str | None
    plover: str | None
    acled: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One (kind, place) that an item reports; what it does not tell is None.

    For a siege the attacker is the besieger. `taken`: an advance that has the place itself.
    `claimed_by`: to whom the item attributes it. `confidence` is 0 to 1. `classifier` names who found it,
    with its version.
    """

    kind: Kind
    phase: Phase
    status: Status
    attacker: str | None = None
    defender: str | None = None
    attacker_id: str | None = None
    defender_id: str | None = None
    place: Place | None = None
    country: str | None = None
    taken: bool = False
    claimed_by: str | None = None
    confidence: float = 1.0
    evidence: tuple[Evidence, ...] = ()
    codes: Codes | None = None
    classifier: str = ""

    def __post_init__(self) -> None:
        if self.phase not in PHASES[self.kind]:
            raise ValueError(f"a {self.kind} has no phase {self.phase}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a classifier says of one item: its language (ISO 639-1, "und" where unknown), the events, and why,
    one line for each stage that decided something."""

    language: str
    events: tuple[Event, ...] = ()
    steps: tuple[str, ...] = ()
