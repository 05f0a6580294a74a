"""What is real: whether the clause of a trigger reports, threatens, denies, remembers or rehearses."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from re import Pattern
from typing import Any

from siegewatch.detect.frames import Hit, read_yaml
from siegewatch.detect.scene import Scene
from siegewatch.domain.taxonomy import Kind

_DISTANCE = re.compile(
    r"\b(?:(?:km|kms|kilometres|kilometers|miles|mi|hours?|days?|steps?)(?: away)?(?: \([^)]*\))?|short|reach)"
    r" (?:from|of)$"
)
"""Ends the words before what has not come about: "10 km (6 miles) from relieving", "two days away from taking"."""
_NO = re.compile(r"\bno(?: [\w-]+)?$")
"""Ends the words before what is said not to be: "no ground operation", "no food" says nothing of a siege."""
_WHERE = re.compile(r"^(?:in|at|on|of|near|against|for|around) (?:the )?[\w-]+ (?=ha[sd]|have|is|was|will|did)")
"""What may stand between a noun and its verb: "in Jenin"."""
_IFS = frozenset({"if", "unless", "whether"})
_MEANWHILE = frozenset({"as", "amid", "while", "where"})
_CLOSE = 3
"""So many words before a trigger may say that it is over: "no longer under siege"."""
_REACH = 6
"""How many words before a verb may govern its "to"."""


class Realis(StrEnum):
    """How an event is told."""

    ACTUAL = "actual"
    THREATENED = "threatened"
    PURPOSE = "purpose"
    ATTEMPT = "attempt"
    FAILED = "failed"
    NEGATED = "negated"
    DEMANDED = "demanded"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a trigger is told, and the words that say so. `near`: it is about to come true; `lasting`: it goes on."""

    realis: Realis
    cue: str = ""
    near: bool = False
    lasting: bool = False


def phrase_pattern(phrases: Iterable[str]) -> Pattern[str]:
    """Any of the words or phrases, as whole words."""
    ordered = sorted(map(str, phrases), key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + "|".join(re.escape(p.strip()) for p in ordered) + r")(?![\w])")


class RealisReader:
    """realis.yaml, compiled."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._threat_before = phrase_pattern(data["threatened"]["before"])
        self._threat_after = phrase_pattern(data["threatened"]["after"])
        self._near = phrase_pattern(data["near"])
        self._lasting = phrase_pattern(data["lasting"])
        self._demanded = phrase_pattern(data["demanded"])
        self._tried = frozenset(data["tried"])
        self._given = frozenset(data["given"])
        self._over = phrase_pattern(data["over"])
        self._implicative = frozenset(data["implicative"])
        self._telling = frozenset(data["telling"])
        self._attempt = frozenset(data["attempt"])
        self._failed = frozenset(data["failed"])
        self._refusing = frozenset(data["refusing"])
        self._negated = phrase_pattern(data["negated"]["before"])
        self._negated_after = phrase_pattern(data["negated"]["after"])
        self._double = phrase_pattern(data["double_negative"])

    @classmethod
    def load(cls) -> "RealisReader":
        """Reads the lexicon that ships with the package."""
        return cls(read_yaml("realis.yaml"))

    def read(self, scene: Scene, hit: Hit) -> Reading:
        """How the trigger is told in its clause."""
        start, end = scene.clause(hit.start)
        before = " ".join(scene.words[start : hit.start])
        after = " ".join(scene.words[hit.end : end])
        if start and scene.words[start - 1] in _IFS:
            return Reading(Realis.NEGATED, scene.words[start - 1])
        if cue := self._demanded.search(before):
            return self._wished(hit, cue.group())
        if reading := self._infinitive(scene, hit, start):
            return reading
        if cue := self._over.search(" ".join(scene.words[max(start, hit.start - _CLOSE) : hit.start])):
            return Reading(Realis.OVER, cue.group())
        if denial := self._denial(hit, before, after):
            return Reading(Realis.NEGATED, denial)
        if hit.verb and (cue := _DISTANCE.search(before)):
            return Reading(Realis.THREATENED, cue.group(), near=True)
        if cue := self._threat_before.search(before) or self._threat_after.search(after):
            return Reading(Realis.THREATENED, cue.group(), bool(self._near.search(before)))
        meanwhile = start > 0 and scene.words[start - 1] in _MEANWHILE
        return Reading(Realis.ACTUAL, lasting=meanwhile or bool(self._lasting.search(after)))

    def _wished(self, hit: Hit, cue: str) -> Reading:
        """What is called for, tried ("bid to take") or, of an offensive, only spoken of ("condemns offensive")."""
        if hit.frame.kind is Kind.OFFENSIVE:
            if cue in self._tried:
                return Reading(Realis.ATTEMPT, cue)
            if cue in self._given and not hit.verb:
                return Reading(Realis.ACTUAL, lasting=True)
        return Reading(Realis.DEMANDED, cue)

    def _denial(self, hit: Hit, before: str, after: str) -> str | None:
        """The words that say it is not so: before it, or of a noun right behind it."""
        if self._double.search(before):
            return None
        if cue := self._negated.search(before):
            return cue.group()
        if hit.verb:
            return None
        cue = _NO.search(before) or self._negated_after.match(_WHERE.sub("", after))
        return cue.group() if cue else None

    def _infinitive(self, scene: Scene, hit: Hit, start: int) -> Reading | None:
        """What governs a "to" before the trigger: "fails to take", "begins to leave", "thrusts east to break"."""
        if not hit.verb or hit.start - 1 < start or scene.words[hit.start - 1] != "to":
            return None
        governors = scene.words[max(start, hit.start - _REACH) : hit.start - 1]
        if cue := self._near.fullmatch(" ".join((*governors[-1:], "to"))):
            return Reading(Realis.THREATENED, cue.group(), near=True)
        for word in reversed(governors):
            if word in self._failed:
                return Reading(Realis.FAILED, word)
            if word in self._refusing:
                return Reading(Realis.NEGATED, word)
            if word in self._telling:
                return Reading(Realis.DEMANDED, word)
            if word in self._implicative:
                return None
            if word in self._attempt:
                return Reading(Realis.ATTEMPT, word)
        return Reading(Realis.PURPOSE, "to")
