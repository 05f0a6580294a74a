"""What the metrics count, on a store in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fakeredis
import pytest
from polls import settle

from siegewatch.apps.current import Current
from siegewatch.apps.web.metrics import Metrics
from siegewatch.collect.poller import Polled
from siegewatch.collect.sources.base import Reading
from siegewatch.detect.detector import Detected
from siegewatch.domain.alert import Alert, AlertType
from siegewatch.domain.delivery import Delivery, DeliveryState
from siegewatch.domain.event import Event
from siegewatch.domain.feed import Feed, FeedHealth, FeedState, Pause, Validators
from siegewatch.domain.item import Item, Ruling
from siegewatch.domain.story import Decision, Known, Story
from siegewatch.domain.taxonomy import Change, Kind, Outcome, Phase, Severity, Status
from siegewatch.settings import Settings, load
from siegewatch.store.client import Store
from siegewatch.store.items import Admitted
from siegewatch.store.keys import Keys
from siegewatch.store.memory import Memory
from siegewatch.store.process import worker
from siegewatch.wiring import memory

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENT = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    lines = [f'  - {{url: "https://{name}.example/rss", name: {name}}}' for name in ("one", "two", "three", "four")]
    (tmp_path / "feeds.yaml").write_text("feeds:\n" + "\n".join(lines))
    return load(tmp_path, {})


@pytest.fixture
def remembers(settings: Settings) -> Iterator[Memory]:
    store = Store(fakeredis.FakeRedis(), Keys("sw:"))
    yield memory(settings, store)
    store.close()


@pytest.fixture
def metrics(settings: Settings, remembers: Memory) -> Metrics:
    return Metrics(Current(settings, remembers), lambda: NOW)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"siegewatch_{name}", labels)


def item(published_at: datetime = NOW) -> Item:
    return Item("i", "Rebels besiege the town", "", published_at, NOW)


def polled(reading: Reading, admitted: Admitted = Admitted()) -> Polled:  # noqa: B008 - frozen
    return Polled(Feed("https://one.example/rss", "one"), reading, admitted, FeedHealth(), settled=True)


def decision(outcome: Outcome, *events: Event) -> Decision:
    return Decision(item(), events, Ruling(outcome), Known(), "digest", "")


def test_polls_are_counted_by_outcome_with_what_they_admitted(metrics: Metrics) -> None:
    metrics.polled(polled(Reading(Validators()), Admitted(new=3, edits=1, known=5)), 0.2)
    metrics.polled(polled(Reading(Validators(), unchanged=True)), 0.1)
    metrics.polled(polled(Reading(Validators(), problem="HTTP 404")), 0.1)

    for outcome in ("read", "unchanged", "failed"):
        assert value(metrics, "feeds_polled_total", outcome=outcome) == 1
    assert value(metrics, "items_admitted_total", kind="new") == 3
    assert value(metrics, "items_admitted_total", kind="edit") == 1
    assert value(metrics, "poll_seconds_count") == 3
    assert value(metrics, "poll_seconds_sum") == pytest.approx(0.4)


def test_items_are_counted_by_outcome_and_events_by_what_they_are(metrics: Metrics) -> None:
    metrics.detected(Detected(3, (decision(Outcome.NEW, EVENT, EVENT), decision(Outcome.REPEAT))), 0.5)

    assert value(metrics, "items_decided_total", outcome="new") == 1
    assert value(metrics, "items_decided_total", outcome="repeat") == 1
    assert value(metrics, "events_found_total", kind="siege", phase="imposed", status="actual") == 2
    assert value(metrics, "detect_seconds_count") == 1


def test_alerts_are_counted_with_their_delay_since_publication(metrics: Metrics) -> None:
    about = Story("s", "k", "Siege of the town", None, None, NOW, NOW)
    reported = item(NOW - timedelta(seconds=90))
    metrics.told(
        Alert("a", AlertType.OPENED, Severity.FLASH, "", Change.OPENED, (EVENT,), about, reported, NOW, ("desk",))
    )

    assert value(metrics, "alerts_told_total", severity="flash") == 1
    assert value(metrics, "alert_delay_seconds_sum") == 90


@pytest.mark.parametrize(
    ("state", "outcome"),
    [(DeliveryState.DELIVERED, "delivered"), (DeliveryState.PENDING, "retry"), (DeliveryState.DEAD, "dead")],
)
def test_attempts_are_counted_by_what_they_came_to(metrics: Metrics, state: DeliveryState, outcome: str) -> None:
    metrics.tried(Delivery("d", "a", "desk", NOW, NOW, state))

    assert value(metrics, "deliveries_tried_total", channel="desk", outcome=outcome) == 1


def test_what_never_happened_is_zero_rather_than_absent(metrics: Metrics) -> None:
    assert value(metrics, "alerts_told_total", severity="flash") == 0
    assert value(metrics, "items_decided_total", outcome="invalid") == 0
    assert value(metrics, "events_found_total", kind="offensive", phase="ended", status="threatened") == 0


def test_feeds_are_counted_by_health(settings: Settings, remembers: Memory, metrics: Metrics) -> None:
    fit, failing, paused, *_ = (feed.id for feed in settings.feeds)
    now_is = {
        fit: FeedHealth(polled_at=NOW),
        failing: FeedHealth(polled_at=NOW, problem="HTTP 404"),
    }
    remembers.feeds.add(dict.fromkeys(now_is, NOW))
    for claim in remembers.feeds.claim(worker(), NOW, lease=timedelta(minutes=1), limit=9):
        assert settle(remembers.feeds, claim, FeedState(health=now_is[claim.id]), NOW)

    remembers.feeds.pause(paused, Pause(NOW, "operator"))

    counted = {health: value(metrics, "feeds", health=health) for health in ("fit", "failing", "unpolled", "paused")}
    assert counted == {"fit": 1, "failing": 1, "unpolled": len(settings.feeds) - 3, "paused": 1}


def test_poison_is_counted_by_queue(remembers: Memory, metrics: Metrics) -> None:
    remembers.open()
    remembers.store.redis.xadd(remembers.items.queue.key, {"item": "garbage"})
    assert value(metrics, "items_waiting") == 1
    remembers.items.queue.bury(remembers.items.queue.read("test", count=1, block_seconds=0)[0], "unreadable")

    assert value(metrics, "items_waiting") == 0
    assert value(metrics, "entries_buried", queue="items") == 1
    assert value(metrics, "entries_buried", queue="changes") == 0


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/plain; version=0.0.4"),
        ("application/openmetrics-text; version=1.0.0,text/plain;q=0.5", "application/openmetrics-text; version=1.0.0"),
    ],
)
def test_the_format_is_the_one_asked_for(metrics: Metrics, accept: str, media_type: str) -> None:
    text, given = metrics.exposed(accept)

    assert given.startswith(media_type)
    assert text.rstrip().endswith(b"# EOF") is ("openmetrics" in media_type)
