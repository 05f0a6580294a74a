"""The real poll sequence through the real service: is every item and every wording admitted once?

usage: python bench/poll_sequence.py [--data ../shared/data] [--feeds 20] [--snapshots N]

Each of the feeds serves its share of the snapshots, one a request, as RSS; a link first served now carries
`pubDate` = now and keeps it. At the end the server's own book is compared with the store.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import urljoin
from xml.sax.saxutils import escape

import yaml

from siegewatch import wiring
from siegewatch.settings import Settings, load

SEQUENCE = "replay/bbc_home_2022-02-24_2022-03-31.jsonl.gz"
BASE = "https://www.bbc.com/"
HEAD = '<?xml version="1.0"?><rss version="2.0"><channel><title>BBC News</title>'


class Book:
    """Serves the snapshots and writes down what it served."""

    def __init__(self, snapshots: list[dict], feeds: int) -> None:
        self.waiting = [iter(snapshots[number::feeds]) for number in range(feeds)]
        self.first_at: dict[str, datetime] = {}
        self.wordings: set[tuple[str, str, str]] = set()
        self.left = len(snapshots)
        self.lock = Lock()
        self.last: dict[int, bytes] = {}

    def document(self, feed: int) -> bytes:
        """The feed's next snapshot; its last one again when there are no more."""
        with self.lock:
            snapshot = next(self.waiting[feed], None)
            if snapshot:
                self.left -= 1
                self.last[feed] = "".join([HEAD, *self._items(snapshot), "</channel></rss>"]).encode()
            return self.last[feed]

    def _items(self, snapshot: dict) -> Iterator[str]:
        for item in snapshot["items"]:
            link = urljoin(BASE, item["href"])
            at = self.first_at.setdefault(link, datetime.now(UTC))
            self.wordings.add((link, " ".join(item["title"].split()), " ".join(item["summary"].split())))
            yield (
                f"<item><title>{escape(item['title'])}</title><link>{escape(link)}</link>"
                f"<description>{escape(escape(item['summary']))}</description>"
                f"<pubDate>{format_datetime(at)}</pubDate></item>"
            )


def serve(book: Book) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = book.document(int(self.path[1:]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def configure(folder: Path, port: int, feeds: int) -> Path:
    config = folder / "config"
    config.mkdir()
    files = {
        "siegewatch": {
            "data_dir": str(folder / "data"),
            "network": {"allow": ["127.0.0.1/32"]},
            "web": {"listen": ""},
        },
        "feeds": {
            "feeds": [{"url": f"http://127.0.0.1:{port}/{n}", "name": f"f{n}", "every": "1s"} for n in range(feeds)]
        },
        "alerts": {"channels": [{"name": "console", "type": "console"}], "routes": [{"channels": ["console"]}]},
    }
    for name, content in files.items():
        (config / f"{name}.yaml").write_text(yaml.safe_dump(content))
    return config


def count(settings: Settings) -> dict[str, int]:
    """Items and wordings in the store, and what became of them."""
    with wiring.opened_store(settings) as store:
        buckets = store.redis.scan_iter(store.keys("seen:{bucket}", bucket="*"), count=1000)
        # The members of further identities have the highest bit set.
        roots = sum(value[0] < 0x80 for bucket in buckets for value in store.redis.hvals(bucket))
        further = store.redis.scan_iter(store.keys("said:{root}", root="*"), count=1000)
        return {
            "items": roots,
            "wordings": roots + sum(store.redis.scard(said) for said in further),
            "waiting": wiring.memory(settings, store).items.queue.length(),
            "alerts": store.redis.zcard(store.keys("alerts:recent")),
        }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--feeds", type=int, default=20)
    arguments.add_argument("--snapshots", type=int, default=100_000)
    chosen = arguments.parse_args()
    if not (chosen.data / SEQUENCE).exists():
        sys.exit(f"{chosen.data / SEQUENCE} is missing: name the data folder with --data")
    with gzip.open(chosen.data / SEQUENCE, "rt") as lines:
        snapshots = [json.loads(line) for line in lines][: chosen.snapshots]
    book = Book(snapshots, chosen.feeds)
    server = serve(book)
    with tempfile.TemporaryDirectory() as name:
        config = configure(Path(name), server.server_port, chosen.feeds)
        settings = load(config, {})
        command = [str(Path(sys.executable).with_name("siegewatch")), "run", "--config", str(config)]
        started = time.monotonic()
        service = subprocess.Popen(command, stdout=(Path(name) / "alerts").open("w"), stderr=subprocess.DEVNULL)
        try:
            while book.left and service.poll() is None and time.monotonic() - started < 3600:
                time.sleep(0.5)
            time.sleep(5)
            found = count(settings)
            while found["waiting"] and service.poll() is None:
                time.sleep(1)
                found = count(settings)
            seconds = time.monotonic() - started
        finally:
            service.terminate()
            service.wait(40)
        print((Path(name) / "alerts").read_text())
    server.shutdown()
    print(f"snapshots served {len(snapshots) - book.left}, in {seconds:.0f} s")
    print(f"book:  items {len(book.first_at)}, wordings {len(book.wordings)}")
    print(f"store: items {found['items']}, wordings {found['wordings']}, alerts {found['alerts']}")
    sys.exit(found["items"] != len(book.first_at) or found["wordings"] != len(book.wordings))


if __name__ == "__main__":
    main()
