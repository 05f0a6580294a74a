"""Documents of JSON APIs, read by a layout."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siegewatch.collect.parse import Parsed, parse
from siegewatch.collect.text import fold

NOW = datetime(2026, 3, 10, tzinfo=UTC)
URL = "https://api.example.org/search?q=siege"
AT = datetime(2026, 3, 9, 10, 30, tzinfo=UTC)
LAYOUT = {
    "items": "response.results",
    "title": "webTitle",
    "summary": "fields.trail",
    "link": "https://e.example/{id}",
    "id": "id",
    "published": "date",
    "outlet": "by[*].name",
}
ITEM = {
    "id": "world/2026/1",
    "webTitle": "Rebels &amp; army fight for <b>Goma</b>",
    "fields": {"trail": "<p>Shelling   goes on</p><script>x()</script>"},
    "date": "2026-03-09T10:30:00Z",
    "by": [{"name": ""}, {"name": "Example Times"}],
}


def read(document: Any, layout: dict[str, str] = LAYOUT, most: int = 100, **more: Any) -> Parsed:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return parse(body, content_type=None, url=URL, max_entries=most, now=NOW, layout=layout, **more)


def response(*items: Any) -> Any:
    return {"response": {"status": "ok", "results": list(items)}}


def test_items_become_clean_entries() -> None:
    parsed = read(response(ITEM))
    (entry,) = parsed.entries
    assert (entry.title, entry.summary) == ("Rebels & army fight for Goma", "Shelling goes on")
    assert (entry.guid, entry.link) == ("world/2026/1", "https://e.example/world/2026/1")
    assert (entry.published_at, entry.outlet) == (AT, "Example Times")
    assert (parsed.format, parsed.problem, parsed.remark) == ("json", None, None)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-09T10:30:00Z",
        "2026-03-09T12:30:00.250+02:00",
        "Mon, 09 Mar 2026 10:30:00 +0000",
        1773052200,
        1773052200.75,
        1773052200000,
        "1773052200",
    ],
)
def test_dates_of_many_forms_are_read(written: object) -> None:
    (entry,) = read(response({**ITEM, "date": written})).entries
    assert entry.published_at == AT


@pytest.mark.parametrize(
    ("items", "document"),
    [
        ("", [ITEM]),
        ("[*]", [ITEM]),
        ("data", {"data": [ITEM]}),
        ("data[*]", {"data": {"a": ITEM}}),
        ("groups[*].rows", {"groups": [{"rows": []}, {"rows": [ITEM]}]}),
        ("groups[1].rows", {"groups": [{}, {"rows": [ITEM]}]}),
    ],
)
def test_lists_are_found_wherever_they_stand(items: str, document: Any) -> None:
    layout = {**LAYOUT, "items": items}
    assert len(read(document, {key: path for key, path in layout.items() if path}).entries) == 1


@pytest.mark.parametrize("document", [response(), {"response": {"results": None}}])
def test_a_list_of_nothing_is_no_problem(document: Any) -> None:
    parsed = read(document)
    assert (parsed.entries, parsed.problem, parsed.remark) == ((), None, None)


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        ({"items": "response.result"}, "options.items: response.result finds nothing: response holds status, results"),
        ({"items": "response.status"}, "options.items: response.status is no list: it is a text"),
        ({"items": "response"}, "options.items: response is no list: it holds status, results"),
        ({"title": "headline"}, "options.title: headline finds nothing in 1 items: the first one holds id, webTitle"),
        ({"title": "fields.head"}, "options.title: fields.head finds nothing in 1 items: fields holds trail"),
    ],
)
def test_a_path_without_which_nothing_is_read_is_a_problem_that_names_it(layout: dict[str, str], told: str) -> None:
    parsed = read(response(ITEM), LAYOUT | layout)
    assert (parsed.entries, (parsed.problem or "")[: len(told)]) == ((), told)


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        ({"summary": "lead"}, "options.summary: lead finds nothing in 1 items"),
        ({"link": "https://e.example/{slug}"}, "options.link: https://e.example/{slug} finds nothing in 1 items"),
        ({"published": "webTitle"}, "options.published: webTitle holds no date that is known"),
    ],
)
def test_another_path_that_finds_nothing_is_a_remark(layout: dict[str, str], told: str) -> None:
    parsed = read(response(ITEM), LAYOUT | layout)
    assert (len(parsed.entries), parsed.problem, parsed.remark) == (1, None, told)


def test_only_the_first_items_are_read() -> None:
    parsed = read(response(*({**ITEM, "id": str(at)} for at in range(30))), most=7)
    assert (len(parsed.entries), parsed.cut_at) == (7, 7)
    assert parsed.remark == "cut at 7 entries: it holds more than 7"


def test_reading_ends_when_the_time_is_spent() -> None:
    clock = iter(range(1_000))
    document = response(*({**ITEM, "id": str(at)} for at in range(900)))
    parsed = read(document, most=1_000, budget_seconds=2, clock=lambda: next(clock))
    assert parsed.remark == "cut at 512 entries: the time for reading was spent"


def test_relative_links_are_made_absolute_and_others_dropped() -> None:
    layout = {**LAYOUT, "link": "url"}
    found = read(response({**ITEM, "url": "/a"}, {**ITEM, "id": "2", "url": "javascript:x"}), layout).entries
    assert [entry.link for entry in found] == ["https://api.example.org/a", None]


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[" * 100_000, b"\xff\xfe\x00", b'{"response": {"results": ['])
def test_what_is_no_json_is_a_problem(body: bytes) -> None:
    assert read(body).problem in ("broken JSON", "not JSON")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["response", "results", "id", "webTitle", "fields", "by"]), inner, max_size=3)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None, database=None)
@given(JSON)
def test_no_document_brings_more_than_a_problem(document: Any) -> None:
    for body in (document, response(document), response({**ITEM, "fields": document, "by": document})):
        parsed = read(body)
        assert all(fold(entry.title) == entry.title for entry in parsed.entries)
