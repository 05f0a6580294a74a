"""How well and how fast documents are read: `python bench/feeds.py [--data DIR] [--megabytes N]`.

Reads every file of DIR/feeds (see the README beside it) and documents made to do harm, each in the confined process,
and compares the files with what feedparser finds when it is given the whole document. Then reads the files and the
snapshots of DIR/replay with and without the quick reading, and tells every difference.
"""

import argparse
import gzip
import json
import resource
import statistics
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import feedparser

import hostile
import poll_sequence
from siegewatch.collect import parse as parsing
from siegewatch.collect import quick
from siegewatch.collect.parse import Parsed, draft
from siegewatch.collect.parsed import Reading, finish
from siegewatch.collect.parser_process import ParserProcess

TYPE, URL, MAX_ENTRIES = "application/xml", "http://example.org/feed.xml", 2_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds feeds/")
    options.add_argument("--megabytes", type=float, default=15, help="size of each hostile document")
    chosen = options.parse_args()
    now = datetime.now(UTC)
    manifest = chosen.data / "feeds" / "MANIFEST.jsonl"
    if manifest.exists():
        compare_files(manifest, now)
        differential(manifest, chosen.data / poll_sequence.SEQUENCE, now)
    else:
        print(f"{manifest} is missing: nothing to compare with feedparser")
    survive(int(chosen.megabytes * 1e6), now)


def compare_files(manifest: Path, now: datetime) -> None:
    seconds, counts, differing = [], Counter(), []
    parser = ParserProcess()
    parser.parse(b"<rss/>", TYPE, URL, 1, now)
    for name, body in _files(manifest):
        started = time.perf_counter()
        ours = parser.parse(body, TYPE, URL, MAX_ENTRIES, now)
        seconds.append(time.perf_counter() - started)
        verdict = _verdict(ours, _plain(body, now))
        counts[verdict] += 1
        if verdict in ("other entries", "other ids, titles or links"):
            differing.append(f"  {verdict}: {name}")
    parser.close()
    print(f"{len(seconds)} files: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()))
    print("\n".join(differing))
    print(_times(seconds) + f"; largest child {_children_mb()} MB\n")


def differential(manifest: Path, sequence: Path, now: datetime) -> None:
    """Reads each document with the quick reading before feedparser and with feedparser alone, files as four content
    types, and tells every difference; then the time of both, where the quick reading dares."""
    seconds: Counter[str] = Counter()
    dared, differing = 0, []
    kinds = (None, "text/xml", TYPE, "application/rss+xml; charset=utf-8")
    documents = [(*one, kind) for kind in kinds for one in _files(manifest)]
    documents += [(*one, TYPE) for one in _snapshots(sequence)]
    for name, body, kind in documents:
        ours, reference = _by_both(body, kind, now, seconds)
        dared += reference is not None
        if reference not in (None, ours):
            differing.append(f"  {name} as {kind}: {_first_difference(ours, reference)}")
    print(f"quick reading: {dared} of {len(documents)} readings, {len(differing)} unlike feedparser's")
    print("\n".join(differing))
    if dared:
        print("CPU s where it dares: " + ", ".join(f"{name} {spent:.1f}" for name, spent in seconds.items()) + "\n")


def _by_both(body: bytes, kind: str | None, now: datetime, seconds: Counter[str]) -> tuple[Parsed, Parsed | None]:
    """With the quick reading, and with feedparser alone if that made a difference in who read it."""
    dared, real = [], quick.read

    def noted(document: bytes, content_type: str | None, url: str) -> object:
        dared.append(content := real(document, content_type, url))
        return content

    def read(by: object) -> tuple[Parsed, float]:
        quick.read = by  # type: ignore[assignment]
        started = time.process_time()
        parsed = parsing.parse(body, content_type=kind, url=URL, max_entries=MAX_ENTRIES, now=now)
        return parsed, time.process_time() - started

    try:
        ours, quickly = read(noted)
        if not any(dared):
            return ours, None
        reference, slowly = read(lambda *_: None)
    finally:
        quick.read = real
    seconds.update({"quick": quickly, "feedparser": slowly})  # type: ignore[dict-item]
    return ours, reference


def _first_difference(ours: Parsed, reference: Parsed) -> str:
    name = next(name for name in Parsed.__slots__ if getattr(ours, name) != getattr(reference, name))
    return f"{name}: {getattr(ours, name)!r:.200} is {getattr(reference, name)!r:.200} by feedparser"


def _snapshots(sequence: Path) -> Iterator[tuple[str, bytes]]:
    """The real poll sequence as RSS, as bench/poll_sequence.py serves it."""
    if not sequence.exists():
        print(f"{sequence} is missing: its snapshots are left out")
        return
    with gzip.open(sequence, "rt") as lines:
        snapshots = [json.loads(line) for line in lines]
    book = poll_sequence.Book(snapshots, 1)
    for number in range(len(snapshots)):
        yield f"snapshot {number}", book.document(0)


def survive(size: int, now: datetime) -> None:
    print(f"{'document':<38}{'MB':>6}{'CPU s':>8}{'peak MB':>9}{'entries':>9}  problem; remark")
    small = [*hostile.cuts(7), *hostile.charsets()]
    for name, body in [*hostile.honest(size), *hostile.documents(size)]:
        parsed, cpu, peak = _alone(body, now)
        words = "; ".join(filter(None, (parsed.problem, parsed.remark)))
        print(f"{name:<38}{len(body) / 1e6:>6.1f}{cpu:>8.2f}{peak:>9}{len(parsed.entries):>9}  {words[:110]}")
    parser = ParserProcess()
    problems = Counter(parser.parse(body, TYPE, URL, MAX_ENTRIES, now).problem for _, body in small)
    parser.close()
    crashed = sum(count for problem, count in problems.items() if "crashed" in (problem or ""))
    print(f"{len(small)} cut or wrongly encoded documents: {problems[None]} read, {crashed} crashes")


def _alone(body: bytes, now: datetime) -> tuple[Parsed, float, str]:
    """The document in a fresh child: what came of it, its CPU seconds without the start, its peak memory in MB."""
    idle = _child_seconds(b"<rss/>", now)[1]
    parsed, cpu, peak = _child_seconds(body, now)
    return parsed, max(cpu - idle, 0), peak


def _child_seconds(body: bytes, now: datetime) -> tuple[Parsed, float, str]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    parser = ParserProcess()
    parsed = parser.parse(body, TYPE, URL, MAX_ENTRIES, now)
    peak = _peak_mb(parser)
    parser.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return parsed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak


def _peak_mb(parser: ParserProcess) -> str:
    child = parser._child
    status = Path(f"/proc/{child.pid}/status") if child else None
    if status is None or not status.exists():
        return "ended"
    return str(next(int(line.split()[1]) // 1024 for line in status.read_text().splitlines() if "VmHWM" in line))


def _files(manifest: Path) -> Iterator[tuple[str, bytes]]:
    for line in manifest.read_text().splitlines():
        entry = json.loads(line)
        yield entry["path"], (manifest.parent / entry["repo"].replace("/", "+") / entry["path"]).read_bytes()


def _plain(body: bytes, now: datetime) -> Parsed | None:
    """What feedparser finds in the whole document with its own defaults; None where it raises."""
    try:
        feed = feedparser.parse(BytesIO(body), response_headers={"content-type": TYPE, "content-location": URL})
        return finish(Reading("plain", drafts=tuple(draft(entry) for entry in feed["entries"])), now)
    except Exception as error:  # noqa: BLE001 - it raises almost anything
        print(f"  plain feedparser raises {type(error).__name__}")
        return None


def _verdict(ours: Parsed, plain: Parsed | None) -> str:
    if ours.format and ours.format.startswith("json"):
        return "JSON Feed (unknown to feedparser)"
    if plain is None or len(ours.entries) != len(plain.entries):
        return "other entries"
    if [_key(one) for one in ours.entries] != [_key(one) for one in plain.entries]:
        return "other ids, titles or links"
    return "the same" if ours.entries == plain.entries else "the same but for a summary or date"


def _key(entry: object) -> tuple[object, ...]:
    return tuple(getattr(entry, name) for name in ("guid", "title", "link"))


def _times(seconds: Iterable[float]) -> str:
    ms = sorted(1_000 * one for one in seconds)
    p99 = statistics.quantiles(ms, n=100)[98]
    return f"per document p50 {statistics.median(ms):.2f} ms, p99 {p99:.1f} ms, max {ms[-1]:.1f} ms"


def _children_mb() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    sys.exit(main())
