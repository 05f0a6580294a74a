"""Which city a place is a part of: by its name ("eastern Aleppo"), by where it lies, by what the item says."""

import re
from collections.abc import Sequence
from functools import cached_property

from siegewatch.detect.distance import distance_km
from siegewatch.detect.gazetteer import Row
from siegewatch.detect.own_places import Places
from siegewatch.domain.event import Place
from siegewatch.domain.taxonomy import Precision

CITY = 100_000
"""Inhabitants from which on a place has parts that are told of by their own names."""

_REACH_KM = 7.0
"""How far from a city's middle a quarter or a site without a GeoNames id is still taken for one of its own."""

_NAMED_REACH_KM = 25.0
"""The same where the item says so: the airport of a large city lies as far out as this."""

_SEVERAL = 2.5
_QUARTER_KM = 10.0
_NO_NEW_CITY = 13_000_000
"""GeoNames ids from here on are of 2023 and later: quarters (those of Ukraine's cities) got them, but no large city."""

_AREAS = re.compile(
    r"\b(?:regions?|provinces?|oblasts?|governorates?|states?|count(?:y|ies)|countryside|border|front|coast|valley"
    r"|plains?|mountains?|desert|hinterland)\b",
    re.IGNORECASE,
)
_SIDE = re.compile(r"(?:north|south|east|west|central)", re.IGNORECASE)
"""A side that the list has as a place of its own ("eastern Ghouta", "northern Gaza") is a region, not a quarter."""

_PART = r"(?:districts?|neighbou?rhoods?|quarters?|suburbs?|old city|old town|camp|city centre|city center)"
_NEAR = 80
"""Characters before a place in which its owner is looked for."""

_OWNER_BEFORE = re.compile(r"((?:[A-Z][\w-]+ ){0,2}[A-Z][\w-]+)['’]s (?:[a-z]+[ -])?$")
_OWNER_BEHIND = re.compile(rf"^(?: {_PART})? (?:of|in) ((?:[A-Z][\w-]+ ){{0,2}}[A-Z][\w-]+)")


class Cities:
    """The cities that have parts."""

    def __init__(self, index: Places) -> None:
        self._index = index

    @cached_property
    def _rows(self) -> Sequence[Row]:
        return self._index.towns_of(CITY)

    def whole_of(self, name: str, row: Row, precision: Precision | None) -> int | None:
        """The GeoNames id of the city of which `row`, worded as `name`, is a part or a site; `precision` is what the
        words around its name imply. A region is a part of no city."""
        if _AREAS.search(name) or row.whole or row.precision is Precision.COUNTRY:
            return None
        if precision not in (None, row.precision):
            return row.geonames_id if row.precision is Precision.CITY and row.people >= CITY else None
        return None if row.geonames_id or _SIDE.match(name) else self._around(row)

    def _around(self, row: Row) -> int | None:
        """The city around a point: of several the one that weighs most there."""
        near = [(row.distance_km(city.lat, city.lon), city) for city in self._rows if city.country == row.country]
        reached = [(km, city) for km, city in near if km <= _REACH_KM and not self._is_quarter(city)]
        if not reached:
            return None
        return max(reached, key=lambda found: found[1].people / (found[0] + 1) ** 2)[1].geonames_id

    def _is_quarter(self, town: Row) -> bool:
        """Whether it must be a part of a city itself, for GeoNames counts large quarters among towns: its id is too new
        for a city of its size, or a city several times as large lies near."""
        if (town.geonames_id or 0) >= _NO_NEW_CITY:
            return True
        larger = (row for row in self._rows if row.people >= _SEVERAL * town.people and row.country == town.country)
        return any(row.distance_km(town.lat, town.lon) <= _QUARTER_KM for row in larger)


def owner_named(text: str, start: int, end: int) -> str | None:
    """The city that a text says the place at `start` to `end` is a part of: *Aleppo's Salaheddin district*, *the
    Salaheddin district of Aleppo*. Only a district or the like has an owner: *Idlib's Saraqib* is a town of its own."""
    if not re.search(rf"\b{_PART}\b", text[start:end] + text[end : end + 16].split(",")[0], re.IGNORECASE):
        return None
    found = _OWNER_BEFORE.search(text[max(0, start - _NEAR) : start]) or _OWNER_BEHIND.match(text[end:])
    return found[1] if found else None


def can_hold(city: Place, part: Place) -> bool:
    """Whether a part, where it is known where it lies, lies near enough to a city to be one of its own."""
    if city.geonames_id is None or city.precision is not Precision.CITY or part.geonames_id == city.geonames_id:
        return False
    if None in (city.lat, city.lon, part.lat, part.lon):
        return True
    return distance_km(city.lat or 0, city.lon or 0, part.lat or 0, part.lon or 0) <= _NAMED_REACH_KM
