"""No server outlasts, outgrows or garbles its way past either transport's limits."""

import gzip
import socket
import threading
from typing import Any

import pytest
from web_servers import (
    HASTY,
    LIMITS,
    Talk,
    announced,
    answering,
    drip_body,
    drip_chunks,
    drip_continue,
    drip_headers,
    endless_body,
    endless_headers,
    head,
    many_headers,
    plain,
    redirect,
    serving,
    silence,
)  # fmt: skip

from siegewatch.domain.errors import TimedOut, TooLarge, Unreachable
from siegewatch.net.messages import Limits


@pytest.mark.parametrize("talk", [drip_headers, drip_body, drip_chunks, drip_continue, silence])
def test_no_server_outlasts_the_deadline(door: Any, talk: Talk) -> None:
    with serving(talk) as server, pytest.raises(TimedOut):
        door.get(server.url(), limits=HASTY)


def test_redirects_share_one_deadline(door: Any) -> None:
    def slow(peer: socket.socket) -> None:
        while head(peer):
            threading.Event().wait(0.2)
            peer.sendall(redirect("/again"))

    with serving(slow) as server, pytest.raises(TimedOut):
        door.get(server.url(), limits=HASTY)


def test_the_first_byte_has_a_limit_of_its_own(door: Any) -> None:
    limits = Limits(total_seconds=60, first_byte_seconds=0.2)
    with serving(silence) as server, pytest.raises(TimedOut):
        door.get(server.url(), limits=limits)


def test_a_silent_tls_peer_times_out(door: Any) -> None:
    with serving(silence) as server, pytest.raises(TimedOut):
        door.get(f"https://127.0.0.1:{server.port}/", limits=HASTY)


@pytest.mark.parametrize("talk", [endless_body, endless_headers, many_headers, announced])
def test_no_answer_outgrows_its_limits(door: Any, talk: Talk) -> None:
    with serving(talk) as server, pytest.raises(TooLarge):
        door.get(server.url(), limits=LIMITS)


def test_a_body_of_just_the_limit_is_taken(door: Any) -> None:
    with serving(answering(plain(b"x" * LIMITS.max_bytes))) as server:
        assert len(door.get(server.url(), limits=LIMITS).body) == LIMITS.max_bytes


def test_bodies_are_decoded(door: Any) -> None:
    with serving(answering(plain(gzip.compress(b"body"), "200 OK", "Content-Encoding: gzip"))) as server:
        assert door.get(server.url(), limits=LIMITS).body == b"body"


def test_a_bomb_is_stopped_while_it_inflates(door: Any) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    with serving(answering(plain(bomb, "200 OK", "Content-Encoding: gzip"))) as server:
        with pytest.raises(TooLarge, match="over 200,000 bytes"):
            door.get(server.url(), limits=LIMITS)
        with pytest.raises(TooLarge, match="swells"):
            door.get(server.url(), limits=Limits(max_bytes=10**9))


def test_a_compressed_body_cut_short_is_unreachable(door: Any) -> None:
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
def test_answers_cut_short_or_garbled_are_unreachable(door: Any, said: bytes) -> None:
    def talk(peer: socket.socket) -> None:
        head(peer)
        peer.sendall(said)

    with serving(talk) as server, pytest.raises(Unreachable):
        door.get(server.url(), limits=LIMITS)
