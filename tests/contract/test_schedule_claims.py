"""The schedule: each due feed goes to one worker, and comes back if that worker dies."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from polls import Settled, settle

from siegewatch.domain.feed import AddedFeed, FeedHealth, FeedState, Pause, Validators
from siegewatch.store.added import AddedFeeds
from siegewatch.store.claims import Claim, Worker
from siegewatch.store.client import Store
from siegewatch.store.feeds import LANE_GAP, TOGETHER, FeedStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=3)
US = Worker("host:1", lambda process: process == "host:dead")
DEAD = Worker("host:dead", US.is_gone)


@pytest.fixture
def feeds(store: Store) -> FeedStore:
    return FeedStore(store)


def test_due_feed_is_claimed_by_one_worker_only(feeds):
    feeds.add(dict.fromkeys(["a", "b"], NOW))
    claimed = feeds.claim(US, NOW, lease=LEASE, limit=10)
    assert {claim.id for claim in claimed} == {"a", "b"}
    assert feeds.claim(US, NOW, lease=LEASE, limit=10) == []


def test_claim_takes_no_more_than_asked(feeds):
    feeds.add(dict.fromkeys([f"f{number}" for number in range(9)], NOW))
    assert len(feeds.claim(US, NOW, lease=LEASE, limit=4)) == 4


def test_feed_of_a_dead_worker_is_due_after_the_lease(feeds):
    feeds.add(dict.fromkeys(["a"], NOW))
    feeds.claim(US, NOW, lease=LEASE, limit=1)
    assert feeds.claim(US, NOW + LEASE - timedelta(seconds=1), lease=LEASE, limit=1) == []
    assert len(feeds.claim(US, NOW + LEASE, lease=LEASE, limit=1)) == 1


def test_worker_that_lost_its_lease_cannot_settle(feeds):
    feeds.add(dict.fromkeys(["a"], NOW))
    slow = feeds.claim(US, NOW, lease=LEASE, limit=1)[0]
    quick = feeds.claim(US, NOW + LEASE, lease=LEASE, limit=1)[0]
    state = FeedState(Validators(etag='"slow"'), FeedHealth())
    assert not settle(feeds, slow, state, NOW)
    assert settle(feeds, quick, FeedState(Validators(etag='"quick"'), FeedHealth()), NOW + timedelta(hours=1))
    assert feeds.states(["a"])[0].validators.etag == '"quick"'
    assert feeds.due_at(["a"]) == [(NOW + timedelta(hours=1)).timestamp()]


def test_feed_taken_out_of_the_config_is_polled_no_more(feeds):
    feeds.add(dict.fromkeys(["a", "b"], NOW))
    feeds.forget_all_but(["b"])
    assert [claim.id for claim in feeds.claim(US, NOW, lease=LEASE, limit=10)] == ["b"]


def test_feed_in_the_schedule_keeps_its_time_unless_it_is_brought_forward(feeds):
    feeds.add(dict.fromkeys(["a", "b"], NOW))
    first, second = feeds.claim(US, NOW, lease=LEASE, limit=2)
    settle(feeds, first, FeedState(), NOW + timedelta(hours=1))
    later = NOW + timedelta(minutes=1)
    feeds.add(dict.fromkeys(["a", "b"], later))
    assert feeds.claim(US, later, lease=LEASE, limit=9) == []
    feeds.bring_forward(["a", "b"], later)
    assert [claim.id for claim in feeds.claim(US, later, lease=LEASE, limit=9)] == [first.id]
    assert settle(feeds, second, FeedState(), later), "what is being polled stays claimed"


def test_feeds_go_in_the_order_they_are_given(feeds):
    feeds.bring_forward(["urgent", "usual", "idle"], NOW)
    assert [feeds.claim(US, NOW, lease=LEASE, limit=1)[0].id for _ in range(3)] == ["urgent", "usual", "idle"]


def test_new_feed_is_due_at_its_own_time(feeds):
    feeds.add({"a": NOW, "b": NOW + timedelta(minutes=1)})
    assert feeds.due_at(["a", "b"]) == [NOW.timestamp(), NOW.timestamp() + 60]
    feeds.add({"a": NOW + timedelta(hours=1)})
    assert feeds.due_at(["a"]) == [NOW.timestamp()]


def test_feed_is_put_off_but_not_brought_forward_nor_brought_back(feeds):
    feeds.add({"a": NOW, "b": NOW + timedelta(hours=1)})
    feeds.put_off(dict.fromkeys("abc", NOW + timedelta(minutes=1)))
    assert feeds.due_at("abc") == [NOW.timestamp() + 60, NOW.timestamp() + 3_600, None]


def test_overdue_is_what_nobody_has_taken_yet(feeds):
    feeds.add({"b": NOW, "a": NOW - timedelta(minutes=1), "later": NOW + timedelta(minutes=1)})
    assert feeds.overdue(NOW) == ["a", "b"]
    feeds.claim(US, NOW, lease=LEASE, limit=1)
    assert feeds.overdue(NOW) == ["b"]


def test_what_the_schedule_lost_is_missing_and_what_is_paused_is_not(feeds):
    many = [f"f{number}" for number in range(TOGETHER * 2 + 1)]
    feeds.add(dict.fromkeys(many[:-2], NOW))
    feeds.pause(many[-1], Pause(NOW, "operator"))
    assert feeds.missing(many) == [many[-2]]
    assert feeds.states(many[-2:]) == [FeedState(), FeedState()]


def test_claim_can_be_given_back(feeds):
    feeds.add(dict.fromkeys(["a"], NOW))
    claim = feeds.claim(US, NOW, lease=LEASE, limit=1)[0]
    feeds.give_back([claim], NOW, NOW + timedelta(minutes=1))
    assert feeds.claim(US, NOW, lease=LEASE, limit=1) == []
    assert len(feeds.claim(US, NOW + timedelta(minutes=1), lease=LEASE, limit=1)) == 1


def test_state_comes_back_as_it_was_stored(feeds):
    feeds.add(dict.fromkeys(["a"], NOW))
    claim = feeds.claim(US, NOW, lease=LEASE, limit=1)[0]
    state = FeedState(Validators('W/"x"', "Sun, 01 Mar 2026 12:00:00 GMT", "ab", NOW), FeedHealth(NOW, problem="no"))
    settle(feeds, claim, state, NOW)
    assert feeds.states(["a", "never polled"]) == [state, FeedState()]


def test_claim_of_a_process_known_to_be_gone_is_taken_back_at_once(feeds):
    feeds.add(dict.fromkeys(["a", "b"], NOW))
    feeds.claim(DEAD, NOW, lease=LEASE, limit=1)
    ours = feeds.claim(US, NOW, lease=LEASE, limit=1)[0]
    feeds.release(US, NOW)
    assert {claim.id for claim in feeds.claim(US, NOW, lease=LEASE, limit=9)} == {"a", "b"} - {ours.id}
    assert settle(feeds, ours, FeedState(), NOW), "what is being polled stays claimed"


def test_paused_feed_is_in_no_schedule_whatever_brings_it_there(feeds):
    feeds.add(dict.fromkeys(["a", "b"], NOW))
    feeds.pause("a", Pause(NOW, "operator", "moves house"))
    feeds.add(dict.fromkeys(["a", "b"], NOW))
    feeds.bring_forward(["a", "b"], NOW)
    feeds.due_by({"a": NOW})
    assert feeds.due_at(["a"]) == [None]
    assert [claim.id for claim in feeds.claim(US, NOW, lease=LEASE, limit=9)] == ["b"]
    assert feeds.paused() == {"a": Pause(NOW, "operator", "moves house")}


def test_feed_paused_while_it_is_polled_keeps_what_the_poll_brought(feeds):
    feeds.add(dict.fromkeys(["a"], NOW))
    claim = feeds.claim(US, NOW, lease=LEASE, limit=1)[0]
    feeds.pause("a", Pause(NOW, "collect", "the server answers 410 Gone"))
    assert settle(feeds, claim, FeedState(Validators(etag='"x"')), NOW)
    assert feeds.states(["a"])[0].validators.etag == '"x"'
    assert feeds.due_at(["a"]) == [None]


def test_resumed_feed_is_due_now(feeds):
    feeds.add(dict.fromkeys(["a"], NOW))
    feeds.pause("a", Pause(NOW, "operator"))
    assert feeds.resume("a", NOW)
    assert [claim.id for claim in feeds.claim(US, NOW, lease=LEASE, limit=9)] == ["a"]
    assert not feeds.resume("a", NOW)


def test_feed_is_due_by_a_time_unless_it_is_sooner(feeds):
    feeds.add(dict.fromkeys(["a", "b"], NOW))
    later = NOW + timedelta(hours=1)
    [claim] = [one for one in feeds.claim(US, NOW, lease=LEASE, limit=2) if one.id == "a"]
    settle(feeds, claim, FeedState(), NOW + timedelta(hours=9))
    feeds.due_by({"a": later, "b": later})
    assert feeds.due_at(["a", "b"]) == [later.timestamp(), (NOW + LEASE).timestamp()]


def test_dropped_feed_leaves_neither_turn_nor_pause(feeds):
    feeds.add(dict.fromkeys(["a"], NOW))
    feeds.pause("a", Pause(NOW, "operator"))
    feeds.drop("a")
    assert (feeds.due_at(["a"]), feeds.paused()) == ([None], {})


def test_added_feeds_come_back_as_they_were_written_in_their_order(store):
    added = AddedFeeds(store)
    second = AddedFeed("a", {"url": "https://a.example/?key=${KEY}", "tags": ("x", "y")}, NOW + timedelta(seconds=1))
    first = AddedFeed("b", {"url": "https://b.example/"}, NOW)
    assert added.put(second)
    assert added.put(first)
    assert not added.put(first)
    assert added.all() == (first, second)
    assert added.remove(first)
    assert not added.remove(first)
    assert added.all() == (second,)


def ids(claims: list[Claim]) -> list[str]:
    return [claim.id for claim in claims]


def test_of_a_lane_one_feed_is_claimed_at_a_time(feeds):
    feeds.assign({"a": "bbc.co.uk", "b": "bbc.co.uk", "c": "cnn.com"})
    feeds.add(dict.fromkeys(["a", "b", "c", "d"], NOW))
    claimed = feeds.claim(US, NOW, lease=LEASE, limit=9)
    assert ids(claimed) == ["a", "c", "d"]
    assert feeds.claim(US, NOW + 10 * LANE_GAP, lease=LEASE, limit=9) == [], "still being asked"


def test_next_feed_of_a_lane_has_its_turn_a_second_after_the_last_was_settled(feeds):
    feeds.assign(dict.fromkeys("abc", "bbc.co.uk"))
    feeds.add(dict.fromkeys(["a", "b", "c"], NOW))
    seen, now = [], NOW
    for _ in range(12):
        for claim in feeds.claim(US, now, lease=LEASE, limit=9):
            seen.append((claim.id, now - NOW))
            settle(feeds, claim, FeedState(), NOW + timedelta(hours=1), now=now)
        now += LANE_GAP / 2
    assert sorted(feed for feed, _ in seen) == ["a", "b", "c"]
    times = [at for _, at in seen]
    assert all(later - sooner >= LANE_GAP for sooner, later in pairwise(times))


def test_large_lane_does_not_stand_in_the_way_of_others(feeds):
    many = [f"m{number}" for number in range(500)]
    feeds.assign(dict.fromkeys(many, "medium.com"))
    feeds.add(dict.fromkeys([*many, "other"], NOW))
    times = [NOW + turn * LANE_GAP / 4 for turn in range(200)]
    claimed = [feed for now in times for feed in ids(feeds.claim(US, now, lease=LEASE, limit=4))]
    assert "other" in claimed


def test_lane_of_a_worker_that_died_is_free_at_once(feeds):
    feeds.assign({"a": "bbc.co.uk"})
    feeds.add(dict.fromkeys(["a"], NOW))
    feeds.claim(DEAD, NOW, lease=LEASE, limit=1)
    feeds.release(US, NOW)
    assert ids(feeds.claim(US, NOW, lease=LEASE, limit=1)) == ["a"]


def test_many_polls_are_settled_together_and_each_says_whether_it_counted(feeds):
    feeds.add(dict.fromkeys(["a", "b"], NOW))
    first, second = feeds.claim(US, NOW, lease=LEASE, limit=2)
    due = NOW + timedelta(hours=1)
    stranger = Claim(second.id, "another worker's token")
    told = feeds.settle([Settled(first, FeedState(), due), Settled(stranger, FeedState(), due)], NOW)
    assert told == [True, False]
