"""`lexicon/`: the words, actors and places that an operator adds to those siegewatch has."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from siegewatch.domain.errors import Fault
from siegewatch.domain.lexicon import NOTHING_OWN, Origin, OwnActor, OwnFrame, OwnLexicon, OwnPlace
from siegewatch.domain.taxonomy import PHASES, Kind, Phase, Precision, Status
from siegewatch.settings.complaints import checked, checked_each, complaint, within
from siegewatch.settings.countries import COUNTRIES
from siegewatch.settings.document import Document, Path, shown
from siegewatch.settings.section import Section, Words

TRIGGERS, ACTORS, PLACES = "lexicon/triggers.yaml", "lexicon/actors.yaml", "lexicon/places.yaml"
_NO_COUNTRY = "none"
_TRIGGER = re.compile(r"[^\W\d_]+(?:(?:-| (?:\.\.\. )?)[^\W\d_]+)*")
_FORMS = re.compile(r"[^\W\d_]+ [^\W\d_]+")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
Entry = TypeVar("Entry", bound=Section)


def _triggers(values: tuple[str, ...]) -> tuple[str, ...]:
    """Lower case, as the words of a text are compared."""
    for value in values:
        if not _TRIGGER.fullmatch(value):
            raise complaint(f"holds {shown(value)}, which is no words", 'write words, such as "close in on"')
    if not values:
        raise complaint("is empty", "write at least one word")
    return tuple(map(str.lower, values))


def _verbs(values: tuple[str, ...]) -> tuple[str, ...]:
    """As `_triggers`; only a first word without a hyphen can be inflected."""
    for value in values:
        if "-" in value.partition(" ")[0]:
            raise complaint(f"holds {shown(value)}, whose forms are not known", "list its forms as words, in nouns:")
    return _triggers(values)


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if sum(map(str.isalnum, value)) < 2:
            raise complaint(f"holds {shown(value)}, which is no name", "write two letters or more")
    return values


def _country(value: str) -> str:
    if value.upper() not in COUNTRIES:
        raise complaint("is no country", "write the two letters of ISO 3166-1, such as SY")
    return value.upper()


def _point(value: object) -> object:
    """Latitude and longitude as written: text, in a list of two."""
    try:
        lat, lon = map(float, value if isinstance(value, list) else ())
    except (TypeError, ValueError):
        raise complaint("is no point", "write [latitude, longitude] in degrees, such as [35.34, 40.14]") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise complaint("lies off the map", "write [latitude, longitude]: -90 to 90, -180 to 180")
    return lat, lon


Lowered = Annotated[Words, AfterValidator(lambda values: tuple(map(str.lower, values)))]
Triggers = Annotated[Words, AfterValidator(_triggers)]
Verbs = Annotated[Words, AfterValidator(_verbs)]
Names = Annotated[Words, AfterValidator(_names)]
Name = Annotated[str, AfterValidator(lambda value: _names((value,))[0])]
Country = Annotated[str, AfterValidator(_country)]
Countries = Annotated[Words, AfterValidator(lambda values: tuple(map(_country, values)))]
Side = Literal["attacker", "defender", "ground"]
Target = Literal["ground", "force", "target", "area", "none"]


class FrameEntry(Section):
    """What entries of `verbs` and `nouns` have in common."""

    frame: str = Field(description="a frame that siegewatch has, or a new name")
    kind: Kind | None = Field(default=None, description="new frame: siege or offensive")
    phase: Phase | None = Field(default=None, description="new frame: what it says happened, a phase of its kind")
    status: Status | None = Field(default=None, description="new frame: actual, or threatened; empty is actual")
    taken: bool | None = Field(default=None, description="new frame: whether the place itself is taken; empty is false")
    weight: Annotated[float, AfterValidator(within(0.0, 1.0))] | None = Field(
        default=None, description="new frame: how far the words alone may be believed, 0 to 1; empty is 0.5"
    )
    not_after: Lowered = Field(default=(), description="with one of these words right before, it means something else")
    not_before: Lowered = Field(default=(), description="the same, right behind")


class VerbEntry(FrameEntry):
    """One entry of the list `verbs`."""

    verbs: Verbs = Field(description='base forms, with the words that must follow; "..." stands for up to seven')
    subject: Side | None = Field(
        default=None, description="new frame: who stands before it: attacker, defender, ground; empty is attacker"
    )
    object: Target | None = Field(
        default=None, description="new frame: what must follow: ground, force, target, area, none; empty is ground"
    )
    to: Literal["attacker"] | None = Field(default=None, description="new frame: who stands behind its to: attacker")


class NounEntry(FrameEntry):
    """One entry of the list `nouns`."""

    words: Triggers = Field(description="nouns as they stand in a text, plural forms too")


class TriggersFile(Section):
    verbs: tuple[Any, ...] = Field(default=(), description="frames told by verbs")
    nouns: tuple[Any, ...] = Field(default=(), description="frames told by nouns")
    irregular: dict[str, str] = Field(default={}, description="past and participle of irregular verbs")
    doubled: Lowered = Field(default=(), description="verbs that double their last letter")


class ActorEntry(Section):
    """One actor of `actors.yaml`, under its id."""

    name: Name = Field(default="", description="the usual English name; a new actor needs one")
    also: Names = Field(default=(), description="other names; capitals count")
    unsure: Names = Field(default=(), description="acronyms with other meanings: they need a text about fighting")
    not_if: Words = Field(default=(), description="words of a text that rule the unsure ones out")
    kind: Literal["armed-group", "army", "alliance"] | None = Field(
        default=None, description="new actor: armed-group, army, alliance; empty is armed-group"
    )
    of: Country | None = Field(default=None, description="new actor: the country it belongs to (ISO 3166-1 alpha-2)")
    theatres: Countries = Field(
        default=(), alias="in", description="new actor: countries where it fights, likeliest first"
    )


class PlaceEntry(Section):
    """One place of `places.yaml`, under its country."""

    name: Name = Field(description="the usual English spelling; case, accents, hyphens and al- make no difference")
    also: Names = Field(default=(), description="other spellings and names")
    at: Annotated[tuple[float, float] | None, BeforeValidator(_point)] = Field(
        default=None, description="[latitude, longitude] in degrees; may be left out where id is given"
    )
    precision: Literal["site", "city", "region"] = Field(
        default="city", alias="is", description="site, city (towns and villages too) or region"
    )
    id: Annotated[int, AfterValidator(within(1, 2**32 - 1))] | None = Field(
        default=None, description="its GeoNames id, where it is in their list under another name"
    )


def read_triggers(document: Document) -> tuple[OwnLexicon, list[Fault]]:
    """The frames and the verbs' forms, with all faults."""
    whole, faults = checked(TriggersFile, document.data, document)
    if whole is None:
        return NOTHING_OWN, faults
    verbs, wrong_verbs = checked_each(VerbEntry, whole.verbs, document, "verbs")
    nouns, wrong_nouns = checked_each(NounEntry, whole.nouns, document, "nouns")
    entries: dict[Path, VerbEntry | NounEntry] = {**verbs, **nouns}
    faults = [*wrong_verbs, *wrong_nouns, *_phase_faults(document, entries), *_form_faults(document, whole.irregular)]
    frames = tuple(_frame(entry, _origin(document, path)) for path, entry in entries.items())
    irregular = {verb.lower(): forms.lower() for verb, forms in whole.irregular.items()}
    return OwnLexicon(frames=frames, irregular=irregular, doubled=whole.doubled), faults


def read_actors(document: Document) -> tuple[tuple[OwnActor, ...], list[Fault]]:
    """The actors, with all faults."""
    entries, faults = _each(ActorEntry, document, {(number,): data for number, data in document.data.items()})
    for path, entry in entries.items():
        number = str(path[0])
        if not _ID.fullmatch(number):
            faults.append(document.fault(path, "this is no id of an actor", "write lower case, digits and -"))
        if not (entry.name or entry.also or entry.unsure):
            faults.append(document.fault(path, "this actor has no names", "write name: or also: [...]"))
    return tuple(_actor(str(path[0]), entry, _origin(document, path)) for path, entry in entries.items()), faults


def read_places(document: Document) -> tuple[tuple[OwnPlace, ...], list[Fault]]:
    """The places, with all faults."""
    rows: dict[Path, object] = {}
    faults: list[Fault] = []
    for code, listed in document.data.items():
        if code not in COUNTRIES and code != _NO_COUNTRY:
            instead = f"write the two letters of ISO 3166-1, such as SY, or {_NO_COUNTRY} for seas and straits"
            faults.append(document.fault((code,), f"country {shown(code)} is not known", instead))
        elif listed is not None and not isinstance(listed, list):
            faults.append(
                document.fault((code,), "this must be a list", "write a line for each place, with - {name: …}")
            )
        else:
            rows |= {(code, position): row for position, row in enumerate(listed or ())}
    entries, wrong = _each(PlaceEntry, document, rows)
    faults += wrong
    for path, entry in entries.items():
        if entry.at is None and entry.id is None:
            faults.append(document.fault(path, "it is not said where this place is", "write at: [latitude, longitude]"))
    return tuple(_place(str(path[0]), entry, _origin(document, path)) for path, entry in entries.items()), faults


def _each(model: type[Entry], document: Document, rows: Mapping[Path, object]) -> tuple[dict[Path, Entry], list[Fault]]:
    """The rows that are well, by path, and the faults of all others."""
    entries: dict[Path, Entry] = {}
    faults: list[Fault] = []
    for path, data in rows.items():
        entry, wrong = checked(model, data, document, path)
        faults += wrong
        if entry is not None:
            entries[path] = entry
    return entries, faults


def _origin(document: Document, path: Path) -> Origin:
    where = document.at(path)
    return Origin(where.file, where.line)


def _phase_faults(document: Document, entries: Mapping[Path, VerbEntry | NounEntry]) -> Iterator[Fault]:
    for path, entry in entries.items():
        if entry.kind and entry.phase and entry.phase not in PHASES[entry.kind]:
            phases = ", ".join(phase for phase in Phase if phase in PHASES[entry.kind])
            yield document.fault((*path, "phase"), f"no {entry.kind} is ever {entry.phase}", f"write one of: {phases}")
        if (entry.kind is None) != (entry.phase is None):
            yield document.fault(path, "kind and phase go together", "write both, or none for a frame siegewatch has")


def _form_faults(document: Document, irregular: Mapping[str, str]) -> Iterator[Fault]:
    for verb, forms in irregular.items():
        if not _FORMS.fullmatch(forms):
            what = f"irregular {shown(forms)} is not two forms"
            yield document.fault(("irregular", verb), what, "write past and participle, such as take: took taken")


def _frame(entry: VerbEntry | NounEntry, at: Origin) -> OwnFrame:
    about: dict[str, Any] = {name: getattr(entry, name) for name in ("kind", "phase", "status", "taken", "weight")}
    about |= {"not_after": entry.not_after, "not_before": entry.not_before}
    if isinstance(entry, NounEntry):
        return OwnFrame(entry.frame, False, entry.words, at, **about)
    about |= {"subject": entry.subject, "object": entry.object, "goal": entry.to}
    return OwnFrame(entry.frame, True, entry.verbs, at, **about)


def _actor(number: str, entry: ActorEntry, at: Origin) -> OwnActor:
    names = (*([entry.name] if entry.name else []), *entry.also)
    return OwnActor(number, names, at, entry.unsure, entry.not_if, entry.kind, entry.of, entry.theatres)


def _place(code: str, entry: PlaceEntry, at: Origin) -> OwnPlace:
    country = None if code == _NO_COUNTRY else code
    return OwnPlace((entry.name, *entry.also), country, Precision(entry.precision), at, entry.at, entry.id)
