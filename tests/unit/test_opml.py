"""OPML in and out: what other readers write, and what a hostile or broken file may not do."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siegewatch.collect.opml import Outline, read_opml, write_opml
from siegewatch.domain.errors import OperationError
from siegewatch.domain.feed import Feed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def opml(body: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<opml version="2.0"><body>{body}</body></opml>'.encode()


def test_folders_and_categories_become_tags() -> None:
    found = read_opml(
        opml(
            """
<outline text="World">
  <outline title="Middle  East">
    <outline type="rss" text="t" title="The Courier" xmlUrl="https://courier.example/rss"
             category="war,/Asia/West,World"/>
  </outline>
  <outline text="Herald" xmlURL="https://herald.example/?a=1&amp;b=2"/>
</outline>
<outline text="Plain" xmlUrl="https://plain.example/"/>"""
        )
    )
    assert found == [
        Outline(4, "https://courier.example/rss", "The Courier", ("World", "Middle East", "war", "Asia", "West")),
        Outline(7, "https://herald.example/?a=1&b=2", "Herald", ("World",)),
        Outline(9, "https://plain.example/", "Plain", ()),
    ]


def test_feed_without_an_address_is_kept_to_be_told_and_a_note_is_none() -> None:
    found = read_opml(opml('<outline type="rss" text="Lost"/><outline text="a note"/>'))
    assert found == [Outline(1, "", "Lost", ())]


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE opml>",
        '<!DOCTYPE opml SYSTEM "http://evil.example/x.dtd">',
        '<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_document_type_is_refused(head: str) -> None:
    with pytest.raises(OperationError, match="line 1 declares a document type"):
        read_opml(opml('<outline text="&b;"/>', head))


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "line 1 is no XML"),
        (b"feeds: []", "line 1 is no XML"),
        (b"<rss version='2.0'/>", "the file is no OPML, but begins with <rss>"),
        (opml('\n<outline xmlUrl="https://x.example/?a=1&b=2"/>'), "line 2 is no XML"),
        (opml('<outline text="a">'), "mismatched tag"),
        (opml('<outline text="&x;"/>'), "undefined entity"),
        (b'<?xml version="1.0" encoding="x-none"?><opml/>', "an encoding that is not read: save it as UTF-8"),
    ],
)
def test_file_that_is_no_opml_is_told(raw: bytes, told: str) -> None:
    with pytest.raises(OperationError, match=told):
        read_opml(raw)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for whole in (raw, opml("") + raw, opml("").replace(b"</body>", raw + b"</body>")):
        try:
            read_opml(whole)
        except OperationError:
            continue


NAMES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=30)
TAGS = NAMES.filter(lambda tag: "," not in tag and not tag.startswith("/"))


@given(NAMES, st.lists(TAGS, max_size=3, unique=True).map(tuple))
def test_what_is_written_is_read_again(name: str, tags: tuple[str, ...]) -> None:
    feed = Feed("https://x.example/rss?a=1&b=<2>&c='\"", name, tags)
    [read] = read_opml(write_opml([feed], NOW).encode())
    assert (read.url, read.name, read.tags) == (feed.url, name, tags)


def test_document_says_when_it_was_made() -> None:
    text = write_opml([], NOW)
    assert "<dateCreated>Sun, 01 Mar 2026 12:00:00 +0000</dateCreated>" in text
    assert read_opml(text.encode()) == []
