"""What every source must do, as checks that its author can run: `siegewatch plugins test`, or `findings` in a test."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from siegewatch.collect.parsed import GUID_LIMIT, LINK_LIMIT, SUMMARY_LIMIT, TITLE_LIMIT
from siegewatch.collect.sources.base import Reading, Source, Tools
from siegewatch.collect.sources.stand_in import SECRET, dead, serving
from siegewatch.collect.text import fold
from siegewatch.domain.feed import Feed, Validators
from siegewatch.domain.item import Entry
from siegewatch.settings.sources import SourceTerms, misfits, terms_of
from siegewatch.store import codec

STATE_BYTES = 65_536
"""How long what is remembered of a feed may be: it is read and written with every poll."""

_THREADS = 4
_GARBAGE = bytes(range(256)) * 64
_ERROR_PAGE = b"<!doctype html><html><head><title>Sorry</title></head><body><h1>Out of order</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check, and why the source does not pass it; None where it does."""

    check: str
    problem: str | None


@dataclass(frozen=True)
class Subject:
    """A source under test: its class, a feed that it can read, and what it is given to work with."""

    make: Callable[[Tools], Source]
    feed: Feed
    tools: Tools
    now: datetime

    @cached_property
    def first(self) -> Reading:
        """What a source that was never used reads in the feed."""
        return self.read()

    @property
    def terms(self) -> SourceTerms:
        """What the class says of itself."""
        return terms_of(self.make)

    def read(
        self, source: Source | None = None, validators: Validators | None = None, feed: Feed | None = None
    ) -> Reading:
        """One poll; by a new instance, of the feed, for the first time, unless said."""
        return (source or self.make(self.tools)).read(feed or self.feed, validators or Validators(), self.now)


def findings(make: Callable[[Tools], Source], feed: Feed, tools: Tools, now: datetime) -> Iterator[Finding]:
    """Every check in turn. `feed` is one that the source can read and that stays as it is meanwhile; stand-ins for
    broken ones are put up on this host."""
    subject = Subject(make, feed, tools, now)
    for name, check in CHECKS.items():
        try:
            yield Finding(name, check(subject))
        except Exception as error:  # noqa: BLE001 - that it may raise anything is what is tested
            yield Finding(name, f"raises {type(error).__name__}: {' '.join(str(error).split())[:200]}")


def _takes_the_feed(subject: Subject) -> str | None:
    return "; ".join(told for _, told in misfits(subject.feed, subject.terms)) or None


def _reads_the_feed(subject: Subject) -> str | None:
    return subject.first.problem or (None if subject.first.entries else "the feed holds no entries")


def _reads_the_same_twice(subject: Subject) -> str | None:
    return _difference(subject.first, subject.read())


def _remembers_nothing(subject: Subject) -> str | None:
    used = subject.make(subject.tools)
    known = subject.read(used).validators
    old, new = subject.read(used, known), subject.read(None, known)
    return old.problem or _difference(new, old) or _difference(subject.first, subject.read(used))


def _fits_the_store(subject: Subject) -> str | None:
    written = codec.dump(subject.first.validators)
    if len(written) > STATE_BYTES:
        return f"its validators take {len(written):,} bytes, over {STATE_BYTES:,}"
    same = codec.load(Validators, written) == subject.first.validators
    return None if same else "its validators come back from the store as others"


def _serves_threads(subject: Subject) -> str | None:
    source = subject.make(subject.tools)
    with ThreadPoolExecutor(_THREADS) as threads:
        readings = list(threads.map(lambda _: subject.read(source), range(2 * _THREADS)))
    return next(filter(None, (_difference(subject.first, reading) for reading in readings)), None)


def _keeps_to_limits(subject: Subject) -> str | None:
    few = replace(subject, tools=replace(subject.tools, max_entries=1)).read()
    replace(subject, tools=replace(subject.tools, limits=replace(subject.tools.limits, max_bytes=1))).read()
    return f"gives {len(few.entries)} entries where max_entries is 1" if len(few.entries) > 1 else _oneline(few)


def _names_entries(subject: Subject) -> str | None:
    """A poor document may have an entry without a name, a source none with one."""
    entries = subject.first.entries
    if not any(entry.title.strip() for entry in entries):
        return "no entry has a title"
    return None if any(entry.guid or entry.link for entry in entries) else "no entry has a guid or a link"


def _dates_entries(subject: Subject) -> str | None:
    return _first_fault(subject.first.entries, _misdated)


def _cleans_entries(subject: Subject) -> str | None:
    return _first_fault(subject.first.entries, _unclean)


def _survives_a_dead_address(subject: Subject) -> str | None:
    reading = subject.read(feed=dead(subject.feed, subject.terms.schemes))
    if SECRET in f"{reading.problem} {reading.remark}":
        return "tells the password or key of an address"
    return _oneline(reading) or _must_fail(reading)


def _survives_garbage(subject: Subject) -> str | None:
    reading = _served(subject, _GARBAGE)
    return _oneline(reading) or next(filter(None, map(_unclean, reading.entries)), None)


def _survives_nothing(subject: Subject) -> str | None:
    reading = _served(subject, b"")
    return _oneline(reading) or ("finds entries in an empty answer" if reading.entries else None)


def _survives_an_error(subject: Subject) -> str | None:
    reading = _served(subject, _ERROR_PAGE, 500)
    return _oneline(reading) or ("finds entries in a page that tells an error" if reading.entries else None)


CHECKS: dict[str, Callable[[Subject], str | None]] = {
    "takes the feed's address and options": _takes_the_feed,
    "reads the feed": _reads_the_feed,
    "reads the same twice": _reads_the_same_twice,
    "remembers nothing between calls": _remembers_nothing,
    "keeps what the store can keep": _fits_the_store,
    "serves several threads": _serves_threads,
    "keeps to max_entries and max_bytes": _keeps_to_limits,
    "gives entries a title and an identity": _names_entries,
    "dates entries in UTC": _dates_entries,
    "gives clean text and web links": _cleans_entries,
    "survives a dead address, and tells no secret": _survives_a_dead_address,
    "survives garbage": _survives_garbage,
    "survives an empty answer": _survives_nothing,
    "survives an error page": _survives_an_error,
}
"""Each by its name, in the order in which they are run."""


def _served(subject: Subject, body: bytes, status: int = 200) -> Reading:
    with serving(subject.feed, subject.terms.schemes, body, status) as feed:
        return subject.read(feed=feed)


def _difference(one: Reading, other: Reading) -> str | None:
    if set(one.entries) != set(other.entries):
        return f"two readings differ: {len(one.entries)} and {len(other.entries)} entries, or others"
    if (one.problem, one.unchanged) != (other.problem, other.unchanged):
        return f"two readings differ: {_outcome(one)}, and {_outcome(other)}"
    return None


def _outcome(reading: Reading) -> str:
    return reading.problem or ("unchanged" if reading.unchanged else "read")


def _must_fail(reading: Reading) -> str | None:
    return None if reading.problem and not reading.entries else "has no problem where nothing can be read"


def _oneline(reading: Reading) -> str | None:
    told = [text for text in (reading.problem, reading.remark) if text]
    return None if all(fold(text) == text for text in told) else "tells a problem or remark in more than one clean line"


def _first_fault(entries: Sequence[Entry], fault: Callable[[Entry], str | None]) -> str | None:
    if not entries:
        return "not known: no entries were read"
    return next(filter(None, map(fault, entries)), None)


def _misdated(entry: Entry) -> str | None:
    at = entry.published_at
    return None if at is None or at.utcoffset() == timedelta(0) else f"a date is not in UTC: {at.isoformat()}"


def _unclean(entry: Entry) -> str | None:
    texts = ((entry.title, TITLE_LIMIT), (entry.summary, SUMMARY_LIMIT), (entry.guid or "", GUID_LIMIT))
    if any(fold(text) != text for text, _ in texts):
        return "a text has line ends, runs of space or unseen characters: use siegewatch.collect.text"
    if any(len(text) > limit for text, limit in texts) or len(entry.link or "") > LINK_LIMIT:
        return "a text is longer than is kept: see siegewatch.collect.parsed"
    web = entry.link is None or entry.link.lower().startswith(("http://", "https://"))
    return None if web else "a link is no http or https address"
