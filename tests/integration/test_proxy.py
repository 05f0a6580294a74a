"""The door by way of a proxy: a real one on loopback that tunnels and forwards."""

import logging
import re
import select
import socket
import ssl
import threading
import time
import traceback
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme

from siegewatch.domain.errors import AddressRefused, TimedOut, TlsFault, Unreachable
from siegewatch.net.door import Door
from siegewatch.net.messages import Limits
from siegewatch.net.resolve import Endpoint

LIMITS = Limits(total_seconds=5, connect_seconds=2, first_byte_seconds=5, max_bytes=100_000)
HASTY = Limits(total_seconds=0.6, connect_seconds=0.4, first_byte_seconds=0.6)
CANARY = "s3cr3tCANARY"


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Target(Quiet):
    answered = False

    def do_GET(self) -> None:
        if self.server.forgetful and self.answered:  # type: ignore[attr-defined]
            self.close_connection = True
            return
        self.answered = True
        self.server.heard.append(self.headers)  # type: ignore[attr-defined]
        if to := self.server.redirects.get(self.path):  # type: ignore[attr-defined]
            self.answer(302, b"", Location=to)
        else:
            self.answer(200, f"{self.path} at {self.headers['Host']}".encode())


class Proxy(Quiet):
    """Knows no names: whatever is asked for, it goes to the target that the test serves."""

    def do_CONNECT(self) -> None:
        self.server.heard.append(self.headers)  # type: ignore[attr-defined]
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        if refusal := self.server.refusal:  # type: ignore[attr-defined]
            self.answer(refusal, b"s3cret said the proxy")
            return
        self.send_response(200)
        self.end_headers()
        with socket.create_connection(("127.0.0.1", self.server.target)) as far:  # type: ignore[attr-defined]
            self.pump(far)
        self.close_connection = True

    def pump(self, far: socket.socket) -> None:
        with suppress(OSError):
            while True:
                for ready in select.select([self.connection, far], [], [], 5)[0]:
                    said = ready.recv(65_536)
                    if not said:
                        return
                    (far if ready is self.connection else self.connection).sendall(said)

    def do_GET(self) -> None:
        self.server.heard.append(self.headers)  # type: ignore[attr-defined]
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        with closing(HTTPConnection("127.0.0.1", self.server.target)) as far:  # type: ignore[attr-defined]
            kept = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
            far.request("GET", urlsplit(self.path).path, headers=kept)
            got = far.getresponse()
            self.answer(got.status, got.read(), **({"Location": got.headers["Location"]} if got.status == 302 else {}))


class Serving(ThreadingHTTPServer):
    daemon_threads = True
    target = refusal = 0
    forgetful = False

    def __init__(self, handler: type[Quiet]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.heard: list[Any] = []
        self.asked: list[str] = []
        self.redirects: dict[str, str] = {}


@contextmanager
def serving(handler: type[Quiet], tls: ssl.SSLContext | None = None) -> Iterator[Serving]:
    server = Serving(handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def far_tls(authority: trustme.CA) -> Iterator[Serving]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("news.example").configure_cert(context)
    with serving(Target, context) as server:
        yield server


@pytest.fixture
def far() -> Iterator[Serving]:
    with serving(Target) as server:
        yield server


@pytest.fixture
def proxy() -> Iterator[Serving]:
    with serving(Proxy) as server:
        yield server


def only_the_proxy(host: str, port: int, _seconds: float) -> Sequence[Endpoint]:
    """A resolver under which every name but the proxy's is unknown."""
    assert host in ("proxy.example", "127.0.0.1"), f"{host} is the proxy's to resolve"
    return (Endpoint(socket.AF_INET, ("127.0.0.1", port)),)


@pytest.fixture
def door(authority: trustme.CA) -> Iterator[Door]:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    made = Door(allow=[ip_network("127.0.0.1")], user_agent="t", tls=context, resolve=only_the_proxy)
    yield made
    made.close()


def by(proxy: Serving, user: str = "") -> str:
    return f"http://{user}proxy.example:{proxy.server_port}"


def test_https_goes_through_a_tunnel_and_checks_the_servers_name(door: Door, proxy: Serving, far_tls: Serving) -> None:
    proxy.target = far_tls.server_port
    for _ in range(2):
        answer = door.get("https://news.example/rss", limits=LIMITS, proxy=by(proxy))
        assert (answer.status, answer.body) == (200, b"/rss at news.example")
    assert proxy.asked == ["news.example:443"], "the tunnel is kept"
    with pytest.raises(TlsFault, match=r"other\.example: bad certificate"):
        door.get("https://other.example/rss", limits=LIMITS, proxy=by(proxy))


def test_a_kept_tunnel_that_ends_as_we_write_is_dug_anew(door: Door, proxy: Serving, far_tls: Serving) -> None:
    proxy.target = far_tls.server_port
    far_tls.forgetful = True
    for _ in range(3):
        assert door.get("https://news.example/rss", limits=LIMITS, proxy=by(proxy)).status == 200
    assert proxy.asked == ["news.example:443"] * 3


def test_http_is_forwarded(door: Door, proxy: Serving, far: Serving) -> None:
    proxy.target = far.server_port
    assert door.get("http://news.example/rss?a=1", limits=LIMITS, proxy=by(proxy)).body == b"/rss at news.example"
    assert proxy.asked == ["http://news.example/rss?a=1"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_proxys_password_is_for_the_proxy_alone(
    door: Door, proxy: Serving, far: Serving, far_tls: Serving, scheme: str
) -> None:
    there = far if scheme == "http" else far_tls
    proxy.target = there.server_port
    door.get(
        f"{scheme}://news.example/",
        limits=LIMITS,
        headers={"Authorization": "Bearer b"},
        proxy=by(proxy, "ann:p%C3%BC@"),
    )
    assert proxy.heard[0]["Proxy-Authorization"] == "Basic " + b64encode("ann:pü".encode()).decode()
    assert there.heard[0]["Proxy-Authorization"] is None
    assert there.heard[0]["Authorization"] == "Bearer b"
    assert scheme == "http" or proxy.heard[0]["Authorization"] is None


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_policy_holds_for_the_proxys_address(proxy: Serving, scheme: str) -> None:
    strict = Door(allow=[], user_agent="t", resolve=only_the_proxy)
    with pytest.raises(AddressRefused, match=r"the proxy proxy\.example: refused, as 127\.0\.0\.1 is loopback"):
        strict.get(f"{scheme}://news.example/", limits=LIMITS, proxy=by(proxy))
    assert proxy.asked == []


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "host",
    [
        *("10.0.0.1", "169.254.169.254", "127.1.1.1", "2130706434", "0x7f000002", "localhost", "a.localhost"),
        *("127.1.1.1.", "[::1]", "[::ffff:10.0.0.1]", "①⓪.0.0.1"),
    ],
)
def test_a_literal_private_target_never_reaches_the_proxy(proxy: Serving, door: Door, host: str, scheme: str) -> None:
    narrow = Door(allow=[ip_network("127.0.0.8")], user_agent="t", resolve=only_the_proxy)
    for one in (narrow,) if "localhost" in host else (narrow, door):
        with pytest.raises(AddressRefused):
            one.get(f"{scheme}://{host}/", limits=LIMITS, proxy=by(proxy))
    assert proxy.asked == []


def test_a_redirect_by_way_of_a_proxy_is_held_to_the_policy(door: Door, proxy: Serving, far: Serving) -> None:
    proxy.target = far.server_port
    far.redirects = {"/rss": "http://10.0.0.1/secret"}
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1 is private"):
        door.get("http://news.example/rss", limits=LIMITS, proxy=by(proxy))
    assert proxy.asked == ["http://news.example/rss"]


def test_credentials_stay_with_their_host_behind_a_proxy_too(door: Door, proxy: Serving, far: Serving) -> None:
    proxy.target = far.server_port
    far.redirects = {"/rss": "http://other.example/feed"}
    headers = {"Authorization": "Bearer s3cret", "Cookie": "sid=s3cret", "X-Key": "s3cret", "User-Agent": "me"}
    door.get("http://news.example/rss", limits=LIMITS, headers=headers, proxy=by(proxy))
    assert "s3cret" in str(far.heard[0])
    assert "s3cret" not in str(far.heard[1])
    assert far.heard[1]["User-Agent"] == "me"


@pytest.mark.parametrize(
    ("status", "told"), [(407, "407 to CONNECT: check its user and password"), (502, "502 to CONNECT")]
)
def test_a_proxy_that_refuses_is_named_without_its_words(door: Door, proxy: Serving, status: int, told: str) -> None:
    proxy.refusal = status
    with pytest.raises(Unreachable, match=rf"^the proxy proxy\.example answers {told}$"):
        door.get("https://news.example/?key=s3cret", limits=LIMITS, proxy=by(proxy, "ann:s3cret@"))


def test_no_secret_is_logged_on_the_way_through_a_proxy(
    door: Door, proxy: Serving, far: Serving, far_tls: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    way, secret = by(proxy, f"ann:{CANARY}@"), {"Authorization": f"Bearer {CANARY}"}
    for scheme, there in (("http", far), ("https", far_tls)):
        proxy.target = there.server_port
        door.get(f"{scheme}://news.example/?key={CANARY}", limits=LIMITS, headers=secret, proxy=way)
    proxy.refusal = 407
    with pytest.raises(Unreachable) as caught:
        door.get("https://other.example/", limits=LIMITS, headers=secret, proxy=way)
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert CANARY not in told
    assert b64encode(f"ann:{CANARY}".encode()).decode() not in told


def test_a_proxy_that_is_not_there_is_named(door: Door) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as held:
        port = held.getsockname()[1]
    with pytest.raises(Unreachable, match=r"^the proxy proxy\.example: connection refused$"):
        door.get("https://news.example/", limits=LIMITS, proxy=f"http://u:s3cret@proxy.example:{port}")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n"])
def test_a_proxy_that_drips_or_falls_silent_times_out(door: Door, scheme: str, said: bytes) -> None:
    def drip(peer: socket.socket) -> None:
        with suppress(OSError), peer:
            peer.recv(65_536)
            peer.sendall(said)
            while said:
                time.sleep(0.05)
                peer.sendall(b"X-Pad: y\r\n")
            time.sleep(2)

    def accept() -> None:
        with suppress(OSError):
            threading.Thread(target=drip, args=(held.accept()[0],), daemon=True).start()

    with closing(socket.create_server(("127.0.0.1", 0))) as held:
        threading.Thread(target=accept, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(TimedOut):
            door.get(f"{scheme}://news.example/", limits=HASTY, proxy=f"http://127.0.0.1:{held.getsockname()[1]}")
        assert time.monotonic() - started < 1.5


def test_what_was_opened_directly_is_not_what_a_proxy_is_asked_for(door: Door, proxy: Serving, far: Serving) -> None:
    proxy.target = far.server_port
    url = f"http://127.0.0.1:{far.server_port}/rss"
    door.get(url, limits=LIMITS)
    door.get(url, limits=LIMITS, proxy=by(proxy))
    assert [re.sub(r"\d{4,}", "N", asked) for asked in proxy.asked] == ["http://127.0.0.1:N/rss"]
