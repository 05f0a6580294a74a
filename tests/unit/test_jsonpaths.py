"""Paths and templates into JSON documents."""

import pytest

from siegewatch.collect.jsonpaths import ALL, Path, dead_end, filled, find, find_text, read_path, read_template

DOCUMENT = {"data": {"rows": [{"id": "1", "tags": ["", "a"]}, {"id": "2"}], "total": "2"}, "none": None, "": "x"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("data", ("data",)),
        (" data.rows ", ("data", "rows")),
        ("data.rows[0].id", ("data", "rows", 0, "id")),
        ("[*].id", (ALL, "id")),
        ("a[1][*]", ("a", 1, ALL)),
        ("dc:title.#text", ("dc:title", "#text")),
        ("a key.b", ("a key", "b")),
    ],
)
def test_paths_are_read(text: str, path: Path) -> None:
    assert read_path(text) == path


@pytest.mark.parametrize("text", ["a..b", "a.", "a[", "a[x]", "a[-1]", "a]b", "a[0]b", "{a}", "a[1234567]", "."])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_path(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("data.rows[*].id", ["1", "2"]),
        ("data.rows[1].id", ["2"]),
        ("data.rows[2].id", []),
        ("data[*][0].id", ["1"]),
        ("data.rows.id", []),
        ("data.total.x", []),
        ("none.x", []),
        ("none", [None]),
    ],
)
def test_paths_find_what_stands_there(text: str, found: list[object]) -> None:
    assert list(find(DOCUMENT, read_path(text))) == found


def test_the_first_text_counts() -> None:
    assert find_text(DOCUMENT, read_path("data.rows[0].tags[*]")) == "a"
    assert find_text(DOCUMENT, read_path("data.rows")) == ""


def test_templates_are_filled_in_safely_or_not_at_all() -> None:
    item = {"id": "a/b c?d=1", "at": {"year": "2026"}}
    assert filled(item, read_template("https://e.example/{at.year}/{id}")) == "https://e.example/2026/a/b%20c%3Fd%3D1"
    assert filled(item, read_template("https://e.example/{id}/{slug}")) == ""


@pytest.mark.parametrize("text", ["https://e.example/", "https://e.example/{a", "https://e.example/{a}}", "x{a..b}"])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_template(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("dat.rows", "it holds data, none, "),
        ("data.row", "data holds rows, total"),
        ("data.rows.id", "data.rows is a list of 2"),
        ("data.rows[2]", "data.rows is a list of 2"),
        ("data.rows[*].name", "data.rows[*] holds id, tags"),
        ("data.total.x", "data.total is a text"),
        ("none.x", "none is no text, list or object"),
    ],
)
def test_a_dead_end_says_what_stands_there(text: str, told: str) -> None:
    assert dead_end(DOCUMENT, read_path(text), "it") == told


def test_nothing_is_wrong_with_a_path_into_an_empty_list() -> None:
    assert dead_end({"rows": []}, read_path("rows[*].items"), "it") is None


def test_keys_of_strangers_are_told_in_few_clean_words() -> None:
    told = dead_end({f"\x1b[2J{'x' * 500}{at}": 1 for at in range(50)}, ("a",), "it")
    assert told
    assert len(told) < 400
    assert "\x1b" not in told
    assert told.endswith(" and others")
