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

SCENES = {
    "first fetch": ("etag", "nothing known yet: fetched, parsed, admitted"),
    "304": ("etag", "the server says that nothing changed"),
    "unchanged": ("same", "the same body again, without validators"),
    "1 of 30 new": ("news", "one entry is new at each ask"),
    "slow": ("slow", "10 % of the hosts take 2 to 10 s: when the others are done"),
}


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
    for scene, told in (("304", "etag"), ("unchanged", "same"), ("1 of 30 new", "news")):
        urls = [f"http://host{number}.feed{number}.example:{port}/{told}/{number}" for number in range(feeds)]
        try:
            with make(urls) as contender:
                row("first fetch" if told == "etag" else f"first fetch, {scene}", contender, len(urls))
                for _ in range(2):
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
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("feed_server.py"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
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
