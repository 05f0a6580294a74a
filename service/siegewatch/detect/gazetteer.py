"""The place index: names to places, read from one file mapped into memory.

File: magic, a JSON header (length as u32), then the sections named there, each 8-byte aligned:

    keys     u64[n]    hashes of the name keys (`names.name_key`), ascending
    strength u8[n]     how sure it is that the words are a place (`Strength`)
    first    u32[n+1]  where a key's postings begin
    postings u32[m]    place number << 1 | 1 if this is the place's own name; likeliest place first
    lat, lon f32[p]    degrees, WGS 84
    ids      u32[p]    GeoNames ids, 0 where unknown
    people   u32[p]    inhabitants, 0 where unknown
    country  2 bytes   ISO 3166-1 alpha-2, two blanks where none
    division u16[p]    number of the province or state it lies in or is, 0 where unknown
    detail   u8[p]     `Precision` in order of declaration, + 8 if the place is from the overlay, + 16 if it is
             a whole province or state

Reading needs no lock: nothing is written after opening.
"""

from __future__ import annotations

import json
import mmap
import struct
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from siegewatch.detect.distance import distance_km
from siegewatch.domain.taxonomy import Precision

MAGIC = b"SWPLACES"
PRECISIONS = tuple(Precision)
CURATED = 8
WHOLE = 16
_AREAS = (Precision.COUNTRY, Precision.REGION)
_DISTRICT_KM = 100.0
"""How far a place may be from the middle of a smaller region and still lie in it."""


class Strength(IntEnum):
    """How much a text must say before a name is taken for a place."""

    ADJECTIVE = 0
    """Of a country ("Syrian"): names no place alone, but the country's coast or ports with those words."""
    WEAK = 1
    """An ordinary word or a person's name as well: only after words such as "the town of"."""
    PLAIN = 2
    """A small place: a capital and no sign of a person or an organisation."""
    STRONG = 3
    """A country, a known city or a place of the overlay."""


@dataclass(frozen=True, slots=True)
class Row:
    """One place. Degrees WGS 84; `geonames_id` None and `people` 0 where unknown. `curated`: from the overlay;
    `own_name`: found by its main name, not by another. `division`: number of the
    province or state (GeoNames' first order) it lies in, or is where `whole`; 0 where unknown.
    """

    number: int
    lat: float
    lon: float
    geonames_id: int | None
    people: int
    country: str | None
    precision: Precision
    curated: bool
    own_name: bool
    division: int = 0
    whole: bool = False

    @property
    def is_area(self) -> bool:
        """Whether it is a country or a part of one: something that towns lie in."""
        return self.country is not None and self.precision in _AREAS

    def holds(self, inner: Row) -> bool:
        """Whether a smaller place lies in this area; of a region without known borders, near its middle."""
        if inner.number == self.number or inner.precision is Precision.COUNTRY or inner.country != self.country:
            return False
        if self.precision is Precision.COUNTRY:
            return True
        return inner.division == self.division if self.whole else self.distance_km(inner.lat, inner.lon) < _DISTRICT_KM

    def distance_km(self, lat: float, lon: float) -> float:
        """How far a point is."""
        return distance_km(self.lat, self.lon, lat, lon)


@dataclass(frozen=True, slots=True)
class Header:
    """What the file was built from, and each section's offset and size in bytes."""

    fingerprint: str
    sections: Mapping[str, tuple[int, int]]


def key_hash(key: str) -> int:
    """64 bits of a name key; two keys of a million collide once in 10^7 indexes."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little")


class PlaceIndex:
    """A compiled index, opened in a millisecond and safe to read from any thread."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        header, self._body = _read_header(self._view)
        self.fingerprint = header.fingerprint
        self._sections = header.sections
        self._keys = self._section("keys", "Q")
        self._strength = self._section("strength", "B")
        self._first = self._section("first", "I")
        self._postings = self._section("postings", "I")
        self._lat, self._lon = self._degrees("lat"), self._degrees("lon")
        self._ids, self._people = self._section("ids", "I"), self._section("people", "I")
        self._country, self._division = self._section("country", "B"), self._section("division", "H")
        self._detail = self._section("detail", "B")

    def _section(self, name: str, code: Literal["B", "H", "I", "Q"]) -> memoryview[int]:
        return self._bytes(name).cast(code)

    def _degrees(self, name: str) -> memoryview[float]:
        return self._bytes(name).cast("f")

    def _bytes(self, name: str) -> memoryview[int]:
        offset, size = self._sections[name]
        return self._view[self._body + offset : self._body + offset + size]

    def __len__(self) -> int:
        return len(self._ids)

    def _slot(self, key: str) -> int | None:
        wanted = key_hash(key)
        slot = bisect_left(self._keys, wanted)
        return slot if slot < len(self._keys) and self._keys[slot] == wanted else None

    def strength(self, key: str) -> Strength | None:
        """How sure a name is a place; None if it is no name of the index."""
        slot = self._slot(key)
        return None if slot is None else Strength(self._strength[slot])

    def rows(self, key: str) -> list[Row]:
        """The places of that name, likeliest first; empty if there is none."""
        slot = self._slot(key)
        if slot is None:
            return []
        return [self._row(posting) for posting in self._postings[self._first[slot] : self._first[slot + 1]]]

    def names_area(self, key: str) -> bool:
        """Whether a country or a region is called so."""
        slot = self._slot(key)
        postings = () if slot is None else self._postings[self._first[slot] : self._first[slot + 1]]
        return any(PRECISIONS[self._detail[posting >> 1] & 7] in _AREAS for posting in postings)

    def rows_within(self, key: str, outer: str) -> list[Row]:
        """The places of that name in a country, province or state that `outer` is the key of, likeliest first."""
        return within(self.rows(key), self.rows(outer)) if self.names_area(outer) else []

    def towns_of(self, least: int) -> list[Row]:
        """The cities and towns of at least so many inhabitants. Looks at every place: once, when first needed."""
        large = (number for number, people in enumerate(self._people) if people >= least)
        return [row for number in large if (row := self._row(number << 1 | 1)).precision is Precision.CITY]

    def by_ids(self, wanted: Collection[int]) -> dict[int, Row]:
        """The places with those GeoNames ids, as far as the index has them. Looks at every place: for start-up."""
        found = {known: number for number, known in enumerate(self._ids) if known in wanted}
        return {known: self._row(number << 1 | 1) for known, number in found.items()}

    def _row(self, posting: int) -> Row:
        number = posting >> 1
        detail = self._detail[number]
        return Row(
            number=number,
            lat=round(self._lat[number], 5),
            lon=round(self._lon[number], 5),
            geonames_id=self._ids[number] or None,
            people=self._people[number],
            country=_code(self._country, number) or None,
            precision=PRECISIONS[detail & 7],
            curated=bool(detail & CURATED),
            own_name=bool(posting & 1),
            division=self._division[number],
            whole=bool(detail & WHOLE),
        )


def within(rows: Iterable[Row], outer: Iterable[Row]) -> list[Row]:
    """Those of the places that lie in one of the countries, provinces or states among `outer`."""
    around = [row for row in outer if row.is_area]
    return [row for row in rows if any(area.holds(row) for area in around)]


def _code(section: memoryview, number: int) -> str:
    return bytes(section[2 * number : 2 * number + 2]).decode().strip()


def _read_header(view: memoryview) -> tuple[Header, int]:
    """The header and where the sections begin. Raises ValueError if the file is no index."""
    if bytes(view[:8]) != MAGIC:
        raise ValueError("not a place index")
    (size,) = struct.unpack_from("<I", view, 8)
    return Header(**json.loads(bytes(view[12 : 12 + size]))), aligned(12 + size)


def aligned(offset: int) -> int:
    """The next multiple of 8."""
    return (offset + 7) // 8 * 8
