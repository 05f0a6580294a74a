"""Where a place is, in words: its coordinates, and how far from a city that everyone knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import asin, atan2, cos, degrees, radians, sin, sqrt

from siegewatch.domain.event import Event, Place
from siegewatch.domain.taxonomy import Precision

NEAR_KM = 15
"""Closer than this, a city and the place are taken for one: its own name says where it is."""

FAR_KM = 1_000
_EARTH_KM = 6371.0
_WINDS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


@dataclass(frozen=True, slots=True)
class City:
    """A city of a quarter of a million people, or a capital."""

    geonames_id: int
    name: str
    country: str
    lat: float
    lon: float


def locator(event: Event) -> str:
    """*35.33° N, 40.14° E, 124 km south-east of Ar Raqqah*; empty where it is not known closely enough."""
    place = event.place
    if (
        place is None
        or place.lat is None
        or place.lon is None
        or place.precision in (Precision.REGION, Precision.COUNTRY)
    ):
        return ""
    spot = f"{_angle(place.lat, 'N', 'S')}, {_angle(place.lon, 'E', 'W')}"
    found = _nearest(place, event.country)
    return f"{spot}, {found}" if found else spot


def _nearest(place: Place, country: str | None) -> str | None:
    """The known city that is nearest, one of the same country if there is any within reach."""
    others = [city for city in cities() if city.geonames_id != place.geonames_id]
    measured = [(_km(place, city), city) for city in others]
    reached = [(km, city) for km, city in measured if NEAR_KM <= km <= FAR_KM]
    own = [(km, city) for km, city in reached if city.country == country]
    if not reached:
        return None
    km, city = min(own or reached, key=lambda one: one[0])
    return f"{km:,.0f} km {_wind(city, place)} of {city.name}"


@cache
def cities() -> Sequence[City]:
    """Those of `cities.tsv`."""
    text = files("siegewatch.notify").joinpath("cities.tsv").read_text(encoding="utf-8")
    fields = (line.split("\t") for line in text.splitlines())
    return tuple(City(int(number), name, country, float(lat), float(lon)) for number, name, country, lat, lon in fields)


def _km(place: Place, city: City) -> float:
    """Great-circle distance by the haversine formula."""
    lat, lon = place.lat or 0.0, place.lon or 0.0
    up, along = radians(city.lat - lat), radians(city.lon - lon)
    chord = sin(up / 2) ** 2 + cos(radians(lat)) * cos(radians(city.lat)) * sin(along / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, chord)))


def _wind(city: City, place: Place) -> str:
    """In which direction the place lies, seen from the city: the initial bearing of the great circle."""
    lat, other = radians(city.lat), radians(place.lat or 0.0)
    along = radians((place.lon or 0.0) - city.lon)
    bearing = degrees(atan2(sin(along) * cos(other), cos(lat) * sin(other) - sin(lat) * cos(other) * cos(along)))
    return _WINDS[round(bearing / 45) % len(_WINDS)]


def _angle(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):.2f}° {positive if value >= 0 else negative}"
