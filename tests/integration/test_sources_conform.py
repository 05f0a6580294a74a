"""Every source that ships passes the checks that other authors' sources are put to, and a faulty one fails them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from siegewatch.apps.cli import app
from siegewatch.collect.parser_process import ParserPool
from siegewatch.collect.sources.base import Reading, Source, Tools
from siegewatch.collect.sources.conformance import CHECKS, findings
from siegewatch.collect.sources.feed import FeedSource
from siegewatch.collect.sources.folder import FolderSource
from siegewatch.collect.sources.json_api import JsonSource
from siegewatch.domain.feed import Feed, Validators
from siegewatch.domain.item import Entry
from siegewatch.net.door import Door
from siegewatch.net.messages import Limits

NOW = datetime.now(UTC)
FEEDS = Path(__file__).parents[1] / "fixtures" / "feeds"
OPTIONS = {"items": "items", "title": "title", "id": "id", "link": "url", "published": "date_published"}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(FEEDS)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    door, parsers = Door(allow=(), user_agent="test"), ParserPool(1)
    yield Tools(door, Limits(total_seconds=5), parsers, 100, timedelta(days=1))
    parsers.close()
    door.close()


@pytest.fixture
def wire(tmp_path: Path) -> str:
    folder = tmp_path / "wire"
    folder.mkdir()
    (folder / "a.jsonl").write_text(
        '{"id": "1", "title": "Rebels besiege Goma"}\n{"id": "2", "title": "Army advances"}'
    )
    (folder / "b.xml").write_bytes((FEEDS / "rss20.xml").read_bytes())
    return folder.as_uri()


def problems(make: Callable[[Tools], Source], feed: Feed, tools: Tools) -> dict[str, str]:
    return {one.check: one.problem for one in findings(make, feed, tools, NOW) if one.problem}


@pytest.mark.parametrize("document", ["rss20.xml", "atom10.xml", "rdf10.xml", "jsonfeed11.json"])
def test_the_source_feed_conforms(site: str, tools: Tools, document: str) -> None:
    assert problems(FeedSource, Feed(f"{site}/{document}", "A", allow=("127.0.0.1/32",)), tools) == {}


def test_the_source_json_conforms(site: str, tools: Tools) -> None:
    feed = Feed(f"{site}/jsonfeed11.json", "A", source="json", allow=("127.0.0.1/32",), options=OPTIONS)
    assert problems(JsonSource, feed, tools) == {}


def test_the_source_folder_conforms(wire: str, tools: Tools) -> None:
    assert problems(FolderSource, Feed(wire, "A", source="folder"), tools) == {}


class Good:
    """Reads two entries wherever there is a host called example; the faulty ones below change one thing each."""

    entries: tuple[Entry, ...] = (Entry("One", guid="1", published_at=NOW), Entry("Two", guid="2"))

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        if "example" not in feed.url:
            return Reading(validators, problem="nobody there", reached=False)
        return Reading(Validators(state="1"), self.entries[: self.tools.max_entries])


class Changing(Good):
    number = 0

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        Changing.number += 1
        reading = super().read(feed, validators, now)
        return reading if reading.problem else replace(reading, entries=(Entry(f"One {self.number}", guid="1"),))


class Remembering(Good):
    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.seen = False

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        reading = super().read(feed, validators, now)
        reading, self.seen = (replace(reading, entries=(), unchanged=True) if self.seen else reading), True
        return reading


class Hoarding(Good):
    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        return replace(super().read(feed, validators, now), validators=Validators(state="x" * 70_000))


class Raising(Good):
    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        if "example" not in feed.url:
            raise ConnectionError(f"cannot reach\n{feed.url}")
        return super().read(feed, validators, now)


class Telling(Good):
    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        reading = super().read(feed, validators, now)
        return replace(reading, problem=reading.problem and f"nobody at {feed.url}")


class Boundless(Good):
    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        reading = super().read(feed, validators, now)
        return replace(reading, entries=() if reading.problem else self.entries)


class Blind(Good):
    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        return Reading(validators, self.entries[: self.tools.max_entries])


def holding(entry: Entry) -> type[Good]:
    return type("Holding", (Good,), {"entries": (entry,)})


FAULTY = {
    "changing": (Changing, {"reads the same twice", "remembers nothing between calls", "serves several threads"}),
    "remembering": (Remembering, {"remembers nothing between calls", "serves several threads"}),
    "hoarding": (Hoarding, {"keeps what the store can keep"}),
    "telling": (Telling, {"survives a dead address, and tells no secret"}),
    "boundless": (Boundless, {"keeps to max_entries and max_bytes"}),
    "raising": (Raising, {name for name in CHECKS if name.startswith("survives")}),
    "blind": (Blind, {name for name in CHECKS if name.startswith("survives") and "garbage" not in name}),
    "empty": (type("Empty", (Good,), {"entries": ()}), {"reads the feed", *list(CHECKS)[7:10]}),
    "untitled": (holding(Entry("", guid="1")), {"gives entries a title and an identity"}),
    "unnamed": (holding(Entry("One")), {"gives entries a title and an identity"}),
    "naive": (holding(Entry("One", guid="1", published_at=NOW.replace(tzinfo=None))), {"dates entries in UTC"}),
    "unclean": (holding(Entry("One\ntwo", guid="1")), {"gives clean text and web links"}),
    "long": (holding(Entry("x" * 2_000, guid="1")), {"gives clean text and web links"}),
    "scripted": (holding(Entry("One", guid="1", link="javascript:x")), {"gives clean text and web links"}),
    "picky": (
        type("Picky", (Good,), {"check": staticmethod(lambda feed: ["options.a is missing, write it"])}),
        {"takes the feed's address and options"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "failed"), FAULTY.values(), ids=FAULTY)
def test_a_faulty_source_fails_the_checks_that_it_breaks(make: type[Good], failed: set[str], tools: Tools) -> None:
    assert problems(make, Feed("http://example/", "A"), tools).keys() == failed


def test_a_source_without_fault_passes_every_check(tools: Tools) -> None:
    assert problems(Good, Feed("http://example/", "A"), tools) == {}


def test_what_a_source_raises_is_told_in_one_line(tools: Tools) -> None:
    told = problems(Raising, Feed("http://example/", "A"), tools)["survives garbage"]
    assert told.startswith("raises ConnectionError: cannot reach http://127.0.0.1:")


def run(*arguments: str) -> Any:
    return CliRunner(env={"COLUMNS": "120", "TERM": "dumb"}).invoke(app, ["plugins", "test", *arguments])


def test_the_command_prints_every_check_and_ends_with_0(install: Callable[..., None], wire: str) -> None:
    install({"drop": "siegewatch.collect.sources.folder:FolderSource"})
    result = run("drop", "--url", wire, "--option", "pattern=*.jsonl")
    assert result.exit_code == 0, result.output
    assert [name for name in CHECKS if name not in result.stdout] == []
    assert result.stdout.count("yes") == len(CHECKS)


def test_the_command_ends_with_1_where_a_check_fails(install: Callable[..., None]) -> None:
    module = "from siegewatch.collect.sources.base import Reading\nclass Nothing:\n    def __init__(self, tools): ...\n"
    install({"nothing": "nothing_source:Nothing"}, {"nothing_source": module})
    result = run("nothing", "--url", "http://127.0.0.1:9/", "--format", "json")
    rows = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [row["check"] for row in rows] == list(CHECKS)
    assert result.stderr.startswith("siegewatch: nothing fails ")
    assert "raises AttributeError" in rows[1]["problem"]


def test_the_command_names_what_is_not_installed() -> None:
    result = run("nowhere", "--url", "http://127.0.0.1:9/")
    assert (result.exit_code, "no source 'nowhere' is installed" in result.stderr) == (2, True)
