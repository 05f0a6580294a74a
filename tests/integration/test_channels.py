"""Every channel that posts against the same table of answers, from real servers on loopback."""

import io
import json
import logging
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from ipaddress import ip_network
from typing import Any

import pytest
import trustme
from jsonschema import Draft202012Validator, FormatChecker
from standardwebhooks import Webhook

from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Rejected, Retry, Verdict
from siegewatch.domain.ops import OpsAlert, OpsType, Subject, Trouble
from siegewatch.net.door import Door
from siegewatch.net.messages import Limits
from siegewatch.notify.channels import base
from siegewatch.notify.channels.console import ConsoleChannel
from siegewatch.notify.channels.slack import SlackChannel
from siegewatch.notify.channels.webhook import WebhookChannel
from siegewatch.notify.sample import sample_alert

NOW = datetime.now(UTC)
SECRET = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
TOKEN = "sEcReTtOkEn123"
MESSAGE = Message("msg_a1_desk", sample_alert(NOW), "https://desk.example.org", test=True)

Reply = Callable[[BaseHTTPRequestHandler], None]
Sender = SlackChannel | WebhookChannel


class Receiver(ThreadingHTTPServer):
    """Reads each request, keeps it, and replies as told."""

    daemon_threads = True

    def __init__(self, reply: Reply, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = reply
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.scheme = "https" if tls else "http"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}/services/T0/B0/{TOKEN}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers.items()), body))
        self.server.reply(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def replying(status: int, body: bytes = b"", **headers: str) -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return reply


def silent(request: BaseHTTPRequestHandler) -> None:
    with suppress(OSError):
        request.connection.recv(1)


def reset(request: BaseHTTPRequestHandler) -> None:
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.connection.close()


def reset_in_head(request: BaseHTTPRequestHandler) -> None:
    request.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-")
    reset(request)


def reset_in_body(request: BaseHTTPRequestHandler) -> None:
    request.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
    reset(request)


def huge(status: int) -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        replying(status)(request)
        with suppress(OSError):
            for _ in range(1_000):
                request.wfile.write(b"x" * 65_536)

    return reply


def echo(request: BaseHTTPRequestHandler) -> None:
    replying(500, f"cannot {request.path} with {SECRET} {TOKEN}\x1b[31m\n{'x' * 5_000}".encode())(request)


@pytest.fixture(params=[SlackChannel, WebhookChannel])
def kind(request: pytest.FixtureRequest) -> type[Sender]:
    made: type[Sender] = request.param
    return made


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door(allow=[ip_network("127.0.0.0/8")], user_agent="siegewatch/test")
    yield made
    made.close()


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    """Starts receivers that end with the test."""
    started: list[Receiver] = []

    def start(reply: Reply, tls: ssl.SSLContext | None = None) -> Receiver:
        started.append(Receiver(reply, tls))
        return started[-1]

    yield start
    for receiver in started:
        receiver.shutdown()
        receiver.server_close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The channels' own limits, at a speed for tests."""
    monkeypatch.setattr(base, "LIMITS", replace(base.LIMITS, total_seconds=0.5, first_byte_seconds=0.5))


def send(kind: type[Sender], door: Door, url: str) -> Verdict:
    name = "slack" if kind is SlackChannel else "webhook"
    return kind(ChannelSpec("desk", name, url, SECRET), door).send(MESSAGE)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_channel_takes_any_2xx_as_accepted(
    kind: type[Sender], door: Door, receive: Callable[..., Receiver], status: int
) -> None:
    verdict = send(kind, door, receive(replying(status, b"" if status == 204 else b"ok")).url)
    assert verdict == Accepted(status, "" if status == 204 else "ok")


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 304, 408, 409, 425, 429, 500, 502, 503, 504, 599])
def test_channel_tries_again_after_what_may_pass(
    kind: type[Sender], door: Door, receive: Callable[..., Receiver], status: int
) -> None:
    receiver = receive(replying(status, b"", Location="/elsewhere"))
    verdict = send(kind, door, receiver.url)
    assert isinstance(verdict, Retry)
    assert (verdict.status, verdict.after_seconds) == (status, None)
    assert str(status) in verdict.reason
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("status", "asked", "seconds"),
    [(429, "7", 7.0), (503, "120", 120.0), (429, "soon", None), (429, "-1", None), (500, "7", None)],
)
def test_channel_is_given_the_wait_it_asks_for(
    kind: type[Sender], door: Door, receive: Callable[..., Receiver], status: int, asked: str, seconds: float | None
) -> None:
    verdict = send(kind, door, receive(replying(status, b"", Retry_After=asked)).url)
    assert isinstance(verdict, Retry)
    assert verdict.after_seconds == seconds


def test_channel_that_is_gone_is_switched_off(kind: type[Sender], door: Door, receive: Callable[..., Receiver]) -> None:
    verdict = send(kind, door, receive(replying(410, b"channel_is_archived")).url)
    assert verdict == Rejected("answered 410 Gone: channel_is_archived", 410, disable=True)


@pytest.mark.parametrize(("status", "said"), [(400, b"invalid_payload"), (403, b"invalid_token"), (404, b"no_service")])
def test_slack_gives_up_on_what_will_never_pass_where_a_webhook_tries_again(
    door: Door, receive: Callable[..., Receiver], status: int, said: bytes
) -> None:
    url = receive(replying(status, said)).url
    slack = send(SlackChannel, door, url)
    assert isinstance(slack, Rejected)
    assert said.decode() in slack.reason
    assert not slack.disable
    assert isinstance(send(WebhookChannel, door, url), Retry)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("reply", [silent, reset, reset_in_head])
def test_channel_tries_again_where_no_answer_came(
    kind: type[Sender], door: Door, receive: Callable[..., Receiver], reply: Reply
) -> None:
    verdict = send(kind, door, receive(reply).url)
    assert isinstance(verdict, Retry)
    assert verdict.status is None
    assert verdict.reason.startswith("127.0.0.1: ")


@pytest.mark.parametrize("reply", [reset_in_body, huge(200)])
def test_channel_is_told_once_where_the_status_came_and_the_body_did_not(
    kind: type[Sender], door: Door, receive: Callable[..., Receiver], reply: Reply
) -> None:
    verdict = send(kind, door, receive(reply).url)
    assert isinstance(verdict, Accepted)
    assert len(verdict.answer) <= 200


def test_channel_keeps_only_the_start_of_a_huge_refusal(
    kind: type[Sender], door: Door, receive: Callable[..., Receiver]
) -> None:
    verdict = send(kind, door, receive(huge(500)).url)
    assert isinstance(verdict, Retry)
    assert len(verdict.reason) < 300
    assert verdict.reason.endswith("x…")


def test_channel_with_bad_tls_tries_again(kind: type[Sender], door: Door, receive: Callable[..., Receiver]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    verdict = send(kind, door, receive(replying(200), context).url)
    assert isinstance(verdict, Retry)
    assert "bad certificate" in verdict.reason


def test_channel_over_trusted_tls_is_accepted(kind: type[Sender], receive: Callable[..., Receiver]) -> None:
    authority = trustme.CA()
    context, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(trusting)
    door = Door(allow=[ip_network("127.0.0.0/8")], user_agent="t", tls=trusting)
    assert isinstance(send(kind, door, receive(replying(200), context).url), Accepted)


def test_channel_at_a_private_address_is_not_reached(kind: type[Sender], receive: Callable[..., Receiver]) -> None:
    receiver = receive(replying(200))
    verdict = send(kind, Door(allow=[], user_agent="t"), receiver.url)
    assert isinstance(verdict, Retry)
    assert "loopback" in verdict.reason
    assert receiver.got == []


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("reply", [echo, silent, reset, replying(302, b"", Location=f"/{TOKEN}"), replying(200)])
def test_channel_leaks_no_secret(
    kind: type[Sender],
    door: Door,
    receive: Callable[..., Receiver],
    caplog: pytest.LogCaptureFixture,
    reply: Reply,
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver = receive(reply)
    verdict = send(kind, door, receiver.url)
    channel = kind(ChannelSpec("desk", "x", receiver.url, SECRET), door)
    told = [repr(verdict), repr(channel), repr(vars(channel))]
    everything = "\n".join([*told, *caplog.messages])
    assert TOKEN not in everything
    assert SECRET.removeprefix("whsec_") not in everything
    assert "/services/T0" not in everything
    assert "\x1b" not in everything


def test_webhook_is_signed_so_that_the_reference_library_verifies_it(
    door: Door, receive: Callable[..., Receiver]
) -> None:
    receiver = receive(replying(200))
    send(WebhookChannel, door, receiver.url)
    [(headers, body)] = receiver.got
    sent = Webhook(SECRET).verify(body, headers)
    assert sent["data"]["test"] is True
    assert headers["webhook-id"] == MESSAGE.id
    assert headers["Content-Type"] == "application/json"


def test_webhook_that_tells_a_trouble_is_signed_and_keeps_its_schema(
    door: Door, receive: Callable[..., Receiver]
) -> None:
    schema = json.loads(files("siegewatch.notify").joinpath("schema/ops.v1.json").read_text(encoding="utf-8"))
    receiver = receive(replying(200))
    trouble = Trouble(Subject.FEED, "Courier", "No new item for 7h.", NOW)
    message = Message("msg_o1", OpsAlert("o1", OpsType.RAISED, trouble, NOW))
    channel = WebhookChannel(ChannelSpec("desk", "webhook", receiver.url, SECRET), door)
    assert isinstance(channel.send(message), Accepted)
    [(headers, body)] = receiver.got
    sent = Webhook(SECRET).verify(body, headers)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(sent)
    assert (headers["webhook-id"], sent["type"], sent["data"]["name"]) == ("msg_o1", "ops.raised", "Courier")


def test_webhook_keeps_its_id_and_renews_its_timestamp_when_sent_again(
    door: Door, receive: Callable[..., Receiver]
) -> None:
    receiver = receive(replying(500))
    times = iter([datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 3, 1, 6, tzinfo=UTC)])
    channel = WebhookChannel(ChannelSpec("desk", "webhook", receiver.url, SECRET), door, lambda: next(times))
    channel.send(MESSAGE)
    channel.send(MESSAGE)
    first, second = (headers for headers, _ in receiver.got)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 3_600
    assert first["webhook-signature"] != second["webhook-signature"]


def test_slack_gets_blocks_and_a_fallback(door: Door, receive: Callable[..., Receiver]) -> None:
    receiver = receive(replying(200, b"ok"))
    send(SlackChannel, door, receiver.url)
    [(headers, body)] = receiver.got
    sent = json.loads(body)
    assert headers["Content-Type"] == "application/json"
    assert sent["blocks"][0]["type"] == "header"
    assert sent["text"].startswith("TEST · 🔴 FLASH · Exampleton")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_console_writes_plain_lines_where_no_one_sees_colour(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    assert ConsoleChannel(ChannelSpec("c", "console"), door).send(MESSAGE) == Accepted()
    written = capsys.readouterr().out
    assert written.startswith("TEST · 🔴 FLASH · Exampleton: Northern army takes Exampleton")
    assert all(line.isprintable() for line in written.split("\n"))


def test_console_colours_the_headline_on_a_terminal(door: Door) -> None:
    terminal = Terminal()
    ConsoleChannel(ChannelSpec("c", "console"), door, terminal).send(MESSAGE)
    first, second, *_ = terminal.getvalue().split("\n")
    assert first.startswith("\x1b[1;31mTEST")
    assert first.endswith("\x1b[0m")
    assert second.isprintable()


def test_console_writes_what_its_encoding_can(door: Door) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    assert ConsoleChannel(ChannelSpec("c", "console"), door, stream).send(MESSAGE) == Accepted()
    assert raw.getvalue().startswith(b"TEST ? ? FLASH ? Exampleton")


def test_console_that_is_closed_is_tried_again(door: Door) -> None:
    stream = io.StringIO()
    stream.close()
    verdict = ConsoleChannel(ChannelSpec("c", "console"), door, stream).send(MESSAGE)
    assert isinstance(verdict, Retry)


def test_channels_wait_no_longer_than_the_contract_says() -> None:
    assert isinstance(base.LIMITS, Limits)
    assert base.LIMITS.total_seconds == 20
