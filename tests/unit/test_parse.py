"""Feed documents in, entries out: every format, hostile text, cuts, encodings, dates and what is said of them."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siegewatch.collect.dates import read_date
from siegewatch.collect.parse import Parsed, parse
from siegewatch.collect.slices import CHUNK_ENTRIES, RUN_BYTES, WHOLE_BYTES, cut, open_elements, shorten
from siegewatch.collect.text import first_sentence, from_html, plain
from siegewatch.domain.feed import Wishes

FEEDS = Path(__file__).parents[1] / "fixtures" / "feeds"
URL = "https://feeds.example.org/news.xml"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ITEM = (
    "<item><title>Report {0}</title><link>https://e.example/{0}</link><guid isPermaLink='false'>g{0}</guid>{1}</item>"
)


def read(
    body: bytes | str, content_type: str | None = "application/rss+xml", max_entries: int = 2000, **more: Any
) -> Parsed:
    body = body.encode() if isinstance(body, str) else body
    # A stopped clock: how much is read must not hang on how busy the machine is.
    more = {"clock": lambda: 0.0} | more
    return parse(body, content_type=content_type, url=URL, max_entries=max_entries, now=NOW, **more)


def rss(*items: str, channel: str = "<title>T</title>") -> str:
    return f'<rss version="2.0"><channel>{channel}{"".join(items)}</channel></rss>'


def many(number: int, filler: str = "") -> str:
    return rss(*(ITEM.format(at, filler) for at in range(number)))


def one(fields: str, **more: Any) -> Any:
    return read(rss(f"<item>{fields}</item>"), **more).entries[0]


@pytest.mark.parametrize("expected", sorted(FEEDS.glob("*.expected.json")), ids=lambda path: path.stem)
def test_fixture_yields_the_entries_written_beside_it(expected: Path) -> None:
    source = next(path for path in FEEDS.glob(expected.name.split(".")[0] + ".*") if path != expected)
    wanted = json.loads(expected.read_text())

    parsed = read(source.read_bytes(), content_type=None)

    found = [{name: value for name, value in asdict(entry).items() if value} for entry in parsed.entries]
    for entry in found:
        if "published_at" in entry:
            entry["published_at"] = entry["published_at"].isoformat()
    assert (parsed.format, parsed.title, found) == (wanted["format"], wanted["title"], wanted["entries"])
    assert parsed.problem is None


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty document"),
        (b" \n\t ", "empty document"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "not a feed but an HTML page"),
        (b"<!-- x --><HTML><item>x</item></HTML>", "not a feed but an HTML page"),
        (b"<opml version='1.0'><body/></opml>", "not a feed but a document of <opml>"),
        (b"just words", "broken XML: syntax error"),
        (b"<rss version='2.0'><channel><title>x", "broken XML: no element found"),
        (b'{"a": 1}', "JSON, but not a feed"),
    ],
)
def test_problem_says_in_one_line_what_the_document_is(body: bytes, problem: str) -> None:
    parsed = read(body)

    assert (parsed.problem, parsed.entries) == (problem, ())


def test_feed_without_entries_is_no_problem() -> None:
    assert read(rss()) == Parsed(format="rss20", title="T", wishes=Wishes())


def test_broken_feed_with_entries_is_a_remark() -> None:
    parsed = read(many(3)[:-20])

    assert [len(parsed.entries), parsed.problem] == [3, None]
    assert parsed.remark == "broken XML: unclosed token"


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "utf-8", "application/xml"),
        ("utf-16", "utf-16", None),
        ("utf-16-le", "utf-16", None),
        ("utf-16-be", "utf-8", None),
        ("utf-32", "utf-32", None),
        ("utf-32-be", "utf-32", None),
        ("windows-1251", "windows-1251", "text/plain"),
        ("windows-1251", "utf-8", "application/xml; charset=windows-1251"),
        ("utf-8", "us-ascii", "text/xml"),
        ("koi8-r", "koi8-r", None),
    ],
)
def test_encoding_is_taken_from_header_mark_or_declaration(
    encoding: str, declared: str, content_type: str | None
) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>' + rss("<item><title>Осада Киева</title></item>")

    assert read(text.encode(encoding), content_type).entries[0].title == "Осада Киева"


def test_large_wide_document_is_cut_like_any_other() -> None:
    body = ('<?xml version="1.0" encoding="utf-16"?>' + many(3000)).encode("utf-16")

    assert read(body, max_entries=5).cut_at == 5


def test_relative_links_follow_the_address_of_the_document() -> None:
    assert one("<title>x</title><link>../a?b=1&amp;c=2</link>").link == "https://feeds.example.org/a?b=1&c=2"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "mailto:a@b.example", "https://e.example/" + "x" * 4000])
def test_link_that_nobody_should_click_is_none(link: str) -> None:
    assert one(f"<title>x</title><link>{link}</link>").link is None


def test_body_that_names_a_file_is_not_opened() -> None:
    assert read(str(FEEDS / "rss20.xml")).entries == ()


def test_only_the_first_entries_are_read() -> None:
    parsed = read(many(50), max_entries=10)

    assert [entry.guid for entry in parsed.entries] == [f"g{at}" for at in range(10)]
    assert (parsed.cut_at, parsed.remark) == (10, "cut at 10 entries: it holds more than 10")


def test_exactly_as_many_entries_as_allowed_is_no_cut() -> None:
    assert read(many(10), max_entries=10).cut_at is None


def test_large_feed_is_read_in_chunks_without_losing_an_entry() -> None:
    number = 5 * CHUNK_ENTRIES + 1
    body = many(number, "<description>" + "word " * 800 + "</description>")

    parsed = read(body)

    assert len(body) > WHOLE_BYTES
    assert [entry.guid for entry in parsed.entries] == [f"g{at}" for at in range(number)]
    assert (parsed.format, parsed.title, parsed.cut_at, parsed.remark) == ("rss20", "T", None, None)


def test_reading_ends_when_the_time_is_spent() -> None:
    ticks: Iterator[int] = count()

    parsed = read(many(500), max_entries=400, budget_seconds=2.5, clock=lambda: float(next(ticks)))

    assert parsed.cut_at == 3 * CHUNK_ENTRIES == len(parsed.entries)
    assert parsed.remark == "cut at 192 entries: the time for reading was spent"


def test_entry_that_feedparser_chokes_on_costs_no_other() -> None:
    body = many(300).replace("Report 77<", "&#99999999999;<")

    parsed = read(body, max_entries=250)

    assert len(parsed.entries) == 249
    assert "entries that could not be read: 1" in (parsed.remark or "")


@pytest.mark.parametrize(
    "giant",
    [
        "<title>" + "word " * 600_000 + "</title>",
        "<title><![CDATA[" + "word " * 600_000 + "]]></title>",
        "<title>Giant</title><!--" + "word " * 600_000 + "-->",
        "<title>Giant</title><media " + "".join(f'a{at}="1" ' for at in range(200_000)) + "/>",
        "<title>Giant</title><author>" + "a." * 1_500_000 + "</author>",
        "<title>Giant</title><description>" + "<div>" * 500_000 + "</description>",
    ],
    ids=["title", "cdata", "comment", "attributes", "author", "nesting"],
)
def test_giant_entry_is_shortened_and_the_next_one_read(giant: str) -> None:
    parsed = read(rss(f"<item>{giant}</item>", ITEM.format("next", "")))

    assert parsed.entries[-1].title == "Report next"
    assert all(len(entry.title) <= 1000 for entry in parsed.entries)


def test_fields_are_capped_and_a_long_guid_becomes_a_digest() -> None:
    entry = one(f"<title>{'t ' * 2000}</title><description>{'s ' * 7000}</description><guid>{'g' * 3000}</guid>")

    assert len(entry.title) <= 1000
    assert len(entry.summary) <= 5000
    assert (entry.guid[:8], len(entry.guid)) == ("blake2b:", 48)


def test_nested_entities_do_not_explode() -> None:
    levels = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    body = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{levels}]>' + rss(
        "<item><title>x &l9;</title></item>", ITEM.format(1, "")
    )

    assert read(body).entries[-1].title == "Report 1"


def test_own_entities_are_read() -> None:
    body = '<?xml version="1.0"?>\n<!DOCTYPE rss [\n<!ENTITY town "Karsa">\n]>\n' + rss(
        "<item><title>&town; falls</title></item>"
    )

    assert read(body).entries[0].title == "Karsa falls"


def test_entry_that_says_nothing_is_left_out_and_counted() -> None:
    parsed = read(rss("<item><title> </title></item>", ITEM.format(1, "")))

    assert (len(parsed.entries), parsed.remark) == (1, "empty entries, left out: 1")


def test_entry_with_nothing_but_a_link_is_kept() -> None:
    entry = one("<link>https://e.example/1</link>")

    assert (entry.title, entry.link) == ("", "https://e.example/1")


def test_entry_without_guid_link_and_date_is_kept() -> None:
    entry = one("<title>Alone</title>")

    assert (entry.title, entry.guid, entry.link, entry.published_at) == ("Alone", None, None, None)


def test_wholly_identical_entries_are_kept_once() -> None:
    assert len(read(rss(*[ITEM.format(1, "")] * 3, ITEM.format(2, ""))).entries) == 2


@pytest.mark.parametrize(
    ("date", "remark"),
    [
        ("Thu, 01 Jan 1970 00:00:00 GMT", "dates before 1995: 1"),
        ("Wed, 10 Mar 2027 12:00:00 GMT", "dates in the future: 1"),
        ("0000-00-00", None),
        ("yesterday", None),
    ],
)
def test_date_that_cannot_be_true_counts_as_none(date: str, remark: str | None) -> None:
    parsed = read(rss(f"<item><title>x</title><pubDate>{date}</pubDate></item>"))

    assert (parsed.entries[0].published_at, parsed.remark) == (None, remark)


def test_date_a_few_hours_ahead_is_a_time_zone_mistake_and_kept() -> None:
    assert one("<title>x</title><pubDate>Wed, 11 Mar 2026 06:00:00 GMT</pubDate>").published_at == NOW + timedelta(
        hours=18
    )


def test_published_goes_before_updated() -> None:
    dates = "<updated>2026-03-05T00:00:00Z</updated><published>2026-03-04T00:00:00Z</published>"
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title>{dates}</entry></feed>'

    assert read(body).entries[0].published_at == datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Thu, 24 Feb 2022 05:00:00 GMT", 5),
        ("Thu,24 Feb 2022 05:00 GMT", 5),
        ("24 February 2022 05:00:00 +0530 (IST)", -0.5),
        ("Thu, 24 Feb 2022 05:00:00 CEST", 3),
        ("Thu, 24 Feb 2022 05:00:00 GMT+0300", 2),
        ("2022-02-24 05:00:00 UTC", 5),
        ("2022-02-24T05:00:00.123456789+03:00", 2),
        ("2022/02/24 05:00:00", 5),
        ("2022-02-24", 0),
        ("2022-02-24T24:00:00Z", 24),
        ("Feb 24, 2022 5:00 PM", 17),
        ("Thursday, February 24, 2022 - 05:00", 5),
        ("Thu Feb 24 2022 12:30 AM", 0.5),
        ("1645678800", 5),
        ("1645678800000", 5),
    ],
)
def test_common_forms_of_dates_are_read(text: str, hours: float) -> None:
    assert read_date(text) == datetime(2022, 2, 24, tzinfo=UTC) + timedelta(hours=hours)


@pytest.mark.parametrize(
    "text", [None, "", "soon", "99999999999999999999", "31 Feb 2022 05:00 GMT", "9" * 5000, "2022-02-24 05:00 QQQ"]
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("<b>S</b>yria", "Syria"),
        ("a<br/>b<img src='x' alt='a > b'>c", "a b c"),
        ("AT&amp;amp;T &#8217;s &nbsp; x", "AT&amp;T ’s x"),
        ("x<script>alert('<p>')</script>y<style>p{}</style>", "x y"),
        ("x<!-- hidden -->y <![CDATA[z]]>", "xy z"),
        ("5 < 6 and <unclosed", "5 < 6 and"),
        ("so\u00adft zero\u200bwidth \u202eoverride\u202c nul\x00", "soft zerowidth override nul"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("&#" + "9" * 5000 + ";end", "end"),
        ("<a href='x", ""),
    ],
)
def test_markup_becomes_clean_text(markup: str, words: str) -> None:
    assert from_html(markup, 1000) == words


@pytest.mark.parametrize(
    "bait", ["<", "<a ", '<a "', "<a '\"", "<!--", "<script>", "<svg", "&#", "&", "</", "<![CDATA[", "<x:"]
)
def test_no_bait_makes_cleaning_quadratic(bait: str) -> None:
    # A quadratic pattern would need minutes for this and hit the timeout of the run.
    assert len(from_html(bait * 300_000, 600_000)) <= 600_000


def test_long_text_is_cut_between_words_with_a_mark() -> None:
    assert plain("word " * 300, 23) == "word word word word…"
    assert first_sentence("The town of St. Orm fell. More follows.") == "The town of St. Orm fell."
    assert len(first_sentence("word " * 300)) <= 200


def test_open_elements_are_those_begun_and_not_ended() -> None:
    assert open_elements(b"<?xml?><!-- <x> --><a><b c='>'><br/><d></d><![CDATA[<e>]]></x>") == [b"a", b"b"]


def test_shortened_fragment_is_closed() -> None:
    short = shorten(b"<item><p>" + b"<b>word</b>" * 20_000 + b"</p></item>", 1000)

    assert len(short) < RUN_BYTES
    assert short.endswith(b"</p></item>")


def test_comments_without_end_are_no_entries() -> None:
    assert cut(b"<rss><!-- <item> <item>", 10).bounds == ()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 30))
def test_damage_anywhere_raises_nothing(noise: bytes, at: int, gone: int) -> None:
    whole = many(3).encode()

    parsed = read(whole[:at] + noise + whole[at + gone :], max_entries=2)

    assert len(parsed.entries) <= 2


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/!-[]&#;\"'= \nabitem", max_size=200))
def test_markup_soup_raises_nothing(soup: str) -> None:
    assert len(read(rss(f"<item><title>x</title>{soup}</item>", soup), max_entries=3).entries) <= 3
