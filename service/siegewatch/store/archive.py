"""The archive: items as admitted, day by day in compressed files, so that last week can be run again.

A file is one gzip stream of JSON lines that a single process writes, named DAY.HOST.PID.NUMBER.jsonl.gz. It is flushed
after every batch: what a process wrote before it died can be read, and `zcat` reads it too.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Protocol

import structlog

from siegewatch.domain.errors import UnreadableRecord
from siegewatch.domain.item import Item
from siegewatch.store import codec

log = structlog.get_logger()

REST = timedelta(minutes=1)
"""How long a disk that failed is left alone."""

_GZIP = 31
"""zlib's window of 32 KB in gzip's clothes."""

_NAME = re.compile(r"(\d{4}-\d\d-\d\d)\.[^/]+\.jsonl\.gz")
_READ_AT_ONCE = 1 << 16


class Keeper(Protocol):
    """Keeps items before what they lead to is stored."""

    def keep(self, items: Sequence[Item]) -> None:
        """Keeps them; raises nothing, since the archive must not hold the line up."""

    def prune(self) -> None:
        """Removes what is kept no longer."""

    def close(self) -> None:
        """Ends what is being written."""


@dataclass(frozen=True, slots=True)
class NoArchive:
    """Keeps nothing: for rehearsals."""

    def keep(self, items: Sequence[Item]) -> None:
        """Forgets them."""

    def prune(self) -> None:
        """Has nothing to remove."""

    def close(self) -> None:
        """Has nothing to end."""


NOTHING_KEPT = NoArchive()


class _Segment:
    """One file that is being written."""

    def __init__(self, folder: Path, day: date, process: str) -> None:
        self.day = day
        self._file = _created(folder, day, process)
        self._zip = zlib.compressobj(6, zlib.DEFLATED, _GZIP)

    def write(self, items: Iterable[Item]) -> None:
        """Appends the items and hands them to the system, so that they outlive this process."""
        lines = b"".join(codec.dump(item) + b"\n" for item in items)
        self._file.write(self._zip.compress(lines) + self._zip.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()

    def close(self) -> None:
        """Writes gzip's end."""
        with self._file:
            self._file.write(self._zip.flush(zlib.Z_FINISH))


def _created(folder: Path, day: date, process: str) -> BinaryIO:
    """A file that nobody had: a process has several a day where it was started anew under the same number."""
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w-]", "-", process)
    for number in count():
        try:
            return (folder / f"{day.isoformat()}.{name}.{number}.jsonl.gz").open("xb")
        except FileExistsError:
            continue
    raise AssertionError("unreachable")


@dataclass
class Archive:
    """The archive in `folder`, kept for `days`, 0 for none; `process` names the writer among those that share it."""

    folder: Path
    days: int
    process: str
    clock: Callable[[], datetime]
    _segment: _Segment | None = None
    _lock: Lock = field(default_factory=Lock)
    _failed_at: datetime | None = None

    def keep(self, items: Sequence[Item]) -> None:
        """Appends items to the file of today. A disk that fails is told, left alone for a minute, and harms nothing
        else."""
        with self._lock:
            if not self.days or (self._failed_at and self.clock() - self._failed_at < REST):
                return
            try:
                self._of_today().write(items)
            except OSError as error:
                self._segment = None
                self._failed(error)

    def _of_today(self) -> _Segment:
        today = self.clock().date()
        if self._segment is None or self._segment.day != today:
            self._close()
            self._segment = _Segment(self.folder, today, self.process)
        return self._segment

    def _close(self) -> None:
        segment, self._segment = self._segment, None
        if segment:
            segment.close()

    def _failed(self, error: OSError) -> None:
        self._failed_at = self.clock()
        log.error("archive_failed", folder=str(self.folder), reason=error.strerror or str(error))

    def close(self) -> None:
        """Ends the file of today."""
        with self._lock:
            try:
                self._close()
            except OSError as error:
                self._failed(error)

    def prune(self) -> None:
        """Removes the files of days that are kept no longer."""
        oldest = self.clock().date() - timedelta(days=self.days)
        try:
            for day, path in _files(self.folder):
                if day < oldest:
                    path.unlink(missing_ok=True)
        except OSError as error:
            self._failed(error)


def archived(folder: Path, since: datetime) -> Iterator[Item]:
    """The items seen at or after `since`, each wording once, file by file. What a crash cut off or a disk spoilt ends
    its file with a warning."""
    seen: set[str] = set()
    for day, path in _files(folder):
        if day < since.date():
            continue
        for item in _items(path):
            if item.id not in seen and item.seen_at >= since:
                seen.add(item.id)
                yield item


def _files(folder: Path) -> list[tuple[date, Path]]:
    """The files of the archive by day. Anything else in the folder is somebody else's."""
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    named = [(_NAME.fullmatch(path.name), path) for path in paths]
    return [(date.fromisoformat(name[1]), path) for name, path in named if name]


def _items(path: Path) -> Iterator[Item]:
    try:
        for line in _lines(path):
            yield codec.load(Item, line)
    except (OSError, zlib.error, UnreadableRecord) as error:
        log.warning("archive_cut", file=path.name, reason=str(error))


def _lines(path: Path) -> Iterator[bytes]:
    """The whole lines of a file, to its end or to where it was cut off."""
    unzip = zlib.decompressobj(_GZIP)
    rest = b""
    with path.open("rb") as file:
        while part := file.read(_READ_AT_ONCE):
            *lines, rest = (rest + unzip.decompress(part)).split(b"\n")
            yield from lines
