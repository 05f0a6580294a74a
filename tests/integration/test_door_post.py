"""POSTs through the door, what only its own transport can be asked, and what neither says aloud."""

import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from doors import endpoints
from web_servers import (
    HASTY,
    LIMITS,
    LOOPBACK,
    Talk,
    announced,
    answering,
    drip_body,
    endless_body,
    plain,
    redirect,
    serving,
)  # fmt: skip

from siegewatch.domain.errors import AddressRefused, FetchError, NameUnknown, TimedOut, Unreachable
from siegewatch.net.door import Door
from siegewatch.net.messages import Answer, Limits
from siegewatch.net.resolve import Endpoint


@pytest.fixture
def sender() -> Iterator[Door]:
    made = Door(allow=[LOOPBACK], user_agent="siegewatch/test")
    yield made
    made.close()


@pytest.fixture
def strict() -> Iterator[Door]:
    made = Door(allow=[], user_agent="siegewatch/test")
    yield made
    made.close()


def test_post_sends_the_body_and_keeps_the_status(sender: Door) -> None:
    heads: list[bytes] = []
    with serving(answering(plain(b"no", "418 Teapot"), heads=heads)) as server:
        answer = sender.post(server.url("/hook"), b'{"a":1}', headers={"X-Sig": "s"}, limits=LIMITS)
    assert (answer.status, answer.body) == (418, b"no")
    assert heads[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert heads[0].endswith(b'{"a":1}')
    assert b"Content-Length: 7\r\n" in heads[0]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Later", "308 Moved"])
def test_post_follows_no_redirect(sender: Door, status: str) -> None:
    with serving(answering(redirect("/elsewhere", status))) as server:
        assert sender.post(server.url(), b"", headers={}, limits=LIMITS).status == int(status[:3])
        assert server.accepted == 1


def test_plain_http_posts_go_to_allowed_addresses_alone() -> None:
    sender = Door(allow=[], user_agent="t", resolve=endpoints(lambda _: ["93.184.216.34"]))
    with pytest.raises(AddressRefused, match="use https"):
        sender.post("http://public.example/hook", b"x", headers={}, limits=HASTY)


def test_a_post_does_not_reuse_what_a_get_opened(strict: Door) -> None:
    with serving(answering(plain())) as server:
        strict.get(server.url(), limits=LIMITS, allow=[LOOPBACK])
        with pytest.raises(AddressRefused):
            strict.post(server.url(), b"x", headers={}, limits=LIMITS)


@pytest.mark.parametrize("talk", [endless_body, drip_body, announced])
def test_of_an_answer_to_a_post_the_status_counts_whatever_the_body_does(sender: Door, talk: Talk) -> None:
    with serving(talk) as server:
        answer = sender.post(server.url(), b"x", headers={}, limits=Limits(total_seconds=0.6, max_bytes=1_000))
    assert answer.status == 200
    assert len(answer.body) <= 1_000


def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to() -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int, _seconds: float) -> Sequence[Endpoint]:
        asked.append(host)
        return (Endpoint(socket.AF_INET, ("127.0.0.9" if len(asked) == 1 else "127.0.0.1", port)),)

    with serving(answering(plain())) as server:
        sender = Door(allow=[ip_network("127.0.0.9/32")], user_agent="t", resolve=rebinding)
        with pytest.raises(Unreachable, match="refused"):
            sender.get(server.url(host="rebind.example"), limits=LIMITS)
        assert asked == ["rebind.example"]
        with pytest.raises(AddressRefused):
            sender.get(server.url(host="rebind.example"), limits=LIMITS)
        assert server.accepted == 0


@pytest.mark.parametrize(
    ("code", "is_unknown"), [(socket.EAI_NONAME, True), (socket.EAI_NODATA, True), (socket.EAI_AGAIN, False)]
)
def test_a_name_server_in_trouble_does_not_make_a_name_unknown(
    monkeypatch: pytest.MonkeyPatch, sender: Door, code: int, is_unknown: bool
) -> None:
    def failing(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(code, "of no matter")

    monkeypatch.setattr(socket, "getaddrinfo", failing)
    with pytest.raises(Unreachable) as caught:
        sender.get("http://nowhere.example/", limits=LIMITS)
    assert isinstance(caught.value, NameUnknown) is is_unknown


def test_a_name_without_addresses_is_unreachable() -> None:
    sender = Door(allow=[], user_agent="t", resolve=endpoints(lambda _: []))
    with pytest.raises(Unreachable, match="no address"):
        sender.get("http://empty.example/", limits=LIMITS)


def test_a_hanging_name_server_times_out(monkeypatch: pytest.MonkeyPatch, sender: Door) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: over.wait(10) and [])
    with pytest.raises(TimedOut, match="name server"):
        sender.get("http://slow.example/", limits=HASTY)
    over.set()


def test_errors_and_logs_show_no_secret(sender: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    broken = (
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nX: y\r\n bad\r\n: worse\r\nLocation: /again?token=s3cret\r\n\r\n"
    )
    with serving(answering(broken)) as server:
        url = f"http://ann:s3cret@127.0.0.1:{server.port}/services/T0/B0/s3cret?token=s3cret"
        with pytest.raises(FetchError) as failed:
            sender.get(url, limits=LIMITS)
        answer = sender.post(url, b"s3cret", headers={}, limits=LIMITS)
    told = [str(failed.value), repr(failed.value), repr(answer), *caplog.messages]
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__ or failed.value.__context__ is None
    assert [line for line in told if "s3cret" in line] == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("Sun, 01 Mar 2026 05:01:00 GMT", 60.0), ("Sun, 01 Mar 2026 04:00:00 GMT", 0.0),
     ("-5", None), ("soon", None), ("", None), ("\u0661", None)],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms(value: str, seconds: float | None) -> None:
    answer = Answer(429, "", {"retry-after": value}, b"")
    assert answer.retry_after_seconds(datetime(2026, 3, 1, 5, 0, tzinfo=UTC)) == seconds
