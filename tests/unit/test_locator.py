"""Where a place is, in words; and the list of known cities that it is measured from."""

import pytest

from siegewatch.domain.event import Event, Place
from siegewatch.domain.taxonomy import Kind, Phase, Precision, Status
from siegewatch.notify.compile_cities import PATH, rows
from siegewatch.notify.locator import cities, locator

DEIR = Place("Deir al-Zor", 35.33, 40.14, 170794, Precision.CITY)


def at(place: Place | None, country: str | None = None) -> str:
    return locator(Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, place=place, country=country))


def test_a_place_is_told_by_its_distance_from_a_known_city_of_its_country() -> None:
    assert at(DEIR, "SY") == "35.33° N, 40.14° E, 124 km south-east of Ar Raqqah"


def test_south_and_west_are_told_as_such() -> None:
    assert at(Place("Ushuaia", -54.80, -68.30, None, Precision.CITY), "AR").startswith("54.80° S, 68.30° W, ")


def test_a_known_city_is_not_measured_from_itself() -> None:
    [raqqa] = [city for city in cities() if city.name == "Ar Raqqah"]
    told = at(Place("Raqqa", raqqa.lat, raqqa.lon, raqqa.geonames_id, Precision.CITY), "SY")
    assert "Raqqah" not in told
    assert " km " in told


@pytest.mark.parametrize(
    "place",
    [
        None,
        Place("Exampleton"),
        Place("Syria", 35.0, 38.0, 163843, Precision.COUNTRY),
        Place("Anbar", 32.0, 42.0, None, Precision.REGION),
    ],
)
def test_what_is_not_known_closely_is_not_located(place: Place | None) -> None:
    assert at(place, "SY") == ""


def test_a_place_far_from_everywhere_has_its_coordinates_alone() -> None:
    assert at(Place("Point Nemo", -48.88, -123.39, None, Precision.SITE)) == "48.88° S, 123.39° W"


@pytest.mark.parametrize(
    ("lat", "lon", "wind"),
    [(1, 0, "north"), (1, 1, "north-east"), (0, 1, "east"), (-1, 0, "south"), (0, -1, "west"), (1, -1, "north-west")],
)
def test_the_direction_is_seen_from_the_city(lat: float, lon: float, wind: str) -> None:
    [raqqa] = [city for city in cities() if city.name == "Ar Raqqah"]
    spot = Place("x", raqqa.lat + lat / 2, raqqa.lon + lon / 2, None, Precision.SITE)
    told = at(spot, "XX")
    assert f" {wind} of " in told or "Ar Raqqah" not in told


@pytest.mark.slow
def test_the_list_of_cities_is_that_of_geonames() -> None:
    assert PATH.read_text(encoding="utf-8").splitlines() == list(rows())
