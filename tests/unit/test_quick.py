"""The quick reading of feeds says what feedparser says, or nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siegewatch.collect import quick
from siegewatch.collect.parse import Parsed, parse

FEEDS = Path(__file__).parents[1] / "fixtures" / "feeds"
URL = "https://feeds.example.org/world/news.xml"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:own="https://own.example/ns"'
)
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'

TEXTS = st.sampled_from(
    ["", "Rebels take Karsa", " two\n lines ", "&lt;b&gt;Siege&lt;/b&gt; of Dorn",
     "<![CDATA[<p>No road</p><p>No bread</p>]]>",
     "AT&amp;T &amp;amp; &amp;copy;", "&#8217;quoted&#8217;", "caf\xe9", "caf\xc3\xa9", "Осада",
     "smart &#146; quote", "1 &lt; 2",
     "<b>markup</b>", "<!-- note -->seen", "&amp;x9; odd", "tail &amp;#8211; dash", "&lt;/foo&gt;"]
)  # fmt: skip
ADDRESSES = st.sampled_from(
    ["", "https://e.example/a", "https://e.example/a?b=1&amp;c;=2", "/relative?x#y", "http:////slashes/x", "urn:uuid:1",
     "HTTP://E.example", "https://e.example/?", "plain words", "https://[bad", "https://é.example/ä", "../up"]
)  # fmt: skip
DATES = st.sampled_from(
    ["", "Tue, 03 Mar 2026 06:30:00 +0200", "2026-03-03T05:00:00Z", "3 March", "2026-03", "yesterday", "1772517600"]
)
KINDS = st.sampled_from(
    ["", "", "", ' type="html"', ' type="text"', ' type="xhtml"', ' type="plain"', ' mode="base64"']
)


BARE = st.just("")


def element(names: list[str], content: st.SearchStrategy[str], attributes: Any = BARE) -> st.SearchStrategy[str]:
    return st.builds("<{0}{1}>{2}</{0}>".format, st.sampled_from(names), attributes, content)


TITLES = element(["title", "title", "dc:title", "media:title", "TITLE", "own:title"], TEXTS, KINDS)
SUMMARIES = element(
    ["description", "summary", "content:encoded", "content", "media:description", "dc:description", "itunes:summary"],
    TEXTS,
    KINDS,
)
IDS = element(["guid", "id", "dc:identifier"], ADDRESSES, st.sampled_from(["", ' isPermaLink="false"', ' x="y"']))
LINKS = st.one_of(
    element(["link", "atom:link", "own:link"], ADDRESSES),
    st.builds(
        '<{} href="{}"{}/>'.format,
        st.sampled_from(["link", "atom:link"]),
        ADDRESSES,
        st.sampled_from(["", ' rel="self"', ' rel="hub"', ' rel="ALTERNATE" type="html"', ' type="image/png"']),
    ),
)
MOMENTS = element(["pubDate", "published", "updated", "dc:date", "dcterms:created", "modified", "date"], DATES)
ODDS = st.sampled_from(
    ["<author>A</author>", "<author><name>N</name></author>", "<category>c</category>", "<image/>", "<items/>",
     "<image><title>I</title><url>u</url></image>",
     '<media:content url="u"><media:title>M</media:title></media:content>',
     '<enclosure url="u"/>', '<source url="https://s.example">The Plain Dealer</source>',
     "<source><title>S</title></source>",
     "<own:box><title>deep</title></own:box>", "<own:leaf>x</own:leaf>", '<own:leaf a="b">x</own:leaf>', "<textInput/>",
     "<language>en</language>", "<body>b</body>", "<abstract>a</abstract>", '<b xml:base="https://b.example/">x</b>']
)  # fmt: skip
ELEMENTS = st.lists(st.one_of(TITLES, SUMMARIES, IDS, LINKS, MOMENTS, ODDS), max_size=7).map("".join)
ENTRIES = st.lists(ELEMENTS, min_size=1, max_size=3)


def rss(around: str, entries: list[str], root: str) -> str:
    items = "".join(f"<item>{entry}</item>" for entry in entries)
    return f"<rss {root} {SPACES}><channel>{around}{items}</channel></rss>"


def rdf(around: str, entries: list[str], root: str) -> str:
    items = "".join(f'<item rdf:about="https://e.example/{at}">{entry}</item>' for at, entry in enumerate(entries))
    return f"<rdf:RDF {RDF} {SPACES}><channel>{around}</channel>{items}</rdf:RDF>"


def atom(around: str, entries: list[str], root: str) -> str:
    items = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}>{around}{items}</feed>'


def by_both(body: bytes, content_type: str | None) -> tuple[Parsed, Parsed, bool]:
    """What comes of a document, what comes of it by feedparser alone, and whether the quick reading dared."""
    dared = []
    with pytest.MonkeyPatch.context() as patch:
        real = quick.read
        patch.setattr(quick, "read", lambda *args: dared.append(found := real(*args)) or found)
        ours = parse(body, content_type=content_type, url=URL, max_entries=99, now=NOW)
        patch.setattr(quick, "read", lambda *args: None)
        reference = parse(body, content_type=content_type, url=URL, max_entries=99, now=NOW)
    return ours, reference, any(dared)


@settings(deadline=None)
@given(
    st.sampled_from([rss, rdf, atom]),
    st.sampled_from(['version="2.0"', 'version="0.91"', "", 'version="2.0" xml:base="https://b.example/"']),
    ELEMENTS,
    ENTRIES,
    st.sampled_from([None, "text/xml", "application/rss+xml", "application/xml; charset=utf-8", "text/html"]),
    st.sampled_from(["", '<?xml version="1.0" encoding="utf-8"?>', '<?xml version="1.0" encoding="iso-8859-1"?>']),
)
def test_generated_document_is_read_as_by_feedparser(
    form: Callable[..., str], root: str, around: str, entries: list[str], content_type: str | None, declaration: str
) -> None:
    ours, reference, _ = by_both((declaration + form(around, entries, root)).encode(), content_type)

    assert ours == reference


@pytest.mark.parametrize("path", sorted(FEEDS.glob("*.xml")), ids=lambda path: path.name)
def test_fixture_is_read_as_by_feedparser(path: Path) -> None:
    ours, reference, _ = by_both(path.read_bytes(), None)

    assert ours == reference


ORDINARY = (
    '<title>A</title><link>https://e.example/a?b=c&amp;d=e</link><guid isPermaLink="false">g1</guid>'
    "<pubDate>Tue, 03 Mar 2026 06:30:00 GMT</pubDate><dc:creator>N</dc:creator><category>c</category>"
    "<description><![CDATA[<p>Words</p>]]></description><content:encoded>More</content:encoded>"
    '<media:content url="https://e.example/i.jpg"><media:credit>N</media:credit></media:content>'
)


@pytest.mark.parametrize("form", [rss, rdf, atom])
def test_ordinary_feed_needs_no_feedparser(form: Callable[..., str]) -> None:
    ours, reference, dared = by_both(form("<title>T</title>", [ORDINARY], 'version="2.0"').encode(), "text/xml")

    assert dared
    assert ours == reference
    assert ours.entries[0].summary == "Words"


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel><item><title>&a;</title></item></channel></rss>',
        b'<!DOCTYPE rss SYSTEM "file:///etc/hostname"><rss version="2.0"><channel><item/></channel></rss>',
        b"<rss version='2.0'><channel><item><title>cut",
        b"<rss version='2.0'><channel><title>no entries</title></channel></rss>",
        b"<html><body><item/></body></html>",
        "<rss version='2.0'><channel><item><title>café</title></item></channel></rss>".encode("iso-8859-1"),
        b"<?xml version='1.0' encoding='x-own'?><rss version='2.0'><channel><item/></channel></rss>",
    ],
)
def test_what_is_not_ordinary_is_left_to_feedparser(body: bytes) -> None:
    assert quick.read(body, "application/xml", URL) is None
