"""When a feed is due next."""

from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.collect.schedule import Rhythm, next_due_at

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RHYTHM = Rhythm(timedelta(minutes=5), timedelta(hours=4))


def minutes(*, failures: int = 0, after_seconds: float | None = None, jitter: float = 0, rhythm: Rhythm = RHYTHM):
    due = next_due_at(NOW, rhythm, failures=failures, after_seconds=after_seconds, jitter=jitter)
    return (due - NOW) / timedelta(minutes=1)


@pytest.mark.parametrize(("failures", "wait"), [(0, 5), (1, 10), (2, 20), (3, 40), (6, 240), (10_000, 240)])
def test_interval_doubles_with_failures_up_to_at_most(failures, wait):
    assert minutes(failures=failures) == wait


def test_jitter_moves_the_time_by_a_tenth():
    assert minutes(jitter=1) == 5.5
    assert minutes(jitter=-1) == 4.5


def test_retry_after_is_kept_up_to_at_most():
    assert minutes(after_seconds=3600) == 60
    assert minutes(after_seconds=60) == 5
    assert minutes(after_seconds=1e9) == 240


def test_feed_slower_than_at_most_keeps_its_own_pace():
    assert minutes(rhythm=Rhythm(timedelta(days=1), timedelta(hours=4)), failures=3) == 24 * 60
