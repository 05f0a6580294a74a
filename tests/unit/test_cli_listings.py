"""Listings, what can be done about deliveries, explanations and health, on a store in memory."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from polls import settle
from typer.testing import CliRunner, Result

from siegewatch import wiring
from siegewatch.apps.canary import Canary, canary_item
from siegewatch.apps.cli import app
from siegewatch.apps.current import Current
from siegewatch.detect.detector import Detector
from siegewatch.domain.delivery import Accepted, Attempt, Delivery, DeliveryState, Rejected, Verdict
from siegewatch.domain.event import Event, Judgement, Place
from siegewatch.domain.feed import FeedHealth, FeedState, Pace, Validators
from siegewatch.domain.item import Item
from siegewatch.domain.ops import Subject, Trouble
from siegewatch.domain.silence import Hush, Hushed, Silence
from siegewatch.domain.subscription import PushState, Subscription
from siegewatch.domain.taxonomy import Kind, Phase, Status
from siegewatch.settings import load
from siegewatch.store import codec
from siegewatch.store.alive import Beat
from siegewatch.store.client import Store, connect_socket
from siegewatch.store.items import Candidate
from siegewatch.store.memory import Memory
from siegewatch.store.outbox import Settled, Taken
from siegewatch.store.process import worker

ALERTS = """
channels:
  - {name: desk, type: slack, url: "${DESK:-}"}
  - {name: console, type: console}
routes:
  - {channels: [desk, console]}
"""
TITLE = "Rebels surround Exampleton \x1b[2J"


class Sieges:
    """Finds one siege in every item, or nothing where it is about a cup."""

    name = "sieges.v1"

    def load(self) -> None:
        """Has nothing to load."""

    def classify(self, items: list[Item]) -> list[Judgement]:
        event = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, "Rebels", place=Place("Exampleton"), country="SY")
        return [Judgement("en", () if "Cup" in item.title else (event,), ("read",)) for item in items]


@pytest.fixture
def store(embedded_server: Path) -> Iterator[Store]:
    opened = connect_socket(str(embedded_server), "sw:")
    opened.redis.flushall()
    yield opened
    opened.close()


@pytest.fixture
def config(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    @contextmanager
    def opened(_: object) -> Iterator[Store]:
        yield store

    (tmp_path / "feeds.yaml").write_text('feeds: [{url: "https://example.org/rss", name: Example}]\n')
    (tmp_path / "alerts.yaml").write_text(ALERTS)
    monkeypatch.setenv("DESK", "https://example.org/hook/t0ken")
    monkeypatch.setattr(wiring, "opened_store", opened)
    monkeypatch.setattr(wiring, "joined_store", opened)
    return tmp_path


@pytest.fixture
def memory(store: Store, config: Path) -> Memory:
    """A store in which one item has led to a story and an alert, and another to nothing."""
    from siegewatch.settings import load

    settings = load(config, {"DESK": "https://example.org/hook/t0ken"})
    remembers = wiring.memory(settings, store)
    remembers.open()
    now = wiring.now()
    for name, title in (("item-1", TITLE), ("item-2", "Cup final postponed by rain again")):
        item = Item(name, title, "", now, now, outlet="Example Times")
        remembers.items.admit([Candidate((name,), name, item)])
    Detector(remembers.items, remembers.stories, Sieges(), 0.5, timedelta(days=30), "test").step()
    wiring.teller(settings, remembers).step()
    return remembers


def siegewatch(config: Path, *arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, [*arguments, "--config", str(config)])


def as_json(config: Path, *arguments: str) -> object:
    result = siegewatch(config, *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def the_delivery(memory: Memory, channel: str = "desk") -> Delivery:
    [found] = [one for one in memory.alerts.recent_deliveries(10) if one.channel == channel]
    return found


def raised(memory: Memory, config: Path) -> str:
    """The id of an ops alert that a teller has told."""
    from siegewatch.settings import load

    now = wiring.now()
    memory.ops.begin(Trouble(Subject.FEED, "Example", "No new item for 7h.", now - timedelta(hours=7)), now)
    [alert] = wiring.teller(load(config, {"DESK": "https://example.org/hook/t0ken"}), memory).step().ops
    return alert.id


def kill(memory: Memory, channel: str = "desk") -> Delivery:
    """Makes a delivery a dead letter, as a sender would."""
    now = wiring.now()
    outbox = memory.alerts.outbox(channel)
    taken = outbox.claim(worker(), now, lease=timedelta(minutes=1))
    attempt = Attempt(now, ok=False, status=404, answer="no such hook")
    dead = replace(
        the_delivery(memory, channel), state=DeliveryState.DEAD, attempts=(attempt,), reason="answered 404 Not Found"
    )
    assert isinstance(taken, Taken)
    assert outbox.settle(taken.claim, Settled(dead), now)
    return dead


LISTINGS = (("stories", "list"), ("alerts", "list"), ("alerts", "list", "--ops"), ("deliveries", "list"),
            ("dead", "list"), ("channels", "list"), ("feeds", "list"), ("feeds", "health"), ("plugins",))  # fmt: skip


@pytest.mark.parametrize("command", LISTINGS)
def test_listing_is_one_json_array_and_a_table_that_fits(
    memory: Memory, config: Path, command: tuple[str, ...]
) -> None:
    assert isinstance(as_json(config, *command), list)
    shown = siegewatch(config, *command).stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "\x1b" not in shown


def test_listing_of_nothing_says_so(config: Path) -> None:
    assert siegewatch(config, "alerts", "list").stdout == "no alerts yet\n"
    assert as_json(config, "alerts", "list") == []


@pytest.mark.parametrize(("place", "found"), [("sy", 1), ("example", 1), ("UA", 0), ("Sampleville", 0)])
def test_stories_are_listed_by_place(memory: Memory, config: Path, place: str, found: int) -> None:
    assert len(as_json(config, "stories", "list", "--place", place)) == found  # type: ignore[arg-type]


def test_story_shows_its_timeline(memory: Memory, config: Path) -> None:
    [story] = memory.stories.recent(1)
    shown = siegewatch(config, "stories", "show", story.id).stdout
    assert "siege imposed" in shown
    assert "item-1" in shown
    assert as_json(config, "stories", "show", story.id)["id"] == story.id  # type: ignore[index]


@pytest.mark.parametrize(
    ("options", "found"), [(("--country", "sy"), 1), (("--country", "UA"), 0), (("--since", "1h"), 1)]
)
def test_stories_are_listed_by_country_and_time(
    memory: Memory, config: Path, options: tuple[str, ...], found: int
) -> None:
    assert len(as_json(config, "stories", "list", *options)) == found  # type: ignore[arg-type]


def test_time_that_is_none_is_refused(config: Path) -> None:
    result = siegewatch(config, "stories", "list", "--since", "lately")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def exported(config: Path, form: str, *options: str) -> str:
    result = siegewatch(config, "stories", "export", "--format", form, *options)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_stories_are_exported_in_every_form(memory: Memory, config: Path, tmp_path: Path) -> None:
    [story] = memory.stories.recent(1)
    [as_listed] = json.loads(exported(config, "json"))
    assert as_listed["fights"][0]["phases"][0]["phase"] == "imposed"
    [feature] = json.loads(exported(config, "geojson"))["features"]
    assert feature["id"] == story.id
    assert story.id in exported(config, "csv")
    assert f"urn:siegewatch:story:{story.id}" in exported(config, "atom")
    assert json.loads(exported(config, "json", "--place", "Sampleville")) == []
    assert exported(config, "csv", str(tmp_path / "out.csv")) == ""
    assert story.id in (tmp_path / "out.csv").read_text()


def test_export_to_where_nothing_can_be_written_is_refused(memory: Memory, config: Path, tmp_path: Path) -> None:
    result = siegewatch(config, "stories", "export", str(tmp_path / "none" / "out.json"))
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


@pytest.mark.parametrize("command", [("stories", "show"), ("alerts", "show"), ("alerts", "resend"), ("explain",)])
def test_what_is_not_known_exits_1_in_one_line(config: Path, command: tuple[str, ...]) -> None:
    result = siegewatch(config, *command, "nothing")
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)


def test_alert_shows_its_deliveries_and_their_attempts(memory: Memory, config: Path) -> None:
    kill(memory)
    [alert] = memory.alerts.recent(1)
    shown = siegewatch(config, "alerts", "show", alert.id).stdout
    assert "desk: dead, answered 404 Not Found" in shown
    assert "failed 404 no such hook" in shown
    told = as_json(config, "alerts", "show", alert.id)
    assert [one["channel"] for one in told["deliveries"]] == ["desk", "console"]  # type: ignore[index]


def test_ops_alerts_are_listed_apart_and_shown_with_their_deliveries(memory: Memory, config: Path) -> None:
    alert = raised(memory, config)
    [told] = as_json(config, "alerts", "list", "--ops")  # type: ignore[misc]
    assert (told["id"], told["type"], told["trouble"]["name"]) == (alert, "ops.raised", "Example")
    assert alert not in [news["id"] for news in as_json(config, "alerts", "list")]  # type: ignore[attr-defined]
    assert alert in [delivery["alert"] for delivery in as_json(config, "deliveries", "list")]  # type: ignore[attr-defined]
    shown = siegewatch(config, "alerts", "show", alert).stdout
    assert "No new item for 7h." in shown
    assert "console: pending" in shown
    assert siegewatch(config, "alerts", "resend", alert).exit_code == 0


def test_resend_makes_every_delivery_of_an_alert_due_again_under_its_id(memory: Memory, config: Path) -> None:
    before = kill(memory)
    [alert] = memory.alerts.recent(1)
    assert siegewatch(config, "alerts", "resend", alert.id).exit_code == 0
    after = the_delivery(memory)
    assert (after.id, after.state, after.attempts) == (before.id, DeliveryState.PENDING, ())
    assert memory.alerts.waiting(["desk"]) == {"desk": 1}


@pytest.mark.parametrize("which", ["--all", "the id"])
def test_dead_letter_is_retried(memory: Memory, config: Path, which: str) -> None:
    letter = kill(memory)
    result = siegewatch(config, "dead", "retry", letter.id if which == "the id" else which)
    assert result.stdout.startswith("1 dead letter: ")
    assert as_json(config, "dead", "list") == []
    assert the_delivery(memory).state is DeliveryState.PENDING


@pytest.mark.parametrize("which", ["--all", "the id"])
def test_dead_letter_is_dropped(memory: Memory, config: Path, which: str) -> None:
    letter = kill(memory)
    assert siegewatch(config, "dead", "drop", letter.id if which == "the id" else which).exit_code == 0
    assert memory.alerts.delivery(letter.id) is None


def test_dead_letters_are_listed_with_their_reason(memory: Memory, config: Path) -> None:
    letter = kill(memory)
    [told] = as_json(config, "dead", "list")  # type: ignore[misc]
    assert (told["id"], told["reason"]) == (letter.id, "answered 404 Not Found")


@pytest.mark.parametrize("command", ["retry", "drop"])
def test_living_delivery_is_no_dead_letter(memory: Memory, config: Path, command: str) -> None:
    assert siegewatch(config, "dead", command, the_delivery(memory).id).exit_code == 1
    assert the_delivery(memory).state is DeliveryState.PENDING


@pytest.mark.parametrize("arguments", [(), ("some-id", "--all")])
def test_dead_letters_must_be_named_one_way(config: Path, arguments: tuple[str, ...]) -> None:
    assert siegewatch(config, "dead", "drop", *arguments).exit_code == 2


def test_channels_tell_what_is_on_and_hide_addresses(
    memory: Memory, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.alerts.disable("desk", "answered 410 Gone")
    result = siegewatch(config, "channels", "list", "--format", "json")
    desk, console = json.loads(result.stdout)
    assert (desk["on"], desk["why_off"], desk["waiting"]) == (False, "answered 410 Gone", 1)
    assert console["on"]
    assert "t0ken" not in result.stdout
    monkeypatch.setenv("DESK", "")
    assert as_json(config, "channels", "list")[0]["why_off"] == "off: its url is empty"  # type: ignore[index]


@pytest.mark.parametrize(
    ("verdict", "code", "shown"), [(Accepted(200, "ok"), 0, "accepted"), (Rejected("answered 404", 404), 1, "rejected")]
)
def test_channel_test_shows_what_came_back(
    config: Path, monkeypatch: pytest.MonkeyPatch, verdict: Verdict, code: int, shown: str
) -> None:
    class Wire:
        def send(self, message: object) -> Verdict:
            assert message.test  # type: ignore[attr-defined]
            return verdict

    monkeypatch.setattr(wiring, "channel", lambda *_: Wire())
    result = siegewatch(config, "channels", "test", "desk", "--format", "json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["verdict"], told["status"]) == (code, shown, verdict.status)


def test_channel_that_is_off_or_unknown_is_not_tested(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK", "")
    assert siegewatch(config, "channels", "test", "desk").exit_code == 1
    assert siegewatch(config, "channels", "test", "desc").exit_code == 2


def test_feeds_health_tells_of_the_last_poll(memory: Memory, config: Path) -> None:
    now = wiring.now()
    [feed] = as_json(config, "feeds", "list")  # type: ignore[misc]
    memory.feeds.add(dict.fromkeys([feed["id"]], now))
    [claim] = memory.feeds.claim(worker(), now, lease=timedelta(minutes=1), limit=1)
    health = FeedHealth(polled_at=now, status=503, failures=2, problem="the server answers 503 Service Unavailable")
    settle(memory.feeds, claim, FeedState(Validators(), health), now + timedelta(minutes=9))
    [row] = as_json(config, "feeds", "health")  # type: ignore[misc]
    assert (row["status"], row["failures"], row["problem"]) == (503, 2, health.problem)
    assert 500 < row["due_in_seconds"] <= 540


def test_feeds_health_tells_of_pace_and_trouble(memory: Memory, config: Path) -> None:
    now = wiring.now()
    raised(memory, config)
    [feed] = as_json(config, "feeds", "list")  # type: ignore[misc]
    memory.feeds.add(dict.fromkeys([feed["id"]], now))
    [claim] = memory.feeds.claim(worker(), now, lease=timedelta(minutes=1), limit=1)
    pace = Pace(now - timedelta(days=3), now - timedelta(hours=7), 50, 3600.0, 7200.0)
    settle(memory.feeds, claim, FeedState(health=FeedHealth(polled_at=now, pace=pace)), now)
    [row] = as_json(config, "feeds", "health")  # type: ignore[misc]
    assert (row["expected_gap_seconds"], row["trouble"]) == (3600, "No new item for 7h.")
    assert row["new_at"].startswith(str((now - timedelta(hours=7)).date()))
    shown = siegewatch(config, "feeds", "health").stdout
    assert "7h" in shown
    assert "TROUBLE" in shown


def test_feeds_health_tells_how_pushing_stands(memory: Memory, config: Path) -> None:
    now = wiring.now()
    [feed] = as_json(config, "feeds", "list")  # type: ignore[misc]
    [row] = as_json(config, "feeds", "health")  # type: ignore[misc]
    assert (row["push"], row["pushed_at"]) == (None, None)
    assert "PUSH" not in siegewatch(config, "feeds", "health").stdout
    refused = Subscription("https://hub.example/", "t", now, "k3y", state=PushState.REFUSED, reason="it answers 403")
    memory.subscriptions.change(feed["id"], lambda _: refused)
    [row] = as_json(config, "feeds", "health")  # type: ignore[misc]
    assert (row["push"], row["remark"]) == ("refused", "the hub hub.example: it answers 403")
    shown = siegewatch(config, "feeds", "health").output
    assert "PUSH" in shown
    assert "k3y" not in shown


def test_item_is_explained_from_its_steps_to_its_deliveries(memory: Memory, config: Path) -> None:
    told = as_json(config, "explain", "item-1")
    assert told["item"]["ruling"]["outcome"] == "new"  # type: ignore[index]
    assert told["story"]["title"] == "The fight for Exampleton, SY"  # type: ignore[index]
    assert len(told["alerts"][0]["deliveries"]) == 2  # type: ignore[index]
    shown = siegewatch(config, "explain", "item-1").stdout
    assert "matched, tells desk, console" in " ".join(shown.split())
    assert "desk: pending" in shown


def test_item_that_led_nowhere_says_why(memory: Memory, config: Path) -> None:
    told = as_json(config, "explain", "item-2")
    assert (told["story"], told["alerts"]) == (None, [])  # type: ignore[index]
    assert told["item"]["ruling"]["steps"] == ["no event", "read"]  # type: ignore[index]


def test_story_and_alert_are_explained_by_their_ids(memory: Memory, config: Path) -> None:
    [alert] = memory.alerts.recent(1)
    assert as_json(config, "explain", alert.id)["item"]["item"]["id"] == "item-1"  # type: ignore[index]
    by_story = as_json(config, "explain", alert.story.id)
    assert [told["alert"]["id"] for told in by_story["alerts"]] == [alert.id]  # type: ignore[index]


def beat(memory: Memory, role: str, process: str = "host:1", problem: str | None = None, old: bool = False) -> None:
    at = wiring.now() - timedelta(minutes=2 if old else 0)
    memory.heartbeats.beat({role: Beat(process, at, problem)})


def test_health_of_roles_that_live_and_are_fit_is_0(memory: Memory, config: Path) -> None:
    beat(memory, "detect")
    beat(memory, "notify")
    assert siegewatch(config, "health").exit_code == 0
    assert siegewatch(config, "health", "--role", "detect").exit_code == 0


def test_health_of_a_role_that_does_not_live_is_1(memory: Memory, config: Path) -> None:
    assert siegewatch(config, "health").exit_code == 1
    beat(memory, "detect")
    beat(memory, "notify", old=True)
    result = siegewatch(config, "health", "--role", "notify")
    assert (result.exit_code, result.stderr) == (1, "siegewatch: notify: no process lives\n")


def test_health_needs_one_fit_process_of_each_role(memory: Memory, config: Path) -> None:
    beat(memory, "detect", "host:1", problem="the model is not loaded")
    assert siegewatch(config, "health").stderr == "siegewatch: detect: the model is not loaded\n"
    beat(memory, "detect", "host:2")
    assert siegewatch(config, "health").exit_code == 0


def test_health_tells_how_long_the_last_canary_took(memory: Memory, config: Path) -> None:
    (config / "siegewatch.yaml").write_text("watch: {canary: 10m}")
    beat(memory, "detect")
    canary = Canary(Current(load(config, {}), memory))
    now = wiring.now()
    canary.turn(now - timedelta(seconds=90))
    assert "canary" not in siegewatch(config, "health").stdout
    flight = canary.flight()
    assert flight
    canary.arrived(canary_item(flight), now - timedelta(seconds=88.5))
    assert "canary: 1.5 s from publication to decision; sent 1m ago" in siegewatch(config, "health").stdout
    assert len(as_json(config, "health")) == 1  # type: ignore[arg-type]


def test_silenced_alert_is_listed_shown_and_explained_as_such(memory: Memory, config: Path) -> None:
    [alert] = memory.alerts.recent(1)
    hushed = Hushed(Hush.SILENCE, "abc", "silenced by anna until 2026-03-01 14:00 UTC: drill", ("desk",))
    kept = replace(alert, channels=(), hushed=hushed)
    memory.store.redis.set(memory.store.keys("alert:{id}", id=alert.id), codec.dump(kept))
    assert "HELD BACK" in siegewatch(config, "alerts", "list").stdout
    [listed] = as_json(config, "alerts", "list")  # type: ignore[misc]
    assert listed["hushed"]["by"] == "silence"
    for command in (("alerts", "show"), ("explain",)):
        shown = " ".join(siegewatch(config, *command, alert.id).stdout.split())
        assert "silenced by anna until 2026-03-01 14:00 UTC: drill (silence abc)" in shown
    again = siegewatch(config, "alerts", "resend", alert.id)
    assert (again.exit_code, "silenced by anna" in again.stderr) == (1, True)


def test_way_of_an_alert_is_traced_with_the_silence_that_would_hold_it(memory: Memory, config: Path) -> None:
    [alert] = memory.alerts.recent(1)
    now = wiring.now()
    match = {"severity": ("flash",), "country": ("SY",)}
    memory.alerts.silences.put(Silence("abc", match, "anna", "drill", now, now + timedelta(hours=1)), now)
    [way] = as_json(config, "alerts", "route", "--alert", alert.id)  # type: ignore[misc]
    assert (way["id"], way["channels"]) == (alert.id, ["desk", "console"])
    assert way["held"][0].startswith("every channel: silenced by anna until")
    assert siegewatch(config, "alerts", "route", "--alert", "none").exit_code == 1
