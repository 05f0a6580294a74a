"""The source of feeds against a real publisher on loopback: how it asks, and what it makes of the answers."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from siegewatch.collect.parser_process import ParserPool
from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.collect.sources.feed import FeedSource
from siegewatch.domain.credentials import basic
from siegewatch.domain.errors import NameUnknown
from siegewatch.domain.feed import Feed, Move, Validators
from siegewatch.domain.moves import ADOPTED_AFTER, ADOPTED_AFTER_TIMES
from siegewatch.net.door import Door
from siegewatch.net.messages import Limits
from siegewatch.net.resolve import Endpoint

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


CANARY = "hunter2canary"
ECHOES = {
    "moved for good": (301, {"Location": "/moved/%s"}),
    "moved in a loop": (302, {"Location": "/rss?to=%s"}),
    "moved out of the web": (302, {"Location": "ftp://h/%s"}),
    "moved to a forbidden address": (302, {"Location": "http://10.0.0.1/%s"}),
    "moved to a host of its name": (302, {"Location": "http://%s.invalid/"}),
    "refused": (401, {"WWW-Authenticate": "Bearer realm=%s"}),
    "a page that names one feed": (200, {"Content-Type": "text/html"}),
    "no feed": (200, {"Content-Type": "text/xml", "X": "%s"}),
}


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {CANARY}"},
        {"Authorization": basic("ann", CANARY)},
        {"Cookie": f"a=1; sid={CANARY}"},
        {"X-Key": CANARY},
    ],
)
def test_a_secret_that_the_server_echoes_is_not_told(
    publisher: Publisher, read: Read, echo: str, headers: dict[str, str]
) -> None:
    status, answered = ECHOES[echo]
    link = f'<link rel="alternate" type="application/rss+xml" href="/{CANARY}">'
    body = f"<!DOCTYPE html><html><head>{link}</head></html>" if status == 200 and "html" in str(answered) else "<x/>"
    echoed = {name: value.replace("%s", CANARY) for name, value in answered.items()}
    publisher.pages["/rss"] = Page(body.encode(), status, echoed)
    publisher.pages[f"/moved/{CANARY}"] = Page(RSS)
    told = read(headers=headers)
    assert told.problem or told.remark
    assert CANARY not in f"{told.problem} {told.remark} {told!r}".lower()


def page(*feeds: str, title: str = "News") -> Page:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{address}">' for address in feeds)
    return Page(f"<!DOCTYPE html><html><head><title>{title}</title>{links}</head></html>".encode())


def test_a_bot_wall_is_named(publisher: Publisher, read: Read) -> None:
    publisher.pages["/rss"] = Page(b"<html>", 403, {"cf-mitigated": "challenge"})
    assert (read().problem or "").startswith("the server shows a bot wall (Cloudflare challenge): ask the publisher")


def test_a_bot_wall_that_claims_to_be_well_is_named_and_not_followed(publisher: Publisher, read: Read) -> None:
    wall = page("/feed", title="Just a moment...")
    publisher.pages["/rss"] = wall
    told = read()
    assert (told.problem or "").startswith("the server shows a bot wall (Cloudflare challenge)")
    assert (told.feeds, publisher.paths, told.validators) == ((), ["/rss"], Validators())


def test_a_feed_that_tells_of_walls_is_read(publisher: Publisher, read: Read) -> None:
    publisher.pages["/rss"] = Page(RSS.replace(b"Rain", b"captcha-delivery.com is down"))
    assert [entry.title for entry in read().entries] == ["captcha-delivery.com is down"]


def test_a_page_with_several_feeds_names_them(publisher: Publisher, read: Read) -> None:
    publisher.pages["/"] = page("/world.xml", "/mali.xml")
    told = read("/")
    world, mali = publisher.url("/world.xml"), publisher.url("/mali.xml")
    assert told.problem == f"this is a web page; its feeds are: {world}, {mali}, write one of these as url"
    assert (told.feeds, publisher.paths) == ((world, mali), ["/"])


def test_a_page_with_one_feed_is_read_through_to_it(publisher: Publisher, read: Read) -> None:
    publisher.pages |= {"/": page("/feed"), "/feed": Page(RSS, headers={"ETag": '"1"'})}
    told = read("/")
    assert [entry.title for entry in told.entries] == ["Rain"]
    there = publisher.url("/feed")
    assert told.remark == f"url is a web page, read through to its one feed {there}: write that as url in feeds.yaml"
    assert (told.problem, told.feeds, told.validators.found_at) == (None, (there,), there)


def test_the_feed_of_a_page_is_asked_for_directly_until_the_page_is_read_anew(publisher: Publisher, read: Read) -> None:
    publisher.pages |= {"/": page("/feed"), "/feed": Page(RSS, headers={"ETag": '"1"'})}
    first = read("/")
    second = read("/", again=first.validators, now=NOW + timedelta(minutes=5))
    assert (second.unchanged, publisher.paths) == (True, ["/", "/feed", "/feed"])
    publisher.pages |= {"/": page("/other"), "/other": Page(RSS)}
    third = read("/", again=second.validators, now=NOW + timedelta(days=1))
    assert (third.validators.found_at, publisher.paths[3:]) == (publisher.url("/other"), ["/", "/other"])
    assert "If-None-Match" not in publisher.asked[3][1]


def test_a_page_is_read_again_as_soon_as_its_feed_is_gone(publisher: Publisher, read: Read) -> None:
    publisher.pages |= {"/": page("/feed"), "/feed": Page(RSS)}
    first = read("/")
    del publisher.pages["/feed"]
    publisher.pages |= {"/": page("/new"), "/new": Page(RSS)}
    second = read("/", again=first.validators)
    assert (second.problem, second.validators.found_at) == (None, publisher.url("/new"))
    assert publisher.paths[2:] == ["/feed", "/", "/new"]


def test_a_feed_of_a_page_that_cannot_be_read_is_a_problem(publisher: Publisher, read: Read) -> None:
    publisher.pages |= {"/": page("/feed"), "/feed": page("/feed")}
    told = read("/")
    assert (told.problem or "").startswith(f"url is a web page; its one feed {publisher.url('/feed')} cannot be read: ")
    assert (publisher.paths, told.validators) == (["/", "/feed"], Validators())


@pytest.mark.parametrize("target", ["http://10.0.0.1/feed", "http://localhost.example.invalid:0/x", "http://[::1]:1/"])
def test_a_page_leads_nowhere_that_the_policy_forbids(publisher: Publisher, read: Read, target: str) -> None:
    publisher.pages["/"] = page(target)
    told = read("/")
    assert told.problem
    assert (told.entries, publisher.paths) == ((), ["/"])


def test_credentials_go_to_the_feed_of_a_page_on_its_own_host_alone(publisher: Publisher, read: Read) -> None:
    secret = {"Authorization": "Bearer s3cret", "X-Key": "s3cret", "User-Agent": "desk"}
    publisher.pages |= {"/": page("/feed"), "/feed": Page(RSS)}
    read("/", headers=secret)
    publisher.pages["/"] = page(publisher.url("/feed", host="localhost"))
    read("/", headers=secret)
    assert [str(heard).count("s3cret") for _, heard in publisher.asked] == [2, 2, 2, 0]
    assert publisher.asked[3][1]["User-Agent"] == "desk"


def moved(publisher: Publisher, to: str, times: int = ADOPTED_AFTER_TIMES, **host: str) -> Validators:
    """What is remembered of a feed that has said for long that it moved."""
    return Validators(move=Move(publisher.url(to, **host), times, NOW - ADOPTED_AFTER))


def test_permanent_redirects_are_counted_and_told(publisher: Publisher, read: Read) -> None:
    publisher.pages |= {"/rss": Page(status=301, headers={"Location": "/new"}), "/new": Page(RSS)}
    first = read()
    second = read(again=first.validators, now=NOW + timedelta(minutes=5))
    assert second.validators.move == Move(publisher.url("/new"), 2, NOW)
    assert first.remark == f"moved for good to {publisher.url('/new')}: change url in feeds.yaml"
    publisher.pages["/rss"] = Page(RSS)
    assert read(again=second.validators).validators.move is None


def test_a_move_of_long_standing_is_followed_without_asking(publisher: Publisher, read: Read) -> None:
    publisher.pages |= {"/rss": Page(b"asked no more", 500), "/new": Page(RSS)}
    told = read(again=moved(publisher, "/new"))
    assert (publisher.paths, len(told.entries)) == (["/new"], 1)
    assert told.remark == f"moved for good to {publisher.url('/new')}: change url in feeds.yaml"
    assert told.validators.move == moved(publisher, "/new").move


@pytest.mark.parametrize("status", [404, 410])
def test_a_move_that_leads_nowhere_is_forgotten_and_the_feed_read_where_it_was(
    publisher: Publisher, read: Read, status: int
) -> None:
    publisher.pages |= {"/rss": Page(RSS), "/new": Page(b"", status)}
    told = read(again=moved(publisher, "/new"))
    assert (publisher.paths, told.problem, len(told.entries)) == (["/new", "/rss"], None, 1)
    assert told.validators.move is None


@pytest.mark.parametrize("body", [b"<!doctype html><title>Home</title>", b"<rss"])
def test_a_redirect_to_what_is_no_feed_is_no_move(publisher: Publisher, read: Read, body: bytes) -> None:
    publisher.pages |= {"/rss": Page(status=301, headers={"Location": "/new"}), "/new": Page(body)}
    for before in (moved(publisher, "/new", 50), moved(publisher, "/new")):
        told = read(again=before)
        assert told.problem
        assert told.validators.move is None


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_move_outlives_troubles_of_the_new_server(publisher: Publisher, read: Read, status: int) -> None:
    publisher.pages |= {"/rss": Page(RSS), "/new": Page(b"", status)}
    told = read(again=moved(publisher, "/new"))
    assert (publisher.paths, told.status) == (["/new"], status)
    assert told.validators == moved(publisher, "/new")


def test_a_move_to_an_address_that_is_now_refused_is_forgotten(publisher: Publisher, read: Read) -> None:
    publisher.pages["/rss"] = Page(RSS)
    lapsed = Validators(move=Move("http://10.0.0.1/new", ADOPTED_AFTER_TIMES, NOW - ADOPTED_AFTER))
    told = read(again=lapsed)
    assert (told.problem, told.validators.move, publisher.paths) == (None, None, ["/rss"])


def test_a_move_to_a_name_that_is_no_more_is_forgotten_unless_nothing_answers(
    publisher: Publisher, source: FeedSource, parsers: ParserPool
) -> None:
    def knows_one(host: str, port: int, _seconds: float) -> Sequence[Endpoint]:
        if host != "old.example":
            raise NameUnknown(f"{host}: no such name")
        return (Endpoint(socket.AF_INET, ("127.0.0.1", port)),)

    def knows_none(host: str, _port: int, _seconds: float) -> Sequence[Endpoint]:
        raise NameUnknown(f"{host}: no such name")

    publisher.pages["/rss"] = Page(RSS)
    feed, before = Feed(publisher.url("/rss", host="old.example"), "courier"), moved(publisher, "/", host="new.example")
    for resolve, move, problem in ((knows_one, None, None), (knows_none, before.move, "new.example: no such name")):
        door = Door(allow=[ip_network("127.0.0.0/8")], user_agent="t", resolve=resolve)
        told = FeedSource(replace(source.tools, door=door)).read(feed, before, NOW)
        door.close()
        assert (told.validators.move, told.problem) == (move, problem)


def test_credentials_are_not_taken_along_on_a_move(publisher: Publisher, read: Read) -> None:
    publisher.pages["/new"] = Page(RSS)
    secret = {"Authorization": "Bearer s3cret", "Cookie": "a=s3cret"}
    read(again=moved(publisher, "/new", host="localhost"), headers=secret)
    read(again=moved(publisher, "/new"), headers=secret)
    assert [str(heard).count("s3cret") for _, heard in publisher.asked] == [0, 2]


def test_a_password_in_the_address_is_kept_on_a_move_within_its_host(publisher: Publisher, source: FeedSource) -> None:
    publisher.pages["/new"] = Page(RSS)
    feed = Feed(publisher.url("/rss", host="ann:pw@127.0.0.1"), "courier")
    for before in (moved(publisher, "/new"), moved(publisher, "/new", host="localhost")):
        source.read(feed, before, NOW)
    assert [heard.get("Authorization") for _, heard in publisher.asked] == ["Basic YW5uOnB3", None]
