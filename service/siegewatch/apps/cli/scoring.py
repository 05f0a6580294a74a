"""How well predicted events agree with labelled ones: precision, recall, F1 by item, kind and phase, and how often
the fields of matched events are right."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from siegewatch.domain.event import Event

_ALIASES: Mapping[str, str] = {
    **dict.fromkeys(("american", "america", "states"), "us"),
    **dict.fromkeys(("british", "britain", "kingdom"), "uk"),
    **dict.fromkeys(("isis", "isil", "is", "daesh"), "islamicstate"),
    **dict.fromkeys(("ukraine", "kyiv"), "ukrainian"),
    "moscow": "russian",
}
_GENERIC_WORDS = """
the of a an s al el in and on near city town village region province district area army armies armed forces force troops
troop soldiers military government regime state fighters fighter rebels rebel militants militant militia men group
movement defence defense ministry backed led united north northern south southern east eastern west western central
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
_STEM = 4
"""Words that share a stem of so many letters, and all but the last, are forms of one name: Russia, Russian."""

_KINDS = ("siege", "offensive")
_FIELDS = ("place", "country", "attacker", "defender", "status")


@dataclass(frozen=True, slots=True)
class Labelled:
    """What is compared of one event, labelled or predicted."""

    kind: str | None
    phase: str | None
    status: str
    place: str | None
    country: str | None
    attacker: str | None
    defender: str | None


def labelled(raw: Mapping[str, Any]) -> Labelled:
    """An event of a labelled item; its place may be a name or an object with one."""
    place: Any = raw.get("place")
    country = raw.get("country")
    if isinstance(place, Mapping):
        place, country = place.get("name"), country or place.get("country")
    sides = raw.get("attacker"), raw.get("defender")
    return Labelled(raw.get("kind"), raw.get("phase"), raw.get("status") or "actual", place, country, *sides)


def predicted(event: Event) -> Labelled:
    """An event that a classifier found."""
    place = event.place.name if event.place else None
    return Labelled(event.kind, event.phase, event.status, place, event.country, event.attacker, event.defender)


def fold(name: str) -> list[str]:
    """The content words of a name without accents, case and dots; a name of generic nouns alone keeps them."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = text.replace("islamic state", "isis").replace("u.s.", "us").replace("u.k.", "uk")
    words = [word for word in re.split(r"[^a-z0-9]+", text) if word]
    return [_ALIASES.get(word, word) for word in words if word not in _GENERIC] or words


def _alike(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    stem = max(_STEM, shorter - 1)
    return one == other or (shorter >= _STEM and abs(len(one) - len(other)) <= 3 and one[:stem] == other[:stem])


def same_name(one: str | None, other: str | None) -> bool:
    """Whether both are missing, share a content word, or one is the other run together."""
    if not one or not other:
        return not one and not other
    left, right = fold(one), fold(other)
    return any(_alike(a, b) for a in left for b in right) or (bool(left) and "".join(left) == "".join(right))


@dataclass(slots=True)
class Counts:
    """Agreements and errors of one yes-or-no question."""

    true_positives: int = 0
    false_positives: int = 0
    false_negatives: int = 0

    def add(self, wanted: Iterable[Any], found: Iterable[Any]) -> None:
        """Counts what two sets share, and what only one of them holds."""
        gold, got = set(wanted), set(found)
        self.true_positives += len(gold & got)
        self.false_positives += len(got - gold)
        self.false_negatives += len(gold - got)

    def figures(self) -> dict[str, float | int]:
        """Precision, recall and F1, to four places, with the counts; a question never asked is answered perfectly."""
        tp, fp, fn = self.true_positives, self.false_positives, self.false_negatives
        precision = tp / (tp + fp) if tp + fp else 1.0
        recall = tp / (tp + fn) if tp + fn else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        rounded = {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
        return {**rounded, "tp": tp, "fp": fp, "fn": fn}


@dataclass(slots=True)
class Score:
    """All counts over a labelled set; `wrong` names the items whose events are missed or false."""

    items: int = 0
    counts: dict[str, Counts] = field(
        default_factory=lambda: {name: Counts() for name in ("item", *_KINDS, "kind+phase")}
    )
    fields: dict[str, list[bool]] = field(default_factory=lambda: {name: [] for name in _FIELDS})
    wrong: list[tuple[str, str]] = field(default_factory=list)

    def add(self, item: str, gold: Sequence[Labelled], found: Sequence[Labelled]) -> None:
        """Counts one item."""
        self.items += 1
        actual = [event for event in gold if event.status == "actual"]
        claimed = [event for event in found if event.status == "actual"]
        self.counts["item"].add({True} if actual else (), {True} if claimed else ())
        for kind in _KINDS:
            self.counts[kind].add({e.kind for e in actual} & {kind}, {e.kind for e in claimed} & {kind})
        self.counts["kind+phase"].add(((e.kind, e.phase) for e in actual), ((e.kind, e.phase) for e in claimed))
        if bool(actual) != bool(claimed):
            self.wrong.append((item, "missed" if actual else "false"))
        for one, other in matched(gold, found):
            self._add_fields(one, other)

    def _add_fields(self, gold: Labelled, found: Labelled) -> None:
        for name in ("place", "attacker", "defender"):
            self.fields[name].append(same_name(getattr(gold, name), getattr(found, name)))
        for name in ("country", "status"):
            self.fields[name].append(getattr(gold, name) == getattr(found, name))

    def figures(self) -> dict[str, Any]:
        """Every figure by name; accuracy is None where no event was matched."""
        by_field = {
            name: {"accuracy": round(sum(right) / len(right), 4) if right else None, "of": len(right)}
            for name, right in self.fields.items()
        }
        by_count = {name: counts.figures() for name, counts in self.counts.items()}
        return {"items": self.items, **by_count, **by_field, "wrong": self.wrong}


def matched(gold: Iterable[Labelled], found: Iterable[Labelled]) -> list[tuple[Labelled, Labelled]]:
    """Labelled and predicted events of one item in pairs of a kind, each with the best of those still free."""
    pairs, free = [], list(found)
    for one in gold:
        fits = [other for other in free if other.kind == one.kind]
        if fits:
            best = max(fits, key=lambda other, one=one: _fit(one, other))  # type: ignore[misc]
            free.remove(best)
            pairs.append((one, best))
    return pairs


def _fit(gold: Labelled, found: Labelled) -> tuple[bool, bool, bool]:
    return found.status == gold.status, same_name(found.place, gold.place), found.phase == gold.phase
