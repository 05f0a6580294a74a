"""Items as JSON Lines, line by line."""

import json
from datetime import UTC, datetime

import pytest

from siegewatch.collect.lines import LINE_BYTES, Portion, read_portion

WRITTEN_AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


def line(name: str, **more: object) -> bytes:
    return json.dumps({"id": name, "title": f"Report {name}", **more}).encode() + b"\n"


def read(data: bytes, most: int = 100, *, goes_on: bool = False) -> Portion:
    return read_portion(data, most, WRITTEN_AT, goes_on=goes_on)


def test_lines_become_drafts_with_clean_words() -> None:
    keys = {"summary": "<p>Rebels &amp; army</p>", "link": "https://e.example/1", "outlet": "Wire", "feed": "other"}
    (draft,) = read(b"\xef\xbb\xbf" + line("1", published="2026-03-09T10:00:00+02:00", **keys)).drafts
    assert (draft.guid, draft.title, draft.summary, draft.outlet) == ("1", "Report 1", "Rebels & army", "Wire")
    assert (draft.link, draft.dated_at) == ("https://e.example/1", datetime(2026, 3, 9, 8, tzinfo=UTC))


def test_an_item_without_a_date_has_that_of_its_file() -> None:
    assert read(line("1")).drafts[0].dated_at == WRITTEN_AT


def test_a_half_written_last_line_is_left() -> None:
    data = line("1") + line("2")
    for cut in range(len(line("1")), len(data) - 2):
        portion = read(data[:cut])
        assert ([draft.guid for draft in portion.drafts], portion.size) == (["1"], len(line("1")))


def test_a_whole_last_line_without_an_end_is_read() -> None:
    data = line("1").rstrip()
    assert (len(read(data).drafts), read(data).size) == (1, len(data))


def test_no_more_items_than_asked_for_are_read() -> None:
    portion = read(line("1") * 5, 2)
    assert (len(portion.drafts), portion.size) == (2, 2 * len(line("1")))


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (b"nonsense\n", "no JSON: "),
        (b"[1]\n", "no JSON object"),
        (b'{"title": "x"}\n', "no id, which must be a text"),
        (b'{"id": 1, "title": "x"}\n', "no id, which must be a text"),
        (b'{"id": "1"}\n', "no title, which must be a text"),
        (b'{"id": "1", "title": "x", "link": 3}\n', "link must be a text"),
        (b"x" * (LINE_BYTES + 1) + b"\n", "over 1 MB long"),
    ],
)
def test_a_line_that_is_no_item_harms_no_other(bad: bytes, told: str) -> None:
    portion = read(bad + b"\n  \n" + line("1"))
    assert [draft.guid for draft in portion.drafts] == ["1"]
    assert portion.faults.total() == 1
    assert next(iter(portion.faults)).startswith(told)


def test_what_stands_behind_the_bytes_read_is_left() -> None:
    portion = read(line("1") + b'{"id": "2", "ti', goes_on=True)
    assert (len(portion.drafts), portion.size) == (1, len(line("1")))


def test_a_line_longer_than_all_that_may_be_read_is_passed_over() -> None:
    portion = read(b"x" * 100, goes_on=True)
    assert (portion.drafts, portion.size, portion.faults.total()) == ([], 100, 1)
