"""Places: which words of a text name one, and which place on the map it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from siegewatch.detect.compile_places import open_index
from siegewatch.detect.containment import Cities
from siegewatch.detect.gazetteer import PlaceIndex, Row, Strength
from siegewatch.detect.meanings import Meanings
from siegewatch.detect.names import key_of, words_of
from siegewatch.detect.own_places import OverlaidPlaces, Places
from siegewatch.detect.surveyor import Surveyor
from siegewatch.detect.toponyms import PlaceWords, Spotter, Toponym
from siegewatch.detect.weighing import Context, Weighed, choose, none_of_them, weigh
from siegewatch.domain.event import Place
from siegewatch.domain.lexicon import OwnPlace
from siegewatch.domain.taxonomy import Precision

__all__ = ["Context", "Gazetteer", "Located", "Toponym", "Weighed"]

_NOTHING_ELSE = Context()
_BLOCKADED = frozenset({"ports", "waters", "airspace"})
"""What is blockaded or closed of a country as a whole."""


@dataclass(frozen=True, slots=True)
class Located:
    """A place on the map and its country; the country is None for seas and straits."""

    place: Place
    country: str | None


class Gazetteer:
    """Finds and resolves place names in English text. Safe to share between threads."""

    def __init__(self, index: Places) -> None:
        self._index = index
        self._words = PlaceWords.load()
        self._spotter = Spotter(index, self._words)
        self._meanings = Meanings(index, self._words)
        self._surveyor = Surveyor(index, self._words)
        self._cities = Cities(index)

    @classmethod
    def load(cls, path: Path | None = None, own: Sequence[OwnPlace] = ()) -> "Gazetteer":
        """Open the compiled index, of `path` if given, and lay the operator's places over it; an index missing or out
        of date is built first (20 s).

        Raises OSError if there is none and none can be written.
        """
        index = PlaceIndex(path) if path else open_index()
        return cls(OverlaidPlaces(index, own) if own else index)

    def __len__(self) -> int:
        return len(self._index)

    def find(self, text: str) -> list[Toponym]:
        """The place names of a text in order, not overlapping."""
        return self._spotter.find(text)

    def context(
        self,
        text: str,
        countries: Sequence[str] = (),
        outlet: str | None = None,
        toponyms: Sequence[Toponym] | None = None,
    ) -> Context:
        """What a text tells of where its places lie: by its other names (those found in it, if none are given), by the
        countries that it names, before those `countries` that it hints at otherwise, and by its outlet's name."""
        around = self._surveyor.survey(text, self.find(text) if toponyms is None else toponyms)
        return Context(tuple(dict.fromkeys([*around.countries(), *countries])), around, self._home(outlet or ""))

    def _home(self, outlet: str) -> str | None:
        """The country in an outlet's name: "Kyiv Independent", "The Times of Israel"."""
        words = [word.folded for word in words_of(outlet)]
        spans = [key_of(words[at : at + size]) for size in (2, 1) for at in range(len(words) - size + 1)]
        sure = [key for key in spans if self._index.strength(key) in (Strength.STRONG, Strength.ADJECTIVE)]
        return self._index.rows(sure[0])[0].country if sure else None

    def resolve(self, name: str, context: Context = _NOTHING_ELSE) -> Located | None:
        """Which place a name means; None where that would be a guess. The name is kept as worded."""
        for meaning in self._meanings.of(name):
            row = choose(meaning.rows, meaning.key, context)
            if row:
                return self._located(name, row, meaning.precision)
        return None

    def _located(self, name: str, row: Row, precision: Precision | None) -> Located:
        """A part or a site of a place keeps its coordinates, but not its identity."""
        same = precision is None or precision is row.precision
        known = row.geonames_id if same else None
        within = self._cities.whole_of(name, row, precision)
        return Located(Place(name, row.lat, row.lon, known, precision or row.precision, within), row.country)

    def weighed(self, name: str, context: Context = _NOTHING_ELSE) -> tuple[Weighed, ...]:
        """The places that a name may mean, likeliest first, among them the possibility that it means none of them, each
        with what speaks for it. Those before that possibility can be believed; the first is what `resolve` gives."""
        meaning = next(self._meanings.of(name), None)
        if meaning is None:
            return (none_of_them(context),)
        candidates = weigh(meaning.rows, meaning.key, context)
        return tuple(sorted(candidates, key=lambda weighed: -weighed.score))

    def is_description(self, name: str) -> bool:
        """Whether it says what kind of place of a country is meant, but not which: "Ukrainian port", "Somali capital",
        "Ukraine border". A side of a country ("eastern Ukraine") is a region of its own, and so are its ports."""
        folded = [word.folded for word in words_of(name)]
        if folded[-1] in _BLOCKADED or (folded[-1] == "city" and self._index.rows(key_of(folded))):
            return False
        while len(folded) > 1 and folded[0] in self._words.sides:
            folded.pop(0)
        kinds = len(folded)
        while len(folded) > 1 and folded[-1] in self._words.heads | self._words.between | self._words.towns:
            folded.pop()
        if len(folded) == kinds:
            return False
        key = key_of(folded)
        rows = self._index.rows(key)
        is_country = bool(rows) and max(rows, key=lambda row: row.people).precision is Precision.COUNTRY
        return is_country or self._index.strength(key) is Strength.ADJECTIVE
