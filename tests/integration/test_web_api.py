"""The API over real HTTP, reading a real store."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import feedparser
import jsonschema
import pytest
import redis
from fastapi import FastAPI
from polls import settle
from redis.backoff import NoBackoff
from redis.retry import Retry

from siegewatch.apps.canary import Canary
from siegewatch.apps.current import Current
from siegewatch.apps.web.app import make_app
from siegewatch.apps.web.metrics import Metrics
from siegewatch.apps.web.server import WebServer
from siegewatch.domain.alert import Alert, AlertType
from siegewatch.domain.delivery import Attempt, Delivery, DeliveryState
from siegewatch.domain.event import Event, Place
from siegewatch.domain.feed import FeedHealth, FeedState
from siegewatch.domain.item import Item, Ruling
from siegewatch.domain.ops import OpsAlert, OpsType, Subject, Trouble
from siegewatch.domain.story import Beat, Decision, Known, Story, StoryChange
from siegewatch.domain.taxonomy import Change, Kind, Outcome, Phase, Severity, Status
from siegewatch.settings import Settings, load
from siegewatch.settings.quantities import Listen
from siegewatch.store.client import Store, connect_socket
from siegewatch.store.embedded import ensure_running
from siegewatch.store.items import Candidate
from siegewatch.store.keys import Keys
from siegewatch.store.memory import Memory
from siegewatch.store.process import worker
from siegewatch.wiring import memory

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

FEEDS = """
feeds:
  - {url: "https://news.example/world.rss?key=s3cr3tkey&edition=uk", name: World, tags: [world]}
  - {url: "https://user:passw0rd@paid.example/rss", name: Paid}
"""
ALERTS = """
channels:
  - {name: desk, type: slack, url: "https://hooks.slack.com/services/T000/B000/slacksecret"}
  - {name: console, type: console}
routes:
  - {channels: [desk, console]}
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def ask(address: Listen, path: str, method: str = "GET", **headers: str) -> Answer:
    connection = HTTPConnection(address.host, address.port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        got: HTTPResponse = connection.getresponse()
        return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read().decode())
    finally:
        connection.close()


@contextmanager
def served(app: FastAPI) -> Iterator[Listen]:
    server = WebServer(app, Listen("127.0.0.1", 0))
    server.start()
    try:
        yield server.address
    finally:
        server.stop()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("config")
    (folder / "feeds.yaml").write_text(FEEDS)
    (folder / "alerts.yaml").write_text(ALERTS)
    return load(folder, {})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with ensure_running(tmp_path_factory.mktemp("data")) as running:
        opened = connect_socket(str(running.socket_path), "sw:")
        yield opened
        opened.close()


@pytest.fixture
def remembers(settings: Settings, store: Store) -> Memory:
    """A store that remembers nothing yet."""
    store.redis.flushall()
    made = memory(settings, store)
    made.open()
    return made


def fit() -> Mapping[str, str | None]:
    return {"store": None, "detect": None}


@pytest.fixture
def address(settings: Settings, remembers: Memory) -> Iterator[Listen]:
    metrics = Metrics(Current(settings, remembers), lambda: NOW)
    with served(make_app(Current(settings, remembers), fit, metrics, serves_api=True)) as address:
        yield address


def item(name: str, at: datetime = NOW) -> Item:
    return Item(name, f"Rebels besiege {name}", "", at, at, link=f"https://news.example/{name}", feed="World")


def story(name: str, place: str, country: str) -> Story:
    beat = Beat(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, NOW, f"item-{name}", NOW)
    return Story(name, f"place:{place}", f"Siege of {place}", Place(place), country, NOW, NOW, (beat,), version=1)


def decide(remembers: Memory, one: Item, told: Story | None = None, outcome: Outcome = Outcome.NEW) -> None:
    """Takes an item down the line as detection would: admitted, read, decided."""
    remembers.items.admit([Candidate((one.id,), one.title, one)])
    handed = remembers.items.queue.read("test", count=1, block_seconds=0)[0]
    event = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, place=told.place if told else None)
    change = StoryChange(told, Change.OPENED, (event,), one, one.seen_at) if told else None
    ruling = Ruling(outcome, story=told.id if told else None, steps=("because",))
    known = Known(stories={told.key: None} if told else {})
    events = (event,) if told else ()
    stories = (told,) if told else ()
    decision = Decision(one, events, ruling, known, f"h-{one.id}", "", stories=stories, change=change)
    remembers.stories.decide([(handed.entry, decision)])


def tell(remembers: Memory, name: str, severity: Severity, *deliveries: Delivery) -> None:
    """Tells the oldest change that waits."""
    handed = remembers.alerts.changes.read("test", count=1, block_seconds=0)[0]
    about, reported = story(name, name, "SY"), item(f"item-{name}")
    alert = Alert(
        name, AlertType.OPENED, severity, "Rebels besiege it.", Change.OPENED, (), about, reported, NOW, ("desk",)
    )
    remembers.alerts.tell(handed.entry, alert, deliveries, NOW)


def delivery(name: str, channel: str, state: DeliveryState) -> Delivery:
    attempts = (Attempt(NOW, state is DeliveryState.DELIVERED, 500),)
    return Delivery(name, "a1", channel, NOW, NOW, state, attempts, reason="it said no")


@pytest.fixture
def filled(remembers: Memory) -> Memory:
    """Three items: two open a story and an alert each, one is related; and a feed in trouble."""
    decide(remembers, item("i1"), story("s1", "Deir al-Zor", "SY"))
    decide(remembers, item("i2", NOW + timedelta(seconds=1)), story("s2", "El-Fasher", "SD"))
    decide(remembers, item("i3", NOW + timedelta(seconds=2)), outcome=Outcome.RELATED)
    dead = delivery("msg_a1_desk", "desk", DeliveryState.DEAD)
    pending = delivery("msg_a1_console", "console", DeliveryState.PENDING)
    tell(remembers, "a1", Severity.FLASH, dead, pending)
    tell(remembers, "a2", Severity.WATCH)
    trouble = Trouble(Subject.FEED, "World", "No new item for 7h.", NOW - timedelta(hours=7))
    remembers.ops.begin(trouble, NOW)
    handed = remembers.alerts.changes.read("test", count=1, block_seconds=0)[0]
    remembers.alerts.tell(handed.entry, OpsAlert("o1", OpsType.RAISED, trouble, NOW, ("console",)), (), NOW)
    return remembers


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [one.get("id") or one["item"]["id"] for one in answer.json]


def test_feeds_are_listed_with_health_and_without_secrets(
    address: Listen, settings: Settings, remembers: Memory
) -> None:
    world = settings.feeds[0]
    remembers.feeds.add(dict.fromkeys([world.id], NOW))
    claim = remembers.feeds.claim(worker(), NOW, lease=timedelta(minutes=1), limit=1)[0]
    sick = FeedState(health=FeedHealth(polled_at=NOW, status=404, failures=2, problem="HTTP 404"))
    settle(remembers.feeds, claim, sick, NOW + timedelta(minutes=5))

    listed = ask(address, "/api/v1/feeds")

    assert [feed["name"] for feed in listed.json] == ["World", "Paid"]
    assert [feed["name"] for feed in ask(address, "/api/v1/feeds?problem=true").json] == ["World"]
    assert len(ask(address, "/api/v1/feeds?limit=1").json) == 1
    assert listed.json[0]["health"]["problem"] == "HTTP 404"
    assert listed.json[0]["due_at"] == "2026-03-01T12:05:00Z"
    assert listed.json[0]["url"] == "https://news.example/world.rss?key=***&edition=uk"
    assert not re.search("s3cr3tkey|passw0rd", listed.text)
    assert ask(address, f"/api/v1/feeds/{world.id}").json == listed.json[0]


def test_items_are_listed_newest_first_with_what_became_of_them(address: Listen, filled: Memory) -> None:
    listed = ask(address, "/api/v1/items")

    assert ids(listed) == ["i3", "i2", "i1"]
    assert listed.json[2]["ruling"]["steps"] == ["because"]
    assert listed.json[2]["events"][0]["phase"] == "imposed"
    assert ids(ask(address, "/api/v1/items?outcome=related")) == ["i3"]
    assert ask(address, "/api/v1/items/i1").json == listed.json[2]


def test_ops_alerts_are_listed_apart_from_news(address: Listen, filled: Memory) -> None:
    assert ids(ask(address, "/api/v1/ops")) == ["o1"]
    assert ids(ask(address, "/api/v1/ops?subject=network")) == []
    assert ask(address, "/api/v1/ops/o1").json["trouble"]["reason"] == "No new item for 7h."
    assert "o1" not in ids(ask(address, "/api/v1/alerts"))


def test_stories_are_found_by_country_and_place(address: Listen, filled: Memory) -> None:
    assert ids(ask(address, "/api/v1/stories")) == ["s2", "s1"]
    assert ids(ask(address, "/api/v1/stories?country=sy")) == ["s1"]
    assert ids(ask(address, "/api/v1/stories?place=fasher")) == ["s2"]
    assert ids(ask(address, "/api/v1/stories?place=fasher&country=SY")) == []
    assert ask(address, "/api/v1/stories/s1").json["timeline"][0]["phase"] == "imposed"


def test_alerts_are_found_by_severity(address: Listen, filled: Memory) -> None:
    assert set(ids(ask(address, "/api/v1/alerts"))) == {"a1", "a2"}
    assert ids(ask(address, "/api/v1/alerts?severity=watch")) == ["a2"]
    assert ask(address, "/api/v1/alerts/a1").json["story"]["title"] == "Siege of a1"


def test_deliveries_are_found_by_state_and_channel(address: Listen, filled: Memory) -> None:
    assert set(ids(ask(address, "/api/v1/deliveries"))) == {"msg_a1_desk", "msg_a1_console"}
    assert ids(ask(address, "/api/v1/deliveries?state=dead")) == ["msg_a1_desk"]
    assert ids(ask(address, "/api/v1/deliveries?channel=console")) == ["msg_a1_console"]
    assert ids(ask(address, "/api/v1/deliveries?state=dead&channel=console")) == []
    assert ask(address, "/api/v1/deliveries/msg_a1_desk").json["attempts"][0]["status"] == 500


def test_a_filter_looks_beyond_the_first_page(address: Listen, remembers: Memory) -> None:
    decide(remembers, item("rare"), outcome=Outcome.RELATED)
    for number in range(600):
        decide(remembers, item(f"i{number}", NOW + timedelta(seconds=1 + number)))

    assert ids(ask(address, "/api/v1/items?outcome=related")) == ["rare"]
    assert ids(ask(address, "/api/v1/items?limit=2")) == ["i599", "i598"]
    assert len(ids(ask(address, "/api/v1/items?limit=500"))) == 500
    assert len(ids(ask(address, "/api/v1/items"))) == 50


@pytest.mark.parametrize("noun", ["feeds", "items", "stories", "alerts", "deliveries"])
def test_an_unknown_id_is_not_found(address: Listen, noun: str) -> None:
    answer = ask(address, f"/api/v1/{noun}/nosuch")

    assert (answer.status, answer.json) == (404, {"error": "there is none with this id"})


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/api/v1/nosuch", 404, "Not Found"),
        ("/api/v1/items/", 404, "Not Found"),
        ("/api/v1/items?limit=0", 422, "limit"),
        ("/api/v1/items?limit=501", 422, "limit"),
        ("/api/v1/items?limit=many", 422, "limit"),
        ("/api/v1/stories?country=Syria", 422, "country"),
        ("/api/v1/alerts?severity=grave", 422, "severity"),
        ("/api/v1/alerts?gravity=flash", 422, "gravity: unknown parameter, there are: limit, severity"),
        ("/api/v1/alerts/a1?limit=1", 422, "limit: unknown parameter, there are none"),
    ],
)
def test_a_wrong_request_is_refused_in_json(address: Listen, path: str, status: int, word: str) -> None:
    answer = ask(address, path)

    assert answer.status == status
    assert word in answer.json["error"]


@pytest.mark.parametrize("noun", ["feeds", "items", "stories", "alerts", "deliveries"])
@pytest.mark.parametrize(
    "name", ["%00", "%ff", "..", "..%2f..", "%7bid%7d", "*", "a" * 201, "%F0%9F%94%A5", "-1", "null"]
)
def test_an_odd_id_is_refused_in_json(address: Listen, noun: str, name: str) -> None:
    answer = ask(address, f"/api/v1/{noun}/{name}")

    assert answer.status in (404, 422)
    assert answer.json["error"]


def test_a_bug_is_told_without_its_trace(settings: Settings, remembers: Memory) -> None:
    def broken() -> Mapping[str, str | None]:
        raise RuntimeError("the secret of the house")

    app = make_app(
        Current(settings, remembers),
        broken,
        Metrics(Current(settings, remembers), lambda: NOW),
        serves_api=False,
    )
    with served(app) as address:
        answer = ask(address, "/readyz")

    assert answer.status == 500
    assert answer.json == {"error": "siegewatch made a mistake: its log says which"}
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/api/v1/feeds", "/api/v1/feeds/x"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(address: Listen, path: str, method: str) -> None:
    answer = ask(address, path, method)

    assert (answer.status, answer.headers["allow"]) == (405, "GET")
    assert "access-control-allow-origin" not in answer.headers


def test_head_is_answered_as_get_without_a_body(address: Listen) -> None:
    get, head = ask(address, "/api/v1/feeds"), ask(address, "/api/v1/feeds", "HEAD")

    assert (head.status, head.text) == (200, "")
    assert head.headers["content-length"] == get.headers["content-length"]


def test_metrics_tell_what_waits_in_the_store(address: Listen, filled: Memory) -> None:
    text = ask(address, "/metrics").text

    assert "siegewatch_store_up 1.0" in text
    assert "siegewatch_items_waiting 0.0" in text
    assert "siegewatch_changes_waiting 0.0" in text
    assert 'siegewatch_deliveries_waiting{channel="console"} 1.0' in text
    assert "siegewatch_deliveries_dead 1.0" in text
    assert 'siegewatch_feeds{health="unpolled"} 2.0' in text


def test_readyz_tells_of_the_canary_only_where_one_is_sent(settings: Settings, remembers: Memory) -> None:
    every = timedelta(minutes=10)
    watched = replace(settings, watch=settings.watch.model_copy(update={"canary": every}))
    Canary(Current(watched, remembers)).turn(NOW)
    for known, told in ((watched, "2026-03-01T12:00:00Z"), (settings, None)):
        current = Current(known, remembers)
        app = make_app(current, fit, Metrics(current, lambda: NOW), serves_api=True)
        with served(app) as address:
            assert ask(address, "/readyz").json.get("canary", {}).get("sent_at") == told


def test_no_answer_holds_a_channels_address(address: Listen, filled: Memory) -> None:
    paths = ["/", "/readyz", "/metrics", "/api/v1/alerts", "/api/v1/deliveries", "/api/v1/openapi.json"]

    assert not any("slacksecret" in ask(address, path).text for path in paths)


def test_openapi_describes_every_list_with_readable_shapes(address: Listen) -> None:
    answer = ask(address, "/api/v1/openapi.json").json

    shapes = answer["components"]["schemas"]
    assert {"Alert", "Delivery", "Event", "FeedStatus", "Item", "ItemRecord", "Problem", "Story"} <= shapes.keys()
    assert not [name for name in shapes if not name.isalpha()]
    assert "HTTPValidationError" not in shapes
    listed = answer["paths"]["/api/v1/stories"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert listed["items"] == {"$ref": "#/components/schemas/Story"}
    assert all(operation["get"]["description"] for operation in answer["paths"].values())


def test_every_answer_has_the_shape_that_openapi_promises(address: Listen, filled: Memory) -> None:
    described = ask(address, "/api/v1/openapi.json").json

    for path, operations in described["paths"].items():
        if "{" in path:
            continue
        promised = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = ask(address, path).json
        assert answer, path
        jsonschema.Draft202012Validator({**promised, "components": described["components"]}).validate(answer)


def test_the_index_lists_the_addresses_and_runs_no_script(address: Listen) -> None:
    answer = ask(address, "/")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for path in ("api/v1/feeds", "api/v1/deliveries", "api/v1/openapi.json", "healthz", "readyz", "metrics"):
        assert f'href="./{path}"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "style-src 'sha256-" in policy
    assert "unsafe" not in policy


def test_stories_are_served_as_geojson(address: Listen, filled: Memory) -> None:
    answer = ask(address, "/api/v1/stories.geojson?country=SY")

    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json["type"] == "FeatureCollection"
    assert [feature["id"] for feature in answer.json["features"]] == ["s1"]
    assert ask(address, "/api/v1/stories.geojson?nation=SY").status == 422


def test_stories_are_served_as_a_feed(address: Listen, filled: Memory) -> None:
    answer = ask(address, "/stories.atom")

    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    parsed = feedparser.parse(answer.text)
    assert not parsed.bozo
    assert [entry.title.partition(" (")[0] for entry in parsed.entries] == [
        "Siege of El-Fasher: siege imposed",
        "Siege of Deir al-Zor: siege imposed",
    ]
    assert 'href="./stories.atom"' in ask(address, "/").text


def test_a_store_that_is_gone_is_told_and_harms_only_what_needs_it(settings: Settings, tmp_path: Path) -> None:
    client = redis.Redis(unix_socket_path=str(tmp_path / "gone"), retry=Retry(NoBackoff(), 0))
    nowhere = memory(settings, Store(client, Keys("sw:")))
    with served(
        make_app(
            Current(settings, nowhere),
            fit,
            Metrics(Current(settings, nowhere), lambda: NOW),
            serves_api=True,
        )
    ) as address:
        answer = ask(address, "/api/v1/stories")
        health, metrics = ask(address, "/healthz"), ask(address, "/metrics")

    assert answer.status == 503
    assert answer.json["error"].startswith("the store does not serve")
    assert (health.status, metrics.status) == (200, 200)
    assert "siegewatch_store_up 0.0" in metrics.text
    assert "siegewatch_items_waiting" not in metrics.text


def test_a_process_without_the_web_role_serves_health_and_metrics_alone(settings: Settings, remembers: Memory) -> None:
    unfit = {"store": None, "detect": "the model is missing"}
    app = make_app(
        Current(settings, remembers),
        lambda: unfit,
        Metrics(Current(settings, remembers), lambda: NOW),
        serves_api=False,
    )
    with served(app) as address:
        ready = ask(address, "/readyz")
        assert (ready.status, ready.json) == (503, {"status": "unfit", "parts": unfit})
        assert ask(address, "/healthz").json["status"] == "ok"
        assert ask(address, "/metrics").status == 200
        for path in ("/", "/api/v1/feeds", "/api/v1/openapi.json"):
            assert ask(address, path).status == 404


def test_beyond_loopback_only_the_token_reads(settings: Settings, remembers: Memory) -> None:
    web = settings.web.model_copy(update={"listen": Listen("0.0.0.0", 8350), "token": "grün-token"})
    guarded = replace(settings, web=web)
    app = make_app(
        Current(guarded, remembers),
        fit,
        Metrics(Current(guarded, remembers), lambda: NOW),
        serves_api=True,
    )
    with served(app) as address:
        bearer = "Bearer grün-token".encode().decode("latin-1")
        for path in ("/", "/metrics", "/api/v1/feeds", "/api/v1/openapi.json", "/nosuch"):
            refused = ask(address, path)
            assert refused.status == 401
            assert refused.headers["www-authenticate"] == 'Bearer realm="siegewatch"'
            assert "token" in refused.json["error"]
            assert ask(address, path, Authorization="Bearer wrong").status == 401
            assert ask(address, path, Authorization=bearer).status != 401
        for path in ("/healthz", "/readyz"):
            assert ask(address, path, Host="any.example").status == 200
        described = ask(address, "/api/v1/openapi.json", Authorization=bearer).json
        assert described["paths"]["/api/v1/feeds"]["get"]["security"] == [{"HTTPBearer": []}]


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/api/v1/feeds", "/nosuch", "/api/v1/items?limit=0"])
def test_every_answer_carries_the_security_headers(address: Listen, path: str) -> None:
    headers = ask(address, path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_a_name_that_is_not_ours_is_refused_on_loopback(address: Listen) -> None:
    assert ask(address, "/api/v1/feeds", Host=f"rebind.example:{address.port}").status == 421
    assert ask(address, "/api/v1/feeds", Host=f"localhost:{address.port}").status == 200
