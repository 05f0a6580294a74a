"""From event decided to request sent: `python bench/notify.py [--alerts N] [--rate R]`.

The whole notify role (stream, routing, outbox, signature, door) with default logging, beside a bare loop that takes the
same alerts from a queue and calls `requests.post`, and where Apprise is installed one that calls its `notify`. Alerts
come at even intervals; what is measured is the time from just before the change is put on the stream (or the queue) to
the arrival of the request at a local server. The role has been up for a second by then: what it reads once at its start
is not measured here.
"""

import argparse
import json
import os
import queue
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import requests

from siegewatch import wiring
from siegewatch.apps.current import Current, Means
from siegewatch.apps.roles.loop import Trouble
from siegewatch.apps.roles.notify import Notify
from siegewatch.apps.web.metrics import Metrics
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.story import Story, StoryChange
from siegewatch.domain.taxonomy import Change, Kind, Phase, Status
from siegewatch.settings import load
from siegewatch.store import codec

START_SECONDS = 1.0
SECRET = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
IMPOSED = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, country="SY")


class Receiver(ThreadingHTTPServer):
    """Notes how long ago what it is sent was decided: the title of the item says when."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.delays: list[float] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        arrived = time.time()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        decided = body["title"] if "title" in body else body["data"]["item"]["title"]
        self.server.delays.append(arrived - float(decided))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def change(number: int) -> StoryChange:
    now = datetime.now(UTC)
    story = Story(f"s{number % 50}", "c:SY", "Fighting in SY", None, "SY", now, now, version=number)
    return StoryChange(story, Change.OPENED, (IMPOSED,), Item(f"i{number}", repr(time.time()), "", now, now), now)


def at_a_rate(number: int, rate: float, decide: Callable[[StoryChange], object]) -> None:
    began = time.monotonic()
    for one in range(number):
        time.sleep(max(began + one / rate - time.monotonic(), 0))
        decide(change(one))


def siegewatch(number: int, rate: float) -> list[float]:
    receiver = Receiver()
    with tempfile.TemporaryDirectory() as folder:
        settings = load(_config(Path(folder), receiver.url), dict(os.environ))
        with wiring.opened_store(settings) as store, wiring.opened_door(settings) as door:
            memory = wiring.memory(settings, store)
            memory.open()
            with wiring.opened_tools(settings, door) as tools:
                role = Notify(
                    Means(settings, memory, tools),
                    Metrics(Current(settings, memory), wiring.now),
                    Trouble(wiring.now),
                )
                role.start()
                time.sleep(START_SECONDS)
                key = memory.alerts.changes.key
                at_a_rate(number, rate, lambda one: store.redis.xadd(key, {"change": codec.dump(one)}))
                _wait(receiver, number)
                role.ask_to_stop()
                role.stop(time.monotonic() + 5)
    return receiver.delays


def bare(number: int, rate: float) -> list[float]:
    receiver = Receiver()
    session = requests.Session()

    def send(one: StoryChange) -> None:
        body = {"data": {"id": one.item.id, "item": {"title": one.item.title}}}
        session.post(receiver.url, json=body, timeout=20)

    with session:
        return _from_a_queue(number, rate, receiver, send)


def apprise(number: int, rate: float) -> list[float]:
    """Its instance is made once, as its documentation has it, and has sent once by then."""
    from apprise import Apprise

    receiver = Receiver()
    made = Apprise()
    made.add(receiver.url.replace("http", "json", 1))
    made.notify(title=repr(time.time()), body="warm")
    receiver.delays.clear()
    return _from_a_queue(number, rate, receiver, lambda one: made.notify(title=one.item.title, body=one.item.id))


def _from_a_queue(number: int, rate: float, receiver: Receiver, send: Callable[[StoryChange], object]) -> list[float]:
    waiting: queue.Queue[StoryChange] = queue.Queue()

    def loop() -> None:
        for _ in range(number):
            send(waiting.get())

    threading.Thread(target=loop, daemon=True).start()
    at_a_rate(number, rate, waiting.put)
    _wait(receiver, number)
    return receiver.delays


def _config(folder: Path, url: str) -> Path:
    (folder / "siegewatch.yaml").write_text(f"data_dir: {folder}/data\nnetwork: {{allow: [127.0.0.1]}}\n")
    (folder / "feeds.yaml").write_text("feeds: []\n")
    (folder / "alerts.yaml").write_text(
        f"channels:\n  - {{name: desk, type: webhook, url: '{url}', secret: {SECRET}}}\n"
        "routes:\n  - {channels: [desk]}\n"
    )
    return folder


def _wait(receiver: Receiver, number: int) -> None:
    deadline = time.monotonic() + 60
    while len(receiver.delays) < number and time.monotonic() < deadline:
        time.sleep(0.05)
    if len(receiver.delays) < number:
        raise SystemExit(f"only {len(receiver.delays)} of {number} arrived within a minute")


def shown(name: str, delays: list[float]) -> str:
    cuts = statistics.quantiles(delays, n=100)
    return (
        f"{name:14} {len(delays):5} alerts: median {1000 * statistics.median(delays):6.1f} ms, "
        f"99th percentile {1000 * cuts[98]:6.1f} ms, longest {1000 * max(delays):6.1f} ms"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--alerts", type=int, default=1_000)
    options.add_argument("--rate", type=float, default=50)
    options.add_argument("--rounds", type=int, default=2)
    chosen = options.parse_args()
    rows = {"requests.post": bare, "siegewatch": siegewatch}
    if find_spec("apprise"):
        rows["apprise"] = apprise
    for _ in range(chosen.rounds):
        for name, run in rows.items():
            began = time.process_time()
            delays = run(chosen.alerts, chosen.rate)
            spent = 1000 * (time.process_time() - began) / chosen.alerts
            print(f"{shown(name, delays)}; {spent:.1f} ms of processor an alert, receiver included", flush=True)


if __name__ == "__main__":
    import logging

    logging.disable(logging.CRITICAL)
    import structlog

    with Path(os.devnull).open("w") as nothing:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(nothing))
        main()
