"""Who lives, and who a host answers for."""

from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest

from siegewatch.store.alive import Beat, Heartbeats
from siegewatch.store.client import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def heartbeats(store: Store) -> Heartbeats:
    return Heartbeats(store)


def living(heartbeats: Heartbeats, host: str, after: float = 0) -> list[str]:
    return [beat.process for beat in heartbeats.living(["detect"], host, NOW + timedelta(seconds=after))["detect"]]


def test_process_lives_for_thirty_seconds_after_its_beat(heartbeats):
    heartbeats.beat({"detect": Beat("a:1", NOW)})
    assert living(heartbeats, "a", 30) == ["a:1"]
    assert living(heartbeats, "a", 31) == []


def test_host_answers_for_its_own_process_though_another_lives(heartbeats):
    heartbeats.beat({"detect": Beat("a:1", NOW - timedelta(minutes=5))})
    heartbeats.beat({"detect": Beat("b:1", NOW)})
    assert living(heartbeats, "a") == []
    assert living(heartbeats, "b") == ["b:1"]
    assert living(heartbeats, "elsewhere") == ["b:1"]


def test_process_that_left_or_died_long_ago_is_forgotten(heartbeats):
    heartbeats.beat({"detect": Beat("a:1", NOW - timedelta(days=2))})
    heartbeats.beat({"detect": Beat("a:2", NOW)})
    heartbeats.leave(["detect"], "a:2")
    heartbeats.beat({"detect": Beat("b:1", NOW)})
    assert living(heartbeats, "a") == ["b:1"]


def test_process_is_seen_with_all_its_roles_or_not_at_all(heartbeats):
    seen_enough = Event()

    def beat_on() -> None:
        turn = 0
        while not seen_enough.is_set():
            turn += 1
            heartbeats.beat(dict.fromkeys(("collect", "detect", "notify"), Beat("a:1", NOW, f"turn {turn}")))
            heartbeats.leave(("collect", "detect", "notify"), "a:1")

    writer = Thread(target=beat_on)
    writer.start()
    try:
        found = [heartbeats.living(("collect", "detect", "notify"), "a", NOW) for _ in range(300)]
    finally:
        seen_enough.set()
        writer.join()
    assert [beats for beats in found if len({str(living) for living in beats.values()}) > 1] == []
    assert len({str(beats) for beats in found}) > 2, "the writer was never met at work"
