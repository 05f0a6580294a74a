"""A permanent redirect is believed late, and only if it never changed its mind."""

from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.domain.feed import FeedState, Move, Validators
from siegewatch.domain.moves import ADOPTED_AFTER, ADOPTED_AFTER_TIMES, adopted, move_after
from siegewatch.store import codec

NOW = datetime(2026, 3, 4, tzinfo=UTC)
NEW, OTHER = "https://new.example/rss", "https://other.example/rss"


def told(times: int, every: timedelta, to: str = NEW) -> Move | None:
    """What is remembered after `times` polls that were all sent to `to`, the last of them now."""
    move = None
    for turn in range(times):
        move = move_after(move, to, NOW - every * (times - 1 - turn))
    return move


def test_a_move_is_counted_from_its_first_answer():
    assert told(3, timedelta(hours=1)) == Move(NEW, 3, NOW - timedelta(hours=2))


def test_another_target_begins_anew():
    assert move_after(Move(NEW, 99, NOW - timedelta(days=9)), OTHER, NOW) == Move(OTHER, 1, NOW)


def test_one_document_from_the_old_address_ends_it():
    assert move_after(Move(NEW, 99, NOW - timedelta(days=9)), None, NOW) is None


@pytest.mark.parametrize(
    ("times", "since", "address"),
    [
        (ADOPTED_AFTER_TIMES, ADOPTED_AFTER, NEW),
        (ADOPTED_AFTER_TIMES - 1, timedelta(days=90), None),
        (10_000, ADOPTED_AFTER - timedelta(seconds=1), None),
        (10_000, timedelta(days=90), NEW),
    ],
)
def test_a_move_is_adopted_after_many_answers_over_days(times: int, since: timedelta, address: str | None):
    assert adopted(Move(NEW, times, NOW - since), NOW) == address


@pytest.mark.parametrize(("every", "address"), [(timedelta(minutes=1), None), (timedelta(hours=1), NEW)])
def test_how_often_a_feed_is_polled_does_not_hurry_its_move(every: timedelta, address: str | None):
    assert adopted(told(ADOPTED_AFTER_TIMES, every), NOW) == address


def test_no_move_is_no_address():
    assert adopted(None, NOW) is None


def test_a_state_written_before_there_were_moves_is_read():
    old = (
        b'{"validators":{"etag":"\\"1\\"","last_modified":null,"body_hash":"ab","read_at":"2026-03-01T00:00:00Z"},'
        b'"health":{"polled_at":null,"ok_at":null,"item_at":null,"status":200,"failures":0,"problem":null,"remark":null,'
        b'"entries":3,"items":5,"title":"Courier"}}'
    )
    read = codec.load(FeedState, old)
    assert (read.validators.etag, read.validators.move, read.validators.found_at, read.health.items) == (
        '"1"',
        None,
        None,
        5,
    )


def test_a_state_with_a_move_is_read_as_it_was_written():
    state = FeedState(Validators(etag="1", found_at=OTHER, move=Move(NEW, 7, NOW)))
    assert codec.load(FeedState, codec.dump(state)) == state


def test_blank_validators_keep_the_move_alone():
    move = Move(NEW, 7, NOW)
    assert Validators("1", "2", "3", NOW, OTHER, move).blank() == Validators(move=move)


def test_no_repr_shows_where_a_feed_went():
    state = Validators(found_at="https://h/?key=s3cret", move=Move("https://h/?key=s3cret", 7, NOW))
    assert "s3cret" not in repr(state)
