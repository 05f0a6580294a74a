"""Polls that ask no network, as of a folder: they say nothing of whether the network is up, and are always blamed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import fakeredis
import pytest
from structlog.testing import capture_logs

from siegewatch import wiring
from siegewatch.apps.canary import Canary
from siegewatch.apps.current import Current, Means
from siegewatch.apps.reach import Reach
from siegewatch.apps.roles.collect import Collect
from siegewatch.apps.roles.loop import Trouble
from siegewatch.apps.watch import Watch
from siegewatch.collect.sources.base import Reading
from siegewatch.domain.feed import Feed, Validators
from siegewatch.settings import load
from siegewatch.store.client import Store
from siegewatch.store.keys import Keys

NOW = datetime(2026, 3, 1, tzinfo=UTC)
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
def test_a_poll_without_network_is_no_sign_of_one_and_is_blamed(
    problem: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Said(Reading(Validators(state="kept"), problem=problem, reached=None))
    monkeypatch.setattr(wiring, "source", lambda *_: source)
    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    settings, reach = replace(load(tmp_path, {}), feeds=(FOLDER,)), Reach(1)
    memory = wiring.memory(settings, Store(fakeredis.FakeRedis(), Keys("sw:")))
    means = Means(settings, memory, None)  # type: ignore[arg-type]
    current = Current(settings, memory)
    watch = Watch(current, Canary(current), lambda: NOW)
    collect = Collect(means, current, Counted(), reach, watch, Trouble(lambda: NOW))  # type: ignore[arg-type]
    memory.open()
    with capture_logs() as logged:
        collect.drain()
    (state,) = memory.feeds.states([FOLDER.id])
    assert (state.health.problem, state.health.failures) == (problem, 1 if problem else 0)
    assert state.validators.state == "kept"
    assert not reach.is_up(NOW)
    assert [line["event"] for line in logged if line["log_level"] == "warning"] == (["feed_failed"] if problem else [])
