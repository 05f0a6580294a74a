"""Polls in one loop: a real server, a real store, and what is told of each."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from time import monotonic

import pytest
from web_servers import answering, head, plain, redirect, serving

from siegewatch import wiring
from siegewatch.apps.roles.loop import Trouble
from siegewatch.apps.roles.polling import Polling
from siegewatch.collect.poller import Polled, Poller
from siegewatch.domain.feed import Feed
from siegewatch.settings import Settings
from siegewatch.settings.load import load

RSS = (
    b"<rss version='2.0'><channel><title>T</title><ttl>60</ttl>"
    b"<item><title>Rebels besiege town</title><guid>1</guid></item></channel></rss>"
)


class Running:
    """The collect phase over one store, without a scheduler."""

    def __init__(self, settings: Settings, memory: wiring.Memory, tools: "wiring.Tools") -> None:
        self._settings, self.memory, self._tools = settings, memory, tools
        self._door = wiring.multi_door(settings)
        self.polled: SimpleQueue[Polled] = SimpleQueue()
        self._polling = Polling(self._settle, lambda polled, _: self.polled.put(polled), lambda *_: True,
                                Trouble(wiring.now), hands=2)  # fmt: skip
        self._polling.start()
        self._poller: Poller | None = None

    def poll(self, *feeds: Feed) -> None:
        """Begins to poll these."""
        self._poller = wiring.poller(self._settings, self.memory, self._tools, feeds)
        self._poller.begin(wiring.now())
        self._poller.make_all_due(wiring.now())
        self._polling.begin(self._poller, self._door, self._poller.claim(wiring.now(), len(feeds)))

    def heard(self, count: int = 1) -> list[Polled]:
        """The next polls to end."""
        return [self.polled.get(timeout=20) for _ in range(count)]

    def stop(self) -> None:
        self._polling.stop(monotonic() + 5)
        self._door.close()

    def _settle(self, concluded, now):
        assert self._poller
        return self._poller.settle(concluded, now)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    (tmp_path / "siegewatch.yaml").write_text(f"data_dir: {tmp_path}/data\nnetwork: {{allow: [127.0.0.0/8]}}\n")
    settings = load(tmp_path, {})
    with wiring.opened_store(settings) as store, wiring.opened_door(settings) as door:
        memory = wiring.memory(settings, store)
        memory.open()
        with wiring.opened_tools(settings, door) as tools:
            made = Running(settings, memory, tools)
            yield made
            made.stop()


def test_feed_is_read_admitted_and_then_found_unchanged(running: Running) -> None:
    heads: list[bytes] = []
    answers = answering(plain(RSS, "200 OK", 'ETag: "e"'), plain(b"", "304 Not Modified"), heads=heads)
    with serving(answers) as server:
        feed = Feed(server.url("/rss"), "F")
        running.poll(feed)
        (first,) = running.heard()
        running.poll(feed)
        (second,) = running.heard()
    assert (first.admitted.new, first.reading.unchanged) == (1, False)
    assert (second.admitted.new, second.reading.unchanged, second.settled) == (0, True, True)
    assert b'If-None-Match: "e"\r\n' in heads[1]
    assert running.memory.feeds.states([feed.id])[0].wishes.ttl_seconds == 3_600


def test_feed_that_changes_in_one_entry_brings_that_alone(running: Running) -> None:
    more = RSS.replace(b"<item>", b"<item><title>Army takes village</title><guid>2</guid></item><item>")
    with serving(answering(plain(RSS), plain(more))) as server:
        feed = Feed(server.url("/rss"), "F")
        for _ in range(2):
            running.poll(feed)
            (last,) = running.heard()
    assert [entry.title for entry in last.reading.entries] == ["Army takes village"]
    assert last.admitted.new == 1


def test_slow_hosts_delay_no_other(running: Running) -> None:
    released = threading.Event()

    def slow(peer: socket.socket) -> None:
        head(peer)
        released.wait(20)
        peer.sendall(plain(RSS))

    with serving(slow) as slow_server, serving(answering(plain(RSS))) as server:
        many = [Feed(slow_server.url(f"/{n}"), f"slow {n}") for n in range(40)]
        quick = [Feed(server.url(f"/{n}"), f"quick {n}") for n in range(10)]
        running.poll(*many, *quick)
        assert {polled.feed.name for polled in running.heard(10)} == {feed.name for feed in quick}
        released.set()
        assert len(running.heard(40)) == 40


def test_failures_of_every_kind_are_settled_as_such(running: Running) -> None:
    with serving(answering(plain(b"gone", "410 Gone"))) as gone, serving(answering(redirect("/again"))) as loop:
        broken = [gone.url("/a"), loop.url("/b"), "http://127.0.0.1:1/c", "http://10.1.2.3/d"]
        running.poll(*(Feed(url, url) for url in broken))
        told = {polled.feed.url: polled for polled in running.heard(4)}
    assert [told[url].health.failures for url in broken] == [1, 1, 1, 1]
    assert "410 Gone" in str(told[broken[0]].reading.problem)
    assert "over 5 redirects" in str(told[broken[1]].reading.problem)
    assert told[broken[2]].reading.reached is False
    assert "is private" in str(told[broken[3]].reading.problem)


def test_feed_behind_a_redirect_for_good_is_still_counted_as_moved(running: Running) -> None:
    with serving(answering(redirect("/new", "301 Moved"), plain(RSS))) as server:
        feed = Feed(server.url("/old"), "F")
        running.poll(feed)
        (polled,) = running.heard()
    assert polled.reading.validators.move is not None
    assert polled.reading.validators.move.times == 1


def test_bug_in_a_source_costs_its_own_feed_alone(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    from siegewatch.collect.sources.feed import FeedSource

    hear: Callable[..., object] = FeedSource.hear

    def faulty(self: FeedSource, feed: Feed, *rest: object) -> object:
        if feed.name == "bad":
            raise ZeroDivisionError
        return hear(self, feed, *rest)

    monkeypatch.setattr(FeedSource, "hear", faulty)
    with serving(answering(plain(RSS))) as server:
        running.poll(Feed(server.url("/bad"), "bad"), Feed(server.url("/good"), "good"))
        assert [polled.feed.name for polled in running.heard()] == ["good"]


def test_feed_that_another_worker_took_over_is_not_settled_twice(running: Running) -> None:
    with serving(answering(plain(RSS))) as server:
        feed = Feed(server.url("/rss"), "F")
        poller = wiring.poller(running._settings, running.memory, running._tools, [feed])
        now = wiring.now()
        poller.begin(now)
        (slow,) = poller.turns(poller.claim(now, 1), now)
        later = now + poller.longest + timedelta(seconds=1)
        (quick,) = poller.turns(poller.claim(later, 1), later)
        done = [
            turn.concluded(turn.read(None), turn.admit(turn.read(None)), None, blame=True) for turn in (quick, slow)
        ]
        assert [polled.settled for polled in poller.settle(done, later)] == [True, False]


def test_feed_that_is_gone_for_good_is_paused_after_the_third_time(running: Running) -> None:
    with serving(answering(plain(b"gone", "410 Gone"))) as server:
        feed = Feed(server.url("/rss"), "F")
        for _ in range(3):
            assert running.memory.feeds.paused() == {}
            running.poll(feed)
            running.heard()
    pause = running.memory.feeds.paused()[feed.id]
    assert (pause.by, "410" in pause.reason) == ("collect", True)


def test_feed_whose_state_cannot_be_read_keeps_no_other_from_being_polled(running: Running) -> None:
    with serving(answering(plain(RSS))) as server:
        bad, good = Feed(server.url("/bad"), "bad"), Feed(server.url("/good"), "good")
        running.memory.store.redis.set(running.memory.store.keys("feed:{id}", id=bad.id), "{}]")
        running._poller = poller = wiring.poller(running._settings, running.memory, running._tools, [bad, good])
        running.memory.feeds.add(dict.fromkeys([bad.id, good.id], wiring.now()))
        running._polling.begin(poller, running._door, poller.claim(wiring.now(), 2))
        assert [polled.feed.name for polled in running.heard()] == ["good"]
