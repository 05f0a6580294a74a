"""Of a document that was read before only what is new goes to the parser, and is read as it would have been."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siegewatch.collect.admit import Moment, candidates
from siegewatch.collect.delta import beside, unpacked
from siegewatch.collect.parse import parse
from siegewatch.collect.parsed import Parsed
from siegewatch.domain.feed import Feed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = Feed("https://example.org/rss", "Example")


def item(number: int, text: str = "text", guid: str = "", link: str = "") -> str:
    return (
        f"<item><title>No {number}</title><guid>{guid or number}</guid><link>{link or f'https://e.org/{number}'}</link>"
        f"<description><![CDATA[{text} </item> <item> {number}]]></description></item>\n"
    )


def rss(*items: str, title: str = "T") -> bytes:
    return f"<rss version='2.0'><channel><title>{title}</title>{''.join(items)}</channel></rss>".encode()


def rdf(*numbers: int) -> bytes:
    refs = "".join(f"<rdf:li rdf:resource='https://e.org/{number}'/>" for number in numbers)
    entries = "".join(
        f"<item rdf:about='https://e.org/{number}'><title>No {number}</title><link>https://e.org/{number}</link></item>"
        for number in numbers
    )
    return (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>"
        f"<channel><title>T</title><items><rdf:Seq>{refs}</rdf:Seq></items></channel>{entries}</rdf:RDF>"
    ).encode()


def read(body: bytes, known: str | None = None) -> Parsed:
    return parse(body, content_type="application/xml", url=FEED.url, max_entries=100, now=NOW, known=known)


def new_in(before: bytes, after: bytes) -> list[str]:
    return [entry.title for entry in read(after, read(before).marks).entries]


def test_only_new_and_changed_entries_are_read() -> None:
    before = rss(item(1), item(2), item(3))
    after = rss(item(4), item(1), item(2, "another text"), item(3))
    assert new_in(before, after) == ["No 4", "No 2"]


def test_document_of_known_entries_in_another_order_has_nothing_new() -> None:
    assert new_in(rss(item(1), item(2)), rss(item(2), item(1), title="Another")) == []


def test_list_of_resources_of_an_rdf_document_is_no_entry() -> None:
    assert new_in(rdf(1, 2, 3), rdf(4, 1, 2, 3)) == ["No 4"]


def test_utf16_documents_are_read_by_what_is_new_as_well() -> None:
    before, after = (rss(*items).decode().encode("utf-16") for items in ((item(1),), (item(2), item(1))))
    assert new_in(before, after) == ["No 2"]


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=8, unique=True), st.lists(st.integers(0, 9), max_size=8, unique=True))
def test_new_entries_are_read_as_in_the_whole_document(before: list[int], after: list[int]) -> None:
    known, body = read(rss(*map(item, before))).marks, rss(*map(item, after))
    whole, new = read(body), read(body, known)
    assert list(new.entries) == [
        entry for entry, number in zip(whole.entries, after, strict=True) if number not in before
    ]
    assert new.marks == whole.marks


def test_document_with_something_odd_is_read_as_a_whole() -> None:
    broken = rss(item(1), item(2))[:-30]
    assert read(broken).marks is None
    known = read(rss(item(1), item(2))).marks
    assert [entry.title for entry in read(broken, known).entries] == ["No 1", "No 2"]


@pytest.mark.parametrize("shared", [{"guid": "g"}, {"link": "https://e.org/all"}])
def test_what_identifies_an_entry_is_judged_over_the_known_ones_too(shared: dict[str, str]) -> None:
    first, second = item(1, **shared), item(2, **shared)
    known = read(rss(first)).marks
    body = rss(second, first)
    whole, new = read(body), read(body, known)
    keys = beside(unpacked(known or ""), unpacked(new.marks or ""))
    moment = Moment(NOW, NOW, NOW - NOW)
    expected = next(one for one in candidates(FEED, "T", whole.entries, moment) if one.item.title == "No 2")
    assert candidates(FEED, "T", new.entries, moment, keys) == [expected]
