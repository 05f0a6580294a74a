"""What waits and what ails, read from the store whenever Prometheus asks."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from siegewatch.apps.canary import Canary
from siegewatch.apps.current import Current
from siegewatch.domain.errors import StoreError
from siegewatch.domain.feed import FeedHealth, Listed
from siegewatch.domain.ops import Subject, Trouble

_HEALTH = ("fit", "failing", "unpolled", "paused")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the store says at one moment."""

    items: int
    changes: int
    buried: Mapping[str, int]
    deliveries: Mapping[str, int]
    dead_letters: int
    feeds: Mapping[str, int]
    troubles: Mapping[str, int]
    canary_seconds: float | None


class StoreGauges(Collector):
    """The same from every process that shares the store: take the largest, don't add."""

    def __init__(self, current: Current) -> None:
        self._current = current
        self._canary = Canary(current)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Without a store, only that it is down."""
        try:
            seen = self._look()
        except StoreError:
            yield _gauge("store_up", "Whether the store answers.", 0)
            return
        yield _gauge("store_up", "Whether the store answers.", 1)
        yield _gauge("items_waiting", "Items admitted and not yet decided.", seen.items)
        yield _gauge("changes_waiting", "Story changes not yet told.", seen.changes)
        yield _gauges("entries_buried", "Entries of a queue given up as poison.", "queue", seen.buried)
        yield _gauges("deliveries_waiting", "Deliveries not yet accepted.", "channel", seen.deliveries)
        yield _gauge("deliveries_dead", "Dead letters.", seen.dead_letters)
        yield _gauges("feeds", "Feeds of feeds.yaml and added ones.", "health", seen.feeds)
        yield _gauges("troubles", "Troubles raised and not yet cleared.", "subject", seen.troubles)
        yield _gauge("canary_seconds", "How long the last canary took to be decided.", seen.canary_seconds)

    def _look(self) -> _Seen:
        memory = self._current.memory
        queues = (memory.items.queue, memory.alerts.changes)
        listed = self._current.roster().listed
        states = memory.feeds.states([one.feed.id for one in listed])
        return _Seen(
            items=queues[0].length(),
            changes=queues[1].length(),
            buried={queue.name: queue.buried() for queue in queues},
            deliveries=memory.alerts.waiting([channel.name for channel in self._current.settings.channels]),
            dead_letters=memory.alerts.dead_letters(),
            feeds=_by_health(listed, [state.health for state in states]),
            troubles=_by_subject(memory.ops.troubles()),
            canary_seconds=flight.seconds if (flight := self._canary.flight()) else None,
        )


def _by_health(feeds: Sequence[Listed], health: Sequence[FeedHealth]) -> dict[str, int]:
    counted = Counter("paused" if one.pause else _health(told) for one, told in zip(feeds, health, strict=True))
    return {health: counted[health] for health in _HEALTH}


def _by_subject(troubles: Sequence[Trouble]) -> dict[str, int]:
    counted = Counter(trouble.subject for trouble in troubles)
    return {subject: counted[subject] for subject in Subject}


def _health(feed: FeedHealth) -> str:
    if feed.problem:
        return "failing"
    return "fit" if feed.polled_at else "unpolled"


def _gauge(name: str, about: str, value: float | None) -> GaugeMetricFamily:
    """A gauge, without a value where none is known."""
    return GaugeMetricFamily(f"siegewatch_{name}", about, value)


def _gauges(name: str, about: str, label: str, values: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"siegewatch_{name}", about, labels=(label,))
    for value, count in values.items():
        family.add_metric((value,), count)
    return family
