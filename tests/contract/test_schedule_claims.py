"""The schedule: each due feed goes to one worker, and comes back if that worker dies."""

from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.domain.feed import FeedHealth, FeedState, Validators
from siegewatch.store.claims import Worker
from siegewatch.store.client import Store
from siegewatch.store.feeds import FeedStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=3)
US = Worker("host:1", lambda process: process == "host:dead")
DEAD = Worker("host:dead", US.is_gone)


@pytest.fixture
def feeds(store: Store) -> FeedStore:
    return FeedStore(store)


def test_due_feed_is_claimed_by_one_worker_only(feeds):
    feeds.schedule(["a", "b"], NOW)
    claimed = feeds.claim(US, NOW, lease=LEASE, limit=10)
    assert {claim.id for claim in claimed} == {"a", "b"}
    assert feeds.claim(US, NOW, lease=LEASE, limit=10) == []


def test_claim_takes_no_more_than_asked(feeds):
    feeds.schedule([f"f{number}" for number in range(9)], NOW)
    assert len(feeds.claim(US, NOW, lease=LEASE, limit=4)) == 4


def test_feed_of_a_dead_worker_is_due_after_the_lease(feeds):
    feeds.schedule(["a"], NOW)
    feeds.claim(US, NOW, lease=LEASE, limit=1)
    assert feeds.claim(US, NOW + LEASE - timedelta(seconds=1), lease=LEASE, limit=1) == []
    assert len(feeds.claim(US, NOW + LEASE, lease=LEASE, limit=1)) == 1


def test_worker_that_lost_its_lease_cannot_settle(feeds):
    feeds.schedule(["a"], NOW)
    slow = feeds.claim(US, NOW, lease=LEASE, limit=1)[0]
    quick = feeds.claim(US, NOW + LEASE, lease=LEASE, limit=1)[0]
    state = FeedState(Validators(etag='"slow"'), FeedHealth())
    assert not feeds.settle(slow, state, NOW)
    assert feeds.settle(quick, FeedState(Validators(etag='"quick"'), FeedHealth()), NOW + timedelta(hours=1))
    assert feeds.states(["a"])[0].validators.etag == '"quick"'
    assert feeds.due_at(["a"]) == [(NOW + timedelta(hours=1)).timestamp()]


def test_feed_taken_out_of_the_config_is_polled_no_more(feeds):
    feeds.schedule(["a", "b"], NOW)
    feeds.schedule(["b"], NOW)
    assert [claim.id for claim in feeds.claim(US, NOW, lease=LEASE, limit=10)] == ["b"]


def test_feed_is_due_at_every_start_unless_it_is_being_polled(feeds):
    feeds.schedule(["a", "b"], NOW)
    first, second = feeds.claim(US, NOW, lease=LEASE, limit=2)
    feeds.settle(first, FeedState(), NOW + timedelta(hours=1))
    later = NOW + timedelta(minutes=1)
    assert feeds.claim(US, later, lease=LEASE, limit=9) == []
    feeds.schedule(["a", "b"], later)
    assert [claim.id for claim in feeds.claim(US, later, lease=LEASE, limit=9)] == [first.id]
    assert feeds.settle(second, FeedState(), later)


def test_state_comes_back_as_it_was_stored(feeds):
    feeds.schedule(["a"], NOW)
    claim = feeds.claim(US, NOW, lease=LEASE, limit=1)[0]
    state = FeedState(Validators('W/"x"', "Sun, 01 Mar 2026 12:00:00 GMT", "ab", NOW), FeedHealth(NOW, problem="no"))
    feeds.settle(claim, state, NOW)
    assert feeds.states(["a", "never polled"]) == [state, FeedState()]


def test_claim_of_a_process_known_to_be_gone_is_taken_back_at_once(feeds):
    feeds.schedule(["a", "b"], NOW)
    feeds.claim(DEAD, NOW, lease=LEASE, limit=1)
    ours = feeds.claim(US, NOW, lease=LEASE, limit=1)[0]
    feeds.release(US, NOW)
    assert {claim.id for claim in feeds.claim(US, NOW, lease=LEASE, limit=9)} == {"a", "b"} - {ours.id}
    assert feeds.settle(ours, FeedState(), NOW), "what is being polled stays claimed"
