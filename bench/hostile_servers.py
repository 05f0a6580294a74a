"""What a feed's server can do to the service, over both transports: `python bench/hostile_servers.py [CASE]...`.

Each case is one server on loopback, or one address, that a feed leads to. It is polled as the service polls (the door,
the source of feeds, the confined parser) in a process of its own, under the limits that the service has by default but
for the time. Told are what the poll said, how long it took, and by how much the memory of the two processes grew.
"""

import argparse
import json
import multiprocessing
import re
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_network
from itertools import count
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / "support"), str(Path(__file__).parent)]

import trustme  # noqa: E402
from doors import TRANSPORTS, opened  # noqa: E402
from web_servers import Server, answering, plain, serving  # noqa: E402

import hostile  # noqa: E402
from hostile_cases import Case, cases  # noqa: E402
from siegewatch.collect.parser_process import ParserPool  # noqa: E402
from siegewatch.collect.sources.base import Reading, Tools  # noqa: E402
from siegewatch.collect.sources.feed import FeedSource  # noqa: E402
from siegewatch.domain.feed import Feed, Validators  # noqa: E402
from siegewatch.net.messages import Limits  # noqa: E402

MOST_MB = 100
HERE = ip_network("127.0.0.1/32")
SECRET = "s3cret"


@cache
def authorities() -> tuple[trustme.CA, trustme.CA]:
    """One that is trusted, and one that is not."""
    return trustme.CA(), trustme.CA()


@contextmanager
def served(case: Case, size: int, folder: Path) -> Iterator[tuple[str, Path, Server]]:
    """The address that leads to the case's server, a file of the authorities to trust, and the trap."""
    authority, stranger = authorities()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    with ExitStack() as stack:
        trap = stack.enter_context(serving(answering(plain())))
        tls = None
        if case.tls:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            (authority if case.trusted else stranger).issue_cert(*case.tls).configure_cert(tls)
        server = stack.enter_context(serving(case.talk(size, trap.port), tls))
        address = server.url("/feed.xml", case.host)
        yield case.scheme + address[4:] if case.scheme == "https" and not case.tls else address, folder / "ca.pem", trap


def poll(transport: str, case: Case, url: str, ca_file: Path, limits: Limits, parsers: ParserPool) -> Reading:
    """One poll, as the service does it, with a secret among the feed's headers."""
    turn = count()
    meant = (lambda _: [case.addresses[min(next(turn), len(case.addresses) - 1)]]) if case.addresses else None
    door = opened(transport, [HERE], ca_file=ca_file, addresses=meant)
    try:
        source = FeedSource(Tools(door, limits, parsers, 2_000, timedelta(days=1)))  # type: ignore[arg-type]
        return source.read(Feed(url, "hostile", headers={"Authorization": SECRET}), Validators(), datetime.now(UTC))
    finally:
        door.close()


def told(reading: Reading) -> str:
    """What the log and `feeds health` say of a poll."""
    found = f"{len(reading.entries)} entries"
    return reading.problem or (f"{found}; {reading.remark}" if reading.remark else found)


def faults(case: Case, reading: Reading, trap: Server) -> Sequence[str]:
    """What is wrong with how a poll ended."""
    said = told(reading)
    found = {
        f"not told as {case.said!r}": not re.search(case.said, said),
        "not one line": len(said.splitlines()) != 1 or len(said) > 300 or not said.isprintable(),
        "a secret is told": SECRET in said,
        "someone was asked who must not be": trap.accepted,
        "a file was read": any("root:" in entry.title + entry.summary for entry in reading.entries),
    }
    return [fault for fault, holds in found.items() if holds]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("case", nargs="*", help="patterns of the cases to run: all unless given")
    options.add_argument("--seconds", type=float, default=4, help="time limit of a poll")
    options.add_argument("--gigabytes", type=float, default=1, help="size of the bombs")
    options.add_argument("--json", action="store_true", help="one line of JSON for each row")
    chosen = options.parse_args()
    wanted = [one for one in cases() if not chosen.case or any(re.search(text, one.name) for text in chosen.case)]
    show = _as_json if chosen.json else _as_line
    if not chosen.json:
        print(f"{'case':<48}{'transport':<10}{'s':>6}{'door MB':>9}{'parser MB':>11}  told")
    rows = []
    for case in wanted:
        for transport in TRANSPORTS:
            rows.append(_row(case, transport, int(chosen.gigabytes * 1e9), chosen.seconds))
            print(show(rows[-1]), flush=True)
    failed = sum(bool(row.wrong) for row in rows)
    if not chosen.json:
        print(f"{len(wanted)} cases over {len(TRANSPORTS)} transports: {failed or 'none'} failed")
    sys.exit(bool(failed))


@dataclass(frozen=True)
class Row:
    """What came of one case over one transport."""

    case: str
    transport: str
    seconds: float
    door_mb: float
    parser_mb: float
    told: str
    wrong: Sequence[str]


def _as_line(row: Row) -> str:
    words = row.told[:150] + "".join(f"  FAILED: {one}" for one in row.wrong)
    return (
        f"{row.case[:47]:<48}{row.transport:<10}{row.seconds:>6.1f}{row.door_mb:>9.0f}{row.parser_mb:>11.0f}  {words}"
    )


def _as_json(row: Row) -> str:
    return json.dumps(asdict(row))


def _row(case: Case, transport: str, size: int, seconds: float) -> Row:
    fresh = multiprocessing.get_context("forkserver")
    fresh.set_forkserver_preload(["hostile_servers"])
    with tempfile.TemporaryDirectory() as folder, served(case, size, Path(folder)) as (url, ca_file, trap):
        said, asked = fresh.Pipe(duplex=False)
        child = fresh.Process(target=measured, args=(case.name, transport, url, str(ca_file), seconds, asked))
        child.start()
        reading, took, door_mb, parser_mb = said.recv()
        child.join()
        wrong = [*faults(case, reading, trap)]
    if door_mb + parser_mb >= MOST_MB:
        wrong.append(f"it took {MOST_MB} MB or more")
    if took > seconds + 2:
        wrong.append("it outlasted its limit")
    return Row(case.name, transport, took, door_mb, parser_mb, told(reading), wrong)


def measured(name: str, transport: str, url: str, ca_file: str, seconds: float, result: object) -> None:
    """In a process of its own: one honest poll first, then the case; sends reading, seconds and growth in MB."""
    case = next(one for one in cases() if one.name == name)
    limits = Limits(total_seconds=seconds, first_byte_seconds=seconds, connect_seconds=seconds)
    parsers = ParserPool(1)
    honest = Case("honest", lambda _size, _trap: answering(plain(hostile.feed(30))), "30 entries")
    with tempfile.TemporaryDirectory() as folder, served(honest, 0, Path(folder)) as (there, ca, _):
        poll(transport, honest, there, ca, limits, parsers)
    child = _child_of(parsers)
    before, child_before = _memory("self", "VmRSS"), _memory(child, "VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (proc(5))
    began = time.monotonic()
    reading = poll(transport, case, url, Path(ca_file), limits, parsers)
    took = time.monotonic() - began
    growth = _memory("self", "VmHWM") - before
    same = _child_of(parsers) == child
    # A child that was ended for its size had grown up to its limit.
    child_growth = _memory(child, "VmHWM") - child_before if same else 200 - child_before
    parsers.close()
    result.send((reading, took, growth, child_growth))  # type: ignore[attr-defined]


def _child_of(parsers: ParserPool) -> str:
    parser = parsers._idle.get()
    parsers._idle.put(parser)
    return str(parser._child.pid if parser._child else "")


def _memory(process: str, what: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1_024 for line in lines if line.startswith(what))


if __name__ == "__main__":
    main()
