"""Places: which words of a text name one, and which place on the map it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, log10, radians, sin, sqrt
from pathlib import Path

from siegewatch.detect.compile_places import open_index
from siegewatch.detect.gazetteer import PlaceIndex, Row, Strength
from siegewatch.detect.names import key_of, name_key, words_of
from siegewatch.detect.own_places import OverlaidPlaces, Places
from siegewatch.detect.toponyms import PlaceWords, Spotter, Toponym
from siegewatch.domain.event import Place
from siegewatch.domain.lexicon import OwnPlace
from siegewatch.domain.taxonomy import Precision

__all__ = ["Context", "Gazetteer", "Located", "Toponym"]

_CURATED_BONUS = 2.0
_CURATED_PEOPLE = 30_000
"""What a place of the overlay counts for at the least: it is there because the news names it."""
_OWN_NAME_BONUS = 1.0
_COUNTRY_BONUS = 4.0
_NEAR_BONUS = 2.0
_NEAR_KM = 300.0
_SURE_PEOPLE = 15_000
"""A place outside the expected countries must have so many inhabitants under this very name to be believed."""
_BLOCKADED = frozenset({"ports", "waters", "airspace"})
"""What is blockaded or closed of a country as a whole."""
_EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Context:
    """What else is known of where an item plays: likely countries (ISO 3166-1 alpha-2, likeliest first) and
    points close by (degrees latitude, longitude)."""

    countries: tuple[str, ...] = ()
    near: tuple[tuple[float, float], ...] = ()


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

    def resolve(self, name: str, context: Context = Context()) -> Located | None:
        """Which place a name means; None where that would be a guess. The name is kept as worded."""
        inner, _, outer = name.partition(", ")
        if outer:
            return self._resolve_within(name, inner, outer, context)
        for key, precision in self._words.plain_forms(words_of(name)):
            row = _choose(self._index.rows(key), context)
            if row:
                return _located(name, row, precision)
        return None

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

    def _resolve_within(self, name: str, inner: str, outer: str, context: Context) -> Located | None:
        """ "Lebanon, Pennsylvania": the second name says in which country or state the first one lies."""
        around = self.resolve(outer, context)
        if around is None:
            return self.resolve(inner, context)
        for key, precision in self._words.plain_forms(words_of(inner)):
            rows = self._index.rows_within(key, name_key(outer))
            if rows:
                return _located(name, rows[0], precision)
        return self.resolve(inner, Context((around.country,) if around.country else (), context.near))


def _located(name: str, row: Row, precision: Precision | None) -> Located:
    """A part or a site of a place keeps its coordinates, but not its identity."""
    same = precision is None or precision is row.precision
    return Located(
        Place(name, row.lat, row.lon, row.geonames_id if same else None, precision or row.precision), row.country
    )


def _choose(rows: list[Row], context: Context) -> Row | None:
    best = max(rows, key=lambda row: _score(row, context), default=None)
    return best if best and _believable(best, context) else None


def _believable(row: Row, context: Context) -> bool:
    if row.curated or row.country in context.countries:
        return True
    return row.people >= _SURE_PEOPLE or (row.own_name and not context.countries)


def _score(row: Row, context: Context) -> float:
    """How likely a place is meant: its size, its being in the overlay, and its fit to what else is known."""
    people = max(row.people, _CURATED_PEOPLE if row.curated else 0)
    score = log10(people + 10) + _CURATED_BONUS * row.curated + _OWN_NAME_BONUS * row.own_name
    if row.precision is Precision.COUNTRY:
        score += _COUNTRY_BONUS
    if row.country in context.countries:
        score += _COUNTRY_BONUS - 0.5 * min(context.countries.index(row.country), 6)
    if any(distance_km(row.lat, row.lon, *point) < _NEAR_KM for point in context.near):
        score += _NEAR_BONUS
    return score


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance by the haversine formula."""
    up, along = radians(other_lat - lat), radians(other_lon - lon)
    chord = sin(up / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(along / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, chord)))
