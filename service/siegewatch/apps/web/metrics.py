"""What this process counts, for Prometheus. Every name stands in docs/metrics.md."""

import platform
from collections.abc import Callable
from datetime import datetime
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder

from siegewatch import __version__
from siegewatch.apps.current import Current
from siegewatch.apps.web.gauges import StoreGauges
from siegewatch.collect.poller import Polled
from siegewatch.collect.pushes import Taken
from siegewatch.collect.sources.base import Reading
from siegewatch.detect.detector import Detected
from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Delivery, DeliveryState
from siegewatch.domain.ops import OpsAlert, OpsType, Subject
from siegewatch.domain.taxonomy import PHASES, Outcome, Severity, Status
from siegewatch.store.items import Admitted

_POLL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)
_DETECT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_DELAY_BUCKETS = (5, 15, 30, 60, 120, 300, 600, 1800, 3600, 10800, 21600)

_TRIED = {DeliveryState.DELIVERED: "delivered", DeliveryState.PENDING: "retry", DeliveryState.DEAD: "dead"}


class Metrics:
    """Counters of one process in a registry of their own, and what the store says whenever it is asked.

    Threads may share it.
    """

    def __init__(self, current: Current, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(StoreGauges(current))
        self._count_line()
        self._time_line()
        build = Gauge("siegewatch_build_info", "Always 1: what runs.", ("version", "python"), registry=self.registry)
        build.labels(__version__, platform.python_version()).set(1)

    def _count_line(self) -> None:
        self._polls = self._counter("feeds_polled", "Polls of feeds.", "outcome")
        self._pushes = self._counter("pushes_received", "Documents that hubs pushed.", "outcome")
        self._admitted = self._counter("items_admitted", "Wordings of items admitted.", "kind")
        self._decided = self._counter("items_decided", "Items decided.", "outcome")
        self._events = self._counter("events_found", "Events found in items.", "kind", "phase", "status")
        self._alerts = self._counter("alerts_told", "Alerts told to at least one channel.", "severity")
        self._ops = self._counter("ops_told", "Ops alerts told to at least one channel.", "type", "subject")
        self._tries = self._counter("deliveries_tried", "Attempts to deliver.", "channel", "outcome")
        self._start_at_zero()

    def _time_line(self) -> None:
        self._poll_seconds = self._histogram("poll_seconds", "How long a poll took.", _POLL_BUCKETS)
        self._detect_seconds = self._histogram("detect_seconds", "How long a batch of items took.", _DETECT_BUCKETS)
        self._delay = self._histogram(
            "alert_delay_seconds", "From the publication of an item to its alert.", _DELAY_BUCKETS
        )

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"siegewatch_{name}", about, labels, registry=self.registry)

    def _histogram(self, name: str, about: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"siegewatch_{name}", about, buckets=buckets, registry=self.registry)

    def _start_at_zero(self) -> None:
        """Makes every series whose labels are known, so that a first count is seen as an increase."""
        for outcome in ("read", "unchanged", "failed"):
            self._polls.labels(outcome)
        for outcome in ("taken", "ignored"):
            self._pushes.labels(outcome)
        for kind in ("new", "edit"):
            self._admitted.labels(kind)
        for decided in Outcome:
            self._decided.labels(decided)
        for kind, phases in PHASES.items():
            for phase, status in product(sorted(phases), Status):
                self._events.labels(kind, phase, status)
        for severity in Severity:
            self._alerts.labels(severity)
        for ops_type, subject in product(OpsType, Subject):
            self._ops.labels(ops_type, subject)

    def polled(self, polled: Polled, seconds: float) -> None:
        """Counts one poll that took so long."""
        self._polls.labels(_outcome(polled.reading)).inc()
        self._admit(polled.admitted)
        self._poll_seconds.observe(seconds)

    def _admit(self, admitted: Admitted) -> None:
        self._admitted.labels("new").inc(admitted.new)
        self._admitted.labels("edit").inc(admitted.edits)

    def received(self, *, signed: bool) -> None:
        """Counts one document that a hub pushed."""
        self._pushes.labels("taken" if signed else "ignored").inc()

    def took(self, taken: Taken) -> None:
        """Counts what one pushed document brought."""
        self._admit(taken.admitted)

    def detected(self, detected: Detected, seconds: float) -> None:
        """Counts one batch of items that took so long."""
        for outcome, count in detected.outcomes.items():
            self._decided.labels(outcome).inc(count)
        for decision in detected.decisions:
            for event in decision.events:
                self._events.labels(event.kind, event.phase, event.status).inc()
        self._detect_seconds.observe(seconds)

    def told(self, alert: Alert) -> None:
        """Counts one alert and how long after its item's publication it was told."""
        self._alerts.labels(alert.severity).inc()
        self._delay.observe((self._clock() - alert.item.published_at).total_seconds())

    def told_ops(self, alert: OpsAlert) -> None:
        """Counts one ops alert."""
        self._ops.labels(alert.type, alert.trouble.subject).inc()

    def tried(self, delivery: Delivery) -> None:
        """Counts one attempt, by the delivery as it stands after it."""
        self._tries.labels(delivery.channel, _TRIED[delivery.state]).inc()

    def exposed(self, accept: str) -> tuple[bytes, str]:
        """All metrics in the text format that an Accept header prefers, and its media type."""
        encode, media_type = choose_encoder(accept)
        return encode(self.registry), media_type


def _outcome(reading: Reading) -> str:
    if reading.problem:
        return "failed"
    return "unchanged" if reading.unchanged else "read"
