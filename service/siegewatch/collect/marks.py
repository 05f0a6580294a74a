"""How far the files of a watched folder were read, in a text short enough to stand with a feed's validators."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

KEPT = 200
"""Files whose marks are kept: about ten kilobytes. Of older ones it is known that they were read up to their last
change."""

TAIL_BYTES = 256


class Moment(NamedTuple):
    """When a file was last changed (ctime, in nanoseconds: no copying and no `touch` sets it back), and its name. Files
    are read in this order."""

    changed: int
    name: str


class Mark(NamedTuple):
    """How far a file was read: its last change and size then, the bytes read, and a digest of the last of them, by
    which another file of that name is known. A size of -1 says that there was more to read."""

    changed: int
    size: int
    read: int = 0
    tail: str = ""


_NONE = Moment(0, "")


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a folder's files by a digest of their names. `floor` is the last file whose mark was forgotten."""

    pattern: str
    files: Mapping[str, Mark] = field(default_factory=dict)
    floor: Moment = _NONE

    def is_read(self, at: Moment, size: int) -> bool:
        """Whether the file was read as it stands."""
        mark = self.of(at.name)
        return at <= self.floor if mark is None else (mark.changed, mark.size) == (at.changed, size)

    def of(self, name: str) -> Mark | None:
        """How far a file was read; None where that is not known."""
        return self.files.get(_key(name))

    def after(self, read: Mapping[str, Mark], there: Collection[str]) -> "Marks":
        """The marks with those of files read now, without those of files that are no longer there."""
        named = {name: read.get(name) or self.of(name) for name in there}
        found = sorted((Moment(mark.changed, name), mark) for name, mark in named.items() if mark)
        forgotten, kept = found[:-KEPT], found[-KEPT:]
        floor = max(self.floor, forgotten[-1][0]) if forgotten else self.floor
        return Marks(self.pattern, {_key(at.name): mark for at, mark in kept}, floor)

    def written(self) -> str:
        """As text, for `read_marks`."""
        return json.dumps([self.pattern, self.floor, self.files], separators=(",", ":"))


def read_marks(text: str | None, pattern: str) -> Marks:
    """What `Marks.written` gave; blank where there is none, or where it was of another pattern: files that fit this
    one may never have been looked at."""
    try:
        known, floor, files = json.loads(text or "")
        marks = Marks(known, {key: Mark(*mark) for key, mark in files.items()}, Moment(*floor))
    except (ValueError, TypeError, AttributeError):
        return Marks(pattern)
    return marks if known == pattern else Marks(pattern)


def tail(data: bytes) -> str:
    """The digest of the last bytes read."""
    return blake2b(data[-TAIL_BYTES:], digest_size=4).hexdigest()


def _key(name: str) -> str:
    return blake2b(name.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
