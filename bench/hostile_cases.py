"""What hostile servers say, for bench/hostile_servers.py and for the tests: a case for each way to do harm."""

import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from socket import socket

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / "support"), str(Path(__file__).parent)]

from web_servers import (  # noqa: E402
    Talk,
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
    silence,
)

import hostile  # noqa: E402

DOCUMENT_BYTES = 14_000_000
METADATA = "169.254.169.254"
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LATE = "no answer in time"


@dataclass(frozen=True)
class Case:
    """`talk` is made of the size in bytes that bombs may have and the port of a server that nobody may ask; `said` is a
    pattern of what must be told. The feed's host means `addresses` in turn, the last one for ever."""

    name: str
    talk: Callable[[int, int], Talk]
    said: str
    tls: tuple[str, ...] | None = None
    trusted: bool = True
    scheme: str = "http"
    addresses: tuple[str, ...] = ()
    host: str = "127.0.0.1"

    @property
    def outlasts(self) -> bool:
        """Whether only the clock ends it."""
        return self.said == LATE


def cases() -> Iterator[Case]:
    yield from _addresses()
    yield from _redirects()
    yield from _sizes()
    yield from _delays()
    yield from _lies()
    yield from _tls()
    yield from _documents()


def _addresses() -> Iterator[Case]:
    spellings = {
        "as it stands": METADATA, "as one number": "2852039166", "in hex": "0xa9fea9fe",
        "in octal": "0251.0376.0251.0376",
        "short": "169.16689662", "in full-width digits": "１６９.254.169.254", "IPv4-mapped": f"[::ffff:{METADATA}]",
        "IPv4-compatible": f"[::{METADATA}]", "NAT64": "[64:ff9b::a9fe:a9fe]", "6to4": "[2002:a9fe:a9fe::1]",
        "Teredo": "[2001:0:a9fe:a9fe::1]", "of IPv6": "[fd00:ec2::254]", "behind a user": f"example.org@{METADATA}",
        "with a final dot": f"{METADATA}.",
    }  # fmt: skip
    for name, host in spellings.items():
        told = "refused, as|not an address that can be requested|not known"
        yield Case(f"metadata address {name}", _then(redirect(f"http://{host}/latest/")), told)
    for name, address in {"link-local": METADATA, "private": "10.0.0.1", "IPv4-mapped": "::ffff:10.0.0.1"}.items():
        told = rf"rebind\.example: refused, as \S+ is {name}"
        yield Case(
            f"name that means a {name} address", _then(plain()), told, host="rebind.example", addresses=(address,)
        )
    again = plain(b"", "302 Found", "Location: /again", "Connection: close")
    yield Case("name that means another address a moment later", _then(again), "refused, as 10.0.0.1 is private",
               host="rebind.example", addresses=("127.0.0.1", "10.0.0.1"))  # fmt: skip


def _redirects() -> Iterator[Case]:
    for to in ("file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "ftp://127.0.0.1/", "data:text/xml,<rss/>"):
        yield Case(f"redirect to {to.partition(':')[0]}", _then(redirect(to)), "only http and https are reached")
    yield Case("redirect loop", _then(redirect("/again")), "over 5 redirects")
    big = b"x" * 5_000_000
    yield Case("redirect loop with bodies of 5 MB", _then(plain(big, "302 Found", "Location: /")),
               "over 5 redirects|the body is over")  # fmt: skip
    yield Case("redirect without an address", _then(plain(b"", "302 Found")), "a redirect to nowhere")
    injected = redirect("/%0d%0aX-Injected:%20yes\tX-Injected: yes")
    yield Case("redirect that writes headers", _always(_no_injection(injected)), "2 entries")


def _sizes() -> Iterator[Case]:
    swells = "swells over|the body is over"
    yield Case("gzip bomb", lambda size, _: _coded("gzip", _bomb(size, 31)), swells)
    yield Case("gzip bomb of many members", lambda size, _: _coded("gzip", _members(size)), swells)
    yield Case("deflate bomb", lambda size, _: _coded("deflate", _bomb(size, 15)), swells)
    yield Case("bare deflate bomb", lambda size, _: _coded("deflate", _bomb(size, -15)), swells)
    yield Case("gzip of empty members", lambda size, _: _coded("gzip", _gzip(b"") * (min(size, DOCUMENT_BYTES) // 20)),
               "compressed parts|the body is over")  # fmt: skip
    yield Case("gzip within gzip", lambda size, _: _coded("gzip, gzip", _bomb(size, 31)), "not asked for")
    yield Case("brotli", lambda size, _: _coded("br", b"\x5b" * size), "not asked for|the body is over")
    yield Case("zstd", _always(_coded("zstd", b"\x28\xb5\x2f\xfd" * 9)), "not asked for")
    yield Case("gzip as transfer encoding", lambda size, _: _transfer_coded(_bomb(size, 31)), ".")
    yield Case("one header without end", _always(endless_headers), "the headers are")
    yield Case(
        "header of 100 MB", lambda size, _: _said(OK + b"X: " + b"y" * (size // 10) + b"\r\n\r\n"), "headers are"
    )
    yield Case("150 headers", _always(many_headers), "the headers are")
    yield Case("10,000 headers", _always(_said(OK + b"X: y\r\n" * 10_000 + b"\r\n")), "the headers are")
    yield Case("interim answers without end", _always(_endless(b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n")),
               "the headers are|no answer in time")  # fmt: skip
    yield Case("body without end", _always(endless_body), "the body is over")
    yield Case("chunks without end", _always(_endless(b"10000\r\n" + b"x" * 65_536 + b"\r\n", CHUNKED)),
               "the body is over")  # fmt: skip
    yield Case("chunk extension without end", _always(_endless(b"x" * 65_536, CHUNKED + b"5;")), ".")
    yield Case("trailers without end", _always(_endless(b"X: y\r\n" * 999, CHUNKED + b"2\r\nok\r\n0\r\n")), ".")
    yield Case("100 GB announced", _always(_endless(b"x" * 65_536, OK + b"Content-Length: 99999999999\r\n\r\n")),
               "the body is over")  # fmt: skip


def _delays() -> Iterator[Case]:
    for name, talk in {"headers that drip": drip_headers, "body that drips": drip_body, "chunks that drip": drip_chunks,
                       "interim answers that drip": drip_continue, "silence": silence}.items():  # fmt: skip
        yield Case(name, _always(talk), LATE)
    yield Case("silence where TLS is expected", _always(silence), LATE, scheme="https")
    yield Case("redirects that each take a while", _always(_slow(redirect("/again"))), LATE)


def _lies() -> Iterator[Case]:
    feed = hostile.feed(2)
    length = OK + b"Content-Length: %d\r\n\r\n%b"
    yield Case("Content-Length too long", _always(_closing(length % (len(feed) + 9, feed))), "broke off")
    yield Case("Content-Length too short", _always(_said(length % (len(feed) - 30, feed))), "broken XML")
    yield Case("Content-Length below zero", _always(_closing(length % (-5, feed))), ".")
    two = OK + b"Content-Length: 5\r\n" + (length % (len(feed), feed))[len(OK) :]
    yield Case("two Content-Lengths", _always(_closing(two)), ".")
    yield Case("chunk of 16 EiB", _always(_closing(CHUNKED + b"FFFFFFFFFFFFFFFF\r\n" + feed)), ".")
    yield Case("chunk below zero", _always(_closing(CHUNKED + b"-5\r\n" + feed)), "broke off|no HTTP answer")
    yield Case("chunk of -1 bytes without end", _always(_endless(b"x" * 65_536, CHUNKED + b"-1\r\n")),
               "broke off|no HTTP answer")  # fmt: skip
    yield Case("gzip cut short", _always(_coded("gzip", _gzip(feed)[:-12])), "cut short")
    yield Case("gzip that is none", _always(_coded("gzip", feed)), "corrupt")
    yield Case("no HTTP at all", _always(_closing(b"220 mail.example ESMTP\r\n")), "no HTTP answer")
    yield Case("HTTP 0.9", _always(_closing(feed)), "no HTTP answer|broke off in its headers")
    yield Case("nothing", _always(_closing(b"")), "closed the connection")
    yield Case("status 999", _then(plain(b"", "999 Request denied")), "999")


def _tls() -> Iterator[Case]:
    yield Case("TLS self-signed", _then(plain()), "bad certificate", tls=("127.0.0.1",), trusted=False)
    yield Case("TLS for another name", _then(plain()), "bad certificate", tls=("other.example",))
    yield Case("no TLS where it is expected", _always(_plain_spoken), "TLS", scheme="https")


def _documents() -> Iterator[Case]:
    yield Case(
        "document: billion laughs", lambda size, _: _document("billion laughs", size), "entities made of entities"
    )
    for name in ("one long entity", "nested deeply, closed", "JSON nested deeply", "a name like an address"):
        yield Case(f"document: {name}", lambda size, _, name=name: _document(name, size), ".")
    for name, declared in {
        "external entity, a file": '<!ENTITY x SYSTEM "file:///etc/passwd">',
        "external entity, a web address": '<!ENTITY x SYSTEM "http://127.0.0.1:{trap}/x">',
        "external parameter entity": '<!ENTITY % p SYSTEM "http://127.0.0.1:{trap}/p"> %p; <!ENTITY x "y">',
    }.items():
        yield Case(f"document: {name}", lambda _size, trap, declared=declared: _entity(declared, trap),
                   "2 entries; external entities are not read")  # fmt: skip
    outside = '<!DOCTYPE rss SYSTEM "http://127.0.0.1:{trap}/dtd">'
    yield Case("document: external type", lambda _size, trap: _typed(outside.replace("{trap}", str(trap))), "2 entries")


def _always(talk: Talk) -> Callable[[int, int], Talk]:
    return lambda _size, _trap: talk


def _then(*answers: bytes) -> Callable[[int, int], Talk]:
    # Anew for each server, as it counts what it has answered.
    return lambda _size, _trap: answering(*answers)


def _said(answer: bytes) -> Talk:
    def talk(peer: socket) -> None:
        head(peer)
        peer.sendall(answer)
        head(peer)

    return talk


def _closing(answer: bytes) -> Talk:
    def talk(peer: socket) -> None:
        head(peer)
        peer.sendall(answer)

    return talk


def _endless(piece: bytes, start: bytes = b"") -> Talk:
    def talk(peer: socket) -> None:
        head(peer)
        peer.sendall(start)
        while True:
            peer.sendall(piece)

    return talk


def _slow(answer: bytes) -> Talk:
    def talk(peer: socket) -> None:
        while head(peer):
            threading.Event().wait(1)
            peer.sendall(answer)

    return talk


def _plain_spoken(peer: socket) -> None:
    peer.recv(10)
    peer.sendall(plain())


def _coded(encoding: str, body: bytes) -> Talk:
    return _said(plain(body, "200 OK", f"Content-Encoding: {encoding}"))


def _transfer_coded(body: bytes) -> Talk:
    return _closing(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))


def _no_injection(answer: bytes) -> Talk:
    """Serves a feed to who asks for the second address without the header that stood in it."""
    turn = count()

    def talk(peer: socket) -> None:
        while asked := head(peer):
            injected = b"\nx-injected" in asked.lower()
            peer.sendall(
                plain(b"", "500 Injected") if injected else answer if next(turn) == 0 else plain(hostile.feed(2))
            )

    return talk


def _bomb(size: int, wbits: int) -> bytes:
    """`size` zeros deflated, made of one block again and again; the checksum at the end is missing."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    start = packer.compress(b"\0" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"\0" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * (size // 1_000_000 - 1)


def _members(size: int) -> bytes:
    return _gzip(b"\0" * 1_000_000) * (size // 1_000_000)


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def _document(name: str, size: int) -> Talk:
    return answering(plain(hostile.document(name, min(size // 4, DOCUMENT_BYTES))))


def _entity(declared: str, trap: int) -> Talk:
    body = hostile.feed(2).replace(b"Convoy 0", b"Convoy &x;").partition(b"?>")[2]
    doctype = "<!DOCTYPE rss [" + declared.replace("{trap}", str(trap)) + "]>"
    return answering(plain(b'<?xml version="1.0"?>' + doctype.encode() + body))


def _typed(doctype: str) -> Talk:
    body = hostile.feed(2).replace(b"Convoy 0", b"Convoy &x;").partition(b"?>")[2]
    return answering(plain(b'<?xml version="1.0"?>' + doctype.encode() + body))
