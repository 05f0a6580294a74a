"""From the start of `siegewatch run` to its first poll: `python bench/start.py [--times N]`.

A newcomer's start: an embedded store that is begun, one feed on a local server, page and API on. By turns with that, so
that both meet the same machine, a bare Python that imports what a first script would. `CPU` is what the process itself
had spent by then.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from threading import Thread

IMPORTS = "import requests, redis, apscheduler, feedparser"


class Seen(BaseHTTPRequestHandler):
    at: "SimpleQueue[float]" = SimpleQueue()

    def do_GET(self) -> None:
        self.at.put(time.perf_counter())
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--times", type=int, default=5)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Seen)
    Thread(target=server.serve_forever, daemon=True).start()
    ours, bare = [], []
    for _ in range(options.parse_args().times):
        bare.append(imported())
        ours.append(started(server.server_port))
    server.shutdown()
    first = tell("start to first poll", ours)
    print(f"  {first / tell(IMPORTS, bare):.1f} times as much")


def tell(what: str, found: list[tuple[float, float]]) -> float:
    wall, cpu = median(wall for wall, _ in found), median(cpu for _, cpu in found)
    print(f"  {what:<52}{wall:>7.2f} s{cpu:>7.2f} s CPU")
    return cpu


def imported() -> tuple[float, float]:
    before, began = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, spent


def started(port: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config"
        config.mkdir()
        (config / "siegewatch.yaml").write_text(f"data_dir: {folder}/data\nnetwork: {{allow: [127.0.0.1/32]}}\n"
                                                "web: {listen: '127.0.0.1:0'}\n")  # fmt: skip
        (config / "feeds.yaml").write_text(f"feeds: [{{url: 'http://127.0.0.1:{port}/', name: Local}}]\n")
        command = [str(Path(sys.executable).with_name("siegewatch")), "run", "--config", str(config)]
        began = time.perf_counter()
        service = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            seen = Seen.at.get(timeout=120)
            spent = sum(map(int, Path(f"/proc/{service.pid}/stat").read_text().rsplit(")")[-1].split()[11:13]))
        finally:
            service.terminate()
            service.wait(60)
        return seen - began, spent / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
