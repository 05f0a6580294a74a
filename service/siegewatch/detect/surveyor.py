"""Reading from a text what its place names say of each other: what each may mean, and which lies in which."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import exp

from siegewatch.detect.gazetteer import Strength
from siegewatch.detect.meanings import Meaning, Meanings, is_short
from siegewatch.detect.names import Word, key_of, short_key, words_of
from siegewatch.detect.own_places import Places
from siegewatch.detect.surroundings import Shares, Surroundings
from siegewatch.detect.toponyms import PlaceWords, Toponym
from siegewatch.detect.weighing import Context, Weighed, weigh
from siegewatch.domain.taxonomy import Precision

_ROUNDS = 2
"""How often the names are weighed anew by what the others say."""
_SHARPNESS = 1.0
"""How much a point more makes a place likelier: by a factor of e to the power of this."""
_MOST_MEANINGS = 12
_MOST_NAMES = 100
"""Names of a text that are heard: more than an article has, and few enough to be weighed in a moment."""
_LONGEST = 4
"""Words in the longest country, province or state worth trying."""


class Surveyor:
    """Reads the surroundings of place names."""

    def __init__(self, index: Places, lexicon: PlaceWords) -> None:
        self._index = index
        self._meanings = Meanings(index, lexicon)
        self._sides = lexicon.sides
        self._kinds = lexicon.towns | lexicon.regions | lexicon.sides | {"of", "besieged", "key", "strategic"}

    def survey(self, text: str, toponyms: Sequence[Toponym]) -> Surroundings:
        """What the names of a text say of each other."""
        words = words_of(text)
        at = {word.start: number for number, word in enumerate(words)}
        worded = list(dict.fromkeys(toponym.text for toponym in toponyms))[:_MOST_NAMES]
        known = {name: meaning for name in worded if (meaning := next(self._meanings.of(name), None))}
        said = {
            (known[toponym.text].key, outer)
            for toponym in toponyms
            if toponym.text in known
            for outer in self._outer(words, at, toponym)
        }
        return self._agreed({meaning.key: meaning for meaning in known.values()}, said)

    def _agreed(self, names: Mapping[str, Meaning], said: Iterable[tuple[str, str]]) -> Surroundings:
        """What the names mean once each has heard the others, and what is said of which lies in which."""
        inside: dict[str, frozenset[int]] = defaultdict(frozenset)
        holding: frozenset[int] = frozenset()
        for key, outer in said:
            inner, areas = self._contained(names[key], outer)
            inside[key] |= inner
            holding |= areas
        around = Surroundings({}, inside, holding)
        for _ in range(_ROUNDS):
            context = Context(around=around)
            around = replace(around, names={key: _shares(weigh(n.rows, key, context)) for key, n in names.items()})
        return around

    def _contained(self, named: Meaning, outer: str) -> tuple[frozenset[int], frozenset[int]]:
        """The places of a name that lie in an area of another name, and those areas. Of two countries in a list none
        lies in the other: "Jordan, Lebanon"."""
        areas = [row for row in self._index.rows(outer) if row.is_area]
        if named.rows[0].precision is Precision.COUNTRY and any(a.precision is Precision.COUNTRY for a in areas):
            areas = [area for area in areas if area.whole]
        pairs = [(row.number, area.number) for area in areas for row in named.rows if area.holds(row)]
        return frozenset(inner for inner, _ in pairs), frozenset(area for _, area in pairs)

    def _outer(self, words: Sequence[Word], at: dict[int, int], toponym: Toponym) -> Iterator[str]:
        """The key of the area that a name is said to lie in: "X, Y", "X in Y", "X (Y)", "Y's X",
        "the Y-ish city of X"."""
        first = at.get(toponym.start)
        if first is None:
            return
        last = first
        while last + 1 < len(words) and words[last + 1].start < toponym.end:
            last += 1
            if words[last].gap == ", ":
                yield from self._area(words, last)
        yield from self._area_after(words, last + 1)
        yield from self._area_before(words, first)

    def _area_after(self, words: Sequence[Word], start: int) -> Iterator[str]:
        if start >= len(words):
            return
        gap, skipped = words[start].gap, 0
        if gap == " " and words[start].folded == "in":
            skipped = 1
            while start + skipped < len(words) and words[start + skipped].folded in self._sides | {"the"}:
                skipped += 1
        elif gap not in (", ", " ("):
            return
        yield from self._area(words, start + skipped)

    def _area(self, words: Sequence[Word], start: int) -> Iterator[str]:
        """The longest name or abbreviation of an area that begins at a word with a capital."""
        if start >= len(words) or not words[start].capital:
            return
        for size in range(_joined(words, start), 0, -1):
            key = key_of([word.folded for word in words[start : start + size]])
            for form in (key, short_key(key)) if _is_short(words, start, size) else (key,):
                if self._is_area(form):
                    yield form
                    return

    def _area_before(self, words: Sequence[Word], first: int) -> Iterator[str]:
        """Of "Ohio's Newark" and "the Libyan city of Tripoli"."""
        end = first
        while end and words[end - 1].folded in self._kinds and not words[end - 1].capital:
            end -= 1
        possessive = end > 0 and words[end - 1].possessive
        of_a_kind = end < first and words[first - 1].folded == "of" and words[end].gap == " "
        for size in range(min(_LONGEST, end), 0, -1) if possessive or of_a_kind else ():
            key = key_of([word.folded for word in words[end - size : end]])
            if words[end - size].capital and self._is_area(key, adjectives=of_a_kind):
                yield key
                return

    def _is_area(self, key: str, *, adjectives: bool = False) -> bool:
        adjective = self._index.strength(key) is Strength.ADJECTIVE
        return adjective <= adjectives and self._index.names_area(key)


def _is_short(words: Sequence[Word], start: int, size: int) -> bool:
    """Whether words may be an abbreviation: with a full stop, or two capitals."""
    after = words[start + size].gap if start + size < len(words) else "."
    return after.startswith(".") or is_short(words[start + size - 1].text)


def _joined(words: Sequence[Word], start: int) -> int:
    """How many words from one on stand together: "New York", "N. M."."""
    size = min(1, len(words) - start)
    while size and size < _LONGEST and start + size < len(words) and words[start + size].gap in (" ", ".", ". "):
        size += 1
    return max(size, 0)


def _shares(candidates: list[Weighed]) -> Shares:
    """How likely each is meant, by a softmax of their points."""
    best = max(candidate.score for candidate in candidates)
    weights = [(candidate.row, exp(_SHARPNESS * (candidate.score - best))) for candidate in candidates]
    total = sum(weight for _, weight in weights)
    known = sorted(((row, weight / total) for row, weight in weights if row), key=lambda pair: -pair[1])
    return tuple(known[:_MOST_MEANINGS])
