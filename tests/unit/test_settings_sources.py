"""What sources ask of the feeds that name them, told with the line of the key."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from siegewatch.apps.cli import app
from siegewatch.apps.cli.one_feed import feed_of
from siegewatch.domain.errors import SettingsError
from siegewatch.domain.feed import Feed
from siegewatch.settings import load

MODULE = """
class Wire:
    schemes = ("imap", "wire")
    options = ("desk", "depth")

    @staticmethod
    def check(feed):
        return [] if feed.options.get("depth", "1").isdigit() else ["options.depth is no number, write digits only"]


class Folder:
    schemes = ("file",)


class Grumbler:
    @staticmethod
    def check(feed):
        return ["something is wrong"]
"""
SOURCES = {
    "wire": "wire_source:Wire",
    "drop": "wire_source:Folder",
    "grumbler": "wire_source:Grumbler",
    "lost": "nowhere_at_all:Lost",
    "misnamed": "wire_source:Missing",
}
CANARY = "hunter2canary"


@pytest.fixture(autouse=True)
def _installed(install: Callable[..., None]) -> None:
    install(SOURCES, {"wire_source": MODULE})


def feed(folder: Path, text: str, environ: dict[str, str] | None = None) -> Feed:
    (folder / "feeds.yaml").write_text(f"feeds:\n  - {text}\n", encoding="utf-8")
    (one,) = load(folder, environ or {}).feeds
    return one


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        feed(folder, text)
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


def test_options_reach_the_feed_and_cannot_be_changed(tmp_path: Path) -> None:
    one = feed(tmp_path, "{url: 'wire://h/', source: wire, options: {desk: '${DESK}', depth: 3}}", {"DESK": "west"})
    assert dict(one.options) == {"desk": "west", "depth": "3"}
    assert hash(one) == hash(feed(tmp_path, "{url: 'wire://h/', source: wire}"))
    with pytest.raises(TypeError):
        one.options["desk"] = "east"  # type: ignore[index]


def test_other_options_leave_the_id_of_a_feed_as_it_is(tmp_path: Path) -> None:
    plain = feed(tmp_path, "{url: 'wire://h/', source: wire}")
    assert feed(tmp_path, "{url: 'wire://h/', source: wire, options: {desk: west}}").id == plain.id


TOLD = {
    "url: https://h/\n    options: {desk: west}": (3, 'unknown key "desk", remove it: source feed takes no options'),
    "url: wire://h/\n    source: wire\n    options:\n      desc: x": (5, 'unknown key "desc", did you mean "desk"?'),
    "url: wire://h/\n    source: wire\n    options:\n      desk: x\n      depth: deep": (
        6,
        "options.depth is no number, write digits only",
    ),
    "url: wire://h/\n    source: wire\n    options: {desk: [a]}": (4, "options.desk must be one value, write plain"),
    "name: x\n    url: https://h/\n    source: wire": (3, "url is no imap or wire address, write wire://host/path"),
    "name: x\n    url: wire:h\n    source: wire": (3, "url is no imap or wire address"),
    "name: x\n    url: file:///srv/wire": (3, "url is no http or https address, write https://host/path"),
    "name: x\n    url: /srv/wire\n    source: drop": (3, "url is no file address, write file:///path, with %20 for"),
    "name: x\n    url: file://h/srv\n    source: drop": (3, "url is no file address"),
    "name: x\n    url: 'file:///srv/a b'\n    source: drop": (3, "url is no file address"),
    "url: https://h/\n    source: grumbler": (2, "something is wrong, look it up where the source is documented"),
    "url: https://h/\n    source: lost": (3, 'source "lost" cannot be imported (No module named'),
    "url: https://h/\n    source: misnamed": (3, 'source "misnamed" cannot be imported (module'),
    "url: 'http://[::1'": (2, "url is no address, write https://host/path"),
}


@pytest.mark.parametrize(("text", "told"), TOLD.items())
def test_what_a_source_does_not_take_is_told_with_its_line(tmp_path: Path, text: str, told: tuple[int, str]) -> None:
    (found,) = faults(tmp_path, text)
    assert found.startswith(f"feeds.yaml:{told[0]}: {told[1]}")


def test_an_option_that_cannot_be_filled_in_is_told_once(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, "{url: 'wire://h/', source: wire, options: {depth: '${NONE}'}}")
    assert "variable NONE is not set" in found


def test_no_fault_and_no_repr_shows_an_option(tmp_path: Path) -> None:
    for options in (f"{{{CANARY}: x}}", f"{{depth: {CANARY}}}", CANARY):
        assert CANARY not in "".join(faults(tmp_path, f"{{url: 'wire://h/', source: wire, options: {options}}}"))
    assert CANARY not in repr(feed(tmp_path, f"{{url: 'wire://h/', source: wire, options: {{desk: {CANARY}}}}}"))


def test_a_folder_is_named_by_its_last_part_and_may_be_read_every_second(tmp_path: Path) -> None:
    one = feed(tmp_path, "{url: 'file:///srv/the%20wire/', source: drop, every: 1s}")
    assert (one.name, one.url) == ("the wire", "file:///srv/the%20wire/")


@pytest.mark.parametrize("key", ["headers: {X-Key: a}", "auth: {bearer: a}", "user_agent: a", "proxy: 'http://h:1'"])
def test_a_folder_takes_nothing_that_is_said_to_servers(tmp_path: Path, key: str) -> None:
    (found,) = faults(tmp_path, f"{{url: 'file:///srv/wire', source: drop, {key}}}")
    assert "says how to ask a server, and url lies on this host, remove headers, auth, cookies," in found


def test_a_host_of_any_scheme_is_not_polled_every_second(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, "{url: 'wire://h/', source: wire, every: 1s}")
    assert 'every "1s" is under 60 s' in found


def test_one_folder_stands_once_with_or_without_a_slash(tmp_path: Path) -> None:
    one = "{url: 'file:///srv/wire', source: drop}"
    (found,) = faults(tmp_path, f"{one}\n  - {one.replace('wire', 'wire/')}")
    assert "this url stands already on line 2" in found


def test_what_feeds_yaml_says_of_an_address_holds_on_the_command_line() -> None:
    known = Feed(
        "wire://h/", "Wire", source="wire", options={"desk": "west"}, headers={"X-Key": "a"}, allow=("10.0.0.1",)
    )
    same = feed_of("wire://h/", None, ["depth=2"], ["10.0.0.2"], [known])
    other = feed_of("wire://h/", "wire", None, None, [])
    assert same == replace(known, options={"desk": "west", "depth": "2"}, allow=("10.0.0.1", "10.0.0.2/32"))
    assert (other.name, other.options, other.headers) == ("wire://h/", {}, {})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["https://h/", "--source", "nothing"], "no source 'nothing' is installed"),
        (["https://h/", "--source", "misnamed"], "the source 'misnamed' cannot be imported"),
        (["https://h/", "--option", "a=b"], 'unknown key "a", remove it: source feed takes no options'),
        (["https://h/", "--option", "a"], "--option: write NAME=VALUE"),
        (["http://[::1"], "url is no http or https address"),
        (["wire://h/", "--source", "wire", "--option", "depth=x"], "options.depth is no number"),
    ],
)
def test_a_feed_on_the_command_line_is_held_to_the_same_rules(arguments: list[str], told: str) -> None:
    result: Any = CliRunner().invoke(app, ["feeds", "test", *arguments])
    assert result.exit_code == 2
    assert told in result.stderr
