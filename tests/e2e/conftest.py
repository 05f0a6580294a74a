"""The world around a running service: a feed server that changes over time, an inbox that checks signatures,
and the service itself as a process that can be killed."""

import base64
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from xml.sax.saxutils import escape

import pytest
import yaml
from standardwebhooks import Webhook

from siegewatch import wiring
from siegewatch.settings import load

SIEGEWATCH = Path(sys.executable).with_name("siegewatch")
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, yes").decode()


@dataclass(frozen=True)
class Told:
    """An entry that a feed serves."""

    title: str
    link: str
    summary: str = ""
    at: datetime | None = None


def rss(entries: list[Told], title: str = "The Courier") -> bytes:
    """An RSS 2.0 document."""
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{escape(one.link)}</link>"
        f"<guid isPermaLink='false'>{escape(one.link)}#guid</guid><description>{escape(one.summary)}</description>"
        + (f"<pubDate>{format_datetime(one.at)}</pubDate>" if one.at else "")
        + "</item>"
        for one in entries
    )
    head = f"<title>{escape(title)}</title><link>https://courier.example/</link><description>news</description>"
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


@dataclass
class Web:
    """A real HTTP server on loopback. `pages` maps a path to what answers a GET: status, headers, body."""

    pages: dict[str, Callable[[], tuple[int, Mapping[str, str], bytes]]] = field(default_factory=dict)
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: dict[str, Callable[[], int]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def start(self) -> None:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                page = web.pages.get(self.path.split("?")[0])
                self.answer(*(page() if page else (404, {}, b"no such page")))

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    # The sender was killed between head and body: nothing was received, and nobody waits.
                    self.close_connection = True
                    return
                with web.lock:
                    web.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.answer(web.answers.get(self.path, lambda: 200)(), {}, b"ok")

            def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A client that was killed in the middle of a request is what these tests are about."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def feed(self, path: str, entries: Callable[[], list[Told]], title: str = "The Courier") -> str:
        self.pages[path] = lambda: (200, {"Content-Type": "application/rss+xml"}, rss(entries(), title))
        return self.url(path)

    def alerts(self) -> list[dict[str, Any]]:
        """The bodies that reached the inbox, their signatures checked, in order."""
        with self.lock:
            posts = [(headers, body) for path, headers, body in self.posts if path == "/inbox"]
        return [
            Webhook(SECRET).verify(body.decode(), headers) | {"id": headers["webhook-id"]} for headers, body in posts
        ]

    def slack(self) -> list[dict[str, Any]]:
        with self.lock:
            return [json.loads(body) for path, _, body in self.posts if path == "/services/T0/B0/xyz"]


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    server.start()
    yield server
    server.stop()


def _feed(name: str, url: str) -> dict[str, str]:
    return {"url": url, "name": name, "every": "1s" if "//127.0.0.1:" in url else "60s"}


@dataclass
class Line:
    """One siegewatch with its own folder, its configuration, and the processes it runs as."""

    folder: Path
    web: Web
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def configure(self, feeds: Mapping[str, str], **main: Any) -> None:
        """`feeds` maps a name to an address."""
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        settings = {
            "data_dir": str(self.folder / "data"),
            "network": {"allow": ["127.0.0.1/32"]},
            "web": {"listen": ""},
            "log": {"format": "json"},
        } | main
        files = {
            "siegewatch": settings,
            "feeds": {"feeds": [_feed(name, url) for name, url in feeds.items()]},
            "alerts": {
                "channels": [
                    # Of a burst it would tell most in a digest.
                    {"name": "desk", "type": "slack", "url": self.web.url("/services/T0/B0/xyz"), "budget": "1000/s"},
                    {"name": "archive", "type": "webhook", "url": self.web.url("/inbox"), "secret": SECRET},
                ],
                "routes": [{"channels": ["desk", "archive"]}],
            },
        }
        for name, content in files.items():
            (config / f"{name}.yaml").write_text(yaml.safe_dump(content))

    def command(self, *words: str) -> list[str]:
        return [str(SIEGEWATCH), *words, "--config", str(self.folder / "config")]

    def call(self, *words: str) -> str:
        """Runs a command to its end; its standard output."""
        done = self.ended(*words)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def failing(self, *words: str) -> str:
        """Runs a command that must fail; what it says of that."""
        done = self.ended(*words)
        assert done.returncode == 1, done.stderr[-3000:]
        return done.stderr

    def ended(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=90, check=False)

    def json(self, *words: str) -> Any:
        return json.loads(self.call(*words, "--format", "json"))

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        log = (self.folder / "log").open("ab")
        process = subprocess.Popen(self.command("run", *words), stdout=log, stderr=log)
        log.close()
        self.running.append(process)
        return process

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log lines of one kind."""
        lines = [json.loads(one) for one in self.log().splitlines() if one.startswith("{")]
        return [one for one in lines if one["event"] == name]

    def admitted(self) -> tuple[int, int, int]:
        """Items and wordings ever admitted, and how many of them wait to be decided."""
        settings = load(self.folder / "config", {})
        with wiring.opened_store(settings) as store:
            buckets = store.redis.scan_iter(store.keys("seen:{bucket}", bucket="*"), count=1000)
            # The members of further identities have the highest bit set.
            roots = sum(value[0] < 0x80 for bucket in buckets for value in store.redis.hvals(bucket))
            further = store.redis.scan_iter(store.keys("said:{root}", root="*"), count=1000)
            wordings = roots + sum(store.redis.scard(said) for said in further)
            return roots, wordings, wiring.memory(settings, store).items.queue.length()

    def records(self) -> list[str]:
        """Ids of the items decided, one for each time that one was."""
        settings = load(self.folder / "config", {})
        with wiring.opened_store(settings) as store:
            return [record.item.id for record in wiring.memory(settings, store).items.recent(1000)]

    def decided(self) -> int:
        """How many items were decided since the beginning, over all processes."""
        return sum(one["items"] for one in self.events("items_decided"))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        process = self.running.pop()
        process.send_signal(number)
        return process.wait(40)

    def until(self, fact: Callable[[], Any], seconds: float = 40) -> Any:
        """Waits until something is so, while the service runs."""
        deadline = time.monotonic() + seconds
        while not (found := fact()):
            assert time.monotonic() < deadline, self.log()[-4000:]
            assert all(process.poll() is None for process in self.running), self.log()[-4000:]
            time.sleep(0.1)
        return found


@pytest.fixture
def line(tmp_path: Path, web: Web) -> Iterator[Line]:
    one = Line(tmp_path, web)
    yield one
    for process in one.running:
        process.kill()
        process.wait(10)
    # The last user of the embedded store ends it: after a SIGKILL that is whoever comes next.
    if (tmp_path / "config").exists():
        subprocess.run(one.command("stories", "list"), capture_output=True, timeout=60, check=False)


def ago(minutes: float) -> datetime:
    """A time in the recent past, in whole seconds as feeds give it."""
    return datetime.fromtimestamp(int(time.time() - 60 * minutes), UTC)


@pytest.fixture
def told() -> Callable[..., Told]:
    def make(title: str, link: str, summary: str = "", minutes: float = 5) -> Told:
        return Told(title, link, summary, ago(minutes))

    return make
