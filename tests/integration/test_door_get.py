"""GETs through both transports, against servers on loopback: what is asked, where it may lead, what comes back."""

import socket
import threading
from ipaddress import ip_network
from typing import Any

import pytest
from doors import opened
from web_servers import LIMITS, LOOPBACK, answering, head, plain, redirect, serving

from siegewatch.domain.errors import AddressRefused, FetchError, TooManyRedirects, Unreachable


def test_get_brings_status_headers_and_body(door: Any) -> None:
    with serving(answering(plain(b"body", "203 Odd", 'ETag: W/"a\'b"', "X-Two: 1", "X-Two: 2"))) as server:
        answer = door.get(server.url("/feed?a=1#part"), limits=LIMITS)
    assert (answer.status, answer.body, answer.moved_to) == (203, b"body", None)
    assert answer.url == server.url("/feed?a=1")
    assert answer.headers["etag"] == answer.headers["ETAG"] == 'W/"a\'b"'
    assert answer.headers["x-two"] == "1, 2"


def test_get_sends_what_it_is_given_byte_for_byte(door: Any) -> None:
    heads: list[bytes] = []
    with serving(answering(plain(b"", "304 Not Modified"), heads=heads)) as server:
        answer = door.get(server.url(), headers={"If-None-Match": 'W/"\xe9 \'x"', "accept": "a/b"}, limits=LIMITS)
    assert answer.status == 304
    assert b'If-None-Match: W/"\xe9 \'x"\r\n' in heads[0]
    assert b"User-Agent: siegewatch/test\r\n" in heads[0]


def test_connections_are_kept_between_requests(door: Any) -> None:
    with serving(answering(plain())) as server:
        for _ in range(5):
            door.get(server.url(), limits=LIMITS)
        assert server.accepted == 1


def test_a_kept_connection_that_the_server_closed_is_opened_anew(door: Any) -> None:
    def once(peer: socket.socket) -> None:
        head(peer)
        peer.sendall(plain())
        head(peer)  # the second request is read and never answered

    with serving(once) as server:
        for _ in range(3):
            assert door.get(server.url(), limits=LIMITS).body == b"ok"


def test_many_threads_share_the_door(door: Any) -> None:
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


def test_private_addresses_are_refused_unless_allowed(strict: Any) -> None:
    with serving(answering(plain())) as server:
        with pytest.raises(AddressRefused, match=r"127\.0\.0\.1 is loopback"):
            strict.get(server.url(), limits=LIMITS)
        assert server.accepted == 0
        assert strict.get(server.url(), limits=LIMITS, allow=[LOOPBACK]).status == 200


def test_a_connection_opened_under_a_wider_policy_is_not_reused(strict: Any) -> None:
    with serving(answering(plain())) as server:
        strict.get(server.url(), limits=LIMITS, allow=[LOOPBACK])
        with pytest.raises(AddressRefused):
            strict.get(server.url(), limits=LIMITS)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::ffff:127.0.0.1]", "[::]", "[64:ff9b::7f00:1]"],
)
def test_every_way_to_write_a_private_address_is_refused(strict: Any, host: str) -> None:
    with pytest.raises(AddressRefused):
        strict.get(f"http://{host}:9/", limits=LIMITS)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "gopher://127.0.0.1/", "//x/y", "x", ""])
def test_only_http_and_https_are_spoken(door: Any, url: str) -> None:
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
def test_addresses_that_make_no_sense_are_refused(door: Any, url: str) -> None:
    with pytest.raises(FetchError):
        door.get(url, limits=LIMITS)


def test_a_name_leads_only_to_addresses_that_the_policy_permits_at_the_moment(transport: str) -> None:
    answers = iter(["127.0.0.1", "10.0.0.1", "127.0.0.9"])
    with serving(answering(plain())) as server:
        made = opened(transport, [ip_network("127.0.0.1/32")], addresses=lambda _: [next(answers)])
        url = server.url(host="rebind.example")
        assert made.get(url, limits=LIMITS).status == 200
        server.hang_up()
        for _ in range(2):
            with pytest.raises(AddressRefused):
                made.get(url, limits=LIMITS)
        made.close()


def test_of_several_addresses_only_permitted_ones_are_tried(transport: str) -> None:
    with serving(answering(plain())) as server:
        made = opened(transport, [ip_network("127.0.0.1/32")], addresses=lambda _: ["10.0.0.1", "127.0.0.1"])
        assert made.get(server.url(host="two.example"), limits=LIMITS).status == 200
        made.close()


def test_a_dead_address_leaves_time_for_the_next(transport: str) -> None:
    with serving(answering(plain())) as server:
        made = opened(transport, [LOOPBACK], addresses=lambda _: ["127.0.0.9", "127.0.0.1"])
        assert made.get(server.url(host="two.example"), limits=LIMITS).status == 200
        made.close()


def test_an_unknown_name_is_unreachable(door: Any) -> None:
    with pytest.raises(Unreachable, match=r"nowhere\.invalid: .*(resolve|not known)"):
        door.get("http://nowhere.invalid/", limits=LIMITS)


def test_a_closed_port_is_unreachable(door: Any) -> None:
    with serving(answering(plain())) as server:
        url = server.url()
    with pytest.raises(Unreachable, match="refused"):
        door.get(url, limits=LIMITS)


def test_redirects_are_followed_and_permanent_ones_told(door: Any) -> None:
    with serving(answering(redirect("/b", "301 Moved"), redirect("/c", "308 Moved"), plain(b"end"))) as server:
        answer = door.get(server.url("/a"), limits=LIMITS)
    assert (answer.body, answer.url, answer.moved_to) == (b"end", server.url("/c"), server.url("/c"))


@pytest.mark.parametrize("order", [("301 Moved", "302 Found"), ("307 Later", "308 Moved")])
def test_a_temporary_hop_makes_the_whole_move_temporary(door: Any, order: tuple[str, str]) -> None:
    with serving(answering(redirect("/b", order[0]), redirect("/c", order[1]), plain(b"end"))) as server:
        answer = door.get(server.url("/a"), limits=LIMITS)
    assert (answer.url, answer.moved_to) == (server.url("/c"), None)


def test_redirects_end_after_five(door: Any) -> None:
    five = [redirect(f"/{number}") for number in range(5)]
    with serving(answering(*five, plain(b"end"))) as server:
        assert door.get(server.url(), limits=LIMITS).body == b"end"
    with serving(answering(redirect("/again"))) as server, pytest.raises(TooManyRedirects, match="over 5"):
        door.get(server.url(), limits=LIMITS)


def test_a_redirect_to_nowhere_is_told(door: Any) -> None:
    for nowhere in (plain(b"", "302 Found"), redirect("http://[oops/")):
        with serving(answering(nowhere)) as server, pytest.raises(TooManyRedirects, match="nowhere"):
            door.get(server.url(), limits=LIMITS)


@pytest.mark.parametrize(
    "to", ["http://169.254.169.254/latest", "http://[::1]:1/", "file:///etc/passwd", "http://10.1/"]
)
def test_a_redirect_to_a_private_address_or_another_scheme_is_refused(door: Any, to: str) -> None:
    with serving(answering(redirect(to))) as server, pytest.raises(AddressRefused):
        door.get(server.url(), limits=LIMITS)


def test_a_redirect_may_name_its_target_in_utf8(door: Any) -> None:
    heads: list[bytes] = []
    with serving(answering(redirect("/caf\u00e9"), plain(b"end"), heads=heads)) as server:
        assert door.get(server.url(), limits=LIMITS).body == b"end"
    assert heads[1].startswith(b"GET /caf%C3%A9 ")


def test_credentials_stay_with_their_host(door: Any) -> None:
    there, here = [], []
    secret = {"Authorization": "Bearer s3cret", "Cookie": "sid=s3cret", "X-Api-Key": "s3cret", "If-None-Match": '"e"'}
    with serving(answering(plain(), heads=there)) as other:
        hop = answering(redirect("/same"), redirect(other.url("/x")), heads=here)
        with serving(hop) as server:
            door.get(server.url(), headers=secret, limits=LIMITS)
    assert here[1].count(b"s3cret") == 3
    assert b"s3cret" not in there[0]
    assert b'If-None-Match: "e"' in there[0]


def test_user_and_password_of_the_address_become_a_header(door: Any) -> None:
    heads: list[bytes] = []
    with serving(answering(plain(), heads=heads)) as server:
        answer = door.get(f"http://ann:p%40ss@127.0.0.1:{server.port}/", limits=LIMITS)
    assert b"Authorization: Basic YW5uOnBAc3M=\r\n" in heads[0]
    assert "ann" not in answer.url


def test_the_environments_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch, door: Any) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(answering(plain())) as server:
        assert door.get(server.url(), limits=LIMITS).status == 200


def test_cookies_are_not_kept(door: Any) -> None:
    heads: list[bytes] = []
    with serving(answering(plain(b"", "200 OK", "Set-Cookie: sid=1; Path=/"), heads=heads)) as server:
        door.get(server.url(), limits=LIMITS)
        door.get(server.url(), limits=LIMITS)
    assert b"cookie" not in heads[1].lower()
