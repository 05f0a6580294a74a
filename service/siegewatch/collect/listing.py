"""What lies in a watched folder, and opening it safely: whoever may write there may also try to lead us elsewhere."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from siegewatch.collect.marks import Moment
from siegewatch.collect.text import plain

LOOKED_AT = 10_000
"""Names in a folder that are looked at: a poll of so many takes a tenth of a second."""

_SHOWN = 80
_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Found:
    """A file that fits. `path` leads to it without links; `written_at` is when its content was last written."""

    at: Moment
    path: Path
    size: int
    written_at: datetime

    @property
    def shown(self) -> str:
        """Its name, fit for one line."""
        return shown(self.at.name)


@dataclass(frozen=True, slots=True)
class Listing:
    """The files that fit, in the order in which they are to be read, and what is odd about others."""

    files: tuple[Found, ...]
    remarks: tuple[str, ...]


def listing(folder: Path, patterns: Sequence[str]) -> Listing:
    """The files in the folder itself that fit one of the patterns; those whose name begins with a dot are not ready.

    Raises OSError where it cannot be read, ValueError where that is no path.
    """
    root = folder.resolve(strict=True)
    files: list[Found] = []
    remarks: list[str] = []
    with os.scandir(root) as entries:
        for entry in islice(entries, LOOKED_AT):
            if entry.name.startswith(".") or not any(fnmatchcase(entry.name, pattern) for pattern in patterns):
                continue
            found = _found(root, entry)
            if isinstance(found, str):
                remarks.append(f"{shown(entry.name)} {found}")
            elif found:
                files.append(found)
        if next(entries, None):
            remarks.insert(0, f"over {LOOKED_AT:,} files, not all looked at: move away what was read")
    return Listing(tuple(sorted(files, key=lambda file: file.at)), tuple(sorted(remarks)))


def _found(root: Path, entry: os.DirEntry[str]) -> Found | str | None:
    """The file, or why it is not read; None for a folder, or what was there a moment ago."""
    try:
        path = Path(os.path.realpath(entry.path)) if entry.is_symlink() else Path(entry.path)
        if not path.is_relative_to(root):
            return "leads out of the folder: refused"
        facts = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return "leads to nothing" if entry.is_symlink() else None
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if stat.S_ISDIR(facts.st_mode):
        return None
    if not stat.S_ISREG(facts.st_mode):
        return "is no file: refused"
    return _of(entry.name, path, facts)


def _of(name: str, path: Path, facts: os.stat_result) -> Found:
    written_at = datetime.fromtimestamp(min(max(facts.st_mtime, 0), _LATEST), UTC)
    return Found(Moment(facts.st_ctime_ns, name), path, facts.st_size, written_at)


@contextmanager
def opened(file: Found) -> Iterator[tuple[BinaryIO, Found]]:
    """The file to read from, and what it is by now: never what a link or pipe put in its place leads to.

    Raises OSError.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    with open(os.open(file.path, flags), "rb") as source:  # noqa: PTH123 - a descriptor has no Path
        facts = os.fstat(source.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(0, "no file")
        yield source, _of(file.at.name, file.path, facts)


def shown(name: str) -> str:
    """A file's name, fit for one line."""
    return plain(name, _SHOWN)
