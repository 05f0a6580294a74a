"""How well predicted events agree with labelled ones: precision, recall, F1 by item, kind and phase, and how often
the fields of matched events are right.

One item comes to a tally, tallies add up, and every figure is read off a sum of them.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from siegewatch.domain.event import Event
from siegewatch.domain.taxonomy import PHASES, Phase, Status

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

QUESTIONS = ("item", *map(str, PHASES), "kind+phase")
"""Does an item hold an actual event; one of a kind; and the sets of kind and phase."""
PHASE_QUESTIONS = tuple(f"{kind} {phase}" for kind, phases in PHASES.items() for phase in Phase if phase in phases)
"""`kind+phase`, one phase at a time: their counts add up to those of it."""
FIELDS = ("place", "country", "attacker", "defender", "status")
_NAMES = frozenset({"place", "attacker", "defender"})

Tally = Counter[tuple[str, str]]
"""Counts by question and `tp`, `fp` or `fn`; by field of matched events and `right` or `of`."""


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


def same(field: str, gold: Labelled, found: Labelled) -> bool:
    """Whether a field of two matched events is right: names name the same thing, all else is equal."""
    one, other = getattr(gold, field), getattr(found, field)
    return same_name(one, other) if field in _NAMES else one == other


def tally(gold: Sequence[Labelled], found: Sequence[Labelled]) -> Tally:
    """What one item counts."""
    actual = [event for event in gold if event.status == Status.ACTUAL]
    claimed = [event for event in found if event.status == Status.ACTUAL]
    total: Tally = Counter()
    _count(total, "item", {"item"} if actual else set(), {"item"} if claimed else set())
    for kind in PHASES:
        _count(total, kind, {e.kind for e in actual} & {kind}, {e.kind for e in claimed} & {kind})
    wanted, got = {(e.kind, e.phase) for e in actual}, {(e.kind, e.phase) for e in claimed}
    _count(total, "kind+phase", wanted, got)
    for pair in wanted | got:
        _count(total, " ".join(map(str, pair)), wanted & {pair}, got & {pair})
    for one, other in aligned(gold, found):
        if one is not None and other is not None:
            for field in FIELDS:
                total[field, "of"] += 1
                total[field, "right"] += same(field, gold[one], found[other])
    return total


def _count(total: Tally, question: str, wanted: set[Any], found: set[Any]) -> None:
    total[question, "tp"] += len(wanted & found)
    total[question, "fp"] += len(found - wanted)
    total[question, "fn"] += len(wanted - found)


def counted(total: Tally, question: str) -> dict[str, float | int]:
    """Precision, recall and F1, to four places, with the counts; a question never asked is answered perfectly."""
    tp, fp, fn = (total[question, count] for count in ("tp", "fp", "fn"))
    precision = tp / (tp + fp) if tp + fp else 1.0
    recall = tp / (tp + fn) if tp + fn else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    rounded = {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
    return {**rounded, "tp": tp, "fp": fp, "fn": fn}


def rated(total: Tally, field: str) -> dict[str, float | int | None]:
    """How often a field of matched events is right, to four places; None where no event was matched."""
    right, of = total[field, "right"], total[field, "of"]
    return {"accuracy": round(right / of, 4) if of else None, "of": of}


def figures(total: Tally) -> dict[str, dict[str, float | int | None]]:
    """Every question and field."""
    return {
        **{question: dict(counted(total, question)) for question in QUESTIONS},
        **{field: rated(total, field) for field in FIELDS},
    }


def verdict(gold: Iterable[Labelled], found: Iterable[Labelled]) -> str | None:
    """`missed` where the item holds an actual event and none is told, `false` the other way round, else None."""
    actual, claimed = (any(event.status == Status.ACTUAL for event in events) for events in (gold, found))
    return None if actual == claimed else "missed" if actual else "false"


def aligned(gold: Sequence[Labelled], found: Sequence[Labelled]) -> list[tuple[int | None, int | None]]:
    """Labelled and predicted events of one item in pairs of a kind, by their positions, each with the best of those
    still free; then those that are left without one."""
    pairs: list[tuple[int | None, int | None]] = []
    free = list(range(len(found)))
    for at, one in enumerate(gold):
        fits = [other for other in free if found[other].kind == one.kind]
        best = max(fits, key=lambda other, one=one: _fit(one, found[other])) if fits else None  # type: ignore[misc]
        if best is not None:
            free.remove(best)
        pairs.append((at, best))
    return [*pairs, *((None, other) for other in free)]


def _fit(gold: Labelled, found: Labelled) -> tuple[bool, bool, bool]:
    return found.status == gold.status, same_name(found.place, gold.place), found.phase == gold.phase
