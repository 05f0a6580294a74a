"""Reading the lists of who fights: actors.yaml and states.yaml."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from siegewatch.detect.lexicon_files import load_lexicon
from siegewatch.detect.names import Word, fold, words_of


class Form(StrEnum):
    """What a worded name says of its actor."""

    NAME = "name"
    """The actor itself: "Hezbollah", "Russia", "Kremlin"."""
    UNSURE = "unsure"
    """An acronym that means other things too."""
    ADJECTIVE = "adjective"
    """Of a state: "Syrian"; names its army beside a word for forces."""
    PEOPLE = "people"
    """The people of a state: "Russians"."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who fights. `kind`: state, army, armed-group, alliance, people, metonym. `country`: whose it is, ISO 3166-1
    alpha-2. `theatres`: countries where it fights, likeliest first."""

    id: str
    name: str
    kind: str
    country: str | None
    theatres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to word an actor; `folded` are its words, `capitals` tells which of them are written with one.

    `army` is what the words mean beside a word for forces; `not_if` are words of a text that rule an unsure one out.
    """

    folded: tuple[str, ...]
    capitals: tuple[bool, ...]
    shout: bool
    actor: Actor
    form: Form
    army: Actor | None = None
    not_if: frozenset[str] = frozenset()


def actor_wordings(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[Wording]:
    """All wordings of actors.yaml."""
    for number, row in rows.items():
        actor = Actor(number, row["name"], row.get("kind", "armed-group"), row.get("of"), tuple(row.get("in", ())))
        for name in (row["name"], *row.get("also", ())):
            yield wording(name, actor, Form.NAME)
        for name in row.get("unsure", ()):
            yield wording(name, actor, Form.UNSURE, not_if=frozenset(row.get("not_if", ())))


def one_word_groups(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The names of one word that groups and armies of actors.yaml have: "LNA", "Haftar"."""
    for row in rows.values():
        if row.get("kind", "armed-group") in ("armed-group", "army"):
            names = (row["name"], *row.get("also", ()), *row.get("unsure", ()))
            yield from (name for name in map(str, names) if name.isalnum())


def state_wordings(rows: Mapping[str, Mapping[str, Any]], armies: Mapping[str, Actor]) -> Iterator[Wording]:
    """All wordings of states.yaml; `armies` are those that actors.yaml knows, by id."""
    for code, row in rows.items():
        theatres = (*row.get("abroad", ()), code)
        army = armies.get(f"{code.lower()}-army") or _army(code, row, theatres)
        state = Actor(code.lower(), row["name"], "state", code, army.theatres)
        people = Actor(code.lower(), row["name"], "people", code, (code,))
        metonym = Actor(code.lower(), row["name"], "metonym", code, army.theatres)
        for name in (row["name"], *row.get("also", ())):
            yield wording(name, state, Form.NAME, army)
        for name in row["adj"]:
            yield wording(name, state, Form.ADJECTIVE, army)
        for name in row.get("people", [f"{name}s" for name in row["adj"]]):
            yield wording(name, people, Form.PEOPLE, army)
        for name in (*row["capital"], *row.get("leaders", ())):
            yield wording(name, metonym, Form.NAME, army)


def _army(code: str, row: Mapping[str, Any], theatres: tuple[str, ...]) -> Actor:
    adjective = (row["adj"] or [row["name"]])[0]
    return Actor(f"{code.lower()}-army", f"{adjective} army", "army", code, theatres)


def wording(
    name: str, actor: Actor, form: Form, army: Actor | None = None, not_if: frozenset[str] = frozenset()
) -> Wording:
    """A name as it is looked for in a text."""
    words = words_of(name)
    return Wording(
        folded=tuple(word.folded for word in words),
        capitals=tuple(word.capital for word in words),
        shout=len(words) == 1 and _shouted(words[0]),
        actor=actor,
        form=form,
        army=army,
        not_if=frozenset(map(fold, not_if)),
    )


def _shouted(word: Word) -> bool:
    return word.text.isupper() and len(word.text) > 1


@dataclass(frozen=True, slots=True)
class ForceWords:
    """Words that go with those who fight, as `lexicon/force_words.yaml` explains them."""

    forces: frozenset[str]
    rebels: frozenset[str]
    of_state: frozenset[str]
    groups: frozenset[str]
    modifiers: frozenset[str]
    alone: frozenset[str]
    ties: frozenset[str]
    attacks: frozenset[str]
    place_cues: frozenset[str]
    fighting: frozenset[str]

    @classmethod
    def load(cls, folder: Path) -> "ForceWords":
        """From the file of that name in a folder."""
        rows = load_lexicon("force_words.yaml", folder)
        return cls(**{field.name: frozenset(rows[field.name].split()) for field in fields(cls)})

    @property
    def heads(self) -> frozenset[str]:
        """Words for forces of any side."""
        return self.forces | self.rebels

    @property
    def group_heads(self) -> frozenset[str]:
        """Words that may follow the name of a group."""
        return self.heads | self.groups

    @property
    def signs(self) -> frozenset[str]:
        """Words that tell that a text speaks of fighting."""
        return self.heads | self.attacks | self.fighting
