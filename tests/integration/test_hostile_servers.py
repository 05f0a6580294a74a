"""The matrix of hostile servers in its short form: each is polled over both transports and told in one line."""

import json
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siegewatch.collect.parser_process import ParserPool
from siegewatch.net.messages import Limits

BENCH = Path(__file__).parents[2] / "bench" / "hostile_servers.py"
MATRIX = runpy.run_path(str(BENCH))
CASES = {case.name: case for case in MATRIX["cases"]()}
SIZE = 3_000_000
PATIENT = Limits(total_seconds=10, max_bytes=1_000_000)
HASTY = Limits(total_seconds=0.7, connect_seconds=0.7, first_byte_seconds=0.7)


@pytest.fixture(scope="module")
def parsers() -> Iterator[ParserPool]:
    pool = ParserPool(1)
    yield pool
    pool.close()


@pytest.mark.parametrize("name", CASES)
def test_hostile_server_harms_nothing_and_is_told_in_one_line(
    name: str, transport: str, parsers: ParserPool, tmp_path: Path
) -> None:
    case: Any = CASES[name]
    limits = HASTY if case.outlasts else PATIENT
    with MATRIX["served"](case, SIZE, tmp_path) as (url, ca_file, trap):
        reading = MATRIX["poll"](transport, case, url, ca_file, limits, parsers)
        assert MATRIX["faults"](case, reading, trap) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peaks of memory are read from /proc")
def test_bombs_stay_under_the_limit_of_memory() -> None:
    command = [
        sys.executable,
        str(BENCH),
        "--json",
        "--seconds",
        "60",
        "^gzip bomb$",
        "^body without end$",
        "billion laughs",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (ended.returncode, len(rows)) == (0, 6), ended.stdout + ended.stderr
    assert all(row["door_mb"] + row["parser_mb"] < MATRIX["MOST_MB"] for row in rows)
