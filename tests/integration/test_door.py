"""The door against real servers on loopback, well-behaved and hostile."""

import gzip
import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_network
from itertools import count

import pytest
import trustme

from siegewatch.domain.errors import (
    AddressRefused,
    FetchError,
    NameUnknown,
    TimedOut,
    TlsFault,
    TooLarge,
    TooManyRedirects,
    Unreachable,
)
from siegewatch.net.door import Answer, Door, Limits
from siegewatch.net.resolve import Endpoint

LOOPBACK = ip_network("127.0.0.0/8")
LIMITS = Limits(total_seconds=5, connect_seconds=2, first_byte_seconds=5, max_bytes=200_000, max_header_bytes=16_384)
HASTY = Limits(total_seconds=0.6, connect_seconds=0.5, first_byte_seconds=0.6, max_bytes=10**9, max_header_bytes=10**6)

Talk = Callable[[socket.socket], None]
"""What a server does with one accepted connection."""


class Server:
    """Accepts connections on 127.0.0.1 and talks to each in a thread; remembers the heads of requests."""

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._talk, self._tls = talk, tls
        self._open: list[socket.socket] = []
        self.port = self._listener.getsockname()[1]
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def close(self) -> None:
        for opened in (self._listener, *self._open):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                self.accepted += 1
                self._open.append(peer)
                threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with suppress(OSError):
            if self._tls:
                peer = self._tls.wrap_socket(peer, server_side=True)
                self._open.append(peer)
            with peer:
                self._talk(peer)


@contextmanager
def serving(talk: Talk, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(talk, tls)
    try:
        yield server
    finally:
        server.close()


def head(peer: socket.socket) -> bytes:
    """One request, body and all; empty where the client is gone."""
    said = b""
    while not _whole(said):
        got = peer.recv(65_536)
        if not got:
            return b""
        said += got
    return said


def _whole(said: bytes) -> bool:
    top, end, body = said.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", top)
    return bool(end) and len(body) >= int(length[1] if length else 0)


def answering(*answers: bytes, heads: list[bytes] | None = None) -> Talk:
    """Gives the answers in turn over the server's whole life, the last one for ever."""
    turn = count()

    def talk(peer: socket.socket) -> None:
        while said := head(peer):
            if heads is not None:
                heads.append(said)
            peer.sendall(answers[min(next(turn), len(answers) - 1)])

    return talk


def plain(body: bytes = b"ok", status: str = "200 OK", *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    return plain(b"", status, f"Location: {to}")


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door(allow=[LOOPBACK], user_agent="siegewatch/test")
    yield made
    made.close()


@pytest.fixture
def strict() -> Iterator[Door]:
    made = Door(allow=[], user_agent="siegewatch/test")
    yield made
    made.close()


def fixed(*addresses: str) -> Callable[[str, int, float], Sequence[Endpoint]]:
    """A resolver that knows one answer."""
    return lambda _host, port, _seconds: tuple(
        Endpoint(socket.AF_INET6, (address, port, 0, 0))
        if ":" in address
        else Endpoint(socket.AF_INET, (address, port))
        for address in addresses
    )


def test_get_brings_status_headers_and_body(door: Door) -> None:
    with serving(answering(plain(b"body", "203 Odd", 'ETag: W/"a\'b"', "X-Two: 1", "X-Two: 2"))) as server:
        answer = door.get(server.url("/feed?a=1#part"), limits=LIMITS)
    assert (answer.status, answer.body, answer.moved_to) == (203, b"body", None)
    assert answer.url == server.url("/feed?a=1")
    assert answer.headers["etag"] == answer.headers["ETAG"] == 'W/"a\'b"'
    assert answer.headers["x-two"] == "1, 2"


def test_get_sends_what_it_is_given_byte_for_byte(door: Door) -> None:
    heads: list[bytes] = []
    with serving(answering(plain(b"", "304 Not Modified"), heads=heads)) as server:
        answer = door.get(server.url(), headers={"If-None-Match": 'W/"\xe9 \'x"', "accept": "a/b"}, limits=LIMITS)
    assert answer.status == 304
    assert b'If-None-Match: W/"\xe9 \'x"\r\n' in heads[0]
    assert b"User-Agent: siegewatch/test\r\n" in heads[0]


def test_connections_are_kept_between_requests(door: Door) -> None:
    with serving(answering(plain())) as server:
        for _ in range(5):
            door.get(server.url(), limits=LIMITS)
        assert server.accepted == 1


def test_a_kept_connection_that_the_server_closed_is_opened_anew(door: Door) -> None:
    def once(peer: socket.socket) -> None:
        head(peer)
        peer.sendall(plain())
        head(peer)  # the second request is read and never answered

    with serving(once) as server:
        for _ in range(3):
            assert door.get(server.url(), limits=LIMITS).body == b"ok"


def test_many_threads_share_the_door(door: Door) -> None:
    bodies: list[bytes] = []
    with serving(answering(plain(b"x" * 5_000))) as server:
        threads = [
            threading.Thread(target=lambda: bodies.append(door.get(server.url(), limits=LIMITS).body))
            for _ in range(32)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert bodies == [b"x" * 5_000] * 32


def test_private_addresses_are_refused_unless_allowed(strict: Door) -> None:
    with serving(answering(plain())) as server:
        with pytest.raises(AddressRefused, match=r"127\.0\.0\.1 is loopback"):
            strict.get(server.url(), limits=LIMITS)
        assert server.accepted == 0
        assert strict.get(server.url(), limits=LIMITS, allow=[LOOPBACK]).status == 200


def test_a_connection_opened_under_a_wider_policy_is_not_reused(strict: Door) -> None:
    with serving(answering(plain())) as server:
        strict.get(server.url(), limits=LIMITS, allow=[LOOPBACK])
        with pytest.raises(AddressRefused):
            strict.get(server.url(), limits=LIMITS)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::ffff:127.0.0.1]", "[::]", "[64:ff9b::7f00:1]"],
)
def test_every_way_to_write_a_private_address_is_refused(strict: Door, host: str) -> None:
    with pytest.raises(AddressRefused):
        strict.get(f"http://{host}:9/", limits=LIMITS)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "gopher://127.0.0.1/", "//x/y", "x", ""])
def test_only_http_and_https_are_spoken(door: Door, url: str) -> None:
    with pytest.raises(AddressRefused):
        door.get(url, limits=LIMITS)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://a b/",
        "http://[::1",
        "http://x:99999/",
        "http://x:y/",
        "http://u\ud800@x/",
        f"http://{'a' * 64}.b/",
    ],
)
def test_addresses_that_make_no_sense_are_refused(door: Door, url: str) -> None:
    with pytest.raises(FetchError):
        door.get(url, limits=LIMITS)


def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to() -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int, _seconds: float) -> Sequence[Endpoint]:
        asked.append(host)
        return (Endpoint(socket.AF_INET, ("127.0.0.9" if len(asked) == 1 else "127.0.0.1", port)),)

    with serving(answering(plain())) as server:
        door = Door(allow=[ip_network("127.0.0.9/32")], user_agent="t", resolve=rebinding)
        with pytest.raises(Unreachable, match="refused"):
            door.get(server.url(host="rebind.example"), limits=LIMITS)
        assert asked == ["rebind.example"]
        with pytest.raises(AddressRefused):
            door.get(server.url(host="rebind.example"), limits=LIMITS)
        assert server.accepted == 0


def test_of_several_addresses_only_permitted_ones_are_tried() -> None:
    with serving(answering(plain())) as server:
        door = Door(allow=[ip_network("127.0.0.1/32")], user_agent="t", resolve=fixed("10.0.0.1", "127.0.0.1"))
        assert door.get(server.url(host="two.example"), limits=LIMITS).status == 200


def test_a_dead_address_leaves_time_for_the_next() -> None:
    with serving(answering(plain())) as server:
        door = Door(allow=[LOOPBACK], user_agent="t", resolve=fixed("127.0.0.9", "127.0.0.1"))
        assert door.get(server.url(host="two.example"), limits=LIMITS).status == 200


def test_an_unknown_name_is_unreachable(monkeypatch: pytest.MonkeyPatch, door: Door) -> None:
    def unknown(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match=r"nowhere\.example: name or service not known"):
        door.get("http://nowhere.example/", limits=LIMITS)


@pytest.mark.parametrize(
    ("code", "is_unknown"), [(socket.EAI_NONAME, True), (socket.EAI_NODATA, True), (socket.EAI_AGAIN, False)]
)
def test_a_name_server_in_trouble_does_not_make_a_name_unknown(
    monkeypatch: pytest.MonkeyPatch, door: Door, code: int, is_unknown: bool
) -> None:
    def failing(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(code, "of no matter")

    monkeypatch.setattr(socket, "getaddrinfo", failing)
    with pytest.raises(Unreachable) as caught:
        door.get("http://nowhere.example/", limits=LIMITS)
    assert isinstance(caught.value, NameUnknown) is is_unknown


def test_a_name_without_addresses_is_unreachable() -> None:
    door = Door(allow=[], user_agent="t", resolve=fixed())
    with pytest.raises(Unreachable, match="no address"):
        door.get("http://empty.example/", limits=LIMITS)


def test_a_closed_port_is_unreachable(door: Door) -> None:
    with serving(answering(plain())) as server:
        url = server.url()
    with pytest.raises(Unreachable, match="connection refused"):
        door.get(url, limits=LIMITS)


def test_redirects_are_followed_and_permanent_ones_told(door: Door) -> None:
    with serving(answering(redirect("/b", "301 Moved"), redirect("/c", "308 Moved"), plain(b"end"))) as server:
        answer = door.get(server.url("/a"), limits=LIMITS)
    assert (answer.body, answer.url, answer.moved_to) == (b"end", server.url("/c"), server.url("/c"))


@pytest.mark.parametrize("order", [("301 Moved", "302 Found"), ("307 Later", "308 Moved")])
def test_a_temporary_hop_makes_the_whole_move_temporary(door: Door, order: tuple[str, str]) -> None:
    with serving(answering(redirect("/b", order[0]), redirect("/c", order[1]), plain(b"end"))) as server:
        answer = door.get(server.url("/a"), limits=LIMITS)
    assert (answer.url, answer.moved_to) == (server.url("/c"), None)


def test_redirects_end_after_five(door: Door) -> None:
    five = [redirect(f"/{number}") for number in range(5)]
    with serving(answering(*five, plain(b"end"))) as server:
        assert door.get(server.url(), limits=LIMITS).body == b"end"
    with serving(answering(redirect("/again"))) as server, pytest.raises(TooManyRedirects, match="over 5"):
        door.get(server.url(), limits=LIMITS)


def test_a_redirect_to_nowhere_is_told(door: Door) -> None:
    for nowhere in (plain(b"", "302 Found"), redirect("http://[oops/")):
        with serving(answering(nowhere)) as server, pytest.raises(TooManyRedirects, match="nowhere"):
            door.get(server.url(), limits=LIMITS)


@pytest.mark.parametrize(
    "to", ["http://169.254.169.254/latest", "http://[::1]:1/", "file:///etc/passwd", "http://10.1/"]
)
def test_a_redirect_to_a_private_address_or_another_scheme_is_refused(door: Door, to: str) -> None:
    with serving(answering(redirect(to))) as server, pytest.raises(AddressRefused):
        door.get(server.url(), limits=LIMITS)


def test_a_redirect_may_name_its_target_in_utf8(door: Door) -> None:
    heads: list[bytes] = []
    with serving(answering(redirect("/caf\u00e9"), plain(b"end"), heads=heads)) as server:
        assert door.get(server.url(), limits=LIMITS).body == b"end"
    assert heads[1].startswith(b"GET /caf%C3%A9 ")


def test_credentials_stay_with_their_host(door: Door) -> None:
    there, here = [], []
    secret = {"Authorization": "Bearer s3cret", "Cookie": "sid=s3cret", "X-Api-Key": "s3cret", "If-None-Match": '"e"'}
    with serving(answering(plain(), heads=there)) as other:
        hop = answering(redirect("/same"), redirect(other.url("/x")), heads=here)
        with serving(hop) as server:
            door.get(server.url(), headers=secret, limits=LIMITS)
    assert here[1].count(b"s3cret") == 3
    assert b"s3cret" not in there[0]
    assert b'If-None-Match: "e"' in there[0]


def test_user_and_password_of_the_address_become_a_header(door: Door) -> None:
    heads: list[bytes] = []
    with serving(answering(plain(), heads=heads)) as server:
        answer = door.get(f"http://ann:p%40ss@127.0.0.1:{server.port}/", limits=LIMITS)
    assert b"Authorization: Basic YW5uOnBAc3M=\r\n" in heads[0]
    assert "ann" not in answer.url


def drip_headers(peer: socket.socket) -> None:
    head(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in count():
        threading.Event().wait(0.05)
        peer.sendall(f"X-{number}: y\r\n".encode())


def drip_body(peer: socket.socket) -> None:
    head(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        threading.Event().wait(0.05)
        peer.sendall(b"x")


def drip_chunks(peer: socket.socket) -> None:
    head(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        threading.Event().wait(0.05)
        peer.sendall(b"1\r\nx\r\n")


def drip_continue(peer: socket.socket) -> None:
    head(peer)
    while True:
        threading.Event().wait(0.05)
        peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def silence(peer: socket.socket) -> None:
    head(peer)
    head(peer)


@pytest.mark.parametrize("talk", [drip_headers, drip_body, drip_chunks, drip_continue, silence])
def test_no_server_outlasts_the_deadline(door: Door, talk: Talk) -> None:
    with serving(talk) as server, pytest.raises(TimedOut):
        door.get(server.url(), limits=HASTY)


def test_redirects_share_one_deadline(door: Door) -> None:
    def slow(peer: socket.socket) -> None:
        while head(peer):
            threading.Event().wait(0.2)
            peer.sendall(redirect("/again"))

    with serving(slow) as server, pytest.raises(TimedOut):
        door.get(server.url(), limits=HASTY)


def test_the_first_byte_has_a_limit_of_its_own(door: Door) -> None:
    limits = Limits(total_seconds=60, first_byte_seconds=0.2)
    with serving(silence) as server, pytest.raises(TimedOut):
        door.get(server.url(), limits=limits)


def test_a_silent_tls_peer_times_out(door: Door) -> None:
    with serving(silence) as server, pytest.raises(TimedOut):
        door.get(f"https://127.0.0.1:{server.port}/", limits=HASTY)


def test_a_hanging_name_server_times_out(monkeypatch: pytest.MonkeyPatch, door: Door) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: over.wait(10) and [])
    with pytest.raises(TimedOut, match="name server"):
        door.get("http://slow.example/", limits=HASTY)
    over.set()


def endless_body(peer: socket.socket) -> None:
    head(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        peer.sendall(b"x" * 65_536)


def endless_headers(peer: socket.socket) -> None:
    head(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        peer.sendall(b"y" * 4_096)


def many_headers(peer: socket.socket) -> None:
    head(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(150)) + b"\r\n")


def announced(peer: socket.socket) -> None:
    head(peer)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    peer.sendall(b"x" * 300_000)


@pytest.mark.parametrize("talk", [endless_body, endless_headers, many_headers, announced])
def test_no_answer_outgrows_its_limits(door: Door, talk: Talk) -> None:
    with serving(talk) as server, pytest.raises(TooLarge):
        door.get(server.url(), limits=LIMITS)


def test_a_body_of_just_the_limit_is_taken(door: Door) -> None:
    with serving(answering(plain(b"x" * LIMITS.max_bytes))) as server:
        assert len(door.get(server.url(), limits=LIMITS).body) == LIMITS.max_bytes


def test_bodies_are_decoded(door: Door) -> None:
    with serving(answering(plain(gzip.compress(b"body"), "200 OK", "Content-Encoding: gzip"))) as server:
        assert door.get(server.url(), limits=LIMITS).body == b"body"


def test_a_bomb_is_stopped_while_it_inflates(door: Door) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    with serving(answering(plain(bomb, "200 OK", "Content-Encoding: gzip"))) as server:
        with pytest.raises(TooLarge, match="over 200,000 bytes"):
            door.get(server.url(), limits=LIMITS)
        with pytest.raises(TooLarge, match="swells"):
            door.get(server.url(), limits=Limits(max_bytes=10**9))


def test_a_compressed_body_cut_short_is_unreachable(door: Door) -> None:
    answer = plain(gzip.compress(b"x" * 1000)[:-12], "200 OK", "Content-Encoding: gzip")
    with serving(answering(answer)) as server, pytest.raises(Unreachable, match=r"127\.0\.0\.1: .* cut short"):
        door.get(server.url(), limits=LIMITS)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"220 smtp.example ESMTP\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"\x16\x03\x01\x00\x00" * 40,
    ],
)
def test_answers_cut_short_or_garbled_are_unreachable(door: Door, said: bytes) -> None:
    def talk(peer: socket.socket) -> None:
        head(peer)
        peer.sendall(said)

    with serving(talk) as server, pytest.raises(Unreachable):
        door.get(server.url(), limits=LIMITS)


def test_post_sends_the_body_and_keeps_the_status(door: Door) -> None:
    heads: list[bytes] = []
    with serving(answering(plain(b"no", "418 Teapot"), heads=heads)) as server:
        answer = door.post(server.url("/hook"), b'{"a":1}', headers={"X-Sig": "s"}, limits=LIMITS)
    assert (answer.status, answer.body) == (418, b"no")
    assert heads[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert heads[0].endswith(b'{"a":1}')
    assert b"Content-Length: 7\r\n" in heads[0]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Later", "308 Moved"])
def test_post_follows_no_redirect(door: Door, status: str) -> None:
    with serving(answering(redirect("/elsewhere", status))) as server:
        assert door.post(server.url(), b"", headers={}, limits=LIMITS).status == int(status[:3])
        assert server.accepted == 1


def test_plain_http_posts_go_to_allowed_addresses_alone() -> None:
    door = Door(allow=[], user_agent="t", resolve=fixed("93.184.216.34"))
    with pytest.raises(AddressRefused, match="use https"):
        door.post("http://public.example/hook", b"x", headers={}, limits=HASTY)


def test_a_post_does_not_reuse_what_a_get_opened(strict: Door) -> None:
    with serving(answering(plain())) as server:
        strict.get(server.url(), limits=LIMITS, allow=[LOOPBACK])
        with pytest.raises(AddressRefused):
            strict.post(server.url(), b"x", headers={}, limits=LIMITS)


@pytest.mark.parametrize("talk", [endless_body, drip_body, announced])
def test_of_an_answer_to_a_post_the_status_counts_whatever_the_body_does(door: Door, talk: Talk) -> None:
    with serving(talk) as server:
        answer = door.post(server.url(), b"x", headers={}, limits=Limits(total_seconds=0.6, max_bytes=1_000))
    assert answer.status == 200
    assert len(answer.body) <= 1_000


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_tls_names_and_checks_the_host_although_it_connects_to_an_address(authority: trustme.CA) -> None:
    names: list[str | None] = []
    context = server_tls(authority, "hooks.example")
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    door = Door(allow=[LOOPBACK], user_agent="t", tls=client_tls(authority), resolve=fixed("127.0.0.1"))
    with serving(answering(plain()), context) as server:
        assert door.get(server.url(host="hooks.example"), limits=LIMITS).status == 200
        with pytest.raises(TlsFault, match="bad certificate: Hostname mismatch"):
            door.get(server.url(host="other.example"), limits=LIMITS)
    assert names == ["hooks.example", "other.example"]


def test_a_certificate_that_no_one_trusts_is_refused(door: Door, authority: trustme.CA) -> None:
    context = server_tls(authority, "127.0.0.1")
    with serving(answering(plain()), context) as server, pytest.raises(TlsFault, match="bad certificate"):
        door.get(server.url(), limits=LIMITS)


def test_a_peer_that_speaks_no_tls_is_a_tls_fault(door: Door) -> None:
    def talk(peer: socket.socket) -> None:
        peer.recv(10)
        peer.sendall(plain())

    with serving(talk) as server, pytest.raises(TlsFault):
        door.get(f"https://127.0.0.1:{server.port}/", limits=LIMITS)


def test_the_environments_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch, door: Door) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(answering(plain())) as server:
        assert door.get(server.url(), limits=LIMITS).status == 200


def test_cookies_are_not_kept(door: Door) -> None:
    heads: list[bytes] = []
    with serving(answering(plain(b"", "200 OK", "Set-Cookie: sid=1; Path=/"), heads=heads)) as server:
        door.get(server.url(), limits=LIMITS)
        door.get(server.url(), limits=LIMITS)
    assert b"cookie" not in heads[1].lower()


def test_errors_and_logs_show_no_secret(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    broken = (
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nX: y\r\n bad\r\n: worse\r\nLocation: /again?token=s3cret\r\n\r\n"
    )
    with serving(answering(broken)) as server:
        url = f"http://ann:s3cret@127.0.0.1:{server.port}/services/T0/B0/s3cret?token=s3cret"
        with pytest.raises(FetchError) as failed:
            door.get(url, limits=LIMITS)
        answer = door.post(url, b"s3cret", headers={}, limits=LIMITS)
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
