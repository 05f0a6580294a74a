"""What the other places that a text names say of one: their countries, provinces and neighbourhoods, by votes.

A name votes for each of the places it may mean by how likely it means it, so that ten names which are ambiguous each
may still agree on one state of the US.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import floor

from siegewatch.detect.gazetteer import Row
from siegewatch.domain.taxonomy import Precision

_CELL_DEGREES = 1.5
_HALF, _SPREAD = 0.4, 0.03
"""So many votes, and so many more for each other name, count for half of what any number can."""
_ALONE = 0.2
"""By so many names short of all is one country believed."""

Shares = tuple[tuple[Row, float], ...]
"""The places that a name may mean, each with how likely it is meant, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Support:
    """How far other names agree with a place, each from 0 to 1."""

    country: float
    division: float
    near: float


@dataclass(frozen=True)
class Surroundings:
    """The names of a text by key, with what they may mean; `inside`: numbers of the places that a name means by what
    the text says of where it lies ("Paris, Texas"); `holding`: numbers of the areas so named."""

    names: Mapping[str, Shares] = field(default_factory=dict)
    inside: Mapping[str, frozenset[int]] = field(default_factory=dict)
    holding: frozenset[int] = frozenset()

    def says_in(self, row: Row, key: str) -> bool:
        """Whether the text says of this name that it lies where this place lies."""
        return row.number in self.inside.get(key, ())

    def says_holds(self, row: Row) -> bool:
        """Whether the text names a place and says that it lies in this one."""
        return row.number in self.holding

    def countries(self) -> tuple[str, ...]:
        """The countries that are named themselves, in the order of the text."""
        best = [shares[0][0] for shares in self.names.values() if shares]
        return tuple(row.country for row in best if row.country and row.precision is Precision.COUNTRY)

    def without(self, key: str) -> "Others":
        """All names but that of the key."""
        own = self.names.get(key)
        return Others(len(self.names) - (own is not None), self.votes, Votes.of([own] if own else []))

    @cached_property
    def votes(self) -> "Votes":
        """Of all names."""
        return Votes.of(self.names.values())


@dataclass(frozen=True)
class Votes:
    """How many names speak for each country, division and square of the map."""

    countries: Mapping[str | None, float]
    divisions: Mapping[int, float]
    cells: Mapping[tuple[int, int], float]

    @classmethod
    def of(cls, names: Iterable[Shares]) -> "Votes":
        """Count those of some names."""
        countries: dict[str | None, float] = defaultdict(float)
        divisions: dict[int, float] = defaultdict(float)
        cells: dict[tuple[int, int], float] = defaultdict(float)
        for shares in names:
            for row, share in shares:
                if row.precision is Precision.COUNTRY:
                    continue
                countries[row.country] += share
                divisions[row.division] += share
                if not row.whole:
                    cells[_cell(row)] += share
        return cls(dict(countries), dict(divisions), dict(cells))

    def country(self, row: Row) -> float:
        """Votes for its country."""
        return self.countries.get(row.country, 0.0) if row.country else 0.0

    def division(self, row: Row) -> float:
        """Votes for its province or state."""
        return self.divisions.get(row.division, 0.0) if row.division else 0.0

    def near(self, row: Row) -> float:
        """Votes for its square of the map and those around it."""
        north, east = _cell(row)
        return sum(self.cells.get((north + i, east + j), 0.0) for i in (-1, 0, 1) for j in (-1, 0, 1))


@dataclass(frozen=True, slots=True)
class Others:
    """What all names but one say: so many of them, with all votes less its own."""

    names: int
    votes: Votes
    own: Votes

    def support(self, row: Row) -> Support:
        """How far they agree with a place that the one name may mean."""
        if not self.names:
            return Support(0.0, 0.0, 0.0)
        doubt = _HALF + _SPREAD * self.names
        division = self.votes.division(row) - self.own.division(row)
        near = 0.0 if row.is_area else self.votes.near(row) - self.own.near(row)
        country = self.votes.country(row) - self.own.country(row)
        return Support(country / (self.names + _ALONE), _share(division, doubt), _share(near, doubt))


def _cell(row: Row) -> tuple[int, int]:
    return floor(row.lat / _CELL_DEGREES), floor(row.lon / _CELL_DEGREES)


def _share(votes: float, doubt: float) -> float:
    """From 0 to 1, more slowly the more votes there are; half for as many votes as there is doubt."""
    return votes / (votes + doubt) if votes > 0 else 0.0
