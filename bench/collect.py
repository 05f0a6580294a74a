"""What polling costs, side by side: `python bench/collect.py [--feeds N]`.

Siegewatch's whole poll (claim, request, judgement, bookkeeping in the store, default logging) beside bare transports
and other readers, over a local server of invented feeds (bench/feed_server.py) under as many invented domains, which
are resolved to 127.0.0.0/8 by the bench; politeness and the address policy stay on. Rows that need packages which are
not installed (`reader`, https://pypi.org/project/reader) are left out, and said to be.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
            measure(name, contenders.ALL[name], port, chosen.feeds)


def measure(name: str, make: Callable[..., contenders.Contender], port: int, feeds: int) -> None:
    print(f"\n{name}")
    for scene, told in SCENES.items():
        urls = [
            f"http://www.invented-feed-{number}{contenders.SUFFIX}:{port}/{told}/{number}" for number in range(feeds)
        ]
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
def served() -> Iterator[int]:
    """The port of a feed server that lives as long as the context."""
    run = "import asyncio, feed_server; asyncio.run(feed_server.serve())"
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
