"""Which places a name may mean, by the index alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from siegewatch.detect.gazetteer import Row
from siegewatch.detect.names import name_key, short_key, words_of
from siegewatch.detect.own_places import Places
from siegewatch.detect.toponyms import PlaceWords
from siegewatch.domain.taxonomy import Precision


@dataclass(frozen=True, slots=True)
class Meaning:
    """The places of a key, likeliest first, and what precision the rest of the name implies ("Aleppo airport")."""

    key: str
    precision: Precision | None
    rows: list[Row]


class Meanings:
    """Looks names up as they are worded."""

    def __init__(self, index: Places, lexicon: PlaceWords) -> None:
        self._index = index
        self._lexicon = lexicon

    def of(self, name: str) -> Iterator[Meaning]:
        """The keys under which a name is known, exact first. Of "Lebanon, Pennsylvania" the places in Pennsylvania, if
        there is one."""
        inner, _, outer = name.partition(", ")
        short = short_key(name_key(inner))
        if is_short(inner) and (rows := self._index.rows(short)):
            yield Meaning(short, None, rows)
        for key, precision in self._lexicon.plain_forms(words_of(inner)):
            if rows := self._within(key, outer) or self._index.rows(key):
                yield Meaning(key, precision, rows)

    def _within(self, key: str, outer: str) -> list[Row]:
        if not outer:
            return []
        area = name_key(outer)
        short = self._index.rows_within(key, short_key(area)) if is_short(outer) else []
        return short or self._index.rows_within(key, area)


def is_short(name: str) -> bool:
    """Whether it may be an abbreviation, by a full stop or two capitals: "Tex.", "TX"."""
    return name.endswith(".") or (len(name) == 2 and name.isupper())
