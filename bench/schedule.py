"""What keeping the schedule costs: `python bench/schedule.py [--feeds 1000 10000 100000] [--turns N]`.

For each number of feeds a process of its own and a real redis-server (Debian's). The clock is simulated: it moves on by
a tick, or by the CPU time that a tick's work took where that is longer, as the machine may be busy with else. Every
tick claims what is due, reads what is known of it, judges that the feed answered 304, and stores what became of it and
when it is due next; nothing is requested. In the same run APScheduler keeps one interval job a feed that does nothing,
at as many due a second.
"""

import argparse
import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

TICK = timedelta(milliseconds=250)
EVERY = timedelta(minutes=5)
ROOM = 256
"""Polls under way at most, as `poll.at_once` has it."""

STATES = 500
APS_SECONDS = 20


@dataclass
class Costs:
    """What the turns took, in seconds; `late` counts ticks."""

    polls: int = 0
    claim: list[float] = field(default_factory=list)
    claim_cpu: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=lambda: {"claim": 0.0, "read": 0.0, "judge": 0.0, "settle": 0.0})

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        began = time.thread_time()
        yield
        self.cpu[step] += time.thread_time() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--feeds", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    options.add_argument("--turns", type=int, default=240, help="ticks that are measured")
    options.add_argument("--alone", choices=("siegewatch", "apscheduler"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.alone:
        {"siegewatch": measure, "apscheduler": measure_jobs}[chosen.alone](chosen.feeds[0], chosen.turns)
        return
    for feeds in chosen.feeds:
        print(f"\n{feeds:,} feeds, each due every {EVERY.seconds // 60} min", flush=True)
        for alone in ("siegewatch", "apscheduler"):
            command = [sys.executable, __file__, "--alone", alone, "--turns", str(chosen.turns), "--feeds", str(feeds)]
            subprocess.run(command, check=True)


def measure(feeds: int, turns: int) -> None:
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as url:
        from siegewatch import wiring
        from siegewatch.apps.current import Current
        from siegewatch.domain.feed import Feed
        from siegewatch.settings.load import load

        (Path(folder) / "feeds.yaml").write_text("feeds: []\n")
        (Path(folder) / "siegewatch.yaml").write_text(f"data_dir: {folder}/data\nstore: {{url: '{url}'}}\n")
        settings = load(Path(folder), {})
        with wiring.opened_store(settings) as store, wiring.opened_door(settings) as door:
            memory = wiring.memory(settings, store)
            with wiring.opened_tools(settings, door) as tools:
                wiring.poller(settings, memory, tools, [Feed("https://www.first.org/", "First")])
                before, held = resident(), store.redis.info("memory")["used_memory"]
                many = (Feed(f"https://www.invented-feed-{n}.org/news/rss.xml", f"Feed {n}") for n in range(feeds))
                settings = replace(settings, feeds=tuple(many))
                current = Current(settings, memory)
                poller = wiring.poller(settings, memory, tools, current.roster().feeds)
                now = datetime.now(UTC)
                began = time.perf_counter()
                poller.begin(now)
                print(f"  {'schedule begun':<34}{time.perf_counter() - began:>10.2f} s")
                remember(poller, now)
                costs = turned(poller, now, turns, store)
                told(costs, resident() - before, store.redis.info("memory")["used_memory"] - held)


def remember(poller: Any, now: datetime) -> None:
    """Every feed was read before, and is due at some moment of the interval."""
    from siegewatch.domain.feed import FeedHealth, FeedState, Pace, Usual, Validators
    from siegewatch.store import codec

    dice, ids = random.Random(1), list(poller.feeds)
    schedule = poller.schedule
    for start in range(0, len(ids), STATES):
        with schedule.store.redis.pipeline(transaction=False) as pipe:
            for id in ids[start : start + STATES]:
                marks = b64encode(dice.randbytes(14 * 30)).decode()
                digest = dice.randbytes(16).hex()
                validators = Validators(f'"{digest}"', "Sun, 01 Mar 2026 12:00:00 GMT", digest, now, marks=marks)
                headlines = tuple(dice.randbytes(4).hex() for _ in range(8))
                health = FeedHealth(now, now, now, 304, entries=30, items=500, title=f"Feed of {id}",
                                    pace=Pace(now - timedelta(days=30), now, 500, 5_000.0, 30_000.0),
                                    usual=Usual(30, 30, headlines))  # fmt: skip
                pipe.set(schedule.store.keys("feed:{id}", id=id), codec.dump(FeedState(validators, health)))
                at = now + EVERY * dice.random()
                pipe.zadd(schedule.store.keys("feeds:due"), {id: int(at.timestamp() * 1_000)})
            pipe.execute()


def turned(poller: Any, now: datetime, turns: int, store: Any) -> Costs:
    due = dict(zip(poller.feeds, poller.schedule.due_at(list(poller.feeds)), strict=True))
    costs, server = Costs(), server_seconds(store)
    for _ in range(turns):
        spent, busy = sum(costs.cpu.values()), server_seconds(store)
        turn(poller, now, due, costs, store)
        took = sum(costs.cpu.values()) - spent + server_seconds(store) - busy
        now += max(TICK, timedelta(seconds=took))
    costs.cpu["server"] = server_seconds(store) - server
    return costs


def turn(poller: Any, now: datetime, due: dict[str, float], costs: Costs, store: Any) -> None:
    """One tick: what is due is claimed, judged and settled."""
    from siegewatch.collect.sources.base import Reading
    from siegewatch.collect.turn import NOTHING

    began, spent, busy = time.perf_counter(), costs.cpu["claim"], server_seconds(store)
    with costs.of("claim"):
        claims = poller.claim(now, ROOM)
    costs.claim.append(time.perf_counter() - began)
    costs.claim_cpu.append(costs.cpu["claim"] - spent + server_seconds(store) - busy)
    with costs.of("read"):
        turns = poller.turns(claims, now)
    with costs.of("judge"):
        done = [one.concluded(answered(Reading, one), NOTHING, None, blame=True) for one in turns]
    with costs.of("settle"):
        if done:
            poller.settle(done, now)
    for one in done:
        costs.late.append((now.timestamp() - due[one.feed.id]) / TICK.total_seconds())
        due[one.feed.id] = one.due_at.timestamp()
    costs.polls += len(done)


def answered(reading: Any, turn: Any) -> Any:
    return reading(turn.state.validators, unchanged=True, status=304)


def told(costs: Costs, memory: int, server_memory: int) -> None:
    cpu, polls = costs.cpu, max(costs.polls, 1)
    ours = cpu["claim"] + cpu["settle"]
    row("memory of the service, more by", f"{memory / 1e6:,.0f} MB")
    row("memory of Redis, more by", f"{server_memory / 1e6:,.0f} MB")
    row("tick (claim), median and p99", f"{1e3 * median(costs.claim):.1f} and {1e3 * p99(costs.claim):.1f} ms")
    row("  CPU of it, Redis included", f"{1e3 * median(costs.claim_cpu):.1f} and {1e3 * p99(costs.claim_cpu):.1f} ms")
    row("lateness, median and p99", f"{median(costs.late):.2f} and {p99(costs.late):.2f} ticks")
    row("CPU a due feed, claim and settle", f"{1e6 * ours / polls:,.0f} us ({polls:,} polls)")
    row("  with state read and judged", f"{1e6 * (sum(cpu.values()) - cpu['server']) / polls:,.0f} us")
    row("  by step", ", ".join(f"{step} {1e6 * spent / polls:,.0f}" for step, spent in cpu.items()))


def row(what: str, figure: str) -> None:
    print(f"  {what:<34}{figure:>10}", flush=True)


def p99(figures: list[float]) -> float:
    return quantiles(figures, n=100)[98]


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def server_seconds(store: Any) -> float:
    spent: Mapping[str, float] = store.redis.info("cpu")
    return spent["used_cpu_user"] + spent["used_cpu_sys"]


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    program = shutil.which("redis-server") or sys.exit("redis-server is not installed: apt install redis-server")
    socket = folder / "redis.sock"
    server = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        while not socket.exists():
            time.sleep(0.02)
        time.sleep(0.2)
        yield f"unix://{socket}"
    finally:
        server.terminate()
        server.wait()


def measure_jobs(feeds: int, _turns: int) -> None:
    """The same with APScheduler alone: an interval job a feed, kept in memory, that does nothing."""
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    runs, now, before = [0], datetime.now(UTC), resident()

    def job() -> None:
        runs[0] += 1

    scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True})
    scheduler.start(paused=True)
    cpu = time.process_time()
    begin = now + timedelta(seconds=feeds * 1e-3)
    for number in range(feeds):
        first = begin + EVERY * (number / feeds)
        scheduler.add_job(job, "interval", seconds=EVERY.total_seconds(), next_run_time=first)
    row("APScheduler: memory", f"{(resident() - before) / 1e6:,.0f} MB")
    row("APScheduler: CPU to add a job", f"{1e6 * (time.process_time() - cpu) / feeds:,.0f} us")
    scheduler.resume()
    while datetime.now(UTC) < begin:
        time.sleep(0.1)
    cpu, runs[0] = time.process_time(), 0
    time.sleep(APS_SECONDS)
    cpu = time.process_time() - cpu
    row("APScheduler: CPU a due job", f"{1e6 * cpu / max(runs[0], 1):,.0f} us ({runs[0]:,} runs)")
    scheduler.shutdown(wait=False)


if __name__ == "__main__":
    main()
