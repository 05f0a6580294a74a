"""Which graver alert holds a less grave one back: both leave marks that are equal where it does. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import blake2b
from itertools import product

from siegewatch.domain.alert import Alert
from siegewatch.domain.event import Event
from siegewatch.domain.inhibition import Inhibition
from siegewatch.domain.taxonomy import Severity
from siegewatch.notify.matching import news_of, weigh

Marks = Mapping[str, timedelta]


def source_marks(alert: Alert, rules: Sequence[Inhibition]) -> Marks:
    """What an alert that is told leaves behind, and for how long."""
    return dict(_marks(alert, rules, (alert.severity,), of_source=True))


def target_marks(alert: Alert, rules: Sequence[Inhibition]) -> Marks:
    """What holds an alert back, where something graver left it behind: so nothing ever holds a flash back."""
    severities = list(Severity)
    graver = severities[: severities.index(alert.severity)]
    return dict(_marks(alert, rules, graver, of_source=False))


def _marks(
    alert: Alert, rules: Sequence[Inhibition], severities: Sequence[Severity], *, of_source: bool
) -> Iterator[tuple[str, timedelta]]:
    for rule in rules:
        left = weigh(rule.source if of_source else rule.target, rule.zone, news_of(alert)).left
        if left is None:
            continue
        shared = [sorted(_values(name, alert, left.events)) for name in rule.equal]
        for severity, values in product(severities, product(*shared)):
            yield _digest(rule, severity, values), rule.within


def _values(name: str, alert: Alert, events: Iterable[Event]) -> set[str]:
    if name == "story":
        return {alert.story.id}
    if name == "country":
        return {event.country for event in events if event.country}
    return {str(place.geonames_id or place.name.casefold()) for event in events if (place := event.place)}


def _digest(rule: Inhibition, severity: Severity, values: tuple[str, ...]) -> str:
    """Rules that say the same share their marks, whatever their order in the file."""
    told = (sorted(rule.source.items()), sorted(rule.target.items()), rule.equal, severity.value, values)
    return blake2b(repr(told).encode(), digest_size=12).hexdigest()
