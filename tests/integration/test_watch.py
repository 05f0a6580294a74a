"""Watching on a real store: troubles raised and cleared once by many watchers, and posted to a real receiver."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from polls import settle
from standardwebhooks import Webhook

from siegewatch import wiring
from siegewatch.apps.canary import Canary
from siegewatch.apps.current import Current
from siegewatch.apps.watch import Watch
from siegewatch.domain.alert import Route
from siegewatch.domain.feed import COLLECT, AddedFeed, Feed, FeedHealth, FeedState, Pace, Pause, Usual
from siegewatch.domain.item import Item
from siegewatch.domain.ops import OpsType, Subject
from siegewatch.settings import Settings, load
from siegewatch.store.client import Store, connect_socket
from siegewatch.store.embedded import ensure_running
from siegewatch.store.items import Candidate
from siegewatch.store.memory import Memory
from siegewatch.store.process import worker

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SECRET = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
NAMES = ("Courier", "Herald", "Gazette", "Tribune")


class Inbox(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[dict[str, Any]] = []
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(Webhook(SECRET).verify(body, dict(self.headers.items())))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    server = Inbox()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with ensure_running(tmp_path_factory.mktemp("data")) as running:
        opened = connect_socket(str(running.socket_path), "sw:")
        yield opened
        opened.close()


@pytest.fixture
def settings(tmp_path: Path, inbox: Inbox) -> Settings:
    feeds = [{"url": f"https://{name}.example/rss".lower(), "name": name} for name in NAMES]
    url = f"http://127.0.0.1:{inbox.server_port}/inbox"
    alerts = {
        "channels": [
            {"name": "desk", "type": "webhook", "url": url, "secret": SECRET},
            {"name": "console", "type": "console"},
        ],
        "routes": [{"channels": ["console"]}, {"match": {"subject": ["feed", "network"]}, "channels": ["desk"]}],
    }
    (tmp_path / "siegewatch.yaml").write_text(json.dumps({"network": {"allow": ["127.0.0.0/8"]}}))
    (tmp_path / "feeds.yaml").write_text(json.dumps({"feeds": feeds}))
    (tmp_path / "alerts.yaml").write_text(json.dumps(alerts))
    return load(tmp_path, {})


@dataclass
class World:
    """A service whose feeds do as the test says."""

    settings: Settings
    memory: Memory
    at: datetime = NOW
    healths: dict[str, FeedHealth] = field(default_factory=dict)

    def watch(self) -> Watch:
        """A process that watches, with nothing remembered but what is in the store."""
        current = Current(self.settings, wiring.memory(self.settings, self.memory.store))
        return Watch(current, Canary(current), lambda: self.at)

    def polled(self, **healths: FeedHealth) -> None:
        """Stores how polling went, as a poller would; feeds not named do well."""
        ids = [feed.id for feed in self.settings.feeds]
        self.memory.feeds.add(dict.fromkeys(ids, self.at - HOUR))
        self.memory.feeds.bring_forward(ids, self.at)
        claims = {claim.id: claim for claim in self.memory.feeds.claim(_us(), self.at, lease=MINUTE, limit=99)}
        for feed in self.settings.feeds:
            health = healths.get(feed.name, FeedHealth(self.at, self.at, entries=20, usual=Usual(20, 20)))
            settle(self.memory.feeds, claims[feed.id], FeedState(health=health), self.at)

    def told(self) -> list[tuple[str, str, str]]:
        """What the teller makes of what waits: type, subject, name."""
        alerts = wiring.teller(self.settings, self.memory).step().ops
        return [(alert.type, alert.trouble.subject, alert.trouble.name) for alert in alerts]


def _us() -> Any:
    return worker()


@pytest.fixture
def world(settings: Settings, store: Store) -> World:
    store.redis.flushall()
    memory = wiring.memory(settings, store)
    memory.open()
    return World(settings, memory)


def dead(at: datetime, since: datetime, *, reached: bool = True) -> FeedHealth:
    return FeedHealth(
        at, since, failures=9, problem="the server answers 404 Not Found", reached=reached, failing_since=since
    )


def test_feed_that_fails_for_long_is_told_once_by_many_watchers_and_cleared_once(world: World) -> None:
    world.polled(Courier=dead(NOW, NOW - 3 * HOUR))
    for _ in range(3):
        world.watch().turn()
    assert world.told() == [(OpsType.RAISED, Subject.FEED, "Courier")]
    world.at += HOUR
    world.polled()
    for _ in range(3):
        world.watch().turn()
    assert world.told() == [(OpsType.CLEARED, Subject.FEED, "Courier")]
    assert world.memory.ops.troubles() == []


def test_dead_network_is_one_alert_and_blames_no_feed(world: World) -> None:
    gone = dead(NOW, NOW - 3 * HOUR, reached=False)
    world.polled(**dict.fromkeys(NAMES, gone))
    world.watch().turn()
    assert world.told() == [(OpsType.RAISED, Subject.NETWORK, "network")]
    world.at += 10 * MINUTE
    world.polled()
    world.watch().turn()
    assert world.told() == [(OpsType.CLEARED, Subject.NETWORK, "network")]


def test_feed_taken_out_of_the_configuration_is_no_longer_in_trouble(world: World) -> None:
    world.polled(Courier=dead(NOW, NOW - 3 * HOUR))
    world.watch().turn()
    without = replace(world.settings, feeds=world.settings.feeds[1:])
    world.settings = without
    world.watch().turn()
    assert [kind for kind, *_ in world.told()] == [OpsType.RAISED, OpsType.CLEARED]


def test_paused_feed_is_watched_no_more_and_no_part_of_the_day(world: World) -> None:
    world.polled(Courier=dead(NOW, NOW - 3 * HOUR))
    world.watch().turn()
    courier = next(feed for feed in world.settings.feeds if feed.name == "Courier")
    world.memory.feeds.pause(courier.id, Pause(NOW, "operator"))
    world.at = NOW.replace(hour=7) + timedelta(days=1)
    world.watch().turn()
    cleared, quiet = wiring.teller(world.settings, world.memory).step().ops[1:]
    assert cleared.trouble.reason.startswith("No longer watched after 22 h 0 min; what was told: It failed 9 times")
    assert "3 of 3 feeds healthy" in quiet.trouble.reason


def test_feed_that_collecting_gave_up_stays_told_until_it_is_resumed(world: World) -> None:
    courier = next(feed for feed in world.settings.feeds if feed.name == "Courier")
    world.memory.feeds.pause(courier.id, Pause(NOW, COLLECT, "the server says that it is gone for good (410)"))
    for _ in range(2):
        world.watch().turn()
    world.memory.feeds.resume(courier.id, NOW)
    world.watch().turn()
    told = wiring.teller(world.settings, world.memory).step().ops
    assert [alert.type for alert in told] == [OpsType.RAISED, OpsType.CLEARED]
    assert told[0].trouble.reason == "It is polled no more: the server says that it is gone for good (410)."


def test_added_feed_is_watched_as_those_of_the_file_are(world: World) -> None:
    wire = Feed("https://wire.example/rss", "Wire")
    world.memory.added.put(AddedFeed(wire.id, {"url": wire.url, "name": wire.name}, NOW))
    world.memory.feeds.add(dict.fromkeys([wire.id], NOW))
    [claim] = world.memory.feeds.claim(_us(), NOW, lease=MINUTE, limit=1)
    settle(world.memory.feeds, claim, FeedState(health=dead(NOW, NOW - 3 * HOUR)), NOW)
    world.watch().turn()
    assert world.told() == [(OpsType.RAISED, Subject.FEED, "Wire")]


def test_silent_feed_reaches_a_signed_webhook_with_how_long_it_lasted(world: World, inbox: Inbox) -> None:
    pace = Pace(NOW - timedelta(days=9), NOW - 7 * HOUR, 99, 1800.0, 3600.0)
    world.polled(Herald=FeedHealth(NOW, NOW, entries=20, pace=pace))
    world.watch().turn()
    world.at += 30 * MINUTE
    world.polled()
    world.watch().turn()
    world.told()
    with wiring.opened_door(world.settings) as door:
        senders = {one.name: one for one in wiring.senders(world.settings, world.memory, door)}
        assert [done.state for done in senders["desk"].drain()] == ["delivered"] * 2
        assert senders["console"].drain() == [], "a route asked for it"
    raised, cleared = inbox.got
    assert (raised["type"], cleared["type"]) == ("ops.raised", "ops.cleared")
    told = "No new item, where one is expected every 30 minutes or so."
    assert raised["data"]["reason"] == told
    assert cleared["data"]["reason"] == f"Over after 7 h 30 min; what was told: {told}"
    assert raised["data"]["since"] == cleared["data"]["since"] == "2026-03-01T05:00:00Z"
    assert raised["data"]["id"] != cleared["data"]["id"]


def test_items_that_nobody_decides_are_a_trouble_of_their_queue(world: World) -> None:
    world.polled()
    item = Item("i", "t", "", NOW, NOW)
    world.memory.items.admit([Candidate(("i",), "w", item)])
    world.at = datetime.now(UTC) + 9 * MINUTE
    world.watch().turn()
    assert world.told() == []
    world.at += 2 * MINUTE
    world.watch().turn()
    assert world.told() == [(OpsType.RAISED, Subject.QUEUE, "items")]
    [handed] = world.memory.items.queue.read("t", count=1, block_seconds=0)
    world.memory.items.queue.bury(handed, "test")
    world.watch().turn()
    assert world.told() == [(OpsType.CLEARED, Subject.QUEUE, "items")]


def test_channel_that_is_gone_is_told_to_another(world: World) -> None:
    world.memory.alerts.disable("desk", "answered 410 Gone")
    routes = (Route({"subject": ("channel",)}, ("desk",)),)
    world.settings = replace(world.settings, routes=routes)
    world.watch().turn()
    [alert] = wiring.teller(world.settings, world.memory).step().ops
    assert (alert.trouble.name, alert.channels) == ("desk", ("console",))
    world.memory.alerts.enable("desk")
    world.watch().turn()
    assert world.told() == [(OpsType.CLEARED, Subject.CHANNEL, "desk")]


def test_weekly_message_is_told_once_by_many_watchers(world: World) -> None:
    feedback = world.settings.feedback.model_copy(update={"weekly": f"{NOW:%a} 08:00".lower()})
    world.settings = replace(world.settings, feedback=feedback)
    world.at = NOW.replace(hour=8)
    world.polled()
    for _ in range(3):
        world.watch().turn()
    [alert] = wiring.teller(world.settings, world.memory).step().ops
    assert alert.trouble.reason.startswith("0 alerts in the last 7 days")
    assert (alert.type, alert.trouble.name, alert.channels) == (OpsType.CLEARED, "week", ("console",))


def test_sign_of_life_is_told_once_a_day_by_many_watchers(world: World) -> None:
    world.at = NOW.replace(hour=7)
    world.polled(Courier=dead(world.at, world.at - MINUTE))
    for _ in range(3):
        world.watch().turn()
    [alert] = wiring.teller(world.settings, world.memory).step().ops
    assert alert.trouble.reason == "All quiet: 3 of 4 feeds healthy, 0 items read, 0 alerts in the last 24 h."
    assert (alert.type, alert.trouble.subject, alert.channels) == (OpsType.CLEARED, Subject.CANARY, ("console",))
    world.at += timedelta(days=1)
    world.polled()
    world.watch().turn()
    assert world.told() == [(OpsType.CLEARED, Subject.CANARY, "all quiet")]
    assert world.memory.ops.troubles() == [], "nothing was ever raised"
