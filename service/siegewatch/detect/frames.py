"""The frames of the lexicon: which words tell of which kind and phase, and what must stand around them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from re import Pattern
from typing import Any

import yaml

from siegewatch.detect.own_words import extended
from siegewatch.domain.lexicon import NOTHING_OWN, OwnLexicon
from siegewatch.domain.taxonomy import Kind, Phase, Status

_VOWELS = frozenset("aeiou")
_GAP = "..."
_WIDEST_GAP = 7
"""Words that may stand where a pattern says "..."."""
_NEXT = 3
"""How many words before or behind a trigger may spoil it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One way to tell of an event. `subject`, `object` and `goal` say who stands where; see triggers.yaml. `own`: the
    words are an operator's, who means what they say."""

    name: str
    kind: Kind
    phase: Phase
    weight: float
    status: Status = Status.ACTUAL
    taken: bool = False
    subject: str = ""
    object: str = "none"
    goal: str = ""
    participle: Phase | None = None
    before: Mapping[str, Phase] | None = None
    after: Mapping[str, Phase] | None = None
    not_after: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()
    own: bool = False

    def is_spoilt(self, words: Sequence[str], start: int, end: int) -> bool:
        """Whether the words next to the trigger give it another meaning: "missile attack", "offensive remarks"."""
        before, behind = words[max(0, start - _NEXT) : start], words[end : end + _NEXT]
        return not (self.not_after.isdisjoint(before) and self.not_before.isdisjoint(behind))


@dataclass(frozen=True, slots=True)
class Hit:
    """A frame whose words stand at tokens `start` to `end`. `participle`: the form may be a passive."""

    frame: Frame
    start: int
    end: int
    verb: bool
    participle: bool = False


@dataclass(frozen=True, slots=True)
class _Pattern:
    rest: tuple[str, ...]
    frame: Frame
    verb: bool
    participle: bool

    def end(self, words: Sequence[str], start: int) -> int | None:
        """Where the pattern ends if its first word stands at `start`; None if the rest does not follow."""
        at, gap = start + 1, False
        for word in self.rest:
            if word == _GAP:
                gap = True
                continue
            found = next((i for i in range(at, min(len(words), at + 1 + gap * _WIDEST_GAP)) if words[i] == word), None)
            if found is None:
                return None
            at, gap = found + 1, False
        return at


class Lexicon:
    """triggers.yaml, ready to match."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._conjugation = Conjugation(data["irregular"], frozenset(data["doubled"]))
        self._patterns: dict[str, list[_Pattern]] = {}
        self.idioms: list[tuple[Pattern[str], Frame]] = []
        for entry in data["verbs"]:
            self._add_verbs(_frame(entry), entry["verbs"])
        for entry in data["nouns"]:
            for words in entry["words"]:
                self._add(words.split(), _frame(entry), verb=False, participle=False)
        for entry in data["idioms"]:
            self.idioms.append((re.compile(entry["pattern"]), _frame(entry)))
        for patterns in self._patterns.values():
            patterns.sort(key=lambda pattern: -len(pattern.rest))

    @classmethod
    def load(cls, own: OwnLexicon = NOTHING_OWN) -> "Lexicon":
        """Reads the lexicon that ships with the package, and adds the operator's words."""
        return cls(extended(read_yaml("triggers.yaml"), own))

    def _add_verbs(self, frame: Frame, verbs: Iterable[str]) -> None:
        for verb, *rest in map(str.split, verbs):
            for form, participle in self._conjugation.forms(verb).items():
                self._add([form, *rest], frame, verb=True, participle=participle)

    def _add(self, words: Sequence[str], frame: Frame, *, verb: bool, participle: bool) -> None:
        pattern = _Pattern(tuple(words[1:]), frame, verb, participle)
        self._patterns.setdefault(words[0], []).append(pattern)

    def hits(self, words: Sequence[str], start: int) -> list[Hit]:
        """What begins at token `start`: of each frame the longest pattern that fits."""
        found: dict[tuple[str, bool], Hit] = {}
        for pattern in self._patterns.get(words[start], ()):
            key = (pattern.frame.name, pattern.verb)
            if key not in found and (end := pattern.end(words, start)) is not None:
                found[key] = Hit(pattern.frame, start, end, pattern.verb, pattern.participle)
        return list(found.values())

    def starts(self, word: str) -> bool:
        """Whether some pattern begins with the word."""
        return word in self._patterns


def read_yaml(name: str) -> Any:
    """A file of the lexicon folder, parsed."""
    return yaml.safe_load(files("siegewatch.detect").joinpath("lexicon", name).read_text("utf-8"))


def _frame(entry: Mapping[str, Any]) -> Frame:
    return Frame(
        name=entry["frame"],
        kind=Kind(entry["kind"]),
        phase=Phase(entry["phase"]),
        weight=entry["weight"],
        status=Status(entry.get("status", "actual")),
        taken=entry.get("taken", False),
        subject=entry.get("subject", ""),
        object=entry.get("object", "none"),
        goal=entry.get("to", ""),
        participle=Phase(entry["participle"]) if "participle" in entry else None,
        before=_phases(entry.get("before", {})),
        after=_phases(entry.get("after", {})),
        not_after=frozenset(entry.get("not_after", ())),
        not_before=frozenset(entry.get("not_before", ())),
        own=entry.get("own", False),
    )


def _phases(table: Mapping[str, Sequence[str]]) -> dict[str, Phase]:
    return {word: Phase(phase) for phase, words in table.items() for word in words}


def _third(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z")) or verb == "go":
        return verb + "es"
    return verb[:-1] + "ies" if _ends_in_consonant_y(verb) else verb + "s"


def _ends_in_consonant_y(verb: str) -> bool:
    return verb.endswith("y") and verb[-2:-1] not in _VOWELS


@dataclass(frozen=True, slots=True)
class Conjugation:
    """How the lexicon's verbs are inflected: irregular ones by table, a final consonant doubled where told."""

    irregular: Mapping[str, str]
    doubled: frozenset[str]

    def forms(self, verb: str) -> dict[str, bool]:
        """Every form of a verb, and whether it can be a past participle."""
        past, participle = self.irregular[verb].split() if verb in self.irregular else (self._past(verb),) * 2
        return {verb: False, _third(verb): False, self._stem(verb) + "ing": False, past: False, participle: True}

    def _stem(self, verb: str) -> str:
        if verb.endswith("e") and not verb.endswith("ee"):
            return verb[:-1]
        return verb + verb[-1] if verb in self.doubled else verb

    def _past(self, verb: str) -> str:
        return verb[:-1] + "ied" if _ends_in_consonant_y(verb) else self._stem(verb) + "ed"


def own_triggers(own: OwnLexicon) -> Iterator[str]:
    """The operator's words in all their forms, up to a gap, in lower case."""
    if not own.frames:
        return
    data = extended(read_yaml("triggers.yaml"), own)
    conjugation = Conjugation(data["irregular"], frozenset(data["doubled"]))
    for frame in own.frames:
        for words in frame.words:
            first, _, rest = words.partition(" ...")[0].partition(" ")
            for form in conjugation.forms(first) if frame.verbs else (first,):
                yield f"{form} {rest}".rstrip()
