"""What is measured of two reports: how much of what each tells the other tells too, rare words weighing more."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from siegewatch.detect.facts import Count, Facts
from siegewatch.detect.lexicon_files import load_lexicon
from siegewatch.detect.report_words import ReportWords

_COMMON = 1.5
"""Weight of the words of every war, and of the names of states."""

_RARE = 8.0
"""Weight of words that fewer than one in a thousand items holds."""

_LONGEST_GAP = timedelta(hours=48)
_COPY_SHARED = 0.9
_COPY_LEAD = 0.8
_COPY_HEAD = 0.8
_CUT_LEAD = 0.9
_OWN_LEAD = 0.5
_TEXT_WORDS = 8


@dataclass(frozen=True, slots=True)
class Measures:
    """What the model sees of an earlier and a later report; shares are of weight, rare words weighing more."""

    head_in_earlier: float
    """Share of the later headline that the earlier report tells."""
    head_in_later: float
    """Share of the earlier headline that the later report tells."""
    shared: float
    """Words of both among the words of either."""
    rarest: float
    """Weight of the rarest word of both."""
    live: float
    both_live: float
    gap: float
    """Time between them, two days at the most."""
    negation: float
    """Whether one headline alone says no."""
    new_number: float
    """Whether the later headline counts something that the earlier report does not."""
    new_turns: float
    """How many turns of a fight the later headline names that the earlier report does not."""
    old_turns: float
    """The other way round."""


class _Weights(dict[str, float]):
    """Weights of words, also of those that it does not hold. Asked a hundred times an item."""

    def __missing__(self, word: str) -> float:
        return _COMMON if word[0] == "@" else _RARE


class Measurer:
    """Weighs words and measures pairs of reports; safe to share between threads."""

    def __init__(self, meanings: ReportWords) -> None:
        self._weights = _Weights(_word_weights(meanings))
        self._weight = self._weights.__getitem__

    def weight(self, words: Iterable[str]) -> float:
        """How much words tell, together."""
        return sum(map(self._weight, words))

    def telling(self, facts: Facts, most: int) -> list[str]:
        """The words to find a report by: the rarest of its headline first, of its lead where the headline has few."""
        head = sorted(facts.head.words, key=self._weight, reverse=True)[:most]
        missing = most - len(head)
        if not missing:
            return head
        lead = dict.fromkeys(word for word in facts.lead.words if word not in head)
        return head + [word for word in lead if self._weight(word) == _RARE][:missing]

    def measures(self, earlier: Facts, later: Facts, gap: timedelta) -> Measures:
        """What the model sees."""
        before, after = earlier.words, later.words
        both = before & after
        return Measures(
            head_in_earlier=self._share(later.head.words, before),
            head_in_later=self._share(earlier.head.words, after),
            shared=self.weight(both) / max(self.weight(before | after), 1.0),
            rarest=max((self._weight(word) for word in both if word[0] != "@"), default=0.0) / _RARE,
            live=float(earlier.live or later.live),
            both_live=float(earlier.live and later.live),
            gap=min(max(gap, timedelta()) / _LONGEST_GAP, 1.0),
            negation=float(earlier.head.negated != later.head.negated),
            new_number=float(any(not counted_in(count, earlier.counts) for count in later.head.counts)),
            new_turns=float(len(later.head.turns - earlier.head.turns - earlier.lead.turns)),
            old_turns=float(len(earlier.head.turns - later.head.turns - later.lead.turns)),
        )

    def _share(self, words: Iterable[str], of: frozenset[str]) -> float:
        words = set(words)
        return self.weight(words & of) / max(self.weight(words), 1.0)

    def is_copy(self, earlier: Facts, later: Facts) -> bool:
        """Whether the later report has the words of the earlier, in the headline or in a lead under a headline that
        says nothing else."""
        if self._share(later.head.words, earlier.words) < _COPY_SHARED or earlier.live or later.live:
            return False
        if later.head.turns != earlier.head.turns:
            return False
        return (
            self.alike(earlier.head.words, later.head.words) >= _COPY_SHARED
            or self.alike(earlier.lead.words, later.lead.words) >= _COPY_LEAD
        )

    def is_of_one_text(self, earlier: Facts, later: Facts) -> bool:
        """Whether two reports are printed from one text: their leads are long enough to tell and the same, if cut
        short; or their headlines are, and not even their leads tell them apart."""
        one, other = set(earlier.lead.words), set(later.lead.words)
        can_tell = min(len(one), len(other)) >= _TEXT_WORDS
        in_shorter = self.weight(one & other) / max(min(self.weight(one), self.weight(other)), 1.0)
        if self.alike(earlier.head.words, later.head.words) >= _COPY_HEAD:
            return not can_tell or in_shorter >= _OWN_LEAD
        return can_tell and (self.alike(one, other) >= _COPY_LEAD or in_shorter >= _CUT_LEAD)

    def alike(self, some: Iterable[str], others: Iterable[str]) -> float:
        """The weight of the words of both among that of the words of either."""
        one, other = set(some), set(others)
        return self.weight(one & other) / max(self.weight(one | other), 1.0)


def counted_in(count: Count, counts: Iterable[Count]) -> bool:
    """Whether one of the counts may be the same."""
    return any(count.agrees_with(other) for other in counts)


def _word_weights(meanings: ReportWords) -> Mapping[str, float]:
    rarity = load_lexicon("word_rarity.yaml")
    weights = {word: float(weight) for weight, words in rarity["weights"].items() for word in words.split()}
    return weights | dict.fromkeys(meanings.topic, _COMMON)
