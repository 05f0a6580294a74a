"""Which fact has changed between two reports of one thing: number, turn, place, side, or yes to no. These have the last
word: a report with another fact is no repeat, however like it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from siegewatch.detect.facts import Facts
from siegewatch.detect.measuring import Measurer, counted_in
from siegewatch.detect.report_words import ReportWords

_NEAR = 0.2
"""Headlines that share less word their report differently: what one names and the other not tells nothing."""

_FRAME = 0.6
"""Headlines that share so much tell of the same turn, if they tell the same."""

_SAME = 0.9
"""Headlines that share so much have the same words, be it in another order."""

_DENIED = 0.75
"""A headline that has so much of another, a no, and little else, denies it."""

_SLOT = 2
"""Words that may be exchanged in a headline that is otherwise the same."""

_TELLING = 5.0
"""Weight of a word that names something, and is no *report* or *sources*."""

_TOLLS = frozenset({"dead", "hurt", "taken_away", "fled"})


@dataclass(frozen=True, slots=True)
class DifferenceFinder:
    """Finds the changed fact."""

    meanings: ReportWords
    measurer: Measurer

    def changed(self, earlier: Facts, later: Facts) -> str | None:
        """The fact that has changed between two reports of one thing, None where none has."""
        if earlier.head.negated != later.head.negated:
            return "one says no, the other does not"
        if found := _changed_number(earlier, later) or _turned(earlier, later):
            return found
        shared = self._shared(earlier, later)
        if shared >= _FRAME and (turns := _turns_of_one(earlier, later)):
            return f"only one tells {' and '.join(sorted(turns))}"
        if shared < _NEAR:
            return None
        if found := self._other_names(earlier, later):
            return found
        if exchanged := self._exchanged(earlier, later):
            return f"{' '.join(exchanged[0])} became {' '.join(exchanged[1])}"
        return "the sides are turned round" if self._is_reversed(earlier, later) else None

    def is_another(self, earlier: Facts, later: Facts) -> bool:
        """Whether the later headline tells of another place, person or number of a series in the same frame."""
        _, new = self._exchanged(earlier, later) or ((), ())
        named = later.head.names | earlier.head.names
        counted = {count.what for count in earlier.head.counts} & {count.what for count in later.head.counts}
        return bool(new) and not counted and all(word in named or word[0].isdigit() for word in new)

    def denies(self, earlier: Facts, later: Facts) -> bool:
        """Whether the later headline says in the words of the earlier one that it is not so."""
        if earlier.head.negated or not later.head.negated or not earlier.head.turns <= later.head.turns:
            return False
        told = set(earlier.head.words)
        kept = self.measurer.weight(told.intersection(later.head.words)) >= _DENIED * self.measurer.weight(told)
        return kept and self._shared(earlier, later) >= _FRAME

    def is_adding(self, earlier: Facts, later: Facts) -> bool:
        """Whether the later headline names a turn of the fight, or somebody or some place, that the earlier report
        does not."""
        turns = later.head.turns - earlier.head.turns - earlier.lead.turns
        return bool(turns or self._lacking(later.head.names, earlier))

    def _shared(self, earlier: Facts, later: Facts) -> float:
        return self.measurer.alike(earlier.head.words, later.head.words)

    def _other_names(self, earlier: Facts, later: Facts) -> str | None:
        """Whether each headline has a name that the other report lacks."""
        new = self._lacking(later.head.names, earlier)
        old = self._lacking(earlier.head.names, later)
        return f"other names: {_listed(old)}, then {_listed(new)}" if new and old else None

    def _lacking(self, words: Iterable[str], report: Facts) -> set[str]:
        """The telling ones of the words that a report has not, also not by what stands for them."""
        there = {self.meanings.whose(word) for word in report.words}
        missing = {word for word in words if self.meanings.whose(word) not in there}
        return {word for word in missing if word[0] == "@" or self.measurer.weight((word,)) >= _TELLING}

    def _exchanged(self, earlier: Facts, later: Facts) -> tuple[list[str], list[str]] | None:
        """What stands in place of what, where the rest of two headlines is the same in the same order."""
        before, after = ([self.meanings.whose(word) for word in told.words] for told in (earlier.head, later.head))
        start = _same_at_start(before, after)
        end = _same_at_start(before[start:][::-1], after[start:][::-1])
        old, new = before[start : len(before) - end], after[start : len(after) - end]
        if not old or not new or max(len(old), len(new)) > _SLOT or set(old + new) <= self.meanings.alike:
            return None
        return None if set(old) <= later.words or set(new) <= earlier.words else (old, new)

    def _is_reversed(self, earlier: Facts, later: Facts) -> bool:
        if earlier.head.passive != later.head.passive:
            return False
        named = earlier.head.names & later.head.names
        acting = {word for word in earlier.head.words if word[0] == "@" or word in self.meanings.sides | named}
        first, second = (
            list(dict.fromkeys(self.meanings.whose(word) for word in told.words if word in acting))
            for told in (earlier.head, later.head)
        )
        return first != second and sorted(first) == sorted(second) and self._shared(earlier, later) > _SAME


def _changed_number(earlier: Facts, later: Facts) -> str | None:
    """Another number of the same thing, or the first toll."""
    for count in later.head.counts:
        same = [other for other in earlier.head.counts if other.what == count.what]
        same = same or [other for other in earlier.lead.counts if other.what == count.what]
        if same and not counted_in(count, same):
            return f"another number: {count.low:g} {count.what}"
    tolls = {count.what for count in later.head.counts} & _TOLLS
    if tolls and not {count.what for count in earlier.counts} & _TOLLS:
        return f"the first number of {' and '.join(sorted(tolls))}"
    return None


def _turned(earlier: Facts, later: Facts) -> str | None:
    """Headlines that each name a turn which the other report does not, or of which one speaks of what may come."""
    new = later.head.turns - earlier.head.turns - earlier.lead.turns
    old = earlier.head.turns - later.head.turns - later.lead.turns
    if new and old:
        return f"{' and '.join(sorted(old))} became {' and '.join(sorted(new))}"
    return None


def _turns_of_one(earlier: Facts, later: Facts) -> frozenset[str]:
    """The turns that one headline names and the other report does not."""
    new = later.head.turns - earlier.head.turns - earlier.lead.turns
    return new | (earlier.head.turns - later.head.turns - later.lead.turns)


def _same_at_start(some: Sequence[str], others: Sequence[str]) -> int:
    """How many words at the beginning are the same."""
    return next(
        (place for place, pair in enumerate(zip(some, others, strict=False)) if pair[0] != pair[1]),
        min(len(some), len(others)),
    )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
