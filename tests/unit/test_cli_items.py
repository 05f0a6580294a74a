"""Item lines: what is read, what is reported and skipped."""

from datetime import UTC, datetime

import pytest

from siegewatch.apps.cli.items import BadLine, ItemLine, good_lines, headline, read_lines
from siegewatch.apps.cli.rehearsal import in_order

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def one(line: bytes) -> ItemLine | BadLine:
    [read] = read_lines([line])
    return read


def test_headline_of_the_command_line_is_valid_text_whatever_its_bytes() -> None:
    assert headline("Rebels \ud800 at \udcff").title == "Rebels ? at ?"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"nonsense", "no JSON"),
        (b"[1]", "no JSON object"),
        (b'{"title": "t"}', "no id"),
        (b'{"id": "", "title": "t"}', "no id"),
        (b'{"id": 7, "title": "t"}', "no id"),
        (b'{"id": "a"}', "no title"),
        (b'{"id": "a", "title": null}', "no title"),
        (b'{"id": "a", "title": "t", "summary": ["s"]}', "summary must be a text"),
        (b'{"id": "a", "title": "t", "published": 7}', "published must be a text"),
        (b'{"id": "a", "title": "\xff"}', "no JSON"),
        (b'{"id": "a", "title": "\\ud800"}', "no JSON"),
    ],
)
def test_line_that_is_no_item_is_bad_and_says_why(line: bytes, what: str) -> None:
    read = one(line)
    assert isinstance(read, BadLine)
    assert read.what.startswith(what)


def test_item_takes_the_keys_it_knows_and_ignores_others() -> None:
    read = one('\ufeff{"id": "a", "title": "T", "summary": null, "link": "https://example.org", "more": {}}'.encode())
    assert isinstance(read, ItemLine)
    item = read.item(NOW, NOW, tags=("world",))
    assert (item.id, item.title, item.summary, item.link, item.tags) == (
        "a",
        "T",
        "",
        "https://example.org",
        ("world",),
    )


def test_blank_lines_are_no_items_but_count_as_lines() -> None:
    assert [line.number for line in read_lines([b"\n", b'{"id": "a", "title": "t"}\n', b"  \n", b"x\n"])] == [2, 4]


def test_good_lines_reports_bad_ones_by_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.id for line in good_lines(read_lines([b"x", b'{"id": "a", "title": "t"}']))] == ["a"]
    assert capsys.readouterr().err.startswith("line 1: no JSON")


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-03-01T12:00:00Z", NOW),
        ("2026-03-01T14:00:00+02:00", NOW),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T12:00:00", NOW),
    ],
)
def test_published_is_read_as_utc(written: str, at: datetime) -> None:
    assert ItemLine(1, "a", "t", {"published": written}).published_at() == at


@pytest.mark.parametrize("written", ["yesterday", "2026-13-01", "0001-01-01T00:00:00+14:00"])
def test_published_that_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        ItemLine(1, "a", "t", {"published": written}).published_at()


def lines(*published: str | None) -> list[ItemLine]:
    return [ItemLine(number, str(number), "t", {"published": at}) for number, at in enumerate(published, 1)]


def order(*published: str | None) -> list[str | None]:
    return [turn.line.id for turn in in_order(lines(*published), NOW)]


def test_replay_runs_in_the_order_of_published() -> None:
    assert order("2026-03-03", "2026-03-01", "2026-03-02") == ["2", "3", "1"]


def test_replay_keeps_a_line_without_published_behind_the_one_before_it() -> None:
    assert order("2026-03-03", None, "2026-03-01", None) == ["3", "4", "1", "2"]


def test_replay_keeps_the_order_of_a_file_without_any_published() -> None:
    turns = in_order(lines(None, None, None), NOW)
    assert [turn.line.id for turn in turns] == ["1", "2", "3"]
    assert turns[0].at == NOW


def test_replay_starts_undated_lines_with_the_first_time_known() -> None:
    assert order(None, "2026-03-02", "2026-03-01") == ["3", "1", "2"]


def test_replay_sees_no_two_lines_at_the_same_instant() -> None:
    times = [turn.at for turn in in_order(lines("2026-03-01", "2026-03-01", "2026-03-01", None), NOW)]
    assert times == sorted(set(times))


def test_replay_takes_a_line_with_an_impossible_date_as_bad() -> None:
    [turn] = in_order(lines("soon"), NOW)
    assert isinstance(turn.line, BadLine)
    assert turn.line.id == "1"
