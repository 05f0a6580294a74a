"""Oddities of feeds as served: encodings, aggregators, media, broken XML, and entries that change their ways."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from siegewatch.collect.admit import Moment, candidates
from siegewatch.collect.parse import Parsed, parse
from siegewatch.domain.feed import Feed

URL = "https://feeds.example.org/news.xml"
FEED = Feed(URL, "Example")
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
RUSSIAN = "Осада города Киева продолжается третий день подряд"
CHINESE = "围困城市的第三天继续进行没有停火"


def rss(*items: str, head: str = "") -> str:
    names = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:News="https://news.example/rss"'
    return f'{head}<rss version="2.0" {names}><channel><title>T</title>{"".join(items)}</channel></rss>'


def item(inside: str) -> str:
    return f"<item>{inside}</item>"


def titled(title: str) -> str:
    return rss(item(f"<title>{title}</title>"))


def read(body: bytes | str, content_type: str | None = None, **more: Any) -> Parsed:
    body = body.encode() if isinstance(body, str) else body
    return parse(body, content_type=content_type, url=URL, max_entries=99, now=NOW, **more)


def titles(body: bytes | str, content_type: str | None = None) -> list[str]:
    return [entry.title for entry in read(body, content_type).entries]


def keys(parsed: Parsed) -> list[tuple[frozenset[str], str]]:
    """Of each entry its identities and its wording."""
    found = candidates(FEED, parsed.title, parsed.entries, Moment(NOW, NOW, timedelta(hours=6)))
    return [(frozenset(one.identities), one.wording) for one in found]


def test_byte_order_mark_goes_before_header() -> None:
    body = b"\xef\xbb\xbf" + titled(RUSSIAN).encode()
    assert titles(body, "text/xml; charset=windows-1251") == [RUSSIAN]


def test_header_goes_before_declaration() -> None:
    body = ('<?xml version="1.0" encoding="utf-8"?>' + titled(RUSSIAN)).encode("cp1251")
    assert titles(body, "application/xml; charset=windows-1251") == [RUSSIAN]


def test_declaration_goes_before_detection() -> None:
    body = ('<?xml version="1.0" encoding="koi8-r"?>' + titled(RUSSIAN)).encode("koi8-r")
    assert titles(body) == [RUSSIAN]


@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="utf-8"?>'])
@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp1251", RUSSIAN), ("gb18030", CHINESE), ("cp1252", "Café – “siege” lifted"), ("latin-1", "Café besieged")],
)
def test_encoding_that_nothing_names_rightly_is_detected(declared: str, encoding: str, text: str) -> None:
    assert titles((declared + titled(text)).encode(encoding), "application/xml") == [text]


def test_stray_byte_does_not_garble_the_rest() -> None:
    body = rss(item("<title>Good — one</title>"), item("<title>Bad X byte</title>")).encode().replace(b"X", b"\xff")
    assert titles(body, "text/xml; charset=utf-8")[0] == "Good — one"


def test_page_in_another_encoding_leads_to_its_feed() -> None:
    link = "<link rel='alternate' type='application/rss+xml' href='/rss'>"
    page = f"<!doctype html><head><meta charset='windows-1251'><title>{RUSSIAN}</title>{link}</head>"
    assert read(page.encode("cp1251"), "text/html").feeds == ("https://feeds.example.org/rss",)


def test_outlet_of_an_aggregator_stands_beside_the_item() -> None:
    parsed = read(
        rss(item("<title>Aid enters Dorn - Plain Dealer</title><source url='https://p.example'>Plain Dealer</source>"))
    )
    found = candidates(FEED, parsed.title, parsed.entries, Moment(NOW, NOW, timedelta(hours=6)))
    assert [one.item.outlet for one in found] == ["Plain Dealer"]


def test_wrapped_link_is_kept_as_it_stands_and_identifies() -> None:
    link = "https://news.example.com/rss/articles/CBMiVkFVX3lxTE5?oc=5"
    once, again = (
        read(rss(item(f"<title>Aid enters - {outlet}</title><link>{link}</link><guid isPermaLink='false'>CBMi</guid>")))
        for outlet in ("Dealer", "The Dealer")
    )
    assert once.entries[0].link == link
    assert keys(once)[0][0] == keys(again)[0][0]
    assert keys(once)[0][1] != keys(again)[0][1]


@pytest.mark.parametrize(
    ("inside", "title", "summary"),
    [
        (
            "<media:content url='https://e.example/v.mp4'/><media:title>Shelling of Kessin</media:title>",
            "Shelling of Kessin",
            "",
        ),
        (
            "<media:group><media:title>Siege</media:title><media:description>Words</media:description></media:group>",
            "Siege",
            "Words",
        ),
        (
            "<media:description>Shelling of Kessin. More.</media:description>",
            "Shelling of Kessin.",
            "Shelling of Kessin. More.",
        ),
    ],
)
def test_item_of_media_alone_is_read_by_its_words(inside: str, title: str, summary: str) -> None:
    (entry,) = read(rss(item(inside))).entries
    assert (entry.title, entry.summary) == (title, summary)


def test_item_of_a_sound_file_without_words_is_left_out_and_told() -> None:
    parsed = read(rss(item("<enclosure url='https://e.example/a.mp3'/>"), item("<title>b</title>")))
    assert ([entry.title for entry in parsed.entries], parsed.remark) == (["b"], "empty entries, left out: 1")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (rss(item("<title>AT&T & more &nbsp; x</title>"), item("<title>b</title>")), 2),
        (rss(item("<title>a<b>c</title>"), item("<title>b</title>")), 2),
        (rss(item("<title>ctl \x0b\x01x</title>"), item("<title>b</title>")), 2),
        ("\n junk <?xml version='1.0'?>" + titled("b"), 1),
        (titled("b") + "<script>x</script>", 1),
        (rss(item("<title>a</title>"), item("<title>b</title><descr"))[:-24], 2),
        (rss(item("<title>b</title><foo:bar>x</foo:bar>")), 1),
    ],
    ids=[
        "bare ampersand",
        "open tag",
        "control characters",
        "junk before",
        "junk behind",
        "cut short",
        "unbound prefix",
    ],
)
def test_broken_xml_is_read_and_told(body: str, found: int) -> None:
    parsed = read(body)
    assert (len(parsed.entries), parsed.problem) == (found, None)
    assert (parsed.remark or "").startswith("broken XML: ")


def news(number: int, title: str = "", guid: str = "", date: str = "", link: str = "") -> str:
    return item(
        f"<title>{title or f'Report {number}'}</title><guid isPermaLink='false'>{guid or f'g{number}'}</guid>"
        f"<link>{link or f'https://e.example/{number}'}</link>"
        f"<pubDate>{date or 'Tue, 10 Mar 2026 09:00:00 GMT'}</pubDate>"
    )


def test_reordered_entries_are_the_same_entries() -> None:
    assert set(keys(read(rss(news(1), news(2))))) == set(keys(read(rss(news(2), news(1)))))


def test_entry_with_another_date_is_the_same_entry() -> None:
    once, again = read(rss(news(1))), read(rss(news(1, date="Tue, 10 Mar 2026 11:00:00 GMT")))
    assert keys(once) == keys(again)
    assert once.entries != again.entries


def test_entry_with_another_guid_is_known_by_its_link() -> None:
    ((once, words),), ((again, same_words),) = keys(read(rss(news(1)))), keys(read(rss(news(1, guid="other"))))
    assert once & again
    assert words == same_words


def test_entry_that_moved_is_known_by_its_guid() -> None:
    ((once, _),), ((again, _),) = keys(read(rss(news(1)))), keys(read(rss(news(1, link="http://m.example/x"))))
    assert once & again


def test_entry_with_another_headline_is_an_edit() -> None:
    ((once, words),), ((again, other),) = keys(read(rss(news(1)))), keys(read(rss(news(1, title="Town falls"))))
    assert once == again
    assert words != other


def test_json_feed_11_is_read() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", "content_text": "The town of Dorn falls. More."}],
    }
    assert titles(json.dumps(document), "application/feed+json") == ["The town of Dorn falls."]
