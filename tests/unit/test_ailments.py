"""When a queue or a channel is in trouble."""

from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.apps.ailments import Queue, channel_trouble, ending, queue_trouble
from siegewatch.domain.ops import Subject, Trouble
from siegewatch.domain.standing import Standing

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AFTER = timedelta(minutes=30)


def queued(length: int, minutes: float, backlog: int = 5_000, after: timedelta = 10 * MINUTE) -> Trouble | None:
    return queue_trouble(Queue("items", length, NOW - minutes * MINUTE), backlog, after, NOW)


def test_queue_in_which_one_waits_for_long_is_in_trouble():
    assert queued(3, 10) is None
    told = "3 wait to be decided, the first for 14 min."
    assert queued(3, 14) == Trouble(Subject.QUEUE, "items", told, NOW - 14 * MINUTE)


def test_queue_in_which_many_wait_is_in_trouble_however_shortly():
    assert queued(5_000, 1) is None
    assert queued(5_001, 1).reason == "5,001 wait to be decided, the first for 1 min."


def test_empty_queue_and_watches_turned_off_tell_nothing():
    assert queue_trouble(Queue("changes", 0, None), 5_000, 10 * MINUTE, NOW) is None
    assert queued(10**6, 999, backlog=0, after=timedelta(0)) is None


@pytest.mark.parametrize(
    "standing", [Standing(), Standing(4, NOW - 29 * MINUTE, "answered 500"), Standing(held_until=NOW + 60 * MINUTE)]
)
def test_channel_that_failed_shortly_or_answered_since_is_well(standing: Standing):
    assert channel_trouble("desk", standing, None, AFTER, NOW) is None


def test_channel_that_takes_nothing_for_long_is_in_trouble():
    standing = Standing(3, NOW - 40 * MINUTE, "answered 500")
    told = "3 attempts failed and none was accepted, the last so: answered 500."
    assert channel_trouble("desk", standing, None, AFTER, NOW) == Trouble(
        Subject.CHANNEL, "desk", told, NOW - 40 * MINUTE
    )
    assert channel_trouble("desk", standing, None, timedelta(0), NOW) is None


def test_channel_that_asked_for_no_more_is_in_trouble_at_once():
    found = channel_trouble("desk", Standing(), "answered 410 Gone", AFTER, NOW)
    assert found.reason == "It asks for no more: answered 410 Gone."


def test_end_of_a_trouble_says_how_long_it_lasted():
    trouble = Trouble(Subject.QUEUE, "items", "3 wait.", NOW - 134 * MINUTE)
    assert ending(trouble, NOW, is_watched=True) == "Over after 2 h 14 min; what was told: 3 wait."
    assert ending(trouble, NOW, is_watched=False) == "No longer watched after 2 h 14 min; what was told: 3 wait."
