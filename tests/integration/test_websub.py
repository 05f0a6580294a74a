"""Pushes from end to end: a real hub and publisher on loopback, the real web app, a real store, and a clock to turn."""

import hmac
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from structlog.testing import capture_logs

from siegewatch import wiring
from siegewatch.apps.roles.hubs import Hubs
from siegewatch.apps.roles.loop import Trouble
from siegewatch.apps.web.app import make_app
from siegewatch.apps.web.metrics import Metrics
from siegewatch.apps.web.server import WebServer
from siegewatch.collect import websub
from siegewatch.collect.poller import Polled
from siegewatch.domain.feed import Feed
from siegewatch.domain.subscription import PushState, Subscription
from siegewatch.settings import Settings, load
from siegewatch.settings.quantities import Listen
from siegewatch.store.client import Store, connect_socket
from siegewatch.store.embedded import ensure_running
from siegewatch.store.items import queued_item
from siegewatch.store.subscriptions import MOST_WAITING
from siegewatch.wiring import Memory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rss(titles: list[str], at: datetime, links: str = "") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{title}</guid>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
        for title in titles
    )
    head = f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Courier</title>{links}'
    return f"{head}{items}</channel></rss>".encode()


@dataclass
class Hub:
    """A hub, and beside it the publisher whose feed names it."""

    status: int = 202
    location: str = ""
    titles: list[str] = field(default_factory=list)
    header: str = ""
    requests: list[dict[str, str]] = field(default_factory=list)
    on_request: Callable[[], object] = lambda: None

    def start(self) -> None:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                links = f'<atom:link rel="hub" href="{hub.url("/hub")}"/><atom:link rel="self" href="{hub.topic}"/>'
                headers = {"Link": hub.header} if hub.header else {}
                self.answer(200, rss(hub.titles, NOON, links), headers)

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), strict_parsing=True)
                hub.requests.append({name: values[0] for name, values in form.items()} | {"path": self.path})
                hub.on_request()
                moved = self.path == "/hub" and hub.location
                self.answer(308 if moved else hub.status, b"", {"Location": hub.location} if moved else {})

            def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    @property
    def topic(self) -> str:
        return self.url("/feed")

    def come_back(self, **said: str) -> tuple[int, bytes]:
        """Asks the subscriber whether the last request was its own, or says what else is to be said."""
        verify = {"mode": "subscribe", "topic": self.topic, "challenge": "<c/>", "lease_seconds": "864000"}
        query = urlencode({f"hub.{name}": value for name, value in (verify | said).items()})
        return ask("GET", f"{self.requests[-1]['hub.callback']}?{query}")

    def push(self, titles: list[str], *, secret: str | None = None, method: str = "sha256", request: int = -1) -> int:
        return self.push_body(rss(titles, NOON), secret=secret, method=method, request=request)

    def push_body(self, body: bytes, *, secret: str | None = None, method: str = "sha256", request: int = -1) -> int:
        asked = self.requests[request]
        key = asked["hub.secret"] if secret is None else secret
        headers = {"Content-Type": "application/rss+xml"}
        if key:
            headers["X-Hub-Signature"] = f"{method}={hmac.new(key.encode(), body, method).hexdigest()}"
        return ask("POST", asked["hub.callback"], body, headers)[0]


def ask(method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


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

    settings: Settings
    memory: Memory
    hubs: Hubs
    poll_once: Callable[[], Polled]
    clock: "Clock"

    @property
    def feed(self) -> Feed:
        return self.settings.feeds[0]

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
    metrics = Metrics(settings, memory, clock)
    server = WebServer(make_app(settings, memory, dict, metrics, serves_api=True, clock=clock), listen)
    server.start()
    with wiring.opened_door(settings) as door, wiring.opened_tools(settings, door) as tools:
        poller = wiring.poller(settings, memory, tools)
        reader = replace(wiring.push_reader(settings, memory, tools), clock=clock)
        hubs = Hubs(reader, wiring.subscriber(settings, memory, door), metrics, Trouble(clock))

        def poll_once() -> Polled:
            polled = poller.poll(poller.claim_all(clock.now)[0], clock.now)
            assert polled is not None
            assert polled.reading.problem is None
            return polled

        poller.begin(clock.now)
        poll_once()
        yield Line(settings, memory, hubs, poll_once, clock)
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
    app = make_app(settings, memory, dict, Metrics(settings, memory, wiring.now), serves_api=True)
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
