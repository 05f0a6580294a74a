"""The source that watches a folder, where others put files of items or feed documents."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import BinaryIO, ClassVar
from urllib.parse import unquote, urlsplit

from siegewatch.collect.admit import short_title
from siegewatch.collect.lines import Portion, read_portion
from siegewatch.collect.listing import Found, listing, opened
from siegewatch.collect.marks import TAIL_BYTES, Mark, Marks, read_marks, tail
from siegewatch.collect.parsed import Reading as Lines
from siegewatch.collect.parsed import finish
from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.domain.feed import Feed, Validators
from siegewatch.domain.item import Entry

PATTERN = "*.jsonl, *.xml"
LINES = ".jsonl"
_REMARKS = 3


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Reads files that are new or changed: lines of a `.jsonl` from where the last poll ended, others as a whole."""

    tools: Tools
    schemes: ClassVar[tuple[str, ...]] = ("file",)
    options: ClassVar[tuple[str, ...]] = ("pattern",)

    @staticmethod
    def check(feed: Feed) -> Sequence[str]:
        """Faults of the pattern."""
        patterns = _patterns(feed)
        if not patterns:
            return [f"options.pattern is empty, write names such as {PATTERN}"]
        if any("/" in pattern for pattern in patterns):
            return [f"options.pattern holds a slash, write names such as {PATTERN}: the folder alone is read"]
        return []

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        """Polls the folder once; a file that cannot be read is a remark, a folder that cannot a problem."""
        patterns = _patterns(feed)
        try:
            found = listing(Path(unquote(urlsplit(feed.url).path)), patterns)
        except OSError as error:
            return Reading(validators, problem=f"the folder cannot be read ({error.strerror})", reached=None)
        except ValueError:
            return Reading(validators, problem="the folder's address is no path", reached=None)
        marks = read_marks(validators.state, ", ".join(patterns))
        haul = _Haul(self.tools, feed, marks, now, list(found.remarks), is_first=validators.state is None)
        haul.read_all([file for file in found.files if not marks.is_read(file.at, file.size)])
        known = marks.after(haul.read, {file.at.name for file in found.files})
        entries = haul.entries
        return Reading(
            validators=Validators(state=known.written(), read_at=now),
            entries=entries,
            remark=_told(haul.remarks),
            unchanged=not haul.read and not haul.remarks,
            reached=None,
            partial=True,
            format="folder",
        )


def _patterns(feed: Feed) -> list[str]:
    return [part for part in map(str.strip, feed.options.get("pattern", PATTERN).split(",")) if part]


def _left_out(portion: Portion) -> str | None:
    return (
        f"lines left out: {portion.faults.total()}, the first is {next(iter(portion.faults))}"
        if portion.faults
        else None
    )


def _told(remarks: Sequence[str]) -> str | None:
    more = [f"{len(remarks) - _REMARKS} more remarks"] if len(remarks) > _REMARKS else []
    return "; ".join([*remarks[:_REMARKS], *more]) or None


@dataclass
class _Haul:
    """What one poll brings in: file after file, until there are entries enough or the time is spent."""

    tools: Tools
    feed: Feed
    marks: Marks
    now: datetime
    remarks: list[str]
    is_first: bool
    read: dict[str, Mark] = field(default_factory=dict)
    batches: list[Sequence[Entry]] = field(default_factory=list)
    room: int = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The newest first, as documents have them; what stands in two files once."""
        return tuple(dict.fromkeys(chain.from_iterable(reversed(self.batches))))

    def read_all(self, files: Sequence[Found]) -> None:
        """Reads the files in their order; those that are left are named, and stay for the next poll."""
        self.room = self.tools.max_entries
        ends_at = monotonic() + self.tools.limits.total_seconds
        for place, file in enumerate(files):
            if self.room <= 0 or monotonic() > ends_at or not self._read_one(file):
                self.remarks.insert(0, f"files that wait for the next poll: {len(files) - place}")
                return

    def _read_one(self, file: Found) -> bool:
        """Whether the file was read to its end, or cannot be."""
        try:
            with opened(file) as (source, fresh):
                if file.at.name.endswith(LINES):
                    return self._read_lines(source, fresh)
                return self._read_document(source, fresh)
        except FileNotFoundError:
            return True
        except OSError as error:
            self.remarks.append(f"{file.shown} cannot be read ({error.strerror})")
            return True

    def _read_lines(self, source: BinaryIO, file: Found) -> bool:
        begin, before = self._begin(source, file)
        data = source.read(min(file.size - begin, self.tools.limits.max_bytes))
        undated_at = None if self.is_first else file.written_at
        goes_on = begin + len(data) < file.size
        portion = read_portion(data, self.room, undated_at, goes_on=goes_on)
        whole = not goes_on and (portion.size == len(data) or len(portion.drafts) < self.room)
        done = finish(Lines("jsonl", drafts=tuple(portion.drafts)), self.now)
        if told := "; ".join(filter(None, (_left_out(portion), done.remark))):
            self.remarks.append(f"{file.shown}: {told}")
        self._keep(done.entries[::-1])
        last = tail(before + data[max(portion.size - TAIL_BYTES, 0) : portion.size])
        size = file.size if whole else -1
        self.read[file.at.name] = Mark(file.at.changed, size, begin + portion.size, last)
        return whole

    def _begin(self, source: BinaryIO, file: Found) -> tuple[int, bytes]:
        """Where to read on, and the bytes before that: the begin where the file is another than the one read before."""
        mark = self.marks.of(file.at.name)
        if mark and mark.read <= file.size:
            source.seek(max(mark.read - TAIL_BYTES, 0))
            before = source.read(min(mark.read, TAIL_BYTES))
            if tail(before) == mark.tail:
                return mark.read, before
        source.seek(0)
        return 0, b""

    def _read_document(self, source: BinaryIO, file: Found) -> bool:
        """Reads all of a document or nothing: how far one was read cannot be told. One that could not be read is tried
        again with every poll: it may be half-written, or the host too busy."""
        limits, most = self.tools.limits, self.tools.max_entries
        if file.size > limits.max_bytes:
            self.remarks.append(f"{file.shown} is over {limits.max_bytes:,} bytes: left out")
            return True
        body = source.read(file.size)
        found = self.tools.parsers.parse(body, None, file.path.as_uri(), most, self.now)
        if len(found.entries) > self.room:
            return False
        if told := found.problem or found.remark:
            self.remarks.append(f"{file.shown}: {told}")
        if found.problem:
            return True
        outlet = None if self.feed.outlet else short_title(found.title)
        self._keep([replace(entry, outlet=entry.outlet or outlet) for entry in found.entries])
        self.read[file.at.name] = Mark(file.at.changed, file.size)
        return True

    def _keep(self, entries: Sequence[Entry]) -> None:
        self.batches.append(entries)
        self.room -= len(entries)
