"""Labelled items beside what the classifier makes of them, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from siegewatch.apps.cli import stages
from siegewatch.apps.cli.items import ItemLine
from siegewatch.apps.cli.judging import plain_events
from siegewatch.apps.cli.scoring import FIELDS, Labelled, aligned, labelled, predicted, same, verdict
from siegewatch.detect.ruling import confident
from siegewatch.domain.event import Event, Judgement
from siegewatch.domain.taxonomy import Status

COMPARED = ("phase", *FIELDS)
"""What may be wrong with an event that is found."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong: an event `missed` or `false`, or a field of a matched one; `item missed` and `item false`
    where it decides whether there is anything to alert to."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """One labelled item; `events` are those that the classifier is sure enough of. `source` is None where the gold
    names none."""

    line: ItemLine
    source: str | None
    gold: tuple[Labelled, ...]
    judgement: Judgement
    events: tuple[Event, ...]

    @property
    def found(self) -> list[Labelled]:
        """The events told, as they are compared."""
        return [predicted(event) for event in self.events]

    def found_at(self, least: float) -> list[Labelled]:
        """What would be told if `detect.min_confidence` were `least`."""
        return [predicted(event) for event in confident(self.judgement.events, least)]

    @property
    def dropped(self) -> tuple[Event, ...]:
        """What the classifier considered and is not sure enough of."""
        return tuple(event for event in self.judgement.events if event not in self.events)


def assessed(line: ItemLine, judgement: Judgement, events: tuple[Event, ...]) -> Assessed:
    """A line of the gold beside its judgement."""
    source = line.keys.get("source")
    gold = tuple(labelled(raw) for raw in line.keys["events"])
    return Assessed(line, source if isinstance(source, str) else None, gold, judgement, events)


def issues(one: Assessed) -> list[Issue]:
    """What is wrong with an item, the gravest first; empty if nothing is."""
    found = one.found
    wrong: list[Issue] = []
    if how := verdict(one.gold, found):
        told = found if how == "false" else one.gold
        kinds = dict.fromkeys(str(event.kind) for event in told if event.status == Status.ACTUAL)
        wrong += [Issue(kind, f"item {how}") for kind in kinds]
    for at, other in aligned(one.gold, found):
        wrong += _issues_of(one.gold[at] if at is not None else None, found[other] if other is not None else None)
    return wrong


def _issues_of(gold: Labelled | None, found: Labelled | None) -> list[Issue]:
    if gold is None or found is None:
        event, what = (gold, "missed") if gold else (found, "false")
        return [Issue(str(event.kind if event else None), what)]
    return [Issue(str(gold.kind), field) for field in COMPARED if not same(field, gold, found)]


def mistakes(items: Sequence[Assessed]) -> list[dict[str, Any]]:
    """Every item with something wrong, for programs: its text, labels and events, and why."""
    wrong = ((one, issues(one)) for one in items)
    return [_plain(one, found) for one, found in wrong if found]


def _plain(one: Assessed, found: Sequence[Issue]) -> dict[str, Any]:
    return {
        "id": one.line.id,
        "source": one.source,
        "title": one.line.title,
        "summary": one.line.keys.get("summary") or "",
        "wrong": [{"kind": issue.kind, "what": issue.what} for issue in found],
        "gold": one.line.keys["events"],
        "events": plain_events(one.events),
        "dropped": plain_events(one.dropped),
        "stages": stages.plain(one.judgement.steps),
    }
