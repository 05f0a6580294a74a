"""The archive: nothing lost to a crash, nothing twice, nothing older than asked, and no harm from a bad disk."""

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from siegewatch.domain.item import Item
from siegewatch.store.archive import Archive, archived

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=999)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def archive(folder: Path, clock: Clock, process: str = "host:7", days: int = 30) -> Archive:
    return Archive(folder / "archive", days, process, clock)


def item(name: str, at: datetime = NOW) -> Item:
    return Item(name, f"Rebels besiege {name}", "Some 300 are trapped.", at, at, tags=("world",))


def names(folder: Path, since: datetime = LONG_AGO) -> list[str]:
    return [one.id for one in archived(folder / "archive", since)]


def die(one: Archive) -> None:
    """As SIGKILL would: what was handed to the system stays, nothing more is written."""
    assert one._segment is not None
    one._segment._file.close()


def test_items_come_back_as_they_were_kept(tmp_path, clock):
    kept = archive(tmp_path, clock)
    kept.keep([item("a"), item("b")])
    kept.close()
    assert list(archived(tmp_path / "archive", LONG_AGO)) == [item("a"), item("b")]


def test_what_a_killed_process_had_kept_can_be_read(tmp_path, clock):
    killed = archive(tmp_path, clock)
    killed.keep([item("a")])
    killed.keep([item("b")])
    die(killed)
    again = archive(tmp_path, clock)
    again.keep([item("b"), item("c")])
    assert names(tmp_path) == ["a", "b", "c"], "readable while it is written, each wording once"
    again.close()


def test_file_cut_off_anywhere_gives_what_stands_before_the_cut(tmp_path, clock):
    kept = archive(tmp_path, clock)
    for number in range(50):
        kept.keep([item(f"i{number}")])
    kept.close()
    [path] = (tmp_path / "archive").iterdir()
    whole = path.read_bytes()
    counts = []
    for size in range(0, len(whole), 97):
        path.write_bytes(whole[:size])
        found = names(tmp_path)
        assert found == [f"i{number}" for number in range(len(found))]
        counts.append(len(found))
    assert counts == sorted(counts)


def test_spoilt_file_costs_no_other(tmp_path, clock):
    for process in ("a", "b"):
        kept = archive(tmp_path, clock, process)
        kept.keep([item(process)])
        kept.close()
    (tmp_path / "archive" / "2026-03-01.a.0.jsonl.gz").write_bytes(b"nonsense")
    with capture_logs() as logged:
        assert names(tmp_path) == ["b"]
    assert [line["event"] for line in logged] == ["archive_cut"]


def test_processes_of_one_host_and_of_one_name_write_files_of_their_own(tmp_path, clock):
    writers = [archive(tmp_path, clock, process) for process in ("host:7", "host:7", "host:8")]
    for number, writer in enumerate(writers):
        writer.keep([item(str(number))])
        writer.close()
    files = sorted(path.name for path in (tmp_path / "archive").iterdir())
    assert files == [f"2026-03-01.host-{name}.jsonl.gz" for name in ("7.0", "7.1", "8.0")]
    assert sorted(names(tmp_path)) == ["0", "1", "2"]


def test_each_day_has_its_file_and_old_days_go(tmp_path, clock):
    kept = archive(tmp_path, clock, days=2)
    for day in range(4):
        clock.now = NOW + timedelta(days=day)
        kept.keep([item(f"day {day}", clock.now)])
    (tmp_path / "archive" / "notes.txt").write_text("an operator's own")
    kept.prune()
    kept.close()
    assert names(tmp_path) == ["day 1", "day 2", "day 3"]
    assert (tmp_path / "archive" / "notes.txt").exists()
    assert names(tmp_path, NOW + timedelta(days=2)) == ["day 2", "day 3"]


def test_archive_of_no_days_keeps_nothing_and_removes_what_was_kept(tmp_path, clock):
    before = archive(tmp_path, clock)
    before.keep([item("a")])
    before.close()
    clock.now += timedelta(days=1)
    off = archive(tmp_path, clock, days=0)
    off.keep([item("b")])
    off.prune()
    assert list((tmp_path / "archive").iterdir()) == []


def test_disk_that_fails_is_told_and_left_alone_for_a_while(tmp_path, clock):
    (tmp_path / "archive").write_text("a file where the folder should be")
    kept = archive(tmp_path, clock)
    with capture_logs() as logged:
        kept.keep([item("a")])
        kept.keep([item("b")])
        clock.now += timedelta(minutes=2)
        kept.keep([item("c")])
        kept.prune()
    assert [line["event"] for line in logged] == ["archive_failed"] * 2


def test_archive_is_small_and_plain_gzip(tmp_path, clock):
    kept = archive(tmp_path, clock)
    for number in range(1_000):
        kept.keep([item(f"town {number}", NOW + timedelta(seconds=number))])
    kept.close()
    [path] = (tmp_path / "archive").iterdir()
    assert path.stat().st_size < 100 * 1_000
    assert gzip.decompress(path.read_bytes()).count(b"\n") == 1_000
