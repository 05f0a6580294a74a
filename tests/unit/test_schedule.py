"""When a feed is due next."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from siegewatch.collect.schedule import (
    A_SECOND,
    AT_ONCE,
    Asked,
    Rhythm,
    Silence,
    first_due_at,
    next_due_at,
    paced,
)
from siegewatch.domain.feed import Feed, Wishes

NOW = datetime(2026, 3, 1, tzinfo=UTC)
"""A Sunday, at midnight."""
RHYTHM = Rhythm(timedelta(minutes=5), timedelta(hours=4))
HOUR = timedelta(hours=1)
NOTHING_ASKED, UNKNOWN = Asked(), Silence()


def feed(**told: Any) -> Feed:
    return Feed("https://example.org/rss", "Example", **told)


def minutes(
    of: Feed | None = None,
    *,
    failures: int = 0,
    asked: Asked = NOTHING_ASKED,
    silence: Silence = UNKNOWN,
    jitter: float = 0,
    rhythm: Rhythm = RHYTHM,
) -> float:
    due = next_due_at(NOW, of or feed(), rhythm, failures=failures, silence=silence, asked=asked, jitter=jitter)
    return (due - NOW) / timedelta(minutes=1)


@pytest.mark.parametrize(("failures", "wait"), [(0, 5), (1, 10), (2, 20), (3, 40), (6, 240), (10_000, 240)])
def test_interval_doubles_with_failures_up_to_at_most(failures, wait):
    assert minutes(failures=failures) == wait


def test_jitter_moves_the_time_by_a_tenth():
    assert minutes(jitter=1) == 5.5
    assert minutes(jitter=-1) == 4.5


def test_feed_slower_than_at_most_keeps_its_own_pace():
    assert minutes(feed(every=timedelta(days=1)), failures=3) == 24 * 60


@pytest.mark.parametrize("how", ["retry_after", "fresh"])
def test_what_a_server_asks_for_is_kept_up_to_at_most(how):
    assert minutes(asked=Asked(**{how: 3_600})) == 60
    assert minutes(asked=Asked(**{how: 60})) == 5
    assert minutes(asked=Asked(**{how: 1e12})) == 240


def test_no_header_puts_off_a_critical_feed_for_more_than_an_hour():
    assert minutes(feed(priority="critical"), asked=Asked(retry_after=90_000)) == 60
    assert minutes(feed(priority="critical"), asked=Asked(wishes=Wishes(skip_hours=frozenset(range(23))))) == 60


def test_ttl_counts_unless_the_operator_has_decided_how_often():
    asked = Asked(wishes=Wishes(ttl_seconds=1_800))
    assert minutes(asked=asked) == 30
    assert minutes(feed(every=timedelta(minutes=2)), asked=asked) == 2
    assert minutes(feed(every=timedelta(minutes=2)), asked=Asked(fresh=1_800)) == 30


def test_hours_and_days_to_skip_are_skipped():
    assert minutes(asked=Asked(wishes=Wishes(skip_hours=frozenset({0, 1})))) == 120
    assert minutes(asked=Asked(wishes=Wishes(skip_hours=frozenset({5})))) == 5
    assert minutes(asked=Asked(wishes=Wishes(skip_days=frozenset({6})))) == 240, "never longer than at_most"


def test_feed_that_wants_every_hour_skipped_is_polled_all_the_same():
    assert minutes(asked=Asked(wishes=Wishes(skip_hours=frozenset(range(24))))) == 5


def test_feed_with_an_interval_of_its_own_keeps_it_in_silence():
    assert minutes(feed(every=timedelta(minutes=2)), silence=Silence(timedelta(days=3))) == 2


def test_news_brings_the_interval_down_at_once_and_silence_up():
    assert paced("normal", RHYTHM, Silence(timedelta(), HOUR)) == RHYTHM.every
    assert paced("normal", RHYTHM, Silence(HOUR)) == timedelta(minutes=15)
    assert paced("normal", RHYTHM, Silence(timedelta(days=1))) == timedelta(hours=2)


def test_usual_gap_bounds_the_interval_until_the_feed_seems_dead():
    assert paced("low", RHYTHM, Silence(timedelta(days=1), HOUR)) == timedelta(minutes=30)
    assert paced("low", RHYTHM, Silence(timedelta(days=8), HOUR)) == RHYTHM.at_most


@pytest.mark.parametrize(("priority", "longest"), [("critical", 15), ("high", 60), ("normal", 120), ("low", 240)])
def test_priority_bounds_the_interval_of_a_quiet_feed(priority, longest):
    assert minutes(feed(priority=priority), silence=Silence(timedelta(days=30))) == longest


def test_feed_that_fails_backs_off_from_the_usual_interval_not_from_its_silence():
    assert minutes(failures=1, silence=Silence(timedelta(days=30))) == 10


def first_seconds(of: int, within: timedelta = RHYTHM.every) -> list[float]:
    return [(first_due_at(NOW, place, of, within) - NOW).total_seconds() for place in range(of)]


@pytest.mark.parametrize("of", [1, 7, AT_ONCE])
def test_a_handful_of_feeds_is_due_at_once_in_order(of):
    first = first_seconds(of)
    assert first == sorted(set(first))
    assert -0.1 < first[0] <= first[-1] < 0


def test_many_feeds_begin_with_a_handful_and_follow_evenly_within_the_interval():
    first = first_seconds(10_000)
    later = first[AT_ONCE:]
    assert sum(at <= 0 for at in first) == AT_ONCE
    assert later[-1] == RHYTHM.every.total_seconds()
    assert first == sorted(first)
    gaps = [second - at for at, second in pairwise(later)]
    assert max(gaps) < 1.01 * min(gaps)


def test_some_hundred_feeds_take_no_longer_than_reading_them_does():
    assert first_seconds(AT_ONCE + 200)[-1] == 200 / A_SECOND
