"""Which feeds there are, and how a poller takes the schedule over from the one before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import fakeredis
import pytest

from siegewatch import wiring
from siegewatch.apps.current import Current
from siegewatch.collect.poller import Poller
from siegewatch.collect.schedule import A_SECOND, AT_ONCE, Rhythm
from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.collect.turn import Conclusion, PollRules
from siegewatch.domain.feed import AddedFeed, Feed, FeedHealth, FeedState, Origin, Pause
from siegewatch.settings import load
from siegewatch.store.claims import Claim
from siegewatch.store.client import Store
from siegewatch.store.items import Admitted
from siegewatch.store.keys import Keys
from siegewatch.store.process import worker

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A, B, C = (Feed(f"https://{name}.example/rss", name) for name in "abc")


@pytest.fixture
def current(tmp_path: Path) -> Current:
    (tmp_path / "feeds.yaml").write_text('feeds: [{url: "https://a.example/rss", name: a}]\n')
    settings = load(tmp_path, {})
    return Current(settings, wiring.memory(settings, Store(fakeredis.FakeRedis(), Keys("sw:"))))


def add(current: Current, feed: Feed) -> None:
    current.memory.added.put(AddedFeed(feed.id, {"url": feed.url, "name": feed.name}, NOW))


def test_roster_follows_what_is_added_and_paused(current: Current) -> None:
    assert [one.feed for one in current.roster().listed] == [A]
    add(current, B)
    current.memory.feeds.pause(A.id, Pause(NOW, "collect", "gone"))
    assert [(one.feed, one.origin, str(one.pause)) for one in current.roster().listed] == [
        (A, Origin.FILE, "paused by collect: gone"),
        (B, Origin.ADDED, "None"),
    ]


def test_roster_is_read_anew_only_where_something_changed(current: Current) -> None:
    add(current, B)
    first = current.roster()
    assert current.roster() is first
    current.settings = replace(current.settings, feeds=())
    assert [one.feed for one in current.roster().listed] == [B]


def test_roster_that_is_forgotten_fills_added_feeds_in_anew(current: Current, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    written = {"url": B.url, "headers": {"X-Key": f"${{file:{token}}}"}}
    current.memory.added.put(AddedFeed(B.id, written, NOW))
    assert current.roster().feeds[-1].headers == {"X-Key": "old"}
    token.write_text("new")
    current.forget_roster()
    assert current.roster().feeds[-1].headers == {"X-Key": "new"}


def test_feed_that_stands_in_the_file_as_well_is_polled_once(current: Current) -> None:
    add(current, A)
    roster = current.roster()
    assert roster.feeds == (A,)
    assert [str(fault) for fault in roster.refused[0].faults] == [
        f"added feed {A.id}:0: its url is that of the feed a, keep one"
    ]


def poller(current: Current, *feeds: Feed, every: timedelta = HOUR) -> Poller:
    memory, rules = current.memory, PollRules(Rhythm(every, DAY), HOUR, timedelta(seconds=20))
    known, unused = {feed.id: feed for feed in feeds}, cast("Tools", None)
    return Poller(known, {}, memory.feeds, memory.items, unused, rules, worker())


def settle(before: Poller, failures: int = 0) -> None:
    """Every feed polled, and due in a day."""
    state = FeedState(health=FeedHealth(NOW, failures=failures))
    done = [conclusion(before, claim, state) for claim in before.claim(NOW, 9)]
    assert all(before.schedule.settle(done, NOW))


def conclusion(before: Poller, claim: Claim, state: FeedState) -> Conclusion:
    reading = Reading(state.validators)
    return Conclusion(claim, before.feeds[claim.id], NOW, reading, Admitted(), state, NOW + DAY)


def test_new_feed_is_due_now_and_removed_one_no_more(current: Current) -> None:
    before, after = poller(current, A, B), poller(current, A, C)
    before.begin(NOW)
    settle(before)
    after.succeed(before, NOW)
    assert after.schedule.due_at([B.id]) == [None]
    assert [claim.id for claim in after.claim(NOW, 9)] == [C.id]
    assert after.schedule.due_at([A.id]) == [(NOW + DAY).timestamp()]


@pytest.mark.parametrize(("failures", "due"), [(0, HOUR / 2), (3, DAY)])
def test_feed_polled_more_often_is_due_sooner_unless_it_fails(current: Current, failures: int, due: timedelta) -> None:
    before, after = poller(current, A, every=HOUR), poller(current, A, every=HOUR / 2)
    before.begin(NOW)
    settle(before, failures)
    after.succeed(before, NOW)
    assert after.schedule.due_at([A.id]) == [(NOW + due).timestamp()]


def test_feed_is_polled_as_usual_again_once_hubs_are_not_relied_on(current: Current) -> None:
    before, after = replace(poller(current, A), subscriptions=current.memory.subscriptions), poller(current, A)
    before.begin(NOW)
    settle(before)
    after.succeed(before, NOW)
    assert after.schedule.due_at([A.id]) == [(NOW + HOUR).timestamp()]


def test_feed_asked_for_in_another_way_is_due_now_even_if_it_fails(current: Current) -> None:
    before, after = poller(current, A, B), poller(current, replace(A, headers={"X-Key": "k"}), B)
    before.begin(NOW)
    settle(before, failures=3)
    after.succeed(before, NOW)
    assert [claim.id for claim in after.claim(NOW, 9)] == [A.id]


def test_poll_under_way_of_a_removed_feed_cannot_bring_it_back(current: Current) -> None:
    before, after = poller(current, A), poller(current)
    before.begin(NOW)
    [claim] = before.claim(NOW, 1)
    after.succeed(before, NOW)
    assert before.schedule.settle([conclusion(before, claim, FeedState())], NOW) == [False]
    assert after.schedule.due_at([A.id]) == [None]


def test_restart_keeps_every_turn_that_is_still_to_come(current: Current) -> None:
    before = poller(current, A, B)
    before.begin(NOW)
    settle(before, failures=3)
    poller(current, A, B, C).begin(NOW + HOUR)
    assert before.schedule.due_at([A.id, B.id]) == [(NOW + DAY).timestamp()] * 2
    assert before.schedule.overdue(NOW + HOUR) == [C.id], "the new one is due at once"


def test_restart_makes_nobody_wait_longer_than_is_configured_by_then(current: Current) -> None:
    before = poller(current, A, B)
    before.begin(NOW)
    settle(before)
    poller(current, replace(A, every=HOUR / 2), B).begin(NOW)
    assert before.schedule.due_at([A.id, B.id]) == [(NOW + HOUR / 2).timestamp(), (NOW + DAY).timestamp()]


def some(count: int, priority: str = "normal") -> list[Feed]:
    return [Feed(f"https://{priority}-{number}.example/rss", "Feed", priority=priority) for number in range(count)]


def test_many_new_feeds_are_spread_and_the_most_important_come_first(current: Current) -> None:
    urgent, usual = some(AT_ONCE, "critical"), some(500)
    ours = poller(current, *usual, *urgent)
    ours.begin(NOW)
    assert {claim.id for claim in ours.claim(NOW, 999)} == {feed.id for feed in urgent}
    due = ours.schedule.due_at([feed.id for feed in usual])
    assert (len(set(due)), max(due)) == (500, NOW.timestamp() + 500 / A_SECOND)


def test_many_feeds_whose_turn_came_while_nothing_ran_are_spread(current: Current) -> None:
    feeds = some(AT_ONCE + 100)
    first, again = poller(current, *feeds), poller(current, *feeds)
    first.begin(NOW)
    again.begin(NOW + DAY)
    assert len(again.schedule.overdue(NOW + DAY)) == AT_ONCE
    assert len(again.schedule.overdue(NOW + DAY + timedelta(seconds=100 / A_SECOND))) == len(feeds)


def test_what_the_schedule_lost_comes_back_and_what_is_paused_does_not(current: Current) -> None:
    ours = poller(current, A, B)
    ours.begin(NOW)
    ours.schedule.pause(B.id, Pause(NOW, "operator"))
    ours.schedule.forget([A.id])
    ours.keep(NOW)
    assert ours.schedule.overdue(NOW) == [A.id]


def test_feed_that_another_process_knows_is_due_again_soon(current: Current) -> None:
    knowing, late = poller(current, A), poller(current)
    knowing.begin(NOW)
    [claim] = late.claim(NOW, 1)
    assert late.turns([claim], NOW) == []
    assert len(knowing.claim(NOW + timedelta(seconds=10), 1)) == 1


def test_feeds_that_are_paused_or_polled_by_others_are_not_made_due(current: Current) -> None:
    ours = poller(current, A, B, C)
    ours.begin(NOW)
    [taken] = ours.claim(NOW, 1)
    paused, free = sorted({A.id, B.id, C.id} - {taken.id})
    current.memory.feeds.pause(paused, Pause(NOW, "operator"))
    assert ours.make_all_due(NOW) == {free}
