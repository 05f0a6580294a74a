"""The source `json` over real HTTP, with real parsers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Thread

import pytest

from siegewatch.collect.parser_process import ParserPool
from siegewatch.collect.sources.base import Tools
from siegewatch.collect.sources.json_api import JsonSource
from siegewatch.domain.feed import Feed, Validators
from siegewatch.net.door import Door
from siegewatch.net.messages import Limits

NOW = datetime(2026, 3, 10, tzinfo=UTC)
OPTIONS = {"items": "data", "title": "name", "id": "id"}


@dataclass
class Api:
    """Serves one document with an ETag; `asked` are the headers of each request."""

    body: bytes = json.dumps({"data": [{"id": 1, "name": "Rebels besiege Goma", "head": "Goma besieged"}]}).encode()
    asked: list[dict[str, str]] = field(default_factory=list)
    moved: bool = False
    url: str = ""


@pytest.fixture
def api() -> Iterator[Api]:
    served = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append({name.lower(): value for name, value in self.headers.items()})
            if served.moved and self.path == "/api":
                self.send_response(301)
                self.send_header("Location", "/v2")
                self.end_headers()
                return
            known = self.headers.get("If-None-Match") == '"v1"'
            self.send_response(304 if known else 200)
            self.send_header("ETag", '"v1"')
            self.end_headers()
            self.wfile.write(b"" if known else served.body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_port}/api"
    yield served
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def source() -> Iterator[JsonSource]:
    door, parsers = Door(allow=[ip_network("127.0.0.1")], user_agent="test"), ParserPool(1)
    yield JsonSource(Tools(door, Limits(), parsers, 100, timedelta(days=1)))
    parsers.close()
    door.close()


def feed(api: Api, **options: str) -> Feed:
    return Feed(api.url, "Api", source="json", options={**OPTIONS, **options})


def test_an_api_is_asked_for_json_and_read_once(source: JsonSource, api: Api) -> None:
    first = source.read(feed(api), Validators(), NOW)
    again = source.read(feed(api), first.validators, NOW)
    assert [(entry.guid, entry.title) for entry in first.entries] == [("1", "Rebels besiege Goma")]
    assert (again.unchanged, again.status, again.validators) == (True, 304, first.validators)
    assert api.asked[0]["accept"].startswith("application/json")
    assert api.asked[1]["if-none-match"] == '"v1"'


def test_other_paths_read_an_unchanged_document_anew(source: JsonSource, api: Api) -> None:
    first = source.read(feed(api), Validators(), NOW)
    then = source.read(feed(api, title="head"), first.validators, NOW)
    assert [entry.title for entry in then.entries] == ["Goma besieged"]
    assert "if-none-match" not in api.asked[1]


def test_a_path_that_finds_nothing_is_a_problem_and_no_validator_is_kept(source: JsonSource, api: Api) -> None:
    reading = source.read(feed(api, items="rows"), Validators(), NOW)
    assert reading.problem == "options.items: rows finds nothing: the document holds data"
    assert replace(reading.validators, state=None) == Validators()


def test_an_api_is_asked_with_the_headers_of_its_feed(source: JsonSource, api: Api) -> None:
    source.read(
        replace(feed(api), headers={"X-Api-Key": "k1", "Accept": "application/vnd.api+json"}), Validators(), NOW
    )
    assert (api.asked[0]["x-api-key"], api.asked[0]["accept"]) == ("k1", "application/vnd.api+json")


def test_a_move_of_an_api_is_told_and_outlives_other_paths(source: JsonSource, api: Api) -> None:
    api.moved = True
    first = source.read(feed(api), Validators(), NOW)
    then = source.read(feed(api, title="head"), first.validators, NOW)
    assert first.remark == f"moved for good to {api.url.replace('/api', '/v2')}: change url in feeds.yaml"
    assert then.validators.move
    assert then.validators.move.times == 2


def test_a_bot_wall_before_an_api_is_named(source: JsonSource, api: Api) -> None:
    api.body = b"<html><head><title>Just a moment...</title></head></html>"
    reading = source.read(feed(api), Validators(), NOW)
    assert reading.problem
    assert reading.problem.startswith("the server shows a bot wall (Cloudflare challenge)")


def test_a_document_that_explodes_in_memory_is_given_up(source: JsonSource, api: Api) -> None:
    api.body = b"[" + b"[]," * 4_000_000 + b"[]]"
    reading = source.read(feed(api), Validators(), NOW)
    assert reading.problem
    assert "given up" in reading.problem
    api.body = b'{"data": [{"id": 1, "name": "Well again"}]}'
    assert source.read(feed(api), Validators(), NOW).entries[0].title == "Well again"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, None),
        ({"link": "https://e.example/{id}/{a[0].b}"}, None),
        ({"link": "a.b"}, None),
        ({"link": "https://e.example/"}, "options.link is no address with a {path}, write https://host/{path}"),
        ({"link": "ftp://e.example/{id}"}, "options.link is no address with a {path}"),
        ({"link": "https://e.example/{id"}, "options.link is no address with a {path}"),
        ({"summary": "a..b"}, "options.summary is no path, write keys with dots, [n] and [*]"),
        ({"items": " "}, "options.items is empty, write keys with dots"),
    ],
)
def test_paths_are_checked_before_anything_is_read(api: Api, options: dict[str, str], told: str | None) -> None:
    found = JsonSource.check(feed(api, **options))
    assert [one.startswith(told or "") for one in found] == ([True] if told else [])


def test_a_title_must_be_named() -> None:
    (told,) = JsonSource.check(Feed("https://e.example/", "Api", options={"items": "data"}))
    assert told.startswith("options.title is missing, write ")
