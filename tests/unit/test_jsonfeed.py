"""JSON Feed: order of members, broken ends, wrong types, cuts."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siegewatch.collect.parse import Parsed, parse

NOW = datetime(2026, 3, 10, tzinfo=UTC)
VERSION = "https://jsonfeed.org/version/1"


def read(document: Any, max_entries: int = 100, **more: Any) -> Parsed:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    more = {"clock": lambda: 0.0} | more  # stopped: how much is read must not hang on how busy the machine is
    return parse(
        body,
        content_type="application/feed+json",
        url="https://e.example/feed.json",
        max_entries=max_entries,
        now=NOW,
        **more,
    )


def items(number: int) -> list[dict[str, str]]:
    return [{"id": str(at), "title": f"Report {at}"} for at in range(number)]


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (VERSION, "json10"),
        (VERSION + ".1", "json11"),
        ("https://www.jsonfeed.org/version/1.1/", "json11"),
        ("2", "json"),
    ],
)
def test_version_names_the_format(version: str, name: str) -> None:
    assert read({"version": version, "items": items(1)}).format == name


def test_order_of_members_does_not_matter() -> None:
    parsed = read({"items": items(2), "title": "Last", "version": VERSION})

    assert (parsed.format, parsed.title, len(parsed.entries)) == ("json10", "Last", 2)


@pytest.mark.parametrize("first", ["version", "items"])
def test_only_the_first_items_are_kept(first: str) -> None:
    members: dict[str, Any] = {"version": VERSION, "items": items(30)}
    ordered = dict(sorted(members.items(), key=lambda pair: pair[0] != first))

    parsed = read(ordered, max_entries=7)

    assert (parsed.format, parsed.cut_at, len(parsed.entries)) == ("json10", 7, 7)


def test_as_many_items_as_allowed_is_no_cut() -> None:
    assert read({"version": VERSION, "items": items(7)}, max_entries=7).cut_at is None


def test_reading_ends_when_the_time_is_spent() -> None:
    ticks = iter(range(100))

    parsed = read({"items": items(2000)}, 2000, budget_seconds=2.5, clock=lambda: float(next(ticks)))

    assert (parsed.cut_at, parsed.remark) == (512, "cut at 512 entries: the time for reading was spent")


def test_items_before_a_break_are_read() -> None:
    parsed = read(json.dumps({"version": VERSION, "items": items(5)}).encode()[:-25])

    assert (len(parsed.entries), parsed.problem, parsed.remark) == (4, None, "broken JSON behind item 4")


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"{", "broken JSON"),
        (b"[1]", "broken JSON"),
        (b"{]", "broken JSON"),
        (b'{"items":' + b"[" * 100_000, "broken JSON"),
        ({"items": []}, "JSON, but not a feed"),
        ({"items": {"a": 1}, "version": 1}, "JSON, but not a feed"),
    ],
)
def test_what_is_no_json_feed_is_a_problem(document: Any, problem: str) -> None:
    assert read(document).problem == problem


def test_title_is_taken_from_the_text_where_there_is_none() -> None:
    entry = read({"items": [{"content_html": "<p>Bridge falls at Orm. Nobody was hurt.</p>"}]}).entries[0]

    assert (entry.title, entry.summary) == ("Bridge falls at Orm.", "Bridge falls at Orm. Nobody was hurt.")


def test_summary_goes_before_text_and_text_before_markup() -> None:
    fields = {"title": "x", "summary": "short", "content_text": "long", "content_html": "<p>longest</p>"}
    found = []
    for name in ("summary", "content_text", "content_html"):
        found.append(read({"items": [fields]}).entries[0].summary)
        del fields[name]

    assert found == ["short", "long", "longest"]


def test_wide_encodings_and_byte_order_marks_are_read() -> None:
    text = json.dumps({"version": VERSION, "items": [{"title": "Осада"}]}, ensure_ascii=False)

    titles = {
        read(text.encode(name)).entries[0].title for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32")
    }

    assert titles == {"Осада"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
_ITEM = st.dictionaries(
    st.sampled_from(
        ["id", "url", "external_url", "title", "summary", "content_text", "content_html", "date_published"]
    ),
    _JSON,
)


@settings(max_examples=80, deadline=None)
@given(st.fixed_dictionaries({"version": _JSON, "title": _JSON, "items": st.lists(_ITEM | _JSON, max_size=5) | _JSON}))
def test_wrong_types_raise_nothing(document: dict[str, Any]) -> None:
    assert len(read(document, max_entries=3).entries) <= 3
