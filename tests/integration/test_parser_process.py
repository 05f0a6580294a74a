"""The confined process: honest and hostile documents, limits, mishaps, threads, and the parent's end."""

import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from siegewatch.collect import parser_process
from siegewatch.collect.parse import parse
from siegewatch.collect.parsed import Parsed
from siegewatch.collect.parser_process import MIB, ParserPool, ParserProcess

HOSTILE = runpy.run_path(str(Path(__file__).parents[2] / "bench" / "hostile.py"))
NOW = datetime(2026, 3, 10, tzinfo=UTC)
URL = "https://e.example/feed"
SMALL = 300_000


@pytest.fixture(scope="module")
def parser() -> Iterator[ParserProcess]:
    process = ParserProcess()
    yield process
    process.close()


def ask(parser: ParserProcess | ParserPool, body: bytes, max_entries: int = 2000) -> Parsed:
    return parser.parse(body, "application/xml", URL, max_entries, NOW)


def test_answer_is_what_the_parser_says_in_process(parser: ParserProcess) -> None:
    body = HOSTILE["feed"](30)

    inside = parse(body, content_type="application/xml", url=URL, max_entries=20, now=NOW)

    assert ask(parser, body, 20) == inside
    assert len(inside.entries) == 20


@pytest.mark.parametrize("name", [name for name, _ in HOSTILE["documents"](100)])
def test_hostile_document_gets_an_answer_and_harms_no_other(parser: ParserProcess, name: str) -> None:
    parsed = ask(parser, HOSTILE["_MAKERS"][name](SMALL))

    assert "crashed" not in (parsed.problem or "")
    assert parsed.problem or parsed.format
    assert len(ask(parser, HOSTILE["feed"](2)).entries) == 2


@pytest.mark.parametrize("name", [name for name, _ in HOSTILE["honest"](10_000)])
def test_large_honest_document_is_read(parser: ParserProcess, name: str) -> None:
    body = dict(HOSTILE["honest"](2_000_000))[name]

    assert len(ask(parser, body, 100).entries) == 100


def test_document_cut_anywhere_or_wrongly_encoded_gets_an_answer(parser: ParserProcess) -> None:
    answers = [ask(parser, body) for _, body in (*HOSTILE["cuts"](17), *HOSTILE["charsets"]())]

    assert not [one.problem for one in answers if "crashed" in (one.problem or "")]
    assert sum(bool(one.entries) for one in answers) > 90


def test_document_that_takes_too_long_is_given_up_and_the_next_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_process, "PATIENCE", 100)  # of processor time alone is to be told
    parser = ParserProcess(timeout_seconds=0.3)
    try:
        slow = ask(parser, HOSTILE["HEAD"] + b"<a>" * 80_000)

        assert slow.problem == "took over 0.3 s to parse, given up"
        assert len(ask(parser, HOSTILE["feed"](2)).entries) == 2
    finally:
        parser.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces RLIMIT_AS")
@pytest.mark.parametrize("body", [b'{"items":[[' + b"{}," * 3_000_000, b"x" * (80 * MIB)], ids=["decoded", "received"])
def test_document_that_needs_too_much_memory_is_given_up_and_the_next_read(body: bytes) -> None:
    parser = ParserProcess(memory_bytes=90 * MIB)
    try:
        assert ask(parser, body).problem == "needed over 90 MB to parse, given up"
        assert len(ask(parser, HOSTILE["feed"](2)).entries) == 2
    finally:
        parser.close()


def test_killed_child_is_replaced(parser: ParserProcess) -> None:
    ask(parser, HOSTILE["feed"](1))
    child = parser._child
    assert child is not None

    child.kill()
    child.wait()

    assert len(ask(parser, HOSTILE["feed"](2)).entries) == 2


def test_child_that_dies_over_a_document_is_told_and_replaced() -> None:
    parser = ParserProcess(timeout_seconds=20)
    try:
        ask(parser, b"<rss/>")
        child = parser._child
        assert child is not None
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(ask, parser, HOSTILE["HEAD"] + b"<a>" * 85_000)
            time.sleep(0.2)
            os.kill(child.pid, signal.SIGSEGV)

            assert waiting.result().problem == f"the parser crashed (exit status {-signal.SIGSEGV})"
        assert len(ask(parser, HOSTILE["feed"](2)).entries) == 2
    finally:
        parser.close()


def test_child_that_hangs_is_killed_after_the_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = ParserProcess(timeout_seconds=0.2)
    try:
        monkeypatch.setattr(parser_process, "PATIENCE", 100)  # a busy host may take its time to start a child
        ask(parser, b"<rss/>")
        child = parser._child
        assert child is not None
        monkeypatch.setattr(parser_process, "PATIENCE", 5)
        os.kill(child.pid, signal.SIGSTOP)

        assert ask(parser, b"<rss/>").problem == "no answer from the parser within 1 s, given up"
    finally:
        parser.close()


def test_child_ignores_interrupts(parser: ParserProcess) -> None:
    ask(parser, b"<rss/>")
    child = parser._child
    assert child is not None

    os.kill(child.pid, signal.SIGINT)
    os.kill(child.pid, signal.SIGTERM)

    assert len(ask(parser, HOSTILE["feed"](1)).entries) == 1
    assert parser._child is child


def test_child_knows_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "https://hooks.example/secret")
    parser = ParserProcess()
    try:
        ask(parser, b"<rss/>")
        child = parser._child
        assert child is not None
        assert b"hooks.example" not in Path(f"/proc/{child.pid}/environ").read_bytes()
    finally:
        parser.close()


def test_child_ends_when_the_parent_is_killed() -> None:
    script = (
        "from datetime import datetime, UTC\n"
        "from siegewatch.collect.parser_process import ParserProcess\n"
        "parser = ParserProcess()\n"
        "parser.parse(b'<rss/>', None, 'https://e.example', 1, datetime.now(UTC))\n"
        "print(parser._child.pid, flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()

    assert _gone(child)


def test_importing_the_parent_side_imports_no_feedparser() -> None:
    script = "import sys, siegewatch.collect.parser_process; print('feedparser' in sys.modules)"

    assert subprocess.check_output([sys.executable, "-c", script]).strip() == b"False"


def test_pool_reads_for_several_threads() -> None:
    parsers = ParserPool(2)
    bodies = [HOSTILE["feed"](number) for number in range(1, 13)]
    try:
        with ThreadPoolExecutor(6) as threads:
            numbers = [len(parsed.entries) for parsed in threads.map(lambda body: ask(parsers, body), bodies)]
    finally:
        parsers.close()

    assert numbers == list(range(1, 13))


def test_closed_parser_starts_no_child() -> None:
    parser = ParserProcess()
    ask(parser, b"<rss/>")
    child = parser._child
    parser.close()

    assert child is not None
    assert child.returncode == 0
    with pytest.raises(RuntimeError, match="closed"):
        ask(parser, b"<rss/>")


def _gone(pid: int) -> bool:
    """Whether the process ends within ten seconds; a zombie that nobody reaps counts as ended."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
