"""Feeds that a web page names are found, and nothing else is taken for one."""

import time
from datetime import UTC, datetime

import pytest

from siegewatch.collect.pages import LOOKED_AT_BYTES, MOST_FEEDS, feeds_of
from siegewatch.collect.parse import parse

URL = "https://news.example/world/index.html"
RSS = 'rel="alternate" type="application/rss+xml"'


@pytest.mark.parametrize(
    ("head", "feeds"),
    [
        (f'<link {RSS} href="/rss">', ["https://news.example/rss"]),
        (f"<LINK {RSS.upper()} HREF='feed.xml' />", ["https://news.example/world/feed.xml"]),
        ("<link href=atom rel='home alternate' type=application/atom+xml>", ["https://news.example/world/atom"]),
        ('<link type="application/feed+json; charset=utf-8" rel="alternate" href="//f.example/j">', ["https://f.example/j"]),
        (f'<link {RSS} title="a > b" href="/?a=1&amp;b=2#c">', ["https://news.example/?a=1&b=2"]),
        (f'<link {RSS} href="/a"><link {RSS} href="/b"><link {RSS} href="/a">', ["https://news.example/a", "https://news.example/b"]),
        (f'<base href="https://cdn.example/x/"><link {RSS} href="rss">', ["https://cdn.example/x/rss"]),
        (f'<base href="javascript:1"><link {RSS} href="rss">', ["https://news.example/world/rss"]),
        (f'<link {RSS} href="\n /rss\t">', ["https://news.example/rss"]),
        (f'<link {RSS}>', []),
        (f'<link {RSS} href="">', []),
        (f'<link {RSS} href="javascript:alert(1)"><link {RSS} href="ftp://h/x"><link {RSS} href="http://[::1">', []),
        (f'<link {RSS} href="https://u:p@h.example/rss">', []),
        (f'<link {RSS} href="/{"x" * 5_000}">', []),
        (f'<link {RSS} href="&#{"9" * 5_000};">', []),
        ('<link rel="stylesheet" type="text/css" href="/a.css">', []),
        ('<link rel="alternate" hreflang="fr" href="/fr">', []),
        ('<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">', []),
        ('<link rel="alternate" type="application/json+oembed" href="/oembed">', []),
        ('<link rel="search" type="application/rss+xml" href="/rss">', []),
        (f'<!-- <link {RSS} href="/rss"> --><script>"<link {RSS} href=/rss>"</script>', []),
        (f'<a href="/rss" {RSS}>RSS</a><linked {RSS} href="/rss">', []),
    ],
)  # fmt: skip
def test_feeds_of_a_page(head: str, feeds: list[str]) -> None:
    assert feeds_of(f"<!doctype html><html><head>{head}</head></html>".encode(), URL) == tuple(feeds)


def test_no_page_names_feeds_without_end() -> None:
    many = "".join(f'<link {RSS} href="/{number}">' for number in range(1_000))
    assert len(feeds_of(many.encode(), URL)) == MOST_FEEDS


@pytest.mark.parametrize(
    "unit", [b"<link ", b'<link rel="', b"<!--", b"<script>", b"<link a=", b"<link '", b"&#", b"<base x"]
)
def test_no_page_takes_long(unit: bytes) -> None:
    started = time.thread_time()
    feeds_of(unit * (2 * LOOKED_AT_BYTES // len(unit)), URL)
    assert time.thread_time() - started < 0.5


def test_a_page_that_is_parsed_tells_its_feeds() -> None:
    body = f"<!doctype html><html><head><link {RSS} href='/rss'></head></html>"
    for encoding in ("utf-8", "utf-16"):
        parsed = parse(
            body.encode(encoding),
            content_type="text/html",
            url=URL,
            max_entries=9,
            now=datetime(2026, 3, 1, tzinfo=UTC),
        )
        assert (parsed.problem, parsed.feeds) == ("not a feed but an HTML page", ("https://news.example/rss",))
