"""What must hold of reading anything at all: for hypothesis, for atheris (bench/fuzz.py) and for the seeds they left.

Each property takes bytes and raises AssertionError, or whatever the code under test raised.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from siegewatch.collect.admit import Moment, candidates
from siegewatch.collect.dates import believable, read_date
from siegewatch.collect.delta import unpacked
from siegewatch.collect.identity import canonical_link, identities, keys_of, trusted, wording
from siegewatch.collect.pages import MOST_FEEDS, feeds_of
from siegewatch.collect.parse import parse
from siegewatch.collect.parsed import GUID_LIMIT, LINK_LIMIT, OUTLET_LIMIT, SUMMARY_LIMIT, TITLE_LIMIT, Parsed
from siegewatch.collect.parser_process import _decode, _encode
from siegewatch.collect.slices import CHUNK_BYTES, ENTRY_BYTES, PROLOGUE_BYTES, cut, narrow
from siegewatch.collect.text import first_sentence, fold, from_any, from_html, plain
from siegewatch.domain.errors import TooLarge, Unreachable
from siegewatch.domain.feed import Feed
from siegewatch.domain.item import Entry
from siegewatch.net.inflate import decoded

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://feeds.example.org/news.xml"
FEED = Feed(URL, "Example")
MOST = 20
TYPES = (None, "application/xml", "text/xml; charset=windows-1251", "text/html", "application/json; charset=utf-16")
CODINGS = ("gzip", "deflate", "x-gzip", "identity", "br", "gzip, gzip", "")


def _stopped() -> float:
    """A clock by which no reading is ever cut: what is found must not hang on how busy the machine is."""
    return 0.0


def document(body: bytes) -> None:
    """A document is read, or a reason is told; what is read is clean, and new to nobody who has read it before."""
    kind = TYPES[len(body) % len(TYPES)]
    parsed = parse(body, content_type=kind, url=URL, max_entries=MOST, now=NOW, clock=_stopped)
    assert parsed.problem or parsed.format
    assert not (parsed.problem and parsed.entries)
    assert len(parsed.entries) <= MOST
    for line in (parsed.problem, parsed.remark, parsed.title, *parsed.feeds):
        assert line is None or (len(line.splitlines()) == 1 and len(line) <= 3_000), line
        (line or "").encode()
    for entry in parsed.entries:
        _clean(entry)
    assert _decode(_encode(parsed, True)) == (parsed, True)
    _told_apart(parsed)
    if parsed.marks:
        again = parse(body, content_type=kind, url=URL, max_entries=MOST, now=NOW, known=parsed.marks, clock=_stopped)
        assert again == replace(parsed, format=again.format, title=again.title, entries=(), links=again.links)


def _clean(entry: Entry) -> None:
    limits = {"title": TITLE_LIMIT, "summary": SUMMARY_LIMIT, "outlet": OUTLET_LIMIT, "guid": GUID_LIMIT}
    for name, limit in limits.items():
        text = getattr(entry, name) or ""
        assert text == fold(text)
        assert len(text) <= limit
        text.encode()
    assert entry.title or entry.summary or entry.guid or entry.link
    if entry.link is not None:
        assert entry.link.lower().startswith(("http://", "https://"))
        assert len(entry.link) <= LINK_LIMIT
        assert not set(entry.link) & set(" \t\r\n")
        entry.link.encode()
    if entry.published_at is not None:
        assert believable(entry.published_at, NOW) == (entry.published_at, None)


def _told_apart(parsed: Parsed) -> None:
    entries = parsed.entries
    assert len(set(entries)) == len(entries)
    found = candidates(FEED, parsed.title, entries, Moment(NOW, None, timedelta(hours=6)))
    assert len(found) == len(entries)
    for entry, (guid, link) in zip(entries, trusted(entries), strict=True):
        names = identities(FEED.id, entry, trust_guid=guid, trust_link=link)
        assert names
        assert all(len(name) == 16 for name in (*names, wording(entry)))
        assert names == identities(FEED.id, entry, trust_guid=guid, trust_link=link)


def slices(body: bytes) -> None:
    """The small documents hold every entry once, and none is large."""
    body = narrow(body) or body
    found = cut(body, MOST)
    assert list(found.bounds) == sorted(set(found.bounds))
    assert all(0 <= at <= len(found.body) for at in found.bounds)
    chunks = list(found.chunks())
    assert chunks[0][0] == 0
    assert chunks[-1][1] == max(len(found.bounds) - 1, 0)
    assert all(one[1] == other[0] for one, other in pairwise(chunks))
    for first, last in chunks:
        size = len(found.document(first, last))
        assert found.whole or size <= 2 * (PROLOGUE_BYTES + CHUNK_BYTES + ENTRY_BYTES)


def marks(packed: bytes) -> None:
    """Marks that were stored are read, whatever became of them since."""
    known = unpacked(packed.hex()[: len(packed.hex()) // 4 * 4])
    assert len(known.slices) == len(known.keys)


def address(text: bytes) -> None:
    """The canonical form of an address is its own, and two keys are one where two forms are."""
    link = text.decode("utf-8", "replace")
    form = canonical_link(link)
    if form is not None:
        assert canonical_link(form) == form
        assert form.startswith("https://")
        assert keys_of(Entry("t", link=link)) == keys_of(Entry("t", link=form))


def page(body: bytes) -> None:
    """A page names few feeds, and each is a web address."""
    feeds = feeds_of(body, URL)
    assert len(feeds) <= MOST_FEEDS
    assert all(feed.startswith(("http://", "https://")) and feed.encode() for feed in feeds)


def date(text: bytes) -> None:
    """A date is a moment in UTC or none."""
    at = read_date(text.decode("utf-8", "replace"))
    assert at is None or at.utcoffset() == timedelta(0)


def words(markup: bytes) -> None:
    """Text is cleaned once and for all, and never longer than asked for."""
    text = markup.decode("utf-8", "replace")
    for clean in (from_html(text, 200), from_any(text, 200), plain(text, 200), first_sentence(plain(text, 900))):
        assert len(clean) <= 200
        assert clean == fold(clean)
        clean.encode()


def body(data: bytes) -> None:
    """A body is decoded up to the cap, or refused."""
    coding = CODINGS[len(data) % len(CODINGS)]
    taken, said = 0, ""
    try:
        for piece in decoded([data[at : at + 50] for at in range(0, len(data), 50)], coding, 100_000):
            taken += len(piece)
    except (TooLarge, Unreachable) as error:
        said = str(error)
    assert len(said.splitlines()) <= 1
    assert taken <= 100_000


PROPERTIES: Mapping[str, Callable[[bytes], None]] = {
    "document": document, "slices": slices, "marks": marks, "address": address, "page": page, "date": date,
    "words": words, "body": body,
}  # fmt: skip
