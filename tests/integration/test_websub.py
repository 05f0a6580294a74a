"""Pushes from end to end: a real hub and publisher on loopback, the real web app, a real store, and a clock to turn."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hubs import NOON, Hub, ask
from polls import poll_once
from structlog.testing import capture_logs

from siegewatch import wiring
from siegewatch.apps.current import Current, Means
from siegewatch.apps.roles.hubs import Hubs
from siegewatch.apps.roles.loop import Trouble
from siegewatch.apps.web.app import make_app
from siegewatch.apps.web.metrics import Metrics
from siegewatch.apps.web.server import WebServer
from siegewatch.collect import websub
from siegewatch.collect.poller import Polled
from siegewatch.domain.feed import AddedFeed, Feed, Pause
from siegewatch.domain.subscription import PushState, Subscription
from siegewatch.settings import Settings, load
from siegewatch.settings.quantities import Listen
from siegewatch.store.client import Store, connect_socket
from siegewatch.store.embedded import ensure_running
from siegewatch.store.items import queued_item
from siegewatch.store.memory import Memory
from siegewatch.store.subscriptions import MOST_WAITING

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with ensure_running(tmp_path_factory.mktemp("data")) as running:
        opened = connect_socket(str(running.socket_path), "sw:")
        yield opened
        opened.close()


@dataclass
class Line:
    """The collect and the web role of a service, moved by hand."""

    current: Current
    hubs: Hubs
    poll_once: Callable[[], Polled]
    clock: "Clock"

    @property
    def memory(self) -> Memory:
        return self.current.memory

    @property
    def feed(self) -> Feed:
        return self.current.settings.feeds[0]

    def take(self, settings: Settings) -> None:
        """Goes on under other settings, as after a reload."""
        self.current.settings = settings
        means = replace(self.hubs.means, settings=settings)
        self.hubs.take(means, {feed.id: feed for feed in self.current.roster().feeds})

    @property
    def known(self) -> Subscription:
        found = self.memory.subscriptions.known([self.feed.id])[0]
        assert found is not None
        return found

    def waits(self) -> timedelta:
        """How long the feed waits for its next poll."""
        due_at = self.memory.feeds.due_at([self.feed.id])[0]
        assert due_at is not None
        return timedelta(seconds=due_at) - timedelta(seconds=self.clock.now.timestamp())

    def read(self) -> list[str]:
        """Reads what was pushed; the headlines admitted since the last time."""
        self.hubs.drain()
        return self.admitted()

    def admitted(self) -> list[str]:
        handed = self.memory.items.queue.read("test", count=100, block_seconds=0)
        return [queued_item(one).title for one in handed]


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def line(tmp_path: Path, store: Store, hub: Hub) -> Iterator[Line]:
    """A service that has polled its one feed."""
    listen = Listen("127.0.0.1", free_port())
    (tmp_path / "feeds.yaml").write_text(f"feeds: [{{url: '{hub.topic}', name: Courier}}]\n")
    (tmp_path / "siegewatch.yaml").write_text(
        f"network: {{allow: [127.0.0.1]}}\npoll: {{max_bytes: 100KB}}\nweb: {{public_url: 'http://{listen}'}}\n"
    )
    settings, clock = load(tmp_path, {}), Clock()
    store.redis.flushall()
    memory = wiring.memory(settings, store)
    memory.open()
    current = Current(settings, memory)
    metrics = Metrics(current, clock)
    server = WebServer(make_app(current, dict, metrics, serves_api=True, clock=clock), listen)
    server.start()
    with wiring.opened_door(settings) as door, wiring.opened_tools(settings, door) as tools:
        poller = wiring.poller(settings, memory, tools, settings.feeds)
        hubs = Hubs(Means(settings, memory, tools), poller.feeds, metrics, Trouble(clock))

        def poll() -> Polled:
            polled = poll_once(poller, clock.now)
            assert polled.reading.problem is None
            return polled

        poller.begin(clock.now)
        poll()
        yield Line(current, hubs, poll, clock)
    server.stop()


@pytest.fixture
def active(line: Line, hub: Hub) -> Line:
    """The same with a subscription that the hub has verified."""
    line.hubs.ask()
    assert hub.come_back() == (200, b"<c/>")
    return line


def test_hub_is_asked_for_the_feed_with_a_secret(line: Line, hub: Hub) -> None:
    line.hubs.ask()
    line.hubs.ask()

    [asked] = hub.requests
    assert asked["hub.mode"] == "subscribe"
    assert asked["hub.topic"] == hub.topic
    assert asked["hub.lease_seconds"] == "864000"
    assert len(bytes.fromhex(asked["hub.secret"])) == 32
    assert f"/websub/{line.feed.id}/" in asked["hub.callback"]
    assert line.known.state is PushState.ASKED


def test_hub_in_the_header_wins(line: Line, hub: Hub) -> None:
    hub.header = f'<{hub.url("/other")}>; rel="hub", <{hub.url("/canonical")}>; rel="self"'
    hub.titles = ["changed"]
    line.poll_once()
    line.hubs.ask()

    assert [(one["path"], one["hub.topic"]) for one in hub.requests] == [("/other", hub.url("/canonical"))]


def test_hub_that_has_moved_is_followed(line: Line, hub: Hub) -> None:
    hub.location = "/new"
    line.hubs.ask()

    assert [one["path"] for one in hub.requests] == ["/hub", "/new"]
    assert hub.come_back()[0] == 200


def test_only_our_own_request_is_verified(line: Line, hub: Hub) -> None:
    line.hubs.ask()
    asked = hub.requests[-1]

    assert hub.come_back(topic="http://127.0.0.1/other")[0] == 404
    assert hub.come_back(mode="unsubscribe")[0] == 404
    assert hub.come_back(mode="publish")[0] == 404
    hub.requests.append(asked | {"hub.callback": asked["hub.callback"][:-4] + "0000"})
    assert hub.come_back()[0] == 404
    hub.requests.append(asked | {"hub.callback": asked["hub.callback"].replace(line.feed.id, "0" * 12)})
    assert hub.come_back()[0] == 404
    assert line.known.state is PushState.ASKED
    hub.requests.append(asked)
    assert hub.come_back(lease_seconds="60") == (200, b"<c/>")
    assert line.known.lease_until == NOON + HOUR


def test_hub_may_verify_before_it_answers(line: Line, hub: Hub) -> None:
    hub.on_request = lambda: hub.come_back()
    hub.status = 503
    line.hubs.ask()

    assert line.known.state is PushState.ACTIVE


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_pushed_document_is_admitted_as_a_polled_one(active: Line, hub: Hub, method: str) -> None:
    assert hub.push(["Rebels besiege Exampleton"], method=method) == 202

    assert active.read() == ["Rebels besiege Exampleton"]
    health = active.memory.feeds.states([active.feed.id])[0].health
    assert (health.items, health.item_at) == (1, NOON)
    assert active.memory.subscriptions.queue.length() == 0
    hub.titles = ["Rebels besiege Exampleton"]
    assert active.poll_once().admitted.known == 1
    assert active.read() == [], "once, however it came"


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_push_without_our_signature_is_accepted_and_ignored(active: Line, hub: Hub, secret: str) -> None:
    with capture_logs() as logs:
        assert hub.push(["Forged"], secret=secret) == 202

    assert active.read() == []
    assert (active.known.pushes, active.known.ignored) == (0, 1)
    assert [one["event"] for one in logs] == ["push_ignored"]


def test_push_to_an_unknown_address_is_gone(active: Line, hub: Hub) -> None:
    hub.requests.append(hub.requests[-1] | {"hub.callback": hub.requests[-1]["hub.callback"] + "x"})
    assert hub.push(["Forged"]) == 410
    assert active.read() == []


def test_document_over_the_cap_is_refused(active: Line, hub: Hub) -> None:
    assert hub.push_body(b"<rss>" + b" " * 100_000) == 413
    assert active.read() == []


def test_push_that_is_no_feed_makes_the_feed_due(active: Line, hub: Hub) -> None:
    assert active.waits() > timedelta(minutes=4)
    assert hub.push_body(b"ping") == 202
    assert active.read() == []
    assert active.waits() <= timedelta(0)


def test_push_for_another_source_makes_the_feed_due(active: Line, hub: Hub) -> None:
    other = replace(active.feed, source="json")
    active.take(replace(active.current.settings, feeds=(other,)))
    assert hub.push(["Not as the options of the feed would read it"]) == 202
    assert active.read() == []
    assert active.waits() <= timedelta(0)


def test_paused_feed_is_neither_asked_for_nor_read(active: Line, hub: Hub) -> None:
    active.memory.feeds.pause(active.feed.id, Pause(NOON, "operator"))
    active.clock.now += 9 * DAY
    active.hubs.ask()
    assert len(hub.requests) == 1, "no renewal"
    assert hub.push(["Rebels besiege Exampleton"]) == 202
    assert active.read() == []
    active.memory.feeds.resume(active.feed.id, active.clock.now)
    active.hubs.ask()
    assert len(hub.requests) == 2
    hub.titles = ["Rebels besiege Exampleton"]
    active.poll_once()
    assert active.admitted() == hub.titles


def test_hub_of_a_feed_added_at_run_time_is_asked_and_answered(line: Line, hub: Hub) -> None:
    added = Feed(hub.topic, "Added")
    line.memory.added.put(AddedFeed(added.id, {"url": added.url, "name": added.name}, NOON))
    line.take(replace(line.current.settings, feeds=()))
    line.hubs.ask()
    assert hub.come_back()[0] == 200
    assert hub.push(["Rebels besiege Exampleton"]) == 202
    assert line.read() == ["Rebels besiege Exampleton"]


def test_pushing_is_turned_off_and_on_while_we_run(active: Line, hub: Hub) -> None:
    on = active.current.settings
    active.take(replace(on, poll=on.poll.model_copy(update={"websub": False})))
    active.clock.now += 8 * DAY
    active.hubs.ask()
    assert (len(hub.requests), hub.push(["Late"]), hub.come_back()[0]) == (1, 410, 404)
    active.take(on)
    active.hubs.ask()
    assert (len(hub.requests), hub.come_back()[0]) == (2, 200)


def test_pushed_item_counts_for_the_pace_of_its_feed(active: Line, hub: Hub) -> None:
    hub.push(["Rebels besiege Exampleton"])
    active.read()
    [state] = active.memory.feeds.states([active.feed.id])
    assert (state.health.pace.arrivals, state.health.pace.last_at) == (1, NOON)


def test_hub_has_to_come_again_when_too_much_waits(active: Line, hub: Hub) -> None:
    for number in range(MOST_WAITING):
        assert hub.push([f"Report {number}"]) == 202
    assert hub.push(["One more"]) == 503
    assert len(active.read()) == MOST_WAITING
    assert hub.push(["One more"]) == 202


def test_pushed_document_outlives_the_collector_that_took_it(active: Line, hub: Hub) -> None:
    hub.push(["Rebels besiege Exampleton"])
    assert active.memory.subscriptions.queue.read("a process that dies", count=1, block_seconds=0)

    assert active.read() == ["Rebels besiege Exampleton"]


def test_feed_with_a_proven_hub_is_polled_seldom(active: Line, hub: Hub) -> None:
    active.poll_once()
    assert active.waits() < timedelta(minutes=6)
    hub.push(["Rebels besiege Exampleton"])
    active.poll_once()
    assert active.waits() > timedelta(minutes=50)


def test_lease_is_renewed_under_another_secret_while_the_old_one_holds(active: Line, hub: Hub) -> None:
    active.clock.now += 7.6 * DAY
    active.hubs.ask()
    first, second = hub.requests

    assert first["hub.callback"] == second["hub.callback"]
    assert first["hub.secret"] != second["hub.secret"]
    assert hub.push(["Before it is verified"], request=0) == 202
    assert hub.come_back()[0] == 200
    assert hub.push(["After"], request=1) == 202
    assert active.known.ignored == 0
    assert active.known.lease_until == NOON + 17.6 * DAY
    assert len(active.read()) == 2


def test_denied_subscription_is_told_polled_at_once_and_asked_for_again_after_a_day(active: Line, hub: Hub) -> None:
    hub.push(["Rebels besiege Exampleton"])
    active.poll_once()
    assert hub.come_back(mode="denied", reason="spam")[0] == 200

    assert active.known.state is PushState.REFUSED
    assert websub.remark(active.known, NOON) == "the hub 127.0.0.1: it denied the subscription: spam"
    assert active.waits() <= timedelta(0)
    active.poll_once()
    assert active.waits() < timedelta(minutes=6)
    active.hubs.ask()
    assert len(hub.requests) == 1
    active.clock.now += DAY
    active.hubs.ask()
    assert len(hub.requests) == 2


def test_hub_that_refuses_is_left_alone_for_a_day(line: Line, hub: Hub) -> None:
    hub.status = 403
    line.hubs.ask()
    line.hubs.ask()

    assert len(hub.requests) == 1
    assert line.known.reason == "it answers 403"
    assert hub.come_back()[0] == 404


def test_hub_that_never_pushes_is_mute(active: Line, hub: Hub) -> None:
    for number in range(10):
        hub.titles = [f"Report {number}"]
        active.poll_once()

    assert websub.standing(active.known, NOON) == "mute"
    assert active.waits() < timedelta(minutes=6)
    hub.push(["At last"])
    assert websub.standing(active.known, NOON) == "active"


def test_secret_and_address_stand_in_no_log(line: Line, hub: Hub) -> None:
    with capture_logs() as logs:
        line.hubs.ask()
        hub.come_back()
        hub.push(["Report"])
        hub.push(["Forged"], secret="no")
        line.read()
        hub.come_back(mode="denied")

    assert {"hub_asked", "hub_verified", "feed_pushed", "push_ignored", "hub_denied"} <= {one["event"] for one in logs}
    for secret in (*line.known.secrets, line.known.key):
        assert secret not in str(logs)


def test_token_is_not_asked_of_hubs(tmp_path: Path, store: Store) -> None:
    (tmp_path / "feeds.yaml").write_text("feeds: []")
    (tmp_path / "siegewatch.yaml").write_text(
        "web: {token: t0ken, listen: ':8350', public_url: 'https://watch.example'}"
    )
    settings = load(tmp_path, {})
    memory = wiring.memory(settings, store)
    current = Current(settings, memory)
    app = make_app(current, dict, Metrics(current, wiring.now), serves_api=True)
    server = WebServer(app, Listen("127.0.0.1", 0))
    server.start()
    try:
        assert ask("GET", f"http://{server.address}/websub/a/b?hub.mode=subscribe")[0] == 404
        assert ask("POST", f"http://{server.address}/websub/a/b", b"x")[0] == 410
        assert ask("GET", f"http://{server.address}/api/v1/feeds")[0] == 401
    finally:
        server.stop()


@pytest.mark.parametrize("written", ["poll: {websub: false}\nweb: {public_url: 'https://w.example'}", "poll: {}"])
def test_nobody_is_asked_where_it_is_off_or_there_is_no_address_to_come_to(tmp_path: Path, written: str) -> None:
    (tmp_path / "feeds.yaml").write_text("feeds: []")
    (tmp_path / "siegewatch.yaml").write_text(written)
    assert not wiring.takes_pushes(load(tmp_path, {}))
