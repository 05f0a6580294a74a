"""Which place each name of a text is taken for, and why the others lost: steps for those who ask why."""

from collections.abc import Collection, Iterator

from siegewatch.detect.gazetteer import Row
from siegewatch.detect.places import Context, Gazetteer, Weighed
from siegewatch.domain.event import Event
from siegewatch.domain.taxonomy import Precision

_OTHERS = 4
"""Places that lost that are told of each name: some names have hundreds."""
_LEAST = 0.05
"""Points that show when rounded to one place."""


def place_steps(gazetteer: Gazetteer, text: str, context: Context, events: Collection[Event]) -> list[str]:
    """A step for the place that each name is taken for, then one for each of the likeliest that lost."""
    names = dict.fromkeys(toponym.text for toponym in gazetteer.find(text))
    return [f"place: {step}" for name in names for step in _steps(name, gazetteer.weighed(name, context), events)]


def _steps(name: str, weighed: tuple[Weighed, ...], events: Collection[Event]) -> Iterator[str]:
    best, *others = weighed
    used = any(event.place and name.casefold() in event.place.name.casefold() for event in events)
    yield f"“{name}” is {_told(best)}{'' if used else '; no event is told there'}"
    yield from (f"“{name}” is less likely {_told(other)}" for other in others[:_OTHERS])
    if len(others) > _OTHERS:
        yield f"“{name}” is none of {len(others) - _OTHERS} more like these"


def _told(weighed: Weighed) -> str:
    where = f"the {_where(weighed.row)}" if weighed.row else "no place that is known"
    reasons = ", ".join(f"{reason.what} {reason.points:+.1f}" for reason in weighed.reasons if reason.points >= _LEAST)
    return f"{where}: {weighed.score:.1f} ({reasons})"


def _where(row: Row) -> str:
    if row.precision is Precision.COUNTRY:
        return f"country {row.country}"
    return f"{row.precision} in {row.country or 'no country'} at {row.lat:.2f}, {row.lon:.2f}"
