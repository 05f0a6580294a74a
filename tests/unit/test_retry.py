"""When a delivery is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.domain.delivery import Retry
from siegewatch.notify.retry import SCHEDULE, next_attempt_at

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)


def wait(attempts: int, after: float | None = None, jitter: float = 0) -> timedelta:
    at = next_attempt_at(attempts, NOW, Retry("no", after_seconds=after), jitter)
    assert at is not None
    return at - NOW


def test_retries_follow_the_schedule() -> None:
    assert tuple(wait(attempts) for attempts in range(1, 8)) == SCHEDULE


def test_retries_end_after_the_schedule() -> None:
    assert next_attempt_at(8, NOW, Retry("no", after_seconds=5), 0) is None


@pytest.mark.parametrize(("jitter", "seconds"), [(-1, 240), (0, 300), (1, 360)])
def test_jitter_spreads_by_a_fifth(jitter: float, seconds: int) -> None:
    assert wait(2, jitter=jitter) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("asked", "seconds"), [(0, 5), (2, 5), (30, 30), (3_600, 3_600), (1e9, 36_000), (None, 5)])
def test_a_channel_may_ask_for_a_longer_wait_up_to_the_longest_of_the_schedule(
    asked: float | None, seconds: int
) -> None:
    assert wait(1, after=asked) == timedelta(seconds=seconds)


def test_a_channel_cannot_shorten_the_schedule() -> None:
    assert wait(4, after=60) == timedelta(hours=2)
