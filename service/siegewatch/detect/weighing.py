"""Which of the places of one name is meant: what speaks for each, in points, against meaning none of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log10

from siegewatch.detect.gazetteer import Row
from siegewatch.detect.surroundings import Others, Support, Surroundings
from siegewatch.domain.taxonomy import Precision

_CURATED = 2.0
_CURATED_PEOPLE = 30_000
"""What a place of the overlay counts for at the least: it is there because the news names it."""
_OWN_NAME = 1.0
_IS_COUNTRY = 4.0
_EXPECTED, _EXPECTED_STEP, _EXPECTED_STEPS = 4.0, 0.5, 6
"""For the first of the expected countries, and how much less for each after it, down to the seventh."""
_COUNTRY, _DIVISION, _NEAR = 5.0, 3.0, 2.5
"""For the other places of the text, as far as they lie in the same country or division, or close by."""
_SAID = 8.0
"""For a place of which the text itself says in which country, province or state it lies."""
_HOLDS = 4.0
_HOME = 1.0
_NOWHERE, _ELSEWHERE = 3.0, 5.2
"""Points for meaning no place of the name: a town of 90 or, where the text points to another country, of 15,000
inhabitants under its usual name has as many."""


@dataclass(frozen=True, slots=True)
class Context:
    """What else is known of where an item plays: likely countries (ISO 3166-1 alpha-2, likeliest first), what its other
    place names say, and the country of its outlet."""

    countries: tuple[str, ...] = ()
    around: Surroundings = field(default_factory=Surroundings)
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """What speaks for a place, and with how many points."""

    what: str
    points: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """One place that a name may mean; `row` is None for the possibility that it means no place of the index."""

    row: Row | None
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> float:
        """All points together."""
        return sum(reason.points for reason in self.reasons)


def choose(rows: Sequence[Row], key: str, context: Context) -> Row | None:
    """The place that is meant; None if it is likelier that none of them is."""
    best = max(weigh(rows, key, context), key=lambda weighed: weighed.score)
    return best.row


def weigh(rows: Sequence[Row], key: str, context: Context) -> list[Weighed]:
    """All places of a name and, last, the possibility that none of them is meant."""
    expected, others = _expected(rows, context), context.around.without(key)
    candidates = [Weighed(row, tuple(_reasons(row, key, context, expected, others))) for row in rows]
    return [*candidates, none_of_them(context)]


def none_of_them(context: Context) -> Weighed:
    """What speaks for a name that is no place of the index."""
    if context.countries:
        return Weighed(None, (Reason("the item points to other countries", _ELSEWHERE),))
    return Weighed(None, (Reason("the name may be of something else", _NOWHERE),))


def _expected(rows: Iterable[Row], context: Context) -> Mapping[str, float]:
    """Points for lying in a country, less that which bears the name itself: "Mexico" does not speak for its capital."""
    own = {row.country for row in rows if row.precision is Precision.COUNTRY}
    ranked = enumerate(context.countries)
    return {c: _EXPECTED - _EXPECTED_STEP * min(rank, _EXPECTED_STEPS) for rank, c in ranked if c not in own}


def _reasons(row: Row, key: str, context: Context, expected: Mapping[str, float], others: Others) -> Iterator[Reason]:
    yield from _by_itself(row)
    if row.country and row.country in expected:
        yield Reason("in a country that the item names", expected[row.country])
    if row.country and row.country == context.home:
        yield Reason("in the country of the outlet", _HOME)
    if context.around.says_in(row, key):
        yield Reason("the text says that it lies there", _SAID)
    if context.around.says_holds(row):
        yield Reason("the text names a place in it", _HOLDS)
    yield from _by_others(others.support(row))


def _by_itself(row: Row) -> Iterator[Reason]:
    """What speaks for a place whatever the text says."""
    people = max(row.people, _CURATED_PEOPLE if row.curated or row.precision is Precision.REGION else 0)
    yield Reason(f"{row.people:,} inhabitants" if row.people else "inhabitants unknown", log10(people + 10))
    if row.curated:
        yield Reason("in the lists of what the news names", _CURATED)
    if row.own_name:
        yield Reason("this is its usual name", _OWN_NAME)
    if row.precision is Precision.COUNTRY:
        yield Reason("a country", _IS_COUNTRY)


def _by_others(support: Support) -> Iterator[Reason]:
    if support.country:
        yield Reason("other places of the text lie in its country", _COUNTRY * support.country)
    if support.division:
        yield Reason("other places of the text lie in its province or state", _DIVISION * support.division)
    if support.near:
        yield Reason("other places of the text lie near it", _NEAR * support.near)
