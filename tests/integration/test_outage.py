"""Our own network goes down and comes back: real servers on loopback that go away and return, a real store."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from web_servers import Server, answering, plain

from siegewatch import wiring
from siegewatch.apps.canary import Canary
from siegewatch.apps.current import Current, Means
from siegewatch.apps.reach import PROBE_EVERY, PROBES, Reach
from siegewatch.apps.roles.collect import Collect
from siegewatch.apps.roles.loop import Trouble
from siegewatch.apps.watch import Watch
from siegewatch.collect.schedule import A_SECOND, AT_ONCE
from siegewatch.domain.feed import Feed
from siegewatch.domain.ops import Subject
from siegewatch.settings.load import load

FEEDS = AT_ONCE + 60
LATER = timedelta(minutes=6)
"""After which every feed is due again."""


class Clock:
    def __init__(self) -> None:
        self.now = wiring.now()

    def __call__(self):
        return self.now

    def on(self, by: timedelta) -> None:
        self.now += by


class Counted:
    """Notes which polls ended."""

    def __init__(self) -> None:
        self.polls = 0

    def polled(self, *_: object) -> None:
        self.polls += 1


@dataclass
class World:
    collect: Collect
    clock: Clock
    counted: Counted

    def ticked(self) -> int:
        """How many feeds one tick polls; their polls have ended."""
        before = self.counted.polls
        self.collect.tick()
        deadline = monotonic() + 60
        while self.collect.polling.busy and monotonic() < deadline:
            sleep(0.01)
        return self.counted.polls - before

    def failures(self) -> list[int]:
        schedule = self.collect.poller.schedule
        return [state.health.failures for state in schedule.states(list(self.collect.poller.feeds))]

    def troubles(self) -> list[tuple[Subject, str]]:
        """Those of feeds and network; that nobody here tells them is another."""
        return [key for key in self.collect.watch.look(self.clock.now) if key[0] is not Subject.QUEUE]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(answering(plain(b"no feed", "503 Busy")), at=("0.0.0.0", 0))
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path, server: Server) -> Iterator[World]:
    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    (tmp_path / "siegewatch.yaml").write_text(f"data_dir: {tmp_path}/data\nnetwork: {{allow: [127.0.0.0/8]}}\n")
    urls = [f"http://127.0.{number}.1:{server.port}/" for number in range(FEEDS)]
    settings = replace(load(tmp_path, {}), feeds=tuple(Feed(url, url) for url in urls))
    clock, counted = Clock(), Counted()
    with wiring.opened_store(settings) as store, wiring.opened_door(settings) as door:
        memory = wiring.memory(settings, store)
        memory.open()
        with wiring.opened_tools(settings, door) as tools:
            current = Current(settings, memory)
            watch = Watch(current, Canary(current), clock)
            means = Means(settings, memory, tools)
            collect = Collect(means, current, counted, Reach(FEEDS), watch, Trouble(clock))  # type: ignore[arg-type]
            collect.start()
            collect.keep_schedule()
            yield World(collect, clock, counted)
            collect.stop(monotonic() + 5)


def test_outage_is_probed_blamed_on_nobody_told_once_and_ends_gently(world: World, server: Server) -> None:
    world.clock.on(timedelta(seconds=FEEDS / A_SECOND))
    world.ticked()
    assert world.counted.polls == FEEDS
    before = world.failures()

    server.close()
    world.clock.on(timedelta(hours=1))
    world.ticked()
    accused = [at for at, (one, other) in enumerate(zip(before, world.failures(), strict=True)) if other > one]
    assert len(accused) < 8, "from then on it is known to be ours"
    rounds = 40
    for _ in range(rounds):
        world.clock.on(PROBE_EVERY)
        assert world.ticked() <= PROBES
        assert world.ticked() == 0
    assert world.troubles() == [(Subject.NETWORK, "network")]

    back = Server(answering(plain(b"no feed", "503 Busy")), at=("0.0.0.0", server.port))
    world.clock.on(LATER)
    assert world.ticked() == PROBES
    assert AT_ONCE - PROBES <= world.ticked() <= AT_ONCE, "the others wait for their turn"
    assert world.ticked() == 0
    world.clock.on(timedelta(seconds=FEEDS / A_SECOND))
    assert world.ticked() > FEEDS - 2 * AT_ONCE
    assert world.troubles() == []
    back.close()
