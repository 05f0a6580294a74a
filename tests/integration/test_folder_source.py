"""The source `folder` on real folders, with real parsers: what it reads, when, and what it survives."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from siegewatch.collect.parser_process import ParserPool
from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.collect.sources.folder import FolderSource
from siegewatch.domain.feed import Feed, Validators
from siegewatch.net.door import Door
from siegewatch.net.messages import Limits

NOW = datetime.now(UTC)
FEEDS = Path(__file__).parents[1] / "fixtures" / "feeds"


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    door, parsers = Door(allow=(), user_agent="test"), ParserPool(1)
    yield Tools(door, Limits(), parsers, 100, timedelta(days=1))
    parsers.close()
    door.close()


@pytest.fixture
def source(tools: Tools) -> FolderSource:
    return FolderSource(tools)


@pytest.fixture
def wire(tmp_path: Path) -> Path:
    folder = tmp_path / "the wire"
    folder.mkdir()
    return folder


def feed(folder: Path, **options: str) -> Feed:
    return Feed(folder.as_uri(), "Wire", source="folder", options=options)


def line(name: str, **more: str) -> str:
    return json.dumps({"id": name, "title": f"Report {name}", **more}) + "\n"


def guids(reading: Reading) -> list[str | None]:
    return [entry.guid for entry in reading.entries]


def test_lines_are_read_once_and_new_ones_as_they_come(source: FolderSource, wire: Path) -> None:
    (wire / "a.jsonl").write_text(line("1") + line("2") + '{"id": "3", "ti')
    first = source.read(feed(wire), Validators(), NOW)
    again = source.read(feed(wire), first.validators, NOW)
    with (wire / "a.jsonl").open("a") as file:
        file.write('tle": "Report 3"}\n' + line("4"))
    then = source.read(feed(wire), again.validators, NOW)
    assert (guids(first), first.problem, first.remark) == (["2", "1"], None, None)
    assert (guids(again), again.unchanged) == ([], True)
    assert (guids(then), then.unchanged) == (["4", "3"], False)


def test_a_file_that_replaces_another_is_read_from_its_begin(source: FolderSource, wire: Path) -> None:
    (wire / "a.jsonl").write_text(line("1"))
    first = source.read(feed(wire), Validators(), NOW)
    (wire / "a.jsonl").unlink()
    (wire / "a.jsonl").write_text(line("7") + line("8"))
    assert guids(source.read(feed(wire), first.validators, NOW)) == ["8", "7"]


def test_documents_are_read_as_feeds_and_name_their_outlet(source: FolderSource, wire: Path) -> None:
    for name in ("rss20.xml", "atom10.xml", "jsonfeed11.json"):
        (wire / name).write_bytes((FEEDS / name).read_bytes())
    reading = source.read(feed(wire, pattern="*.xml, *.json"), Validators(), NOW)
    wanted = [row for name in ("rss20", "atom10", "jsonfeed11") for row in _expected(name)]
    assert sorted(entry.title for entry in reading.entries) == sorted(row["title"] for row in wanted)
    assert all(entry.outlet for entry in reading.entries)


def _expected(name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((FEEDS / f"{name}.expected.json").read_text())["entries"]
    return found


def test_files_are_read_oldest_first_and_the_rest_waits(tools: Tools, wire: Path) -> None:
    source = FolderSource(replace(tools, max_entries=3))
    for name in ("b", "a"):
        (wire / f"{name}.jsonl").write_text(line(f"{name}1") + line(f"{name}2"))
        os.sync()
    first = source.read(feed(wire), Validators(), NOW)
    then = source.read(feed(wire), first.validators, NOW)
    last = source.read(feed(wire), then.validators, NOW)
    assert len(first.entries) == 3
    assert first.remark == "files that wait for the next poll: 1"
    assert sorted([*guids(first), *guids(then)]) == ["a1", "a2", "b1", "b2"]
    assert last.unchanged


def test_a_document_that_does_not_fit_any_more_waits_as_a_whole(tools: Tools, wire: Path) -> None:
    document = (FEEDS / "rss20.xml").read_bytes()
    number = len(_expected("rss20"))
    source = FolderSource(replace(tools, max_entries=number + 1))
    (wire / "a.jsonl").write_text(line("1") + line("2"))
    (wire / "b.jsonl").write_text("")
    (wire / "c.xml").write_bytes(document)
    first = source.read(feed(wire), Validators(), NOW)
    then = source.read(feed(wire), first.validators, NOW)
    assert sorted((len(first.entries), len(then.entries))) == sorted((2, number))


def test_a_file_longer_than_may_be_read_at_once_is_read_on(tools: Tools, wire: Path) -> None:
    source = FolderSource(replace(tools, limits=Limits(max_bytes=200)))
    (wire / "a.jsonl").write_text("".join(line(str(at)) for at in range(20)))
    (wire / "b.xml").write_bytes((FEEDS / "rss20.xml").read_bytes())
    found: list[str | None] = []
    reading = Reading(Validators())
    for _ in range(10):
        reading = source.read(feed(wire), reading.validators, NOW)
        found += guids(reading)[::-1]
    assert found == [str(at) for at in range(20)]
    assert reading.remark == "b.xml is over 200 bytes: left out"


def test_what_leads_elsewhere_or_is_not_ready_is_not_read(source: FolderSource, wire: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text(line("secret"))
    (wire / "out.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (wire / "up.jsonl").symlink_to("../secret.jsonl")
    (wire / "nowhere.jsonl").symlink_to("nothing")
    (wire / "loop.jsonl").symlink_to("loop.jsonl")
    os.mkfifo(wire / "pipe.jsonl")
    (wire / "folder.jsonl").mkdir()
    (wire / ".hidden.jsonl").write_text(line("hidden"))
    (wire / "other.txt").write_text(line("other"))
    (wire / "..data").mkdir()
    (wire / "..data" / "real").write_text(line("inside"))
    (wire / "in.jsonl").symlink_to("..data/real")
    reading = source.read(feed(wire), Validators(), NOW)
    assert (guids(reading), reading.problem) == (["inside"], None)
    assert reading.remark == (
        "loop.jsonl is no file: refused; nowhere.jsonl leads to nothing; "
        "out.jsonl leads out of the folder: refused; 2 more remarks"
    )


def test_bad_files_are_remarks_and_harm_no_other(source: FolderSource, wire: Path) -> None:
    (wire / "a.xml").write_bytes(b"\xff\x00nonsense")
    (wire / "b.xml").touch()
    (wire / "c\x1b[2J.jsonl").write_bytes(b"\x00\xff\n" + line("1").encode())
    (wire / "d.jsonl").touch()
    os.utime(wire / "d.jsonl", (0, 2**40))
    reading = source.read(feed(wire), Validators(), NOW)
    assert (guids(reading), reading.problem) == (["1"], None)
    assert reading.remark
    assert reading.remark.startswith(
        "a.xml: broken XML: not well-formed (invalid token); b.xml: empty document; c[2J.jsonl: lines left out: 1, "
    )
    (wire / "b.xml").write_bytes((FEEDS / "rss20.xml").read_bytes())
    again = source.read(feed(wire), reading.validators, NOW)
    assert len(again.entries) == len(_expected("rss20"))
    assert again.remark == "a.xml: broken XML: not well-formed (invalid token)"


def test_an_unreadable_file_is_a_remark(source: FolderSource, wire: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (wire / "a.jsonl").write_text(line("1"))

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    # The tests may run as root, who may read everything.
    monkeypatch.setattr("siegewatch.collect.listing.os.open", refused)
    reading = source.read(feed(wire), Validators(), NOW)
    assert (reading.remark, reading.problem) == ("a.jsonl cannot be read (Permission denied)", None)
    monkeypatch.undo()
    assert guids(source.read(feed(wire), reading.validators, NOW)) == ["1"]


@pytest.mark.parametrize("path", ["/nowhere/at/all", "/dev/null", "/%00"])
def test_a_folder_that_is_none_is_a_problem_and_forgets_nothing(source: FolderSource, path: str) -> None:
    reading = source.read(Feed(f"file://{path}", "Wire", source="folder"), Validators(state="kept"), NOW)
    assert reading.problem
    assert (reading.validators.state, reading.reached) == ("kept", None)


def test_an_item_without_a_date_is_as_old_as_its_file_but_undated_at_first(source: FolderSource, wire: Path) -> None:
    (wire / "a.jsonl").write_text(line("1"))
    first = source.read(feed(wire), Validators(), NOW)
    written_at = NOW - timedelta(days=3)
    (wire / "b.jsonl").write_text(line("2"))
    os.utime(wire / "b.jsonl", (0, written_at.timestamp()))
    (late,) = source.read(feed(wire), first.validators, NOW).entries
    assert first.entries[0].published_at is None
    assert late.published_at
    assert abs(late.published_at - written_at) < timedelta(seconds=1)


def test_another_pattern_looks_at_all_files_anew(source: FolderSource, wire: Path) -> None:
    (wire / "a.jsonl").write_text(line("1"))
    (wire / "b.lines.jsonl").write_text(line("2"))
    first = source.read(feed(wire, pattern="a*"), Validators(), NOW)
    then = source.read(feed(wire, pattern="*.jsonl"), first.validators, NOW)
    assert (guids(first), sorted(map(str, guids(then)))) == (["1"], ["1", "2"])


def test_many_threads_may_read_at_once(source: FolderSource, wire: Path) -> None:
    (wire / "a.jsonl").write_text("".join(line(str(at)) for at in range(50)))
    with ThreadPoolExecutor(4) as threads:
        readings = list(threads.map(lambda _: source.read(feed(wire), Validators(), NOW), range(8)))
    assert all(reading == readings[0] for reading in readings)


@pytest.mark.parametrize(
    ("pattern", "told"), [("", "is empty"), (" , ", "is empty"), ("../*", "holds a slash"), ("*.xml", None)]
)
def test_a_pattern_is_checked(wire: Path, pattern: str, told: str | None) -> None:
    found = FolderSource.check(feed(wire, pattern=pattern))
    assert [told in one for one in found if told] == ([True] if told else [])
    assert len(found) == (1 if told else 0)
