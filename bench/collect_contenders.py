"""What bench/collect.py sets side by side: each polls a list of feeds once, and says how many entries it got."""

import random
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Protocol
from urllib.parse import urlsplit

THREADS, AT_ONCE = 16, 64
CA_FILE = ""
"""Whom to trust besides, where the server speaks TLS: set by the bench before anything is made."""

SUFFIX = ".org"
"""Of the invented names: they need a public suffix to have a registrable domain each."""


class Missing(Exception):
    """A package that a row needs is not installed."""


class Contender(Protocol):
    def poll_all(self) -> int:
        """Polls every feed once; the number of entries that were read."""


def host(number: int) -> str:
    """The name of an invented publisher's server."""
    return f"www.invented-feed-{number}{SUFFIX}"


def url(number: int, scheme: str, port: int, kind: str) -> str:
    """The address of an invented feed that does what its kind says (bench/feed_server.py)."""
    return f"{scheme}://{host(number)}:{port}/{kind}/{number}"


@lru_cache(maxsize=200_000)
def address_of(host: str) -> str:
    """Where an invented host lives: one address of 127.0.0.0/8 for each."""
    seed = random.Random(host)
    return f"127.{seed.randrange(1, 255)}.{seed.randrange(255)}.{seed.randrange(1, 255)}"


@contextmanager
def invented_names() -> Iterator[None]:
    """Within it, the socket module knows the bench's names."""
    before = socket.getaddrinfo

    def known(host: Any, *args: Any, **kwargs: Any) -> Any:
        return before(address_of(host) if str(host).endswith(SUFFIX) else host, *args, **kwargs)

    socket.getaddrinfo = known  # type: ignore[assignment]
    try:
        yield
    finally:
        socket.getaddrinfo = before


class RequestsThreads:
    """`requests.Session` in threads, with conditional requests; bodies are not parsed."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls, self._etags, self._local = urls, {}, threading.local()  # type: ignore[var-annotated]

    def poll_all(self) -> int:
        with ThreadPoolExecutor(THREADS) as pool:
            return sum(pool.map(self._poll, self._urls))

    def _poll(self, url: str) -> int:
        import requests

        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        self._local.session.verify = CA_FILE or True
        answer = self._local.session.get(url, headers={"If-None-Match": self._etags.get(url, "")}, timeout=20)
        self._etags[url] = answer.headers.get("ETag", "")
        return 0


class BareCurl:
    """A bare curl multi loop, with conditional requests; bodies are not parsed."""

    def __init__(self, urls: Sequence[str]) -> None:
        import pycurl

        self._curl, self._urls = pycurl, urls
        self._multi = pycurl.CurlMulti()
        self._easy = [pycurl.Curl() for _ in range(AT_ONCE)]
        self._etags: dict[str, str] = {}

    def poll_all(self) -> int:
        waiting, idle, under_way = list(self._urls), list(self._easy), 0
        while waiting or under_way:
            while waiting and idle:
                self._begin(idle.pop(), waiting.pop())
                under_way += 1
            self._multi.perform()
            more = True
            while more:
                more, good, bad = self._multi.info_read()
                for curl in [*good, *(one for one, *_ in bad)]:
                    self._multi.remove_handle(curl)
                    idle.append(curl)
                    under_way -= 1
            self._multi.select(1.0)
        return 0

    def _begin(self, curl: Any, url: str) -> None:
        parts = urlsplit(url)

        def take(line: bytes) -> None:
            if line[:5].lower() == b"etag:":
                self._etags[url] = line[5:].strip().decode()

        curl.setopt(self._curl.URL, url)
        if CA_FILE:
            curl.setopt(self._curl.CAINFO, CA_FILE)
        curl.setopt(self._curl.RESOLVE, [f"{parts.hostname}:{parts.port}:{address_of(str(parts.hostname))}"])
        curl.setopt(self._curl.HTTPHEADER, [f"If-None-Match: {self._etags.get(url, '')}"])
        curl.setopt(self._curl.HEADERFUNCTION, take)
        curl.setopt(self._curl.WRITEFUNCTION, lambda _: None)
        self._multi.add_handle(curl)


class Naive:
    """requests + feedparser + SET NX, as a first script does it; without a classifier."""

    def __init__(self, urls: Sequence[str], store: Any) -> None:
        import requests

        self._urls, self._store, self._session = urls, store, requests.Session()
        self._session.verify = CA_FILE or True

    def poll_all(self) -> int:
        import feedparser

        entries = 0
        for url in self._urls:
            for entry in feedparser.parse(self._session.get(url, timeout=20).content).entries:
                entries += bool(self._store.set(f"seen:{entry.get('id')}", 1, nx=True, ex=86_400))
        return entries


class LemonReader:
    """lemon24/reader, which stores but neither classifies nor alerts."""

    def __init__(self, urls: Sequence[str], path: str) -> None:
        try:
            from reader import make_reader
        except ImportError:
            raise Missing("the package reader is not installed") from None
        self._reader = make_reader(path, feed_root="")
        for url in urls:
            self._reader.add_feed(url, exist_ok=True)

    def poll_all(self) -> int:
        results = self._reader.update_feeds_iter(workers=THREADS, scheduled=False)
        return sum(one.value.new for one in results if one.value and not isinstance(one.value, Exception))


class Siegewatch:
    """The whole poll: claim, request, judgement, parsing, admission, state and schedule in the store, the log."""

    def __init__(self, urls: Sequence[str], folder: Path, stack: ExitStack) -> None:
        from siegewatch import wiring
        from siegewatch.apps.roles.loop import Trouble
        from siegewatch.apps.roles.polling import Polling
        from siegewatch.domain.feed import Feed
        from siegewatch.net.multi import MultiDoor
        from siegewatch.settings.load import load

        (folder / "feeds.yaml").write_text("feeds: []\n")
        (folder / "siegewatch.yaml").write_text(f"data_dir: {folder}/data\nnetwork: {{allow: [127.0.0.0/8]}}\n")
        settings = load(folder, {})
        memory = wiring.memory(settings, stack.enter_context(wiring.opened_store(settings)))
        memory.open()
        tools = stack.enter_context(wiring.opened_tools(settings, stack.enter_context(wiring.opened_door(settings))))
        self._poller = wiring.poller(settings, memory, tools, [Feed(url, url) for url in urls])
        self._door = MultiDoor(
            allow=settings.network.allow,
            user_agent="siegewatch/bench",
            at_once=settings.poll.at_once,
            ca_file=CA_FILE or None,
            addresses=lambda host: [address_of(host)],
        )
        self._entries, self._polled = 0, 0
        self.ended: dict[str, float] = {}
        self._now = wiring.now
        self._polling = Polling(
            self._poller.settle, self._told, lambda *_: True, Trouble(wiring.now), settings.poll.workers
        )
        self._poller.begin(self._now())
        self._polling.start()
        stack.callback(self._door.close)
        stack.callback(lambda: self._polling.stop(monotonic() + 5))

    def _told(self, polled: Any, _seconds: float) -> None:
        self._entries += polled.admitted.new
        self._polled += 1
        self.ended[polled.feed.url] = monotonic()

    def poll_all(self) -> int:
        before, self._polled = self._entries, 0
        self._poller.make_all_due(self._now())
        while self._polled < len(self._poller.feeds):
            if claims := self._poller.claim(self._now(), 256 - self._polling.busy):
                self._polling.begin(self._poller, self._door, claims)
            sleep(0.002)
        return self._entries - before


@contextmanager
def siegewatch(urls: Sequence[str]) -> Iterator[Contender]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        yield Siegewatch(urls, Path(folder), stack)


@contextmanager
def requests_threads(urls: Sequence[str]) -> Iterator[Contender]:
    with invented_names():
        yield RequestsThreads(urls)


@contextmanager
def bare_curl(urls: Sequence[str]) -> Iterator[Contender]:
    yield BareCurl(urls)


@contextmanager
def lemon_reader(urls: Sequence[str]) -> Iterator[Contender]:
    with tempfile.TemporaryDirectory() as folder, invented_names():
        yield LemonReader(urls, f"{folder}/reader.sqlite")


@contextmanager
def naive(urls: Sequence[str]) -> Iterator[Contender]:
    import redis

    from siegewatch.store.embedded import ensure_running

    with tempfile.TemporaryDirectory() as folder, ensure_running(Path(folder)) as server, invented_names():
        yield Naive(urls, redis.Redis(unix_socket_path=str(server.socket_path)))


ALL: dict[str, Callable[[Sequence[str]], AbstractContextManager[Contender]]] = {
    "siegewatch": siegewatch,
    "requests threads": requests_threads,
    "bare curl multi": bare_curl,
    "reader": lemon_reader,
    "naive script": naive,
}
