"""How good alerts were in the eyes of those who read them. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from siegewatch.domain.alert import Alert
from siegewatch.domain.feedback import Judged, Reply, unanswered
from siegewatch.domain.taxonomy import Severity


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


def week_line(alerts: Sequence[Judged]) -> str:
    """How good these alerts, those of a week, were: in two sentences for an ops alert."""
    whole = tally("all", alerts)
    counts = {one.name: one.told for one in tallies(alerts, severity)}
    graded = ", ".join(f"{counts[name]} {name}" for name in Severity if name in counts)
    said = f"{whole.right} right, {whole.wrong} wrong, {whole.duplicate} duplicate, {whole.late} late"
    number = f"{whole.told:,} alert{'' if whole.told == 1 else 's'}"
    first = f"{number} in the last 7 days{f' ({graded})' if graded else ''}: {said}, {whole.unanswered} unanswered."
    return f"{first} {_outlets(alerts)}".rstrip()


def _outlets(alerts: Sequence[Judged]) -> str:
    """The best and the worst outlet of those that were judged; nothing where there is only one."""
    found = [one for one in tallies(alerts, outlet) if one.judged]
    if len(found) < 2:
        return ""
    ranked = sorted(found, key=lambda one: (-(one.precision or 0), -one.judged, one.name))
    best, worst = (f"{one.name} ({one.right} of {one.judged} right)" for one in (ranked[0], ranked[-1]))
    return f"Best outlet: {best}; worst: {worst}."
