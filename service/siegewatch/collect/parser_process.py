"""Reads hostile documents in a process of its own, so that nothing a feed serves can harm the service.

The child is `python -m siegewatch.collect.parser_process`. It is held by the kernel, not by good will:

- processor time: an interval timer (ITIMER_PROF) ends it when one document has cost `timeout_seconds`;
- memory: RLIMIT_AS bounds its whole address space, of which its resident memory is a part (Linux; macOS ignores it);
- files: it can write none (RLIMIT_FSIZE), and it gets next to nothing of the service's environment, so no secret.

The time is processor time, so that a busy host fails no document; a child that has used none of it for `PATIENCE` times
as long hangs, and is killed too. Both sides speak frames (frames.py) over one socket, which is the child's input and
output. They hold JSON, not pickles: what a child says is not trusted.
"""

import json
import os
import queue
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO

import orjson

from siegewatch.collect import frames
from siegewatch.collect.discovery import Links
from siegewatch.collect.parsed import Parsed
from siegewatch.domain.feed import Wishes
from siegewatch.domain.item import Entry

MIB = 1024 * 1024
PATIENCE = 5
_OUT_OF_MEMORY = 3
_INHERITED = ("PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH")


class ParserProcess:
    """One child that reads one document at a time; started when first needed and again after every mishap.

    `timeout_seconds` is processor time for one document, `memory_bytes` the child's whole address space.
    """

    def __init__(self, *, timeout_seconds: float = 2.0, memory_bytes: int = 200 * MIB) -> None:
        self._timeout_seconds = timeout_seconds
        self._memory_bytes = memory_bytes
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._closed = False

    def parse(
        self,
        body: bytes,
        content_type: str | None,
        url: str,
        max_entries: int,
        now: datetime,
        layout: Mapping[str, str] | None = None,
        known: str | None = None,
    ) -> Parsed:
        """What `parse.parse` says of the document, or a `Parsed` whose `problem` tells why there was no answer.

        Safe to call from several threads; they wait for each other. RuntimeError after `close`.
        """
        head = _packed([content_type, url, max_entries, now.isoformat(), layout and dict(layout), known])
        with self._lock:
            child, line = self._running()
            line.settimeout(self._timeout_seconds * PATIENCE)
            try:
                answer = frames.ask(child.pid, line, head, body)
            except TimeoutError:
                child.kill()
                answer = None
            if answer is None:
                return Parsed(problem=self._obituary(self._bury(child, line)))
            parsed, goes_on = _decode(answer)
            if not goes_on:
                self._bury(child, line)
            return parsed

    def close(self) -> None:
        """Waits for the document under way, then ends the child."""
        with self._lock:
            self._closed = True
            if self._child is not None and self._line is not None:
                self._bury(self._child, self._line)

    def _running(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        if self._closed:
            raise RuntimeError("this parser is closed")
        if self._child is not None and self._line is not None:
            if self._child.poll() is None:
                return self._child, self._line
            self._bury(self._child, self._line)
        self._line, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module, given two numbers
                [sys.executable, "-P", "-m", __name__, str(self._timeout_seconds), str(self._memory_bytes)],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            )
        return self._child, self._line

    def _bury(self, child: subprocess.Popen[bytes], line: socket.socket) -> int:
        """Closes the line, which ends a child that listens, and waits for the end; the exit status."""
        line.close()
        try:
            status = child.wait(self._timeout_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            status = child.wait()
        self._child = self._line = None
        return status

    def _obituary(self, status: int) -> str:
        if status == -signal.SIGPROF:
            return f"took over {self._timeout_seconds:g} s to parse, given up"
        if status == -signal.SIGKILL:
            return f"no answer from the parser within {self._timeout_seconds * PATIENCE:g} s, given up"
        if status == _OUT_OF_MEMORY:
            return f"needed over {self._memory_bytes // MIB} MB to parse, given up"
        return f"the parser crashed (exit status {status})"


class ParserPool:
    """Up to `size` parsers; a document goes to an idle one, the last used first, or waits for one."""

    def __init__(self, size: int, *, timeout_seconds: float = 2.0, memory_bytes: int = 200 * MIB) -> None:
        self._size = size
        self._idle: queue.LifoQueue[ParserProcess] = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(ParserProcess(timeout_seconds=timeout_seconds, memory_bytes=memory_bytes))

    def parse(
        self,
        body: bytes,
        content_type: str | None,
        url: str,
        max_entries: int,
        now: datetime,
        layout: Mapping[str, str] | None = None,
        known: str | None = None,
    ) -> Parsed:
        """As `ParserProcess.parse`, for as many threads at once as there are parsers."""
        parser = self._idle.get()
        try:
            return parser.parse(body, content_type, url, max_entries, now, layout, known)
        finally:
            self._idle.put(parser)

    def close(self) -> None:
        """Waits for the documents under way, then ends every child."""
        parsers = [self._idle.get() for _ in range(self._size)]
        for parser in parsers:
            parser.close()
            self._idle.put(parser)


def _encode(parsed: Parsed, goes_on: bool) -> bytes:
    entries = [
        (one.title, one.summary, one.guid, one.link, one.published_at and one.published_at.isoformat(), one.outlet)
        for one in parsed.entries
    ]
    fields = (parsed.format, parsed.title, parsed.cut_at, parsed.problem, parsed.remark, parsed.feeds, parsed.marks)
    links = (parsed.links.hub, parsed.links.topic)
    return _packed([fields, links, _flat(parsed.wishes), entries, goes_on])


def _packed(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        # Half a character, which orjson refuses.
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _decode(answer: bytes) -> tuple[Parsed, bool]:
    (form, title, cut_at, problem, remark, feeds, marks), links, wishes, rows, goes_on = orjson.loads(answer)
    entries = tuple(
        Entry(title, summary, guid, link, date and datetime.fromisoformat(date), outlet)
        for title, summary, guid, link, date, outlet in rows
    )
    told = wishes and Wishes(wishes[0], frozenset(wishes[1]), frozenset(wishes[2]))
    return Parsed(form, title, entries, cut_at, problem, remark, tuple(feeds), told, marks, Links(*links)), goes_on


def _flat(wishes: Wishes | None) -> tuple[object, ...] | None:
    return (wishes.ttl_seconds, sorted(wishes.skip_hours), sorted(wishes.skip_days)) if wishes else None


def _serve(timeout_seconds: float, memory_bytes: int) -> None:
    """The child: answers documents until the parent closes the pipe or is gone."""
    from siegewatch.collect.parse import parse  # feedparser is for the child alone

    _confine(memory_bytes)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    goes_on = True
    while goes_on and (head := frames.receive(source)) is not None:
        goes_on = _answer(head, source, sink, parse, timeout_seconds, memory_bytes)


def _answer(
    head: bytes,
    source: IO[bytes],
    sink: IO[bytes],
    parse: Callable[..., Parsed],
    timeout_seconds: float,
    memory_bytes: int,
) -> bool:
    content_type, url, max_entries, now, layout, known = orjson.loads(head)
    body = frames.receive(source)
    if body is None:
        return False
    signal.setitimer(signal.ITIMER_PROF, timeout_seconds)
    at = datetime.fromisoformat(now)
    parsed = parse(
        body, content_type=content_type, url=url, max_entries=max_entries, now=at, layout=layout, known=known
    )
    # A child that stays large would fail the next document for the last one's sake: a fresh one takes over.
    goes_on = _address_space_bytes() < memory_bytes // 2
    answer = _encode(parsed, goes_on)
    signal.setitimer(signal.ITIMER_PROF, 0)
    frames.send(sink, answer)
    return goes_on


def _address_space_bytes() -> int:
    """What RLIMIT_AS bounds, as it is now; 0 where the system does not tell."""
    with suppress(FileNotFoundError):
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
    return 0


def _confine(memory_bytes: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        # A terminal or a service's group sends these to all; the parent decides, and its end is the end of the pipe.
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    for limit, value in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (value, value))


def _main() -> None:
    try:
        _serve(float(sys.argv[1]), int(sys.argv[2]))
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    _main()
