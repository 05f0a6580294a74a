"""Which hub a feed names: in Link headers, in each format, wherever in the document it stands."""

import json
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import pytest

from siegewatch.collect.discovery import NO_LINKS, Links, in_header, offer
from siegewatch.collect.parse import parse
from siegewatch.collect.parsed import Parsed
from siegewatch.collect.slices import WHOLE_BYTES
from siegewatch.collect.sources.web import _offer
from siegewatch.domain.feed import Feed
from siegewatch.domain.subscription import Offer
from siegewatch.net.messages import Answer

NOW = datetime(2026, 3, 10, tzinfo=UTC)
URL = "https://e.example/news/feed"
HUB = "https://hub.example/"
SELF = "https://e.example/self"
BOTH = Links(HUB, SELF)
ATOM = 'xmlns:atom="http://www.w3.org/2005/Atom"'
RSS_LINKS = f'<atom:link rel="hub" href="{HUB}"/><atom:link href="{SELF}" rel="self" type="application/rss+xml"/>'
ITEM = "<item><title>Report {0}</title><guid>{0}</guid>{1}</item>"


def links(body: str, max_entries: int = 2000) -> Links:
    return parse(body.encode(), content_type=None, url=URL, max_entries=max_entries, now=NOW).links


def rss(before: str = "", items: str = ITEM.format(1, ""), behind: str = "") -> str:
    return f'<rss version="2.0" {ATOM}><channel><title>T</title>{before}{items}{behind}</channel></rss>'


@pytest.mark.parametrize(
    "value",
    [
        f'<{HUB}>; rel="hub", <{SELF}>; rel="self"',
        f"<{HUB}>;rel=hub,<{SELF}>;rel=self",
        f'<{SELF}>; title="a, b; rel=hub <x>"; rel="alternate self" , <{HUB}>; REL=HUB',
        '</self>; rel=self, <//hub.example/>; rel="hub", <https://second.example/>; rel=hub',
        f'<https://other.example/>; rel=hub; anchor="/elsewhere", <{HUB}>; rel=hub, <{SELF}>; rel=self',
        f'<{HUB}>; rel=hub; rel=next, <{SELF}>; foo; rel="self"',
    ],
)
def test_link_header_is_read_in_every_way_it_may_be_written(value: str) -> None:
    assert in_header(value, URL) == BOTH


@pytest.mark.parametrize(
    "value",
    [None, "", "garbage", "<>", "<javascript:alert(1)>; rel=hub", "<http://[broken>; rel=hub", "<ftp://h/>; rel=hub",
     f"<https://h.example/{'x' * 3000}>; rel=hub", "<https://h.example/a b>; rel=hub", f"<{HUB}>; rel=hubs"],
)  # fmt: skip
def test_header_without_a_usable_hub_names_none(value: str | None) -> None:
    assert in_header(value, "https://e.example/").hub is None


def test_hostile_header_takes_no_time() -> None:
    started = perf_counter()
    for value in (
        "<" * 60_000,
        "<a>" * 20_000,
        "<a>;" + " ;" * 30_000,
        '<a>; x="' + "\\" * 60_000,
        "<a>" + ";a" * 30_000,
    ):
        in_header(value, URL)
    assert perf_counter() - started < 2


def test_header_wins_over_the_document() -> None:
    header, document = Links(HUB, None), Links("https://old.example/", SELF)
    assert offer(header, document, URL) == Offer(HUB, SELF)
    assert offer(NO_LINKS, document, URL) == Offer("https://old.example/", SELF)
    assert offer(Links(HUB, SELF), NO_LINKS, URL) == Offer(HUB, SELF)


def test_feed_that_does_not_say_its_address_is_known_by_the_one_asked_for() -> None:
    assert offer(Links(HUB), NO_LINKS, URL + "#part") == Offer(HUB, URL)


def test_feed_without_a_hub_offers_nothing() -> None:
    assert offer(Links(None, SELF), Links(None, SELF), URL) is None


def test_hub_is_told_no_address_that_may_hold_a_secret():
    paid = Feed("https://example.org/feed?key=s3cr3t", "Paid")
    filled = Feed("https://example.org/inside/feed", "Filled", filled_in=True)
    for feed in (paid, filled):
        answer = Answer(200, feed.url, {"Link": f'<{HUB}>; rel="hub"'}, b"")
        assert _offer(feed, answer, Parsed()) is None
        assert _offer(feed, answer, Parsed(links=Links(None, SELF))) == Offer(HUB, SELF)


def test_hub_is_not_asked_past_the_proxy_of_a_feed():
    answer = Answer(200, URL, {"Link": f'<{HUB}>; rel="hub"'}, b"")
    assert _offer(Feed(URL, "Open"), answer, Parsed()) == Offer(HUB, URL)
    assert _offer(Feed(URL, "Proxied", proxy="http://proxy.example:3128"), answer, Parsed()) is None


@pytest.mark.parametrize(
    "document",
    [
        rss(RSS_LINKS),
        rss(behind=RSS_LINKS),
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><link href="/self" rel="self"/>'
        f'<link rel="hub" href="{HUB}"/><entry><id>1</id><title>Report</title></entry></feed>',
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>Report</title></entry>'
        f'<link rel="self" href="../self"/><link rel="hub" href="{HUB}"/></feed>',
    ],
    ids=["rss", "rss, behind", "atom", "atom, behind"],
)
def test_xml_feed_names_hub_and_self(document: str) -> None:
    assert links(document) == BOTH


def test_links_of_entries_are_not_the_feeds() -> None:
    assert links(rss(items=ITEM.format(1, RSS_LINKS))) == NO_LINKS


@pytest.mark.parametrize("where", ["before", "behind"])
def test_links_survive_the_cutting_of_a_large_document(where: str) -> None:
    items = "".join(ITEM.format(at, f"<description>{'words ' * 400}</description>") for at in range(300))
    document = rss(items=items, **{where: RSS_LINKS})
    assert len(document) > WHOLE_BYTES
    assert links(document) == BOTH


def test_links_before_the_entries_survive_a_cap_on_entries() -> None:
    assert links(rss(RSS_LINKS, "".join(ITEM.format(at, "") for at in range(9))), max_entries=3) == BOTH


def feed(**more: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "R"}], **more})


def test_json_feed_names_hub_and_self() -> None:
    cloud = {"type": "rssCloud", "url": "https://cloud.example/"}
    assert links(feed(feed_url=SELF, hubs=[cloud, {"type": "WebSub", "url": HUB}])) == BOTH


@pytest.mark.parametrize(
    "hubs", [None, "x", {}, [1], [{}], [{"type": 1, "url": HUB}], [{"type": "WebSub", "url": " "}]]
)
def test_json_feed_with_odd_hubs_names_none(hubs: object) -> None:
    assert links(feed(hubs=hubs)) == NO_LINKS
