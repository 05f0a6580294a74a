"""Polls that ask no network, as of a folder: they say nothing of whether the network is up, and are always blamed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import fakeredis
import pytest
from structlog.testing import capture_logs

from siegewatch.apps.reach import Reach
from siegewatch.apps.roles.collect import Collect
from siegewatch.apps.roles.loop import Trouble
from siegewatch.collect.poller import Poller, PollRules
from siegewatch.collect.sources.base import Reading
from siegewatch.domain.feed import Feed, Validators
from siegewatch.store.claims import Worker
from siegewatch.store.client import Store
from siegewatch.store.feeds import FeedStore
from siegewatch.store.items import ItemStore
from siegewatch.store.keys import Keys

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RULES = PollRules(timedelta(minutes=5), timedelta(hours=4), timedelta(hours=6), timedelta(seconds=20))
FOLDER = Feed("file:///srv/wire", "Wire", source="folder")


@dataclass
class Said:
    """A source that always says the same."""

    reading: Reading

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        return self.reading


class Counted:
    def polled(self, *_: object) -> None:
        """Counts nothing."""


@pytest.mark.parametrize("problem", [None, "the folder cannot be read (No such file or directory)"])
def test_a_poll_without_network_is_no_sign_of_one_and_is_blamed(problem: str | None) -> None:
    store, reach = Store(fakeredis.FakeRedis(), Keys("sw:")), Reach(1)
    feeds, items = FeedStore(store), ItemStore(store, timedelta(days=1))
    source = Said(Reading(Validators(state="kept"), problem=problem, reached=None))
    poller = Poller({FOLDER.id: FOLDER}, {"folder": source}, feeds, items, RULES, Worker("test", lambda _: False))
    collect = Collect(poller, 1, Counted(), reach, Trouble(lambda: NOW))  # type: ignore[arg-type]
    items.queue.open()
    with capture_logs() as logged:
        collect.drain()
    (state,) = feeds.states([FOLDER.id])
    assert (state.health.problem, state.health.failures) == (problem, 1 if problem else 0)
    assert state.validators.state == "kept"
    assert not reach.is_up(NOW)
    assert [line["event"] for line in logged if line["log_level"] == "warning"] == (["feed_failed"] if problem else [])
