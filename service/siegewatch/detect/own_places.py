"""An operator's places, laid over the compiled index in memory: nothing is compiled anew for them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import Protocol

from siegewatch.detect.compile_places import Ordinary, strength_of
from siegewatch.detect.drafts import Draft
from siegewatch.detect.gazetteer import PlaceIndex, Row, Strength, within
from siegewatch.detect.place_drafts import is_close
from siegewatch.domain.errors import Fault
from siegewatch.domain.lexicon import OwnPlace


class Places(Protocol):
    """What finding and resolving need of an index; `PlaceIndex` says what each means."""

    def __len__(self) -> int: ...

    def strength(self, key: str) -> Strength | None: ...

    def rows(self, key: str) -> list[Row]: ...

    def rows_within(self, key: str, outer: str) -> list[Row]: ...

    def names_area(self, key: str) -> bool: ...

    def towns_of(self, least: int) -> list[Row]: ...


class OverlaidPlaces:
    """An index with the operator's places before its own. Safe to share between threads."""

    def __init__(self, index: PlaceIndex, own: Sequence[OwnPlace]) -> None:
        self._index = index
        self._size = len(index) + len(own)
        self._rows: dict[str, list[Row]] = {}
        self._strengths: dict[str, Strength] = {}
        ordinary, known = Ordinary.load(), _known(index, own)
        for number, place in enumerate(own, start=len(index)):
            draft = _draft(place, index, known)
            for key in draft.keys:
                self._rows.setdefault(key, []).append(self._row(number, draft, key))
                self._strengths[key] = strength_of(key, [draft], ordinary)

    def __len__(self) -> int:
        return self._size

    def strength(self, key: str) -> Strength | None:
        """How sure a name is a place: the surer of both."""
        known = [found for found in (self._strengths.get(key), self._index.strength(key)) if found is not None]
        return max(known, default=None)

    def rows(self, key: str) -> list[Row]:
        """The operator's places of that name, then the others."""
        return [*self._rows.get(key, ()), *self._index.rows(key)]

    def rows_within(self, key: str, outer: str) -> list[Row]:
        """The places of that name in a country or US state that `outer` is the key of."""
        return within(self.rows(key), self.rows(outer))

    def names_area(self, key: str) -> bool:
        """Whether a country or a region is called so."""
        return self._index.names_area(key) or any(row.is_area for row in self._rows.get(key, ()))

    def towns_of(self, least: int) -> list[Row]:
        """The cities and towns of the index of at least so many inhabitants: an operator's own have no count."""
        return self._index.towns_of(least)

    def _row(self, number: int, draft: Draft, key: str) -> Row:
        """As large as the largest of its name, so that it comes first unless the text points elsewhere."""
        people = max([draft.people, *(row.people for row in self._index.rows(key))])
        return Row(
            number,
            draft.lat,
            draft.lon,
            draft.geonames_id or None,
            people,
            draft.country or None,
            draft.precision,
            curated=True,
            own_name=True,
        )


def place_faults(index: PlaceIndex, own: Iterable[OwnPlace]) -> Iterator[Fault]:
    """Places whose GeoNames id the index does not have, and that do not say where they are."""
    unlocated = [place for place in own if place.point is None]
    known = _known(index, unlocated)
    for place in unlocated:
        if place.geonames_id not in known:
            what = f"GeoNames' list of places of 500 inhabitants and more has no id {place.geonames_id}"
            yield place.at.fault(what, "write at: [latitude, longitude] too")


def _known(index: PlaceIndex, own: Iterable[OwnPlace]) -> Mapping[int, Row]:
    return index.by_ids({place.geonames_id for place in own if place.geonames_id})


def _draft(place: OwnPlace, index: PlaceIndex, by_id: Mapping[int, Row]) -> Draft:
    """As a place of the overlay; what the index knows of the same place stays, so that it remains one place."""
    known = by_id.get(place.geonames_id or 0)
    lat, lon = place.point or ((known.lat, known.lon) if known else (inf, inf))
    draft = Draft(list(place.names), lat, lon, place.country or "", place.precision, curated=True, own=len(place.names))
    draft.fill_keys()
    same = known or _same_place(draft, index)
    draft.geonames_id = place.geonames_id or (same.geonames_id if same and same.geonames_id else 0)
    draft.people = same.people if same else 0
    return draft


def _same_place(draft: Draft, index: PlaceIndex) -> Row | None:
    """A place of the index with one of the names and of the same kind, close by."""
    rows = (row for key in draft.keys for row in index.rows(key))
    return next(
        (
            row
            for row in rows
            if (row.country or "", row.precision) == (draft.country, draft.precision)
            and is_close(row.lat, row.lon, draft.lat, draft.lon)
        ),
        None,
    )
