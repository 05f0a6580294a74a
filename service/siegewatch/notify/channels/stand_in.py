"""Services that misbehave on purpose, on this host, in place of the one that a channel sends to."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

HOST = "127.0.0.1"
HUGE_BYTES = 10_000_000
_PIECE = b"x" * 65_536

Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Received:
    """One request: its path, headers by their names in small letters, and its body."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Service:
    """A server that answers every POST as `reply` says, and keeps what it was sent."""

    port: int
    reply: Reply
    got: list[Received] = field(default_factory=list)


def status(code: int, body: bytes = b"", **headers: str) -> Reply:
    """An answer of that status."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return reply


def echo(request: BaseHTTPRequestHandler) -> None:
    """Refuses, and repeats all that it was sent: address, headers and body."""
    said = f"cannot {request.path} {dict(request.headers)}".encode() + request.server.service.got[-1].body  # type: ignore[attr-defined]
    status(500, said)(request)


def silent(request: BaseHTTPRequestHandler) -> None:
    """Never answers."""
    with suppress(OSError):
        request.connection.recv(1)


def reset(request: BaseHTTPRequestHandler) -> None:
    """Breaks the connection off in the middle of an answer's head."""
    request.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-")
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.connection.close()
    request.close_connection = True


def huge(code: int, start: bytes = b"") -> Reply:
    """An answer of 10 MB."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        request.send_header("Content-Length", str(len(start) + HUGE_BYTES))
        request.end_headers()
        with suppress(OSError):
            request.wfile.write(start)
            for _ in range(HUGE_BYTES // len(_PIECE) + 1):
                request.wfile.write(_PIECE)

    return reply


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Else the body waits 40 ms for the acknowledgement of the head."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        service: Service = self.server.service  # type: ignore[attr-defined]
        service.got.append(Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        service.reply(self)

    def log_message(self, *_: object) -> None:
        """Standard error is for findings."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    service: Service

    def handle_error(self, *_: Any) -> None:
        """Clients that go away are part of it."""


@contextmanager
def serving(reply: Reply) -> Iterator[Service]:
    """A service on this host, for as long as the context lasts."""
    server = _Server((HOST, 0), _Handler)
    server.service = Service(server.server_port, reply)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def dead_port() -> int:
    """A port of this host at which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
