"""Two rehearsals of the same items side by side: which alerts the one has that the other has not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from siegewatch.apps.cli.items import BadLine
from siegewatch.apps.cli.rehearsal import Replayed, Told, Turn


class Difference(StrEnum):
    """What the other configuration makes of an item's alert."""

    GAINED = "gained"
    LOST = "lost"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Compared:
    """An item that is told otherwise: `alerts` under the configuration at hand, `against` under the other one."""

    id: str
    title: str
    at: datetime
    difference: Difference
    alerts: tuple[Told, ...]
    against: tuple[Told, ...]


def compared(turns: Iterable[Turn], ours: Iterable[Replayed], theirs: Iterable[Replayed]) -> Iterator[Compared]:
    """The items whose alerts differ, in their order."""
    for turn, our, their in zip(turns, ours, theirs, strict=True):
        found = difference(our.alerts, their.alerts)
        if found and not isinstance(turn.line, BadLine):
            yield Compared(turn.line.id, turn.line.title, turn.at, found, our.alerts, their.alerts)


def difference(ours: tuple[Told, ...], theirs: tuple[Told, ...]) -> Difference | None:
    """How two sets of deliveries differ: channels and severity count, ids do not."""
    if bool(ours) != bool(theirs):
        return Difference.GAINED if theirs else Difference.LOST
    return None if _heard(ours) == _heard(theirs) else Difference.CHANGED


def _heard(told: tuple[Told, ...]) -> set[tuple[str, str]]:
    return {(one.channel, one.severity) for one in told}
