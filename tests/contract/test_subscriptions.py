"""Subscriptions: changed by one at a time, and what was pushed waits until it was read."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from siegewatch.domain.feed import FeedHealth, FeedState
from siegewatch.domain.subscription import PushState, Subscription
from siegewatch.store.client import Store
from siegewatch.store.feeds import FeedStore
from siegewatch.store.keys import FEED_LIFE
from siegewatch.store.subscriptions import MOST_WAITING, Pushed, SubscriptionStore, pushed_document

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE = Subscription("https://hub.example/", "https://e.example/feed", NOW, "key", ("new", "old"), PushState.ACTIVE)
BODY = bytes(range(256))


@pytest.fixture
def subscriptions(store: Store) -> SubscriptionStore:
    made = SubscriptionStore(store)
    made.queue.open()
    return made


def test_subscription_comes_back_as_it_was_stored(subscriptions):
    assert subscriptions.change("a", lambda _: ONE) == ONE
    assert subscriptions.known(["a", "b"]) == [ONE, None]
    assert subscriptions.known([]) == []


def test_no_subscription_means_no_change(subscriptions, store):
    subscriptions.change("a", lambda _: ONE)
    assert subscriptions.change("a", lambda _: None) is None
    assert subscriptions.known(["a"]) == [ONE]
    assert 0 < store.redis.ttl("t:subscription:a") <= FEED_LIFE.total_seconds()


def test_changes_of_many_at_once_are_all_kept(subscriptions):
    subscriptions.change("a", lambda _: ONE)

    def push(_):
        for _ in range(25):
            subscriptions.change("a", lambda known: replace(known, pushes=known.pushes + 1))

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(push, range(4)))
    assert subscriptions.known(["a"])[0].pushes == 100


@pytest.mark.parametrize("content_type", [None, "application/rss+xml; charset=utf-8"])
def test_pushed_document_waits_until_it_was_read(subscriptions, content_type):
    pushed = Pushed("a", "https://e.example/feed", content_type, BODY)
    assert subscriptions.push(pushed)
    [handed] = subscriptions.queue.read("one", count=9, block_seconds=0)
    assert pushed_document(handed) == pushed
    [again] = subscriptions.queue.left_behind("two", most=9, idle_seconds=0)
    assert again.deliveries == 2
    subscriptions.queue.finish(again)
    assert subscriptions.queue.length() == 0
    assert list(subscriptions.queue.left_behind("two", most=9, idle_seconds=0)) == []


def test_queue_takes_no_more_than_fits(subscriptions):
    pushed = Pushed("a", "t", None, b"")
    assert [subscriptions.push(pushed) for _ in range(MOST_WAITING + 1)] == [True] * MOST_WAITING + [False]


def test_feed_is_noted_without_a_claim(store):
    feeds = FeedStore(store)
    feeds.note("a", lambda state: replace(state, health=replace(state.health, items=state.health.items + 1)))
    feeds.note("a", lambda state: replace(state, health=replace(state.health, items=state.health.items + 1)))
    assert feeds.states(["a"]) == [FeedState(health=FeedHealth(items=2))]
    assert feeds.due_at(["a"]) == [None]
