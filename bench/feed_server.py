"""A server of invented feeds for bench/collect.py, in a process of its own: prints its port, ends with its stdin.

What a feed does is the first part of its path:
  /etag/N    answers 304 to its validator        /same/N    never changes, and has no validator
  /news/N    has one new entry of 30 at each ask  /slow/N    answers after 2 to 10 s (by N)
  /down/N    answers 503
With the files of a certificate and its key as arguments it speaks TLS.
"""

import asyncio
import re
import ssl
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache

ENTRIES = 30
ENTRY_BYTES = 1_700
"""About 52 KB a feed, as measured in shared/design/PERFORMANCE.md."""

FIGHT_EVERY = 20
"""One entry in so many tells of a fight: about 5 %."""

_PATH = re.compile(rb"GET (?:https?://[^/ ]+)?/(\w+)/(\d+)[ ?]")
_FILLER = "The council met again on the matter of the harbour, and the minutes say that nothing was decided. "
_FIGHTS = ("Rebels besiege the town of Vardo Hill", "Army advances on Lower Kessin, residents say",
           "Militia storms the airfield near Tolmar", "Aid convoy reaches besieged Brannok")  # fmt: skip
_BEGUN = datetime.now(UTC)


@lru_cache(maxsize=200_000)
def entry(feed: int, number: int) -> str:
    """Entry `number` of a feed; the higher, the newer."""
    fight = number % FIGHT_EVERY == 7
    title = f"{_FIGHTS[number % len(_FIGHTS)]} ({feed}-{number})" if fight else f"Notes from ward {feed}, part {number}"
    at = format_datetime(_BEGUN - timedelta(minutes=ENTRIES) + timedelta(seconds=number), usegmt=True)
    text = (f"Ward {feed}, part {number}. " + _FILLER * 20)[: ENTRY_BYTES - 300]
    return (f"<item><title>{title}</title><link>http://feed-{feed}.example/{number}</link>"
            f"<guid>feed-{feed}-{number}</guid><pubDate>{at}</pubDate>"
            f"<description>{text}</description></item>")  # fmt: skip


def document(feed: int, newest: int = ENTRIES) -> bytes:
    """The feed as it stands when entry `newest` is the last one published."""
    entries = "".join(entry(feed, number) for number in range(newest, newest - ENTRIES, -1))
    return (f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Feed {feed}</title>'
            f"<link>http://feed-{feed}.example/</link>{entries}</channel></rss>").encode()  # fmt: skip


class Talk(asyncio.Protocol):
    """One kept connection; requests come one after the other."""

    asks: Counter[bytes] = Counter()
    bodies: dict[int, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.said = transport, b""

    def data_received(self, data: bytes) -> None:
        self.said += data
        while b"\r\n\r\n" in self.said:
            head, _, self.said = self.said.partition(b"\r\n\r\n")
            self.answer(head)

    def answer(self, head: bytes) -> None:
        found = _PATH.match(head)
        kind, feed = (found[1], int(found[2])) if found else (b"", 0)
        if kind == b"slow":
            asyncio.get_running_loop().call_later(2 + feed % 9, self.send, b"200 OK", self.body(feed))
        elif kind == b"down":
            self.send(b"503 Service Unavailable", b"")
        elif kind == b"news":
            self.asks[found[0]] += 1  # type: ignore[index]
            self.send(b"200 OK", document(feed, ENTRIES + self.asks[found[0]]))  # type: ignore[index]
        elif kind == b"etag" and b'f-None-Match: "same"' in head:
            self.send(b"304 Not Modified", None)
        else:
            self.send(b"200 OK", self.body(feed), b'ETag: "same"\r\n' if kind == b"etag" else b"")

    def body(self, feed: int) -> bytes:
        if feed not in self.bodies:
            self.bodies[feed] = document(feed)
        return self.bodies[feed]

    def send(self, status: bytes, body: bytes | None, more: bytes = b"") -> None:
        if self.transport.is_closing():
            return
        length = b"" if body is None else b"Content-Type: application/rss+xml\r\nContent-Length: %d\r\n" % len(body)
        self.transport.write(b"HTTP/1.1 " + status + b"\r\n" + length + more + b"\r\n" + (body or b""))  # type: ignore[attr-defined]


async def serve(*certificate: str) -> None:
    loop, tls = asyncio.get_running_loop(), None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificate)
    # Every address of 127.0.0.0/8.
    server = await loop.create_server(Talk, "0.0.0.0", 0, backlog=4_096, ssl=tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
