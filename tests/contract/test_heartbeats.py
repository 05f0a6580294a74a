"""Who lives, and who a host answers for."""

from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.store.alive import Beat, Heartbeats
from siegewatch.store.client import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def heartbeats(store: Store) -> Heartbeats:
    return Heartbeats(store)


def living(heartbeats: Heartbeats, host: str, after: float = 0) -> list[str]:
    return [beat.process for beat in heartbeats.living("detect", host, NOW + timedelta(seconds=after))]


def test_process_lives_for_thirty_seconds_after_its_beat(heartbeats):
    heartbeats.beat("detect", Beat("a:1", NOW))
    assert living(heartbeats, "a", 30) == ["a:1"]
    assert living(heartbeats, "a", 31) == []


def test_host_answers_for_its_own_process_though_another_lives(heartbeats):
    heartbeats.beat("detect", Beat("a:1", NOW - timedelta(minutes=5)))
    heartbeats.beat("detect", Beat("b:1", NOW))
    assert living(heartbeats, "a") == []
    assert living(heartbeats, "b") == ["b:1"]
    assert living(heartbeats, "elsewhere") == ["b:1"]


def test_process_that_left_or_died_long_ago_is_forgotten(heartbeats):
    heartbeats.beat("detect", Beat("a:1", NOW - timedelta(days=2)))
    heartbeats.beat("detect", Beat("a:2", NOW))
    heartbeats.leave("detect", "a:2")
    heartbeats.beat("detect", Beat("b:1", NOW))
    assert living(heartbeats, "a") == ["b:1"]
