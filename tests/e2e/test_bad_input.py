"""Feeds that misbehave: each is told in the log and in `feeds health`, and harms nothing but itself."""

import gzip
import socket
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

BOMB = gzip.compress(b"\0" * 40_000_000)
HTML = b"<!doctype html><html><head><title>Courier</title></head><body>Welcome</body></html>"

PROBLEMS = {
    "/missing": ((404, {}, b""), "404"),
    "/gone": ((410, {}, b""), "410"),
    "/busy": ((429, {"Retry-After": "120"}, b""), "429"),
    "/broken": ((500, {}, b""), "500"),
    "/bomb": ((200, {"Content-Encoding": "gzip"}, BOMB), "over"),
    "/html": ((200, {"Content-Type": "text/html"}, HTML), "HTML"),
    "/empty": ((200, {}, b""), "empty"),
}

ODD = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Odd</title>
<item><title>An item without guid, link or date</title></item>
<item><title>Published in 1970</title><link>https://odd.example/1</link>
  <pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate></item>
<item><title>Published next year</title><link>https://odd.example/2</link>
  <pubDate>Fri, 31 Dec 2100 00:00:00 GMT</pubDate></item>
</channel></rss>"""


@pytest.fixture
def dead_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_each_misbehaving_feed_is_told_and_the_good_one_is_read(line, web, told, dead_port):
    for path, (answer, _) in PROBLEMS.items():
        web.pages[path] = lambda answer=answer: answer
    huge = b"<rss version='2.0'><channel><title>Huge</title><item><title>" + b"A" * 10_000_000 + b"</title></item>"
    web.pages["/huge"] = lambda: (200, {}, huge + b"</channel></rss>")
    web.pages["/odd"] = lambda: (200, {}, ODD)
    good = web.feed("/good", lambda: [told("Rebels besiege the city of Aleppo", "https://c.example/1")])
    feeds = {path[1:]: web.url(path) for path in [*PROBLEMS, "/huge", "/odd"]}
    feeds |= {
        "good": good,
        "dead": f"http://127.0.0.1:{dead_port}/feed",
        "nowhere": "http://no-such-host.invalid/feed",
        "tls": web.url("/good").replace("http://", "https://"),
        "private": "http://10.0.0.1/feed",
    }
    line.configure({"good": good} | feeds, poll={"max_bytes": "12MB", "timeout": "5s"})
    line.call("run", "--once")
    health = {one["name"]: one for one in line.json("feeds", "health")}
    for path, (_, words) in PROBLEMS.items():
        assert words in health[path[1:]]["problem"], health[path[1:]]
    for name in ("dead", "nowhere", "tls", "private"):
        assert health[name]["problem"], health[name]
    assert health["good"]["problem"] is health["odd"]["problem"] is health["huge"]["problem"] is None
    assert health["odd"]["items"] == 3
    assert len(web.alerts()) == 1


OTHERS = tuple(f"Council discusses budget number {number}" for number in range(6))
HABITS = {
    "guids": "another guid for every entry",
    "dates": "another date for every entry",
    "headlines": "headlines go back to what they were",
    "archive": "too old to be told",
}
PLACES = dict(zip(HABITS, ("Aleppo", "Homs", "Kharkiv", "Mosul"), strict=True))


def served(told, turn, habit, at):
    """The same seven entries at each turn, published `at` that time, with what the feed does to them."""
    place = PLACES[habit]
    siege = f"Rebels besiege the city of {place}"
    if habit == "headlines" and turn % 2:
        siege = f"{place} besieged by rebels"
    titles = [siege, *(f"{title} of {place}" for title in OTHERS)]
    made = [replace(told(title, f"https://c.example/{habit}/{n}"), at=at) for n, title in enumerate(titles)]
    moved = {"archive": timedelta(days=-365), "dates": timedelta(minutes=turn)}.get(habit, timedelta())
    return [replace(one, at=one.at + moved) for one in made]


@pytest.mark.timeout(400)
def test_feeds_with_bad_habits_ring_no_second_time_and_are_told(line, web, told):
    turn, at = 0, told("", "", minutes=30).at
    feeds = {habit: web.feed(f"/{habit}", lambda habit=habit: served(told, turn, habit, at)) for habit in HABITS}
    as_ever = web.pages["/guids"]

    def with_other_guids():
        status, headers, body = as_ever()
        return status, headers, body.replace(b"#guid", b"/guid-%d" % turn)

    web.pages["/guids"] = with_other_guids
    line.configure(feeds)
    for turn in range(4):  # noqa: B007 (what is served depends on it)
        line.call("run", "--once")
    told_of = sorted(event["place"]["name"] for alert in web.alerts() for event in alert["data"]["events"])
    assert told_of == ["Aleppo", "Homs", "Kharkiv"], "each once, the archive never"
    health = {one["name"]: one for one in line.json("feeds", "health")}
    for habit, words in HABITS.items():
        assert health[habit]["problem"] is None
        assert words in str(health[habit]["remark"]), habit


def test_no_network_is_one_plain_line_and_the_service_goes_on(line, dead_port):
    line.configure({f"feed {number}": f"http://127.0.0.1:{dead_port}/{number}" for number in range(5)})
    line.start()
    line.until(lambda: "0 of 5 feeds reachable: no network? retrying" in line.log())
    assert not line.events("feed_failed")
    assert line.running[0].poll() is None


def test_service_stops_without_waiting_for_a_feed_that_hangs(line, web, told):
    asked, released = Event(), Event()

    def hang():
        asked.set()
        released.wait(60)
        return 200, {}, b""

    web.pages["/hangs"] = hang
    line.configure({"hangs": web.url("/hangs")}, poll={"timeout": "60s"})
    line.start()
    line.until(asked.is_set)
    assert line.stop() == 0
    assert not released.is_set(), "it was still waiting for its answer"
    released.set()
