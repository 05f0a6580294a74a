"""What polling costs, side by side: `python bench/collect.py [--feeds N]`.

Siegewatch's whole poll (claim, request, judgement, bookkeeping in the store, default logging) beside bare transports
and other readers, over a local server of invented feeds (bench/feed_server.py) under as many invented domains, which
are resolved to 127.0.0.0/8 by the bench; politeness and the address policy stay on. Rows that need packages which are
not installed (`reader`, https://pypi.org/project/reader) are left out, and said to be.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import trustme

import collect_contenders as contenders

SCENES = {"304": "etag", "unchanged": "same", "1 of 30 new": "news"}
"""What is measured after the first fetch, and the kind of feed of the server that behaves so."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--feeds", type=int, default=1_000)
    options.add_argument("--only", nargs="*", default=list(contenders.ALL))
    chosen = options.parse_args()
    with served() as port:
        for name in chosen.only:
            measure(name, contenders.ALL[name], f"http:{port}", chosen.feeds)
        slow_tenth(port, chosen.feeds)
    with certificate(chosen.feeds) as files, served(files[0]) as port:
        print("\nTLS, under an authority that all but reader are given to trust")
        contenders.CA_FILE = files[-1]
        for name in [name for name in chosen.only if name != "reader"]:
            measure(name, contenders.ALL[name], f"https:{port}", chosen.feeds, ("304",))


def slow_tenth(port: int, feeds: int) -> None:
    """When healthy feeds are done, alone and beside a tenth more that answer after 2 to 10 s."""
    found = []
    for kinds in (("etag",), ("etag", "slow")):
        many = {"etag": range(feeds), "slow": range(feeds, feeds + feeds // 9)}
        urls = [contenders.url(number, "http", port, kind) for kind in kinds for number in many[kind]]
        with contenders.siegewatch(urls) as contender:
            for _ in range(2):
                time.sleep(1.2)
                began = time.monotonic()
                contender.poll_all()
            done = [at - began for url, at in contender.ended.items() if "/etag/" in url]
            found.append(statistics.quantiles(done, n=100)[98])
    print(f"\nsiegewatch, p99 completion of {feeds} healthy feeds: {found[0]:.2f} s alone, {found[1]:.2f} s beside"
          f" {feeds // 9} slow ones, {found[1] / found[0]:.2f} times")  # fmt: skip


def measure(
    name: str, make: Callable[..., contenders.Contender], at: str, feeds: int, scenes: Sequence[str] = tuple(SCENES)
) -> None:
    print(f"\n{name}")
    scheme, _, port = at.partition(":")
    for scene, told in ((scene, SCENES[scene]) for scene in scenes):
        urls = [contenders.url(number, scheme, int(port), told) for number in range(feeds)]
        try:
            with make(urls) as contender:
                row(f"first fetch ({told})", contender, len(urls))
                for _ in range(2):
                    time.sleep(1.2)  # a publisher's servers have a second of peace
                    row(scene, contender, len(urls))
        except contenders.Missing as error:
            print(f"  left out: {error}")
            return


def row(scene: str, contender: contenders.Contender, polls: int) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    entries = contender.poll_all()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"  {scene:<28}{polls / wall:>10,.0f} polls/s{1e6 * cpu / polls:>9,.0f} us CPU{entries:>9,} entries")


@contextmanager
def certificate(feeds: int) -> Iterator[tuple[str, str]]:
    """The files of a certificate with its key for all invented names, and of the authority that issued it."""
    authority = trustme.CA()
    issued = authority.issue_cert(*(contenders.host(number) for number in range(feeds)))
    with tempfile.TemporaryDirectory() as folder:
        server, trusted = Path(folder) / "server.pem", Path(folder) / "authority.pem"
        issued.private_key_and_cert_chain_pem.write_to_path(str(server))
        authority.cert_pem.write_to_path(str(trusted))
        yield str(server), str(trusted)


@contextmanager
def served(*files: str) -> Iterator[int]:
    """The port of a feed server that lives as long as the context."""
    run = f"import asyncio, feed_server; asyncio.run(feed_server.serve(*{files!r}))"
    server = subprocess.Popen(
        [sys.executable, "-c", run], cwd=Path(__file__).parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdin
    assert server.stdout
    try:
        yield int(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait()


if __name__ == "__main__":
    main()
