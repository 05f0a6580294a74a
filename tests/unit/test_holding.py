"""Until when an alert waits."""

from datetime import UTC, datetime, time

import pytest

from siegewatch.domain.digest import Gathered
from siegewatch.domain.standing import Quiet
from siegewatch.notify.holding import hold

NIGHT = Quiet(time(22), time(7))
NOON = Quiet(time(12), time(13, 30))


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_nothing_is_held_by_default() -> None:
    assert hold("", None, "UTC", at(3)) is None
    assert hold("", NIGHT, "UTC", at(7)) is None


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (NIGHT, at(22), at(7, day=2)),
        (NIGHT, at(6, 59), at(7)),
        (NOON, at(12), at(13, 30)),
        (NOON, at(13, 30), None),
        (NOON, at(11, 59), None),
    ],
)
def test_quiet_hours_hold_until_they_end(quiet: Quiet, now: datetime, until: datetime | None) -> None:
    assert hold("", quiet, "UTC", now) == (until and (Gathered.QUIET, until))


def test_quiet_hours_follow_the_clock_of_the_desk() -> None:
    assert hold("", NIGHT, "Asia/Damascus", at(3, 59)) == (Gathered.QUIET, at(4))
    assert hold("", NIGHT, "Asia/Damascus", at(4)) is None


def test_quiet_night_ends_by_the_clock_though_it_is_set_forward_in_it() -> None:
    assert hold("", NIGHT, "Europe/Berlin", at(23, day=28)) == (Gathered.QUIET, at(5, day=29))


def test_hourly_digest_is_due_with_the_next_hour() -> None:
    assert hold("hourly", None, "UTC", at(5, 1)) == (Gathered.HOURLY, at(6))
    assert hold("hourly", None, "UTC", at(5)) == (Gathered.HOURLY, at(6))


def test_daily_digest_is_due_at_its_time() -> None:
    assert hold("07:30", None, "Asia/Damascus", at(4)) == (Gathered.DAILY, at(4, 30))
    assert hold("07:30", None, "Asia/Damascus", at(5)) == (Gathered.DAILY, at(4, 30, day=2))


def test_digest_that_falls_into_quiet_hours_waits_for_their_end() -> None:
    assert hold("hourly", NIGHT, "UTC", at(2, 10)) == (Gathered.HOURLY, at(7))
