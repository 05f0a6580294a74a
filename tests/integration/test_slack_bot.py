"""Slack by bot token, against a server on this host that answers as Slack does: threads, edits, errors, clicks."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import fakeredis
import pytest
import yaml
from messages import full_alert
from slack_sdk.models.blocks import Block
from slack_sdk.signature import SignatureVerifier

from siegewatch import wiring
from siegewatch.apps.current import Current
from siegewatch.apps.web.app import make_app
from siegewatch.apps.web.metrics import Metrics
from siegewatch.apps.web.server import WebServer
from siegewatch.apps.web.slack import click_of
from siegewatch.domain.alert import Alert, AlertType
from siegewatch.domain.delivery import (
    Accepted,
    ChannelSpec,
    Delivery,
    DeliveryState,
    Message,
    Rejected,
    Retry,
    Thread,
    delivery_id,
)
from siegewatch.domain.feedback import Reply, Way
from siegewatch.domain.taxonomy import Change, Severity
from siegewatch.net.door import Door
from siegewatch.notify.answers import answer
from siegewatch.notify.channels import stand_in
from siegewatch.notify.channels.slack import SlackChannel
from siegewatch.notify.channels.slack_bot import SlackBot
from siegewatch.notify.channels.stand_in import Service, serving
from siegewatch.notify.sender import Sender
from siegewatch.settings import load
from siegewatch.settings.quantities import Listen
from siegewatch.store import codec
from siegewatch.store.claims import Worker
from siegewatch.store.client import Store
from siegewatch.store.keys import Keys
from siegewatch.store.memory import Memory

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
TOKEN, SIGNING = "xoxb-1-example-token-of-a-bot", "0123456789abcdef0123456789abcdef"
CHANNEL = "C0EXAMPLE"
OPTIONS = {"channel": CHANNEL, "signing_secret": SIGNING}


@dataclass
class Slack:
    """Answers each method; `errors` are told first, in their order."""

    errors: list[dict[str, Any]] = field(default_factory=list)
    posted: int = 0

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        if self.errors:
            said = self.errors.pop(0)
        else:
            sent = json.loads(request.server.service.got[-1].body)
            self.posted += 1
            ts = sent.get("ts", f"1700000000.{self.posted:06}")
            said = {"ok": True, "channel": CHANNEL, "ts": ts, "message": {"blocks": sent.get("blocks")}}
        stand_in.status(200, json.dumps(said).encode())(request)


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
def service(slack: Slack) -> Iterator[Service]:
    with serving(slack) as made:
        yield made


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door(allow=[ip_network("127.0.0.0/8")], user_agent="siegewatch/test")
    yield made
    made.close()


@pytest.fixture
def spec(service: Service) -> ChannelSpec:
    return ChannelSpec("desk", "slack", f"http://127.0.0.1:{service.port}/api", TOKEN, OPTIONS)


@pytest.fixture
def bot(spec: ChannelSpec, door: Door) -> SlackBot:
    return SlackBot(spec, door, lambda: NOW)


def sent(service: Service) -> list[tuple[str, dict[str, Any]]]:
    """The methods that were called, with what they were told."""
    return [(one.path.removeprefix("/api/"), json.loads(one.body)) for one in service.got]


def test_alert_is_posted_with_the_token_to_the_channel_and_can_be_found_again(bot: SlackBot, service: Service) -> None:
    verdict = bot.send(Message("m1", full_alert()))
    [(method, told)] = sent(service)
    assert (method, told["channel"], "thread_ts" in told) == ("chat.postMessage", CHANNEL, False)
    assert service.got[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert verdict == Accepted(200, "ok", f"{CHANNEL} 1700000000.000001")


def test_payload_is_what_slack_s_own_models_take(bot: SlackBot, service: Service) -> None:
    said = tuple(answer(full_alert(), reply, "Anna", Way.SLACK, NOW) for reply in Reply)
    bot.send(Message("m1", full_alert(), "https://desk.example", said=said))
    [(_, told)] = sent(service)
    assert len(told["blocks"]) <= 50
    for block in told["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
        assert parsed.to_dict() == block
    assert sum(len(json.dumps(block, ensure_ascii=False)) for block in told["blocks"]) < 13_200
    *_, said_block, actions = told["blocks"]
    assert said_block["elements"][0]["text"].startswith("Anna has it. Right: Anna")
    assert [button["text"]["text"] for button in actions["elements"]] == ["I have it", "Right", "Wrong", "Duplicate"]
    assert len({button["action_id"] for button in actions["elements"]}) == 4
    assert {button["value"] for button in actions["elements"]} == {full_alert().id}


def test_without_a_signing_secret_there_are_no_buttons(spec: ChannelSpec, door: Door, service: Service) -> None:
    SlackBot(replace(spec, options={"channel": CHANNEL}), door).send(Message("m1", full_alert()))
    assert "actions" not in [block["type"] for block in sent(service)[0][1]["blocks"]]


THREAD = Thread(f"{CHANNEL} 1700000000.000100", full_alert())


def later(change: Change, **other: Any) -> Alert:
    return replace(full_alert(), id="a2", change=change, **other)


def test_update_of_a_story_is_told_in_its_thread(bot: SlackBot, service: Service) -> None:
    update = later(Change.TOLL, severity=Severity.UPDATE, type=AlertType.UPDATED)
    verdict = bot.send(Message("m2", update, thread=THREAD))
    [(method, told)] = sent(service)
    assert (method, told["thread_ts"], told["reply_broadcast"]) == ("chat.postMessage", "1700000000.000100", False)
    assert verdict == Accepted(200, "ok", "")


@pytest.mark.parametrize(
    "alert",
    [
        later(Change.PHASE, severity=Severity.FLASH, type=AlertType.UPDATED),
        later(Change.CORRECTED, severity=Severity.UPDATE, type=AlertType.CORRECTED),
    ],
)
def test_flash_and_correction_in_a_thread_are_shown_in_the_channel_too(
    bot: SlackBot, service: Service, alert: Alert
) -> None:
    bot.send(Message("m2", alert, thread=THREAD))
    assert sent(service)[0][1]["reply_broadcast"] is True


def test_corroboration_edits_the_first_message_in_place(bot: SlackBot, service: Service) -> None:
    story = replace(full_alert().story, outlets=("A", "B", "C", "D", "E"))
    said = (answer(full_alert(), Reply.HAVE, "Anna", Way.SLACK, NOW),)
    message = Message("m2", later(Change.CORROBORATED, story=story), thread=replace(THREAD, said=said))
    verdict = bot.send(message)
    [(method, told)] = sent(service)
    assert (method, told["channel"], told["ts"]) == ("chat.update", CHANNEL, "1700000000.000100")
    text = json.dumps(told, ensure_ascii=False)
    assert "5 outlets, not verified" in text
    assert "Anna has it" in text
    assert {button["value"] for button in told["blocks"][-1]["elements"]} == {full_alert().id}
    assert verdict == Accepted(200, "ok", "")


def test_first_message_sent_again_is_edited_not_doubled(bot: SlackBot, service: Service) -> None:
    bot.send(Message("m1", full_alert(), thread=THREAD))
    assert [method for method, _ in sent(service)] == ["chat.update"]


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_what_cannot_be_edited_any_more_is_told_anew(bot: SlackBot, service: Service, slack: Slack, error: str) -> None:
    slack.errors = [{"ok": False, "error": error}]
    verdict = bot.send(Message("m2", later(Change.CORROBORATED), thread=THREAD))
    assert [method for method, _ in sent(service)] == ["chat.update", "chat.postMessage"]
    assert isinstance(verdict, Accepted)
    assert verdict.receipt == f"{CHANNEL} 1700000000.000001"


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("invalid_auth", "write a token that is in force"),
        ("token_revoked", "write a token that is in force"),
        ("channel_not_found", "options.channel"),
        ("not_in_channel", "/invite"),
        ("missing_scope", "chat:write"),
    ],
)
def test_error_that_all_would_meet_switches_the_channel_off_and_says_what_to_do(
    bot: SlackBot, slack: Slack, error: str, advice: str
) -> None:
    slack.errors = [{"ok": False, "error": error}]
    verdict = bot.send(Message("m1", full_alert()))
    assert isinstance(verdict, Rejected)
    assert verdict.disable
    assert error in verdict.reason
    assert advice in verdict.reason


def test_message_that_slack_never_takes_is_given_up_alone(bot: SlackBot, slack: Slack) -> None:
    slack.errors = [{"ok": False, "error": "invalid_blocks"}]
    verdict = bot.send(Message("m1", full_alert()))
    assert (isinstance(verdict, Rejected), verdict.disable) == (True, False)


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "service_unavailable", "something_new"])
def test_trouble_of_slack_s_own_is_tried_again(bot: SlackBot, slack: Slack, error: str) -> None:
    slack.errors = [{"ok": False, "error": error}]
    assert isinstance(bot.send(Message("m1", full_alert())), Retry)


def test_limit_told_in_the_body_is_a_busy_channel(bot: SlackBot, slack: Slack) -> None:
    slack.errors = [{"ok": False, "error": "ratelimited", "retry_after": 30}]
    verdict = bot.send(Message("m1", full_alert()))
    assert isinstance(verdict, Retry)
    assert (verdict.is_busy, verdict.after_seconds) == (True, 30)


def test_limit_told_by_status_is_obeyed(spec: ChannelSpec, door: Door) -> None:
    with serving(stand_in.status(429, b'{"ok":false,"error":"ratelimited"}', Retry_After="7")) as busy:
        verdict = SlackBot(replace(spec, url=f"http://127.0.0.1:{busy.port}"), door).send(Message("m1", full_alert()))
    assert (verdict.status, verdict.after_seconds) == (429, 7)


@pytest.mark.parametrize("body", [b"", b"ok", b"[]", b"{}", b"null", b'{"ok":"true"}', b"<html>login"])
def test_answer_that_is_none_of_slack_s_is_no_success(spec: ChannelSpec, door: Door, body: bytes) -> None:
    with serving(stand_in.status(200, body)) as other:
        verdict = SlackBot(replace(spec, url=f"http://127.0.0.1:{other.port}"), door).send(Message("m1", full_alert()))
    assert isinstance(verdict, Retry)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"secret": "xoxp-1-a-token-of-a-user"}, "secret is no token of a bot"),
        ({"options": {"signing_secret": SIGNING}}, "options.channel is missing"),
        ({"options": {"channel": "#desk"}}, "options.channel is no id"),
        ({"options": {"channel": CHANNEL, "signing_secret": "x"}}, "options.signing_secret is none"),
        ({"url": "https://hooks.slack.com/services/T0/B0/x"}, "not both"),
    ],
)
def test_check_says_what_a_bot_lacks(changed: dict[str, Any], told: str) -> None:
    good = ChannelSpec("desk", "slack", "", TOKEN, OPTIONS)
    assert SlackChannel.check(good) == []
    [problem] = SlackChannel.check(replace(good, **changed))
    assert told in problem
    assert TOKEN not in problem


def test_channel_is_off_without_url_and_token_and_on_with_either() -> None:
    assert SlackChannel.why_off(ChannelSpec("desk", "slack")) == "its url is empty"
    assert SlackChannel.why_off(ChannelSpec("desk", "slack", options=OPTIONS)) == "its secret is empty"
    assert SlackChannel.why_off(ChannelSpec("desk", "slack", secret=TOKEN)) is None
    assert SlackChannel.why_off(ChannelSpec("desk", "slack", "https://hooks.slack.com/services/T/B/x")) is None


# From the outbox on, and back by clicks.


@dataclass
class Desk:
    """A service with one Slack channel, and its page."""

    memory: Memory
    store: Store
    sender: Sender
    address: Listen
    at: datetime = NOW

    def tell(self, alert: Alert) -> Delivery:
        self.store.redis.set(f"sw:alert:{alert.id}", codec.dump(alert))
        waits = Delivery(delivery_id(alert.id, "desk"), alert.id, "desk", self.at, self.at, lines=(alert.story.id,))
        self.memory.alerts.send_again(waits, self.at)
        done = self.sender.step()
        assert done
        self.at += timedelta(seconds=2)
        return done

    def click(
        self, reply: str, alert: str, ts: str, name: str = "anna", secret: str = SIGNING, age: int = 0, **other: Any
    ) -> int:
        payload = {
            "type": "block_actions",
            "user": {"id": "U1", "username": name},
            "container": {"type": "message", "message_ts": ts, "channel_id": CHANNEL},
            "actions": [{"action_id": f"siegewatch.{reply}", "value": alert, "type": "button"}],
            **other,
        }
        body = urlencode({"payload": json.dumps(payload)}).encode()
        timestamp = str(int(self.at.timestamp()) - age)
        signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body) or ""
        return self.post(body, {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature})

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        connection = HTTPConnection(self.address.host, self.address.port, timeout=10)
        try:
            connection.request("POST", "/slack/interactions", body, headers)
            got = connection.getresponse()
            got.read()
            return got.status
        finally:
            connection.close()


@pytest.fixture
def desk(tmp_path: Path, spec: ChannelSpec, door: Door) -> Iterator[Desk]:
    (tmp_path / "feeds.yaml").write_text("feeds: []")
    channel = {"name": "desk", "type": "slack", "url": spec.url, "secret": TOKEN, "options": OPTIONS}
    written = {"channels": [channel], "routes": [{"channels": ["desk"]}]}
    (tmp_path / "alerts.yaml").write_text(yaml.safe_dump(written))
    environ = {
        "SIEGEWATCH_NETWORK__ALLOW": "127.0.0.1/32",
        # Beyond loopback, where all else needs the token.
        "SIEGEWATCH_WEB__LISTEN": "0.0.0.0:8350",
        "SIEGEWATCH_WEB__TOKEN": "t0ken",
    }
    settings = load(tmp_path, environ)
    store = Store(fakeredis.FakeRedis(), Keys("sw:"))
    memory = wiring.memory(settings, store)
    worker = Worker("host:1", lambda _: False)
    made = Desk(memory, store, None, Listen("127.0.0.1", 0))  # type: ignore[arg-type]
    bot = SlackChannel(settings.channels[0], door, lambda: made.at)
    made.sender = Sender(memory.alerts, "desk", bot, "", "UTC", lambda: made.at, worker)
    current = Current(settings, memory)
    app = make_app(current, dict, Metrics(current, wiring.now), serves_api=True, clock=lambda: made.at)
    server = WebServer(app, made.address)
    server.start()
    made.address = server.address
    yield made
    server.stop()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_story_becomes_a_thread_whose_head_is_edited(desk: Desk, service: Service) -> None:
    first = full_alert()
    assert desk.tell(first).state is DeliveryState.DELIVERED
    desk.tell(later(Change.TOLL))
    desk.tell(replace(later(Change.CORROBORATED), id="a3"))
    other = replace(first, id="b1", story=replace(first.story, id="s2"))
    desk.tell(other)
    head = "1700000000.000001"
    assert [(method, told.get("thread_ts"), told.get("ts")) for method, told in sent(service)] == [
        ("chat.postMessage", None, None),
        ("chat.postMessage", head, None),
        ("chat.update", None, head),
        ("chat.postMessage", None, None),
    ]


def test_click_is_kept_and_shown_in_the_message(desk: Desk, service: Service) -> None:
    alert = full_alert()
    desk.tell(alert)
    assert desk.click("have", alert.id, "1700000000.000001") == 200
    assert [(one.reply, one.by, one.way) for one in desk.memory.feedback.of(alert.id)] == [
        (Reply.HAVE, "anna", Way.SLACK)
    ]
    until(lambda: len(service.got) == 2)
    method, told = sent(service)[1]
    assert (method, told["ts"], told["channel"]) == ("chat.update", "1700000000.000001", CHANNEL)
    assert "anna has it" in json.dumps(told)
    assert desk.click("wrong", alert.id, "1700000000.000001", name="ben") == 200
    until(lambda: len(service.got) == 3)
    assert "anna has it. Wrong: ben" in json.dumps(sent(service)[2][1])


def test_click_twice_counts_once(desk: Desk) -> None:
    alert = full_alert()
    desk.tell(alert)
    for _ in range(2):
        assert desk.click("right", alert.id, "1700000000.000001") == 200
    assert len(desk.memory.feedback.of(alert.id)) == 1


def test_click_is_answered_though_slack_cannot_be_edited(desk: Desk, slack: Slack, service: Service) -> None:
    alert = full_alert()
    desk.tell(alert)
    slack.errors = [{"ok": False, "error": "message_not_found"}]
    assert desk.click("right", alert.id, "1700000000.000001") == 200
    until(lambda: len(service.got) == 2)
    assert desk.memory.feedback.of(alert.id)


def test_click_that_slack_did_not_sign_or_signed_long_ago_is_refused(desk: Desk) -> None:
    alert = full_alert()
    desk.tell(alert)
    assert desk.click("wrong", alert.id, "1.1", secret="f" * 32) == 401
    assert desk.click("wrong", alert.id, "1.1", age=301) == 401
    assert desk.click("wrong", alert.id, "1.1", age=-301) == 401
    good = {"X-Slack-Request-Timestamp": str(int(desk.at.timestamp())), "X-Slack-Signature": "v0=0"}
    for headers in ({}, good, {**good, "X-Slack-Request-Timestamp": "soon"}, {**good, "X-Slack-Signature": "\xe9"}):
        assert desk.post(b"payload=\xff", headers) == 401
    assert desk.memory.feedback.of(alert.id) == ()


def test_sample_says_to_whoever_clicks_that_nothing_was_noted(desk: Desk, service: Service) -> None:
    assert desk.click("right", "sample", "1.1") == 200
    until(lambda: len(service.got) == 1)
    method, told = sent(service)[0]
    assert (method, told["user"], told["channel"]) == ("chat.postEphemeral", "U1", CHANNEL)


@pytest.mark.parametrize(
    "other",
    [
        {"type": "view_submission"},
        {"actions": []},
        {"actions": [{"action_id": "other.right"}]},
        {"user": None},
        {"actions": 1},
    ],
)
def test_other_things_that_slack_tells_are_answered_and_change_nothing(
    desk: Desk, service: Service, other: dict[str, Any]
) -> None:
    assert desk.click("right", full_alert().id, "1.1", **other) == 200
    assert service.got == []


@pytest.mark.parametrize("body", [b"", b"payload=", b"payload=[", b"payload=1", b"payload=[[[[", b"\xff\xfe"])
def test_body_that_is_none_of_slack_s_is_no_click(body: bytes) -> None:
    assert click_of(body) is None


def test_manifest_asks_for_what_is_used_and_no_more() -> None:
    text = (Path(__file__).parents[2] / "docs" / "slack-app.yaml").read_text(encoding="utf-8")
    manifest = yaml.safe_load(text)
    assert manifest["oauth_config"]["scopes"] == {"bot": ["chat:write", "chat:write.public"]}
    assert manifest["settings"]["interactivity"]["request_url"].endswith("/slack/interactions")
    assert manifest["settings"]["token_rotation_enabled"] is False
    assert len(manifest["display_information"]["name"]) <= 35
