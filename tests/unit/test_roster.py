"""Which feeds there are, and how a poller takes the schedule over from the one before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fakeredis
import pytest

from siegewatch import wiring
from siegewatch.apps.in_force import InForce
from siegewatch.collect.poller import Poller, PollRules
from siegewatch.domain.feed import AddedFeed, Feed, FeedHealth, FeedState, Origin, Pause
from siegewatch.settings import load
from siegewatch.store.client import Store
from siegewatch.store.keys import Keys

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A, B, C = (Feed(f"https://{name}.example/rss", name) for name in "abc")


@pytest.fixture
def in_force(tmp_path: Path) -> InForce:
    (tmp_path / "feeds.yaml").write_text('feeds: [{url: "https://a.example/rss", name: a}]\n')
    settings = load(tmp_path, {})
    return InForce(settings, wiring.memory(settings, Store(fakeredis.FakeRedis(), Keys("sw:"))))


def add(in_force: InForce, feed: Feed) -> None:
    in_force.memory.added.put(AddedFeed(feed.id, {"url": feed.url, "name": feed.name}, NOW))


def test_roster_follows_what_is_added_and_paused(in_force: InForce) -> None:
    assert [one.feed for one in in_force.roster().listed] == [A]
    add(in_force, B)
    in_force.memory.feeds.pause(A.id, Pause(NOW, "collect", "gone"))
    assert [(one.feed, one.origin, str(one.pause)) for one in in_force.roster().listed] == [
        (A, Origin.FILE, "paused by collect: gone"),
        (B, Origin.ADDED, "None"),
    ]


def test_roster_is_read_anew_only_where_something_changed(in_force: InForce) -> None:
    add(in_force, B)
    first = in_force.roster()
    assert in_force.roster() is first
    in_force.settings = replace(in_force.settings, feeds=())
    assert [one.feed for one in in_force.roster().listed] == [B]


def test_feed_that_stands_in_the_file_as_well_is_polled_once(in_force: InForce) -> None:
    add(in_force, A)
    roster = in_force.roster()
    assert roster.feeds == (A,)
    assert [str(fault) for fault in roster.refused[0].faults] == [
        f"added feed {A.id}:0: its url is that of the feed a, keep one"
    ]


def poller(in_force: InForce, *feeds: Feed, every: timedelta = HOUR) -> Poller:
    memory, rules = in_force.memory, PollRules(every, DAY, HOUR, timedelta(seconds=20))
    return Poller({feed.id: feed for feed in feeds}, {}, memory.feeds, memory.items, rules, wiring.worker())


def settle(before: Poller, failures: int = 0) -> None:
    """Every feed polled, and due in a day."""
    for claim in before.claim(NOW, 9):
        assert before.schedule.settle(claim, FeedState(health=FeedHealth(NOW, failures=failures)), NOW + DAY)


def test_new_feed_is_due_now_and_removed_one_no_more(in_force: InForce) -> None:
    before, after = poller(in_force, A, B), poller(in_force, A, C)
    before.begin(NOW)
    settle(before)
    after.succeed(before, NOW)
    assert after.schedule.due_at([B.id]) == [None]
    assert [claim.id for claim in after.claim(NOW, 9)] == [C.id]
    assert after.schedule.due_at([A.id]) == [(NOW + DAY).timestamp()]


@pytest.mark.parametrize(("failures", "due"), [(0, HOUR / 2), (3, DAY)])
def test_feed_polled_more_often_is_due_sooner_unless_it_fails(in_force: InForce, failures: int, due: timedelta) -> None:
    before, after = poller(in_force, A, every=HOUR), poller(in_force, A, every=HOUR / 2)
    before.begin(NOW)
    settle(before, failures)
    after.succeed(before, NOW)
    assert after.schedule.due_at([A.id]) == [(NOW + due).timestamp()]


def test_poll_under_way_of_a_removed_feed_cannot_bring_it_back(in_force: InForce) -> None:
    before, after = poller(in_force, A), poller(in_force)
    before.begin(NOW)
    [claim] = before.claim(NOW, 1)
    after.succeed(before, NOW)
    assert not before.schedule.settle(claim, FeedState(), NOW)
    assert after.schedule.due_at([A.id]) == [None]


def test_feed_that_another_process_knows_is_due_again_soon(in_force: InForce) -> None:
    knowing, late = poller(in_force, A), poller(in_force)
    knowing.begin(NOW)
    [claim] = late.claim(NOW, 1)
    assert late.poll(claim, NOW) is None
    assert len(knowing.claim(NOW + timedelta(seconds=10), 1)) == 1
