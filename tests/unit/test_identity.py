"""Which addresses are one page, which entries are one, which wordings are one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siegewatch.collect.identity import canonical_link, identities, trusted, wording
from siegewatch.domain.item import Entry

ENTRY = Entry(
    "Rebels encircle Karsa", "The road is cut.", "g1", "https://e.example/karsa", datetime(2026, 3, 1, tzinfo=UTC)
)


@pytest.mark.parametrize(
    "same",
    [
        "http://e.example/a/b?id=1&page=2",
        "HTTPS://E.Example:443/a/b?id=1&page=2",
        "http://e.example:80/a/b?id=1&page=2",
        "https://e.example./a/b?id=1&page=2#comments",
        "https://user:pw@e.example/a/b?id=1&page=2",
        "https://e.example/a/b?utm_source=rss&id=1&utm_medium=feed&page=2",
        "https://e.example/a/b?id=1&at_medium=RSS&page=2&at_campaign=KARANGA",
        "https://e.example/a/b?id=1&page=2&fbclid=x&gclid=y&ocid=z&cmpid=1&xtor=RSS-1&smid=tw",
        "https://e.example/a/b?id=1&page=2&ns_mchannel=rss&mtm_campaign=x&CMP=rss&ref=rss&ref_src=twsrc",
        " https://e.example/a/b?id=1&\npage=2 ",
        "https://e.example/a/b?id=1&&page=2&",
    ],
)
def test_addresses_of_one_page_have_one_form(same: str) -> None:
    assert canonical_link(same) == "https://e.example/a/b?id=1&page=2"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://e.example/a", "https://e.example/a/"),
        ("https://e.example/a", "https://e.example/A"),
        ("https://e.example/?a=1&b=2", "https://e.example/?b=2&a=1"),
        ("https://e.example/#!/a", "https://e.example/#!/b"),
        ("https://e.example/#/a", "https://e.example/"),
        ("https://e.example:8080/", "https://e.example/"),
        ("https://e.example/?ref=4711", "https://e.example/?ref=4712"),
        ("https://e.example/?source=karsa", "https://e.example/"),
        ("https://news.google.com/rss/articles/CBMi1?oc=5", "https://news.google.com/rss/articles/CBMi2?oc=5"),
    ],
)
def test_addresses_of_two_pages_have_two_forms(one: str, other: str) -> None:
    assert canonical_link(one) != canonical_link(other)


def test_empty_path_and_root_are_one() -> None:
    assert (
        canonical_link("https://e.example") == canonical_link("https://e.example/?utm_source=x") == "https://e.example/"
    )


@pytest.mark.parametrize(
    "url",
    ["", "karsa", "mailto:a@e.example", "javascript:1", "http://", "http://[::1", "http://e:99999/", "http://e:x/"],
)
def test_what_is_no_web_address_has_no_form(url: str) -> None:
    assert canonical_link(url) is None


@given(st.text() | st.text().map("http://{}".format) | st.text().map("https://e.example/{}".format))
def test_canonical_form_never_raises_and_is_stable(url: str) -> None:
    form = canonical_link(url)

    assert form is None or canonical_link(form) == form


def test_guid_belongs_to_its_feed_and_link_to_the_world() -> None:
    here = identities("feed1", ENTRY, trust_guid=True, trust_link=True)
    there = identities("feed2", ENTRY, trust_guid=True, trust_link=True)

    assert len(here) == len(there) == 2
    assert here[0] != there[0]
    assert here[1] == there[1]
    assert all(len(digest) == 16 and int(digest, 16) >= 0 for digest in here)


def test_guid_that_is_an_address_is_the_same_with_tracking() -> None:
    found = {
        identities("f", replace(ENTRY, guid=guid), trust_guid=True, trust_link=False)
        for guid in ("http://e.example/1", "https://e.example/1?utm_source=a", "https://e.example/1#x")
    }

    assert len(found) == 1


@pytest.mark.parametrize("lacking", [replace(ENTRY, guid=None, link=None), replace(ENTRY, guid="", link="not a link")])
def test_entry_without_guid_and_link_is_known_by_title_and_date(lacking: Entry) -> None:
    def known(entry: Entry, feed: str = "f") -> tuple[str, ...]:
        return identities(feed, entry, trust_guid=True, trust_link=True)

    assert known(lacking) == known(replace(lacking, summary="Other", title=" Rebels  encircle Karsa"))
    assert (
        len(
            {
                known(lacking),
                known(lacking, "g"),
                known(replace(lacking, title="x")),
                known(replace(lacking, published_at=None)),
            }
        )
        == 4
    )


def test_what_is_not_trusted_does_not_identify() -> None:
    only_link = identities("f", ENTRY, trust_guid=False, trust_link=True)
    neither = identities("f", ENTRY, trust_guid=False, trust_link=False)

    assert only_link == identities("f", ENTRY, trust_guid=True, trust_link=True)[1:]
    assert len(neither) == 1
    assert neither != only_link


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        ([("a", "/1"), ("b", "/2")], [(True, True), (True, True)]),
        ([("a", "/1"), ("a", "/2")], [(False, True), (False, True)]),
        ([("a", "/1"), ("b", "/1")], [(True, False), (True, False)]),
        ([("a", "/1"), ("a", "/1?utm_source=x")], [(True, True), (True, True)]),
        ([(None, "/1"), (None, "/1")], [(False, True), (False, True)]),
        ([(None, "/1"), ("a", "/1")], [(False, False), (True, False)]),
        ([("a", None), ("b", None)], [(True, False), (True, False)]),
        ([("a", None), ("a", "/1")], [(False, False), (False, True)]),
        ([(None, None)], [(False, False)]),
        ([], []),
    ],
)
def test_document_shows_which_guids_and_links_can_be_trusted(
    pairs: list[tuple[str | None, str | None]], verdict: list[tuple[bool, bool]]
) -> None:
    entries = [Entry("x", guid=guid, link=link and f"https://e.example{link}") for guid, link in pairs]

    assert trusted(entries) == verdict


@pytest.mark.parametrize("title", ["Rebels  encircle\tKarsa ", "Rebels encircle Karsa"])
def test_wording_ignores_white_space(title: str) -> None:
    assert wording(replace(ENTRY, title=title)) == wording(ENTRY)


def test_wording_ignores_the_unicode_form() -> None:
    assert wording(Entry("Z\u00fcrich")) == wording(Entry("Zu\u0308rich"))


@pytest.mark.parametrize(
    "other",
    [
        replace(ENTRY, title="rebels encircle Karsa"),
        replace(ENTRY, title="Rebels encircle Karsa."),
        replace(ENTRY, summary=""),
        Entry("Rebels encircle Karsa The", "road is cut."),
    ],
)
def test_wording_differs_with_any_character(other: Entry) -> None:
    assert wording(other) != wording(ENTRY)
