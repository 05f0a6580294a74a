"""How good alerts were in the eyes of those who read them. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from siegewatch.domain.alert import Alert
from siegewatch.domain.feedback import Judged, Reply, unanswered


@dataclass(frozen=True, slots=True)
class Tally:
    """How many alerts were told, and what was said of them; `late` ones are counted by their verdict as well."""

    name: str
    told: int
    right: int
    wrong: int
    duplicate: int
    late: int

    @property
    def judged(self) -> int:
        """How many have a verdict."""
        return self.right + self.wrong + self.duplicate

    @property
    def unanswered(self) -> int:
        """How many have none."""
        return self.told - self.judged

    @property
    def precision(self) -> float | None:
        """How many of those with a verdict were right; None where there is no verdict."""
        return self.right / self.judged if self.judged else None


def appraised(alerts: Iterable[Alert], judged: Iterable[Judged]) -> list[Judged]:
    """All alerts with what was said of them, if anything."""
    known = {one.alert: one for one in judged}
    others = [unanswered(alert) for alert in alerts if alert.id not in known]
    return [*known.values(), *others]


def tally(name: str, alerts: Sequence[Judged]) -> Tally:
    """What was said of these alerts."""
    right, wrong, duplicate = (
        sum(one.verdict is reply for one in alerts) for reply in (Reply.RIGHT, Reply.WRONG, Reply.DUPLICATE)
    )
    return Tally(name, len(alerts), right, wrong, duplicate, sum(one.is_late for one in alerts))


def tallies(alerts: Sequence[Judged], names: Callable[[Judged], Iterable[str]]) -> list[Tally]:
    """The same for each of the names that `names` gives an alert, the most told first."""
    groups: dict[str, list[Judged]] = {}
    for one in alerts:
        for name in dict.fromkeys(names(one)):
            groups.setdefault(name, []).append(one)
    return sorted((tally(name, group) for name, group in groups.items()), key=lambda one: (-one.told, one.name))


def severity(one: Judged) -> Iterable[str]:
    """Its severity."""
    return (one.severity,)


def kinds(one: Judged) -> Iterable[str]:
    """The kinds of its events."""
    return [event.kind for event in one.events]


def outlet(one: Judged) -> Iterable[str]:
    """The outlet that it was told by."""
    return (one.item.outlet or one.item.feed or "unknown",)


GROUPS: Mapping[str, Callable[[Judged], Iterable[str]]] = {"severity": severity, "kind": kinds, "outlet": outlet}
