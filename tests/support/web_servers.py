"""Servers on loopback for tests of the door: what they say is scripted, well-behaved or hostile."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_network
from itertools import count

from siegewatch.net.messages import Limits

LOOPBACK = ip_network("127.0.0.0/8")
LIMITS = Limits(total_seconds=5, connect_seconds=2, first_byte_seconds=5, max_bytes=200_000, max_header_bytes=16_384)
HASTY = Limits(total_seconds=0.6, connect_seconds=0.5, first_byte_seconds=0.6, max_bytes=10**9, max_header_bytes=10**6)

Talk = Callable[[socket.socket], None]
"""What a server does with one accepted connection."""


class Server:
    """Accepts connections on 127.0.0.1, or elsewhere; talks to each in a thread; remembers the heads of requests."""

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None, at: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self._listener = socket.create_server(at)
        self._talk, self._tls = talk, tls
        self._open: list[socket.socket] = []
        self.port = self._listener.getsockname()[1]
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def hang_up(self) -> None:
        """Ends the connections that are open."""
        for opened in self._open:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

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
