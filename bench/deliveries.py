"""What delivery must hold: `python bench/deliveries.py [burst] [downtime] [kills]`.

burst     1,000 alerts decided at once, to a server that takes one request a second and answers 429 to all others
downtime  alerts of two days that wait when sending begins again
kills     SIGKILL of the sender at 200 random moments, two channels, a real HTTP receiver

The first two run on a simulated clock over the embedded store; the third is real. Ends with 1 where a promise is not
kept.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path

from siegewatch.domain.alert import Alert, Route
from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Retry, Verdict
from siegewatch.domain.digest import Digest
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.standing import Budget, Terms
from siegewatch.domain.story import Story, StoryChange
from siegewatch.domain.taxonomy import Change, Kind, Phase, Status
from siegewatch.net.door import Door
from siegewatch.notify.channels.webhook import WebhookChannel
from siegewatch.notify.outbox import Teller
from siegewatch.notify.sender import Sender
from siegewatch.store import codec
from siegewatch.store.alerts import AlertStore
from siegewatch.store.client import connect_socket
from siegewatch.store.embedded import ensure_running
from siegewatch.store.process import worker

BEGIN = datetime(2026, 3, 1, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SECRET = "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
IMPOSED = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, country="SY")


@dataclass
class Clock:
    at: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.at

    def tick(self) -> datetime:
        """The time of a decision: no two are made at one instant."""
        self.at += timedelta(microseconds=100)
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def wall() -> datetime:
    return datetime.now(UTC)


@dataclass
class OneASecond:
    """Takes one request a second, and answers 429 with Retry-After to all others; each takes a random while."""

    clock: Clock
    chance: random.Random
    taken: list[Message] = field(default_factory=list)
    requests: int = 0
    refused: int = 0
    needs_url: bool = True
    _last: datetime | None = None

    def send(self, message: Message) -> Verdict:
        self.requests += 1
        self.clock.sleep(self.chance.uniform(0.02, 0.12))
        arrived = self.clock()
        self.clock.sleep(self.chance.uniform(0.02, 0.12))
        if self._last and arrived - self._last < SECOND:
            self.refused += 1
            return Retry("answered 429", 429, after_seconds=1)
        self._last = arrived
        self.taken.append(message)
        return Accepted(200)

    @property
    def told(self) -> list[list[Alert]]:
        """What each message told, by the items' titles, which are numbers in the order of decision."""
        return [
            [entry.alert for entry in one.alert.entries] if isinstance(one.alert, Digest) else [one.alert.id]
            for one in self.taken
        ]


@contextmanager
def outbox() -> Iterator[AlertStore]:
    with tempfile.TemporaryDirectory() as folder, ensure_running(Path(folder)) as running:
        store = connect_socket(str(running.socket_path), "b:")
        alerts = AlertStore(store)
        alerts.changes.open()
        yield alerts
        store.close()


def change(number: int, stories: int, at: datetime) -> StoryChange:
    story = Story(f"s{number % stories}", "c:SY", "Fighting in SY", None, "SY", at, at, version=number)
    return StoryChange(story, Change.OPENED, (IMPOSED,), Item(f"i{number}", str(number), "", at, at), at)


def tell(alerts: AlertStore, changes: list[StoryChange], channels: list[ChannelSpec], clock: Clock | None) -> list[str]:
    """The ids of the alerts, in the order in which they were decided."""
    for one in changes:
        alerts.store.redis.xadd(alerts.changes.key, {"change": codec.dump(one)})
    names = {spec.name: spec for spec in channels}
    teller = Teller(alerts, (Route({}, tuple(names)),), names, "bench", clock.tick if clock else wall)
    told: list[str] = []
    while batch := teller.step().alerts:
        told += [alert.id for alert in batch]
    return told


def burst(number: int, seed: int) -> dict[str, float]:
    """`number` alerts of a tenth as many stories, decided at once."""
    with outbox() as alerts:
        clock, terms = Clock(), Terms(Budget(1, SECOND))
        spec = ChannelSpec("desk", "bench", terms=terms)
        stories = max(number // 10, 1)
        decided = tell(alerts, [change(one, stories, clock()) for one in range(number)], [spec], clock)
        server = OneASecond(clock, random.Random(seed))
        sender = Sender(alerts, "desk", server, "", "UTC", clock, worker(), terms, clock.sleep)
        while alerts.waiting(["desk"])["desk"]:
            if sender.step() is None:
                clock.sleep(0.25)
        return _judged(server, decided, clock() - BEGIN)


def _judged(server: OneASecond, decided: list[str], took: timedelta) -> dict[str, float]:
    place = {alert: number for number, alert in enumerate(decided)}
    spans = [sorted(place[alert] for alert in told) for told in server.told]
    flat = [alert for told in server.told for alert in told]
    return {
        "alerts": len(decided),
        "messages": len(server.taken),
        "digests": sum(isinstance(one.alert, Digest) for one in server.taken),
        "lost": len(set(decided) - set(flat)),
        "doubled": len(flat) - len(set(flat)),
        "out of order": sum(before[-1] > after[0] for before, after in pairwise(spans)),
        "requests": server.requests,
        "refused": server.refused,
        "seconds": round(took.total_seconds(), 1),
    }


def downtime(number: int, seed: int) -> dict[str, float]:
    """`number` alerts decided over two days while nothing was sent."""
    with outbox() as alerts:
        clock, terms = Clock(), Terms(Budget(1, SECOND))
        spec = ChannelSpec("desk", "bench", terms=terms)
        decided = []
        for one in range(number):
            decided += tell(alerts, [change(one, number, clock())], [spec], clock)
            clock.sleep(48 * 3600 / number)
        server = OneASecond(clock, random.Random(seed))
        sender = Sender(alerts, "desk", server, "", "UTC", clock, worker(), terms, clock.sleep)
        began = clock()
        while alerts.waiting(["desk"])["desk"]:
            if sender.step() is None:
                clock.sleep(0.25)
        newest_first = [told == [alert for alert in reversed(decided) if alert in told] for told in server.told]
        return {**_judged(server, decided, clock() - began), "not newest first": newest_first.count(False)}


def serve(folder: Path) -> tuple[int, int]:
    """A receiver in a process of its own that notes every webhook-id it accepts; its process and port."""
    ready, told = os.pipe()
    process = os.fork()
    if process:
        os.close(told)
        with os.fdopen(ready) as reader:
            return process, int(reader.readline())
    with (folder / "accepted").open("a", buffering=1) as log:

        class Receiver(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                log.write(f"{self.path} {self.headers['webhook-id']} {body['data']['id']}\n")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        class Server(HTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Senders are killed: that is what is measured."""

        server = Server(("127.0.0.1", 0), Receiver)
        os.write(told, f"{server.server_port}\n".encode())
        os.close(told)
        server.serve_forever()
    os._exit(0)


def send_all(socket: str, specs: list[ChannelSpec]) -> None:
    """What the killed process does: sends for every channel until nothing waits."""
    alerts = AlertStore(connect_socket(socket, "b:"))
    door = Door(allow=(ip_network("127.0.0.1"),), user_agent="bench")
    senders = [Sender(alerts, spec.name, WebhookChannel(spec, door), "", "UTC", wall, worker()) for spec in specs]
    for sender in senders:
        sender.begin()
    while sum(sender.step() is not None for sender in senders):
        pass


def forked(socket: str, specs: list[ChannelSpec]) -> int:
    process = os.fork()
    if process:
        return process
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
        send_all(socket, specs)
    os._exit(0)


def kills(number: int, seed: int, each: int = 20) -> dict[str, float]:
    """`number` senders killed at random moments, `each` new alerts for two channels before each."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name, ensure_running(Path(name)) as running:
        folder, socket = Path(name), str(running.socket_path)
        receiver, port = serve(folder)
        specs = [ChannelSpec(one, "webhook", f"http://127.0.0.1:{port}/{one}", SECRET) for one in ("desk", "archive")]
        decided: list[str] = []
        killed = 0
        pace = 0.0
        while killed < number:
            decided += _tell_more(socket, len(decided), each, specs)
            began = time.monotonic()
            process = forked(socket, specs)
            if not pace:
                os.waitpid(process, 0)
                pace = time.monotonic() - began
                continue
            time.sleep(chance.uniform(0, pace))
            os.kill(process, signal.SIGKILL)
            killed += os.WIFSIGNALED(os.waitpid(process, 0)[1])
        _finish(socket, specs)
        os.kill(receiver, signal.SIGTERM)
        os.waitpid(receiver, 0)
        return _counted((folder / "accepted").read_text().splitlines(), decided, killed)


def _tell_more(socket: str, so_far: int, each: int, specs: list[ChannelSpec]) -> list[str]:
    alerts = AlertStore(connect_socket(socket, "b:"))
    alerts.changes.open()
    told = tell(alerts, [change(so_far + one, 50, datetime.now(UTC)) for one in range(each)], specs, None)
    alerts.store.close()
    return told


def _finish(socket: str, specs: list[ChannelSpec]) -> None:
    """Sends what is left, also what is to be tried again in a few seconds."""
    while True:
        os.waitpid(forked(socket, specs), 0)
        store = AlertStore(connect_socket(socket, "b:"))
        left = sum(store.waiting([spec.name for spec in specs]).values())
        store.store.close()
        if not left:
            return
        time.sleep(0.5)


def _counted(lines: list[str], decided: list[str], killed: int) -> dict[str, float]:
    accepted: dict[tuple[str, str], list[str]] = {}
    for path, webhook_id, alert in map(str.split, lines):
        accepted.setdefault((alert, path), []).append(webhook_id)
    wanted = {(alert, path) for alert in decided for path in ("/desk", "/archive")}
    times = Counter(len(ids) for ids in accepted.values())
    return {
        "kills": killed,
        "deliveries": len(wanted),
        "lost": len(wanted - accepted.keys()),
        "accepted once": times[1],
        "accepted twice": times[2],
        "more often": sum(count for often, count in times.items() if often > 2),
        "under two ids": sum(len(set(ids)) > 1 for ids in accepted.values()),
        "twice, percent": round(100 * times[2] / max(len(wanted), 1), 2),
    }


PROOFS = {"burst": (burst, 1_000), "downtime": (downtime, 300), "kills": (kills, 200)}
MUST_BE_NONE = ("lost", "doubled", "out of order", "not newest first", "more often", "under two ids")


def broken(found: dict[str, float]) -> list[str]:
    """What of the promises was not kept."""
    faults = [name for name in MUST_BE_NONE if found.get(name)]
    return faults + (["refused"] if found.get("refused", 0) > 0.05 * found.get("requests", 0) else [])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("proofs", nargs="*", choices=list(PROOFS), default=list(PROOFS))
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--number", type=int, help="alerts or kills, instead of those above")
    chosen = options.parse_args()
    bad = False
    for name in chosen.proofs:
        proof, number = PROOFS[name]
        found = proof(chosen.number or number, chosen.seed)
        print(f"{name}: " + ", ".join(f"{label} {value}" for label, value in found.items()))
        if faults := broken(found):
            print(f"  not kept: {', '.join(faults)}")
            bad = True
    sys.exit(bad)


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    main()
