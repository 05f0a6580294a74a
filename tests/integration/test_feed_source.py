"""The source of feeds against a real publisher on loopback: how it asks, and what it makes of the answers."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from siegewatch.collect.parser_process import ParserPool
from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.collect.sources.feed import FeedSource
from siegewatch.domain.feed import Feed, Validators
from siegewatch.net.door import Door, Limits

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RSS = (
    b"<rss version='2.0'><channel><title>Courier</title><item><title>Rain</title><guid>1</guid></item></channel></rss>"
)


@dataclass
class Page:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Publisher(ThreadingHTTPServer):
    """Serves `pages` by path, and remembers what was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_port}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        server: Any = self.server
        server.asked.append((self.path, dict(self.headers)))
        page = server.pages.get(self.path, Page(b"nothing here", 404))
        etag = page.headers.get("ETag")
        same = etag is not None and etag == self.headers["If-None-Match"]
        self.send_response(304 if same else page.status)
        for name, value in {**page.headers, "Content-Length": str(0 if same else len(page.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if same else page.body)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def parsers() -> Iterator[ParserPool]:
    pool = ParserPool(1)
    yield pool
    pool.close()


@pytest.fixture
def source(parsers: ParserPool) -> Iterator[FeedSource]:
    door = Door(allow=[ip_network("127.0.0.0/8")], user_agent="siegewatch/test")
    yield FeedSource(Tools(door, Limits(total_seconds=5), parsers, 100, timedelta(days=1)))
    door.close()


Read = Callable[..., Reading]


@pytest.fixture
def read(source: FeedSource, publisher: Publisher) -> Read:
    """Polls the publisher's `path`, `again` after what an earlier poll has left."""

    def poll(path: str = "/rss", again: Validators | None = None, now: datetime = NOW, **more: Any) -> Reading:
        return source.read(Feed(publisher.url(path), "courier", **more), again or Validators(), now)

    return poll


def test_a_feed_is_asked_for_with_its_own_headers(publisher: Publisher, read: Read) -> None:
    publisher.pages["/rss"] = Page(RSS, headers={"ETag": '"1"'})
    headers = {"Authorization": "Bearer b", "Cookie": "a=1", "User-Agent": "desk", "accept": "text/xml"}
    first = read(headers=headers)
    assert [entry.title for entry in first.entries] == ["Rain"]
    assert read(headers=headers, again=first.validators).unchanged
    sent = [
        {name: heard.get(name) for name in ("Authorization", "Cookie", "User-Agent")} for _, heard in publisher.asked
    ]
    assert sent == [{"Authorization": "Bearer b", "Cookie": "a=1", "User-Agent": "desk"}] * 2
    assert {name: value for name, value in publisher.asked[0][1].items() if name.lower() == "accept"} == {
        "accept": "text/xml"
    }


def test_no_secret_of_a_feed_reaches_another_host_or_a_reading(publisher: Publisher, read: Read) -> None:
    publisher.pages["/rss"] = Page(status=301, headers={"Location": publisher.url("/other", host="localhost")})
    told = read(headers={"Authorization": "Bearer s3cret", "Cookie": "a=s3cret", "X-Key": "s3cret"})
    assert publisher.paths == ["/rss", "/other"]
    assert str(publisher.asked[0]).count("s3cret") == 3
    assert "s3cret" not in str(publisher.asked[1])
    assert "s3cret" not in repr(told)
