"""The canary on a real store: sent once at a time, decided like an item, never told, missed when it is lost."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from siegewatch import wiring
from siegewatch.apps.canary import Canary, canary_item
from siegewatch.apps.current import Current, Means
from siegewatch.apps.roles.detect import Detect
from siegewatch.apps.roles.loop import Trouble as StoreTrouble
from siegewatch.apps.watch import Watch
from siegewatch.apps.web.metrics import Metrics
from siegewatch.detect.gate import Gate
from siegewatch.domain.event import Event, Judgement, Place
from siegewatch.domain.item import Item
from siegewatch.domain.ops import Flight, OpsType, Subject
from siegewatch.domain.taxonomy import Kind, Outcome, Phase, Status
from siegewatch.settings import Settings, load
from siegewatch.store.client import Store, connect_socket
from siegewatch.store.embedded import ensure_running
from siegewatch.store.memory import Memory

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Sieges:
    """Finds a siege in every item, and keeps what it was asked."""

    name = "sieges.v1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def load(self) -> None:
        """Has nothing to load."""

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        self.asked += [item.id for item in items]
        event = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, place=Place("Exampleton"), country="SY")
        return [Judgement("en", (event,)) for _ in items]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with ensure_running(tmp_path_factory.mktemp("data")) as running:
        opened = connect_socket(str(running.socket_path), "sw:")
        yield opened
        opened.close()


@dataclass
class Line:
    """A service that sends a canary every ten minutes."""

    settings: Settings
    memory: Memory
    classifier: Sieges
    metrics: Metrics
    at: datetime = NOW

    def clock(self) -> datetime:
        return self.at

    @property
    def current(self) -> Current:
        return Current(self.settings, self.memory)

    @property
    def canary(self) -> Canary:
        return Canary(self.current)

    def watch(self, after: timedelta = timedelta(0)) -> None:
        self.at += after
        Watch(self.current, self.canary, self.clock).turn()

    def detect(self, after: timedelta = timedelta(0)) -> None:
        self.at += after
        means = Means(self.settings, self.memory, None)  # type: ignore[arg-type]
        Detect(means, self.metrics, self.canary, StoreTrouble(self.clock)).drain()

    def flight(self) -> Flight:
        found = self.canary.flight()
        assert found
        return found

    def told(self) -> list[tuple[str, str]]:
        batch = wiring.teller(self.settings, self.memory).step()
        assert batch.alerts == (), "it is no news"
        return [(alert.type, alert.trouble.subject) for alert in batch.ops if alert.trouble.subject is Subject.CANARY]

    def measured(self) -> float | None:
        return self.metrics.registry.get_sample_value("siegewatch_canary_seconds")


@pytest.fixture
def line(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    store.redis.flushall()
    sieges = Sieges()
    monkeypatch.setattr(wiring, "classifier", lambda _: sieges)
    (tmp_path / "feeds.yaml").write_text("feeds: []")
    (tmp_path / "siegewatch.yaml").write_text("watch: {canary: 10m, waiting_after: 0s}")
    settings = load(tmp_path, {})
    memory = wiring.memory(settings, store)
    memory.open()
    return Line(settings, memory, sieges, Metrics(Current(settings, memory), lambda: NOW))


def test_canary_is_read_and_decided_and_changes_no_story(line: Line) -> None:
    line.watch()
    assert line.measured() is None
    line.detect(timedelta(seconds=2.5))
    record = line.memory.items.record(line.flight().id)
    assert record
    assert line.classifier.asked == [record.item.id], "it went through the classifier"
    assert (record.ruling.outcome, record.events, record.ruling.story) == (Outcome.NEW, (), None)
    assert line.memory.stories.recent(9) == []
    assert line.told() == []
    assert line.flight() == Flight(record.item.id, NOW, NOW + timedelta(seconds=2.5), 2.5)
    assert line.measured() == 2.5


def test_its_headline_passes_the_gate() -> None:
    item = canary_item(Flight("canary-1", NOW))
    assert Gate.load().hit(item.title, item.summary)


def test_next_canary_is_sent_at_its_interval_and_known_to_be_another(line: Line) -> None:
    for _ in range(21):
        line.watch(MINUTE)
        line.detect()
    assert len(line.classifier.asked) == 3
    assert line.told() == []


def test_canaries_of_many_watchers_are_one(line: Line) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: line.watch(), range(16)))
    assert line.memory.items.queue.length() == 1


def test_lost_canary_is_raised_once_and_cleared_by_the_next_that_arrives(line: Line) -> None:
    for _ in range(5):
        line.watch(MINUTE)
    assert line.told() == []
    for _ in range(20):
        line.watch(MINUTE)
    assert line.told() == [(OpsType.RAISED, Subject.CANARY)]
    [trouble] = line.memory.ops.troubles()
    assert trouble.since == NOW + MINUTE, "the first that was lost"
    line.detect()
    line.watch(MINUTE)
    assert line.told() == [(OpsType.CLEARED, Subject.CANARY)]
    assert line.flight().lost_since is None


def test_canary_that_was_noted_and_not_admitted_is_admitted_later(line: Line) -> None:
    noted = Flight("canary-1", NOW)
    line.canary._note("", noted)
    line.watch(MINUTE)
    line.detect()
    assert line.flight().arrived_at == NOW + MINUTE


def test_canary_decided_by_a_process_that_died_is_not_lost(line: Line) -> None:
    line.watch()
    wiring.detector(line.settings, line.memory, line.classifier).step()
    line.watch(6 * MINUTE)
    assert line.told() == []
    assert line.flight().arrived_at


def test_no_canary_is_sent_unless_asked_for(line: Line) -> None:
    assert line.settings.watch.canary
    line.settings = replace(line.settings, watch=line.settings.watch.model_copy(update={"canary": timedelta(0)}))
    line.watch()
    assert line.memory.items.queue.length() == 0
