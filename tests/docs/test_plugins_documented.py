"""The examples of docs/plugins.md are installed and run as they stand there; the checks named are those there are."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from siegewatch.apps.cli import app
from siegewatch.collect.sources.conformance import CHECKS
from siegewatch.domain.errors import SettingsError
from siegewatch.notify.channels.conformance import CHECKS as CHECKS_OF_CHANNELS
from siegewatch.settings import load

DOCUMENT = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
OF_SOURCES, OF_CHANNELS = DOCUMENT.split("## A channel of your own")


def blocks(text: str) -> dict[str, str]:
    return dict(re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


BLOCKS, CHANNEL_BLOCKS = blocks(OF_SOURCES), blocks(OF_CHANNELS)
PROJECT = tomllib.loads(BLOCKS["toml"])["project"]
TEXT = b"All the news\nRebels besiege Goma\n\nArmy   advances on Sake\r\n"


@pytest.fixture(autouse=True)
def _installed(install: Callable[..., None]) -> None:
    points = PROJECT["entry-points"]["siegewatch.sources"]
    install(points, {points["headlines"].partition(":")[0]: BLOCKS["python"]})


@pytest.fixture
def url() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(TEXT)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/headlines.txt"
    server.shutdown()
    server.server_close()


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, [*arguments, "--allow", "127.0.0.1/32", "--format", "json"])


def test_the_example_is_short() -> None:
    assert sum(len(block.splitlines()) for block in BLOCKS.values()) < 30


def test_the_example_reads_what_it_says(url: str) -> None:
    result = run("feeds", "test", url, "--source", "headlines", "--option", "skip=1")
    items = json.loads(result.stdout)["items"]
    assert sorted(item["title"] for item in items) == ["Army advances on Sake", "Rebels besiege Goma"]


def test_the_example_does_what_every_source_must(url: str) -> None:
    result = run("plugins", "test", "headlines", "--url", url, "--option", "skip=1")
    assert result.exit_code == 0, result.output


def test_the_example_of_feeds_yaml_is_well_and_a_wrong_option_is_told_with_its_line(tmp_path: Path) -> None:
    (entry,) = re.findall(r"`(\{url: .*?source: headlines.*?\}\})`", DOCUMENT)
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n  - {entry}\n")
    (feed,) = load(tmp_path, {}).feeds
    assert (feed.source, dict(feed.options)) == ("headlines", {"skip": "1"})
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n  - {entry.replace('skip: 1', 'skip: one')}\n")
    with pytest.raises(SettingsError, match=r"feeds.yaml:2: options.skip is no number, write digits only"):
        load(tmp_path, {})


def test_the_checks_named_are_those_there_are() -> None:
    assert re.findall(r"^- (.*)$", OF_SOURCES, re.MULTILINE) == list(CHECKS)
    assert re.findall(r"^- (.*)$", OF_CHANNELS, re.MULTILINE) == list(CHECKS_OF_CHANNELS)


def test_the_example_of_a_channel_does_what_every_channel_must(install: Callable[..., None]) -> None:
    [(name, point)] = tomllib.loads(CHANNEL_BLOCKS["toml"])["project"]["entry-points"]["siegewatch.channels"].items()
    module = {point.partition(":")[0]: CHANNEL_BLOCKS["python"]}
    install({name: point}, module, group="siegewatch.channels", package="a-channel-for-a-test")
    result = CliRunner().invoke(app, ["plugins", "test", name, "--format", "json"])
    assert result.exit_code == 0, result.output
    assert [row["check"] for row in json.loads(result.stdout)] == list(CHECKS_OF_CHANNELS)


def test_links_within_the_documents_lead_somewhere() -> None:
    for name in re.findall(r"\]\((\w+\.md)", DOCUMENT):
        assert (Path(__file__).parents[2] / "docs" / name).is_file()
