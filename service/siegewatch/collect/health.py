"""A feed's health after one more poll: how it went, how often it brings something new, whether its documents are odd.
Pure; `watch` decides what of that is trouble."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from http import HTTPStatus

from siegewatch.collect.identity import keys_of
from siegewatch.collect.sources.base import Reading
from siegewatch.domain.feed import FeedHealth, Pace, Print, Usual
from siegewatch.domain.item import Entry
from siegewatch.store.items import Admitted

LATEST_COUNTS = 0.1
"""Share of the latest gap in the expected one: two days of an hourly feed outweigh all that was before."""

LONGEST_FADES = 0.995
"""By how much the longest gap fades with every arrival: a night is remembered over a weekend."""

NOT_READ = timedelta(days=1)
"""A gap in which we did not read the feed for so long is ours, not the feed's."""

LONG_AGO = timedelta(days=30)
"""A feed whose newest entry is older serves an archive."""

WORDED_BEFORE = "headlines go back to what they were"
FEW = 5
"""Entries below which nothing follows from what a document holds."""

HEADLINES_KEPT = 8

GONE_TIMES = 3


def health_after(before: FeedHealth, reading: Reading, admitted: Admitted, now: datetime, *, blame: bool) -> FeedHealth:
    """A feed's health after one more poll. Without `blame` one that gives no answer is not held to have failed."""
    if reading.problem:
        return replace(
            before,
            polled_at=now,
            status=reading.status,
            failures=before.failures + (blame or reading.reached is not False),
            problem=reading.problem,
            reached=reading.reached,
            failing_since=before.failing_since or now,
        )
    read = before if reading.unchanged else _read(before, reading, admitted, now)
    return replace(
        read,
        polled_at=now,
        ok_at=now,
        item_at=now if admitted.new or admitted.edits else before.item_at,
        status=reading.status,
        failures=0,
        problem=None,
        items=before.items + admitted.new,
        title=reading.title or before.title,
        reached=reading.reached,
        failing_since=None,
        pace=pace_after(before.pace, before.ok_at, now) if admitted.new else before.pace,
    )


def _read(before: FeedHealth, reading: Reading, admitted: Admitted, now: datetime) -> FeedHealth:
    remark = reading.remark or remark_on(before, reading, admitted, now)
    read = replace(before, remark=remark, entries=len(reading.entries) + len(reading.beside))
    if reading.partial:
        return read
    odd = oddity(before.usual, reading, admitted)
    return replace(
        read,
        usual=before.usual if odd else _usual(reading.entries),
        oddity=odd,
        odd_since=(before.odd_since or now) if odd else None,
    )


def is_gone(health: FeedHealth) -> bool:
    """Whether the server has said often enough that there will never be anything again (410, RFC 9110 section 15.5.11):
    once may be a mistake."""
    return health.status == HTTPStatus.GONE and health.failures >= GONE_TIMES


def pace_after(before: Pace, read_at: datetime | None, now: datetime) -> Pace:
    """The pace after one more arrival; `read_at` is when the feed was read before.

    What comes in one poll counts as one arrival: a desk that files ten items at seven each morning is not late at
    eight.
    """
    arrived = replace(before, first_at=before.first_at or now, last_at=now, arrivals=before.arrivals + 1)
    if before.last_at is None or read_at is None or now - read_at > NOT_READ:
        return arrived
    gap = (now - before.last_at).total_seconds()
    # At first a plain mean, in which no single gap weighs more than the others.
    weight = max(LATEST_COUNTS, 1 / before.arrivals)
    return replace(
        arrived,
        gap_seconds=before.gap_seconds + weight * (gap - before.gap_seconds),
        longest_seconds=max(gap, before.longest_seconds * LONGEST_FADES),
    )


def oddity(usual: Usual, reading: Reading, admitted: Admitted) -> str | None:
    """What makes a document unlike the last usual one, in a few words; None where nothing does."""
    entries = reading.entries
    if not entries:
        return f"no entries, where there were {usual.entries}" if usual.entries >= FEW else None
    if usual.dated >= FEW and not _dated(entries):
        return f"no entry with a date that can be true, where {usual.dated} had one"
    all_new = len(entries) >= FEW and admitted.new == len(entries)
    if all_new and len(set(usual.headlines) & set(map(_digest, entries))) * 2 > len(usual.headlines):
        return "another identity for every entry at each poll, under the same headlines"
    again = _again(usual, entries)
    if len(again) >= FEW and all(one.guid and other.guid not in ("", one.guid) for one, other in again):
        return "another guid for every entry, under the same headlines and links"
    if len(again) >= FEW and all(one.date and other.date not in ("", one.date) for one, other in again):
        return "another date for every entry, under the same headlines and links"
    return None


def remark_on(before: FeedHealth, reading: Reading, admitted: Admitted, now: datetime) -> str | None:
    """What is worth knowing of a document and harms nothing: that all in it is old, or was so worded before; the latter
    until something new comes, since every second poll of a feed that alternates finds what the usual one held."""
    dates = [entry.published_at for entry in reading.entries if entry.published_at]
    if len(dates) >= FEW and not reading.beside and now - max(dates) > LONG_AGO:
        return f"no entry later than {max(dates):%Y-%m-%d}: too old to be told"
    if admitted.new or admitted.edits or not reading.entries:
        return None
    links = {one.link: one.headline for one in before.usual.prints if one.link}
    reworded = any(links.get(one.link, one.headline) != one.headline for one in map(_print, reading.entries))
    return WORDED_BEFORE if reworded or before.remark == WORDED_BEFORE else None


def _again(usual: Usual, entries: Sequence[Entry]) -> list[tuple[Print, Print]]:
    """Each entry whose headline and link were there before, as it was and as it is."""
    before = {(one.headline, one.link): one for one in usual.prints}
    now = (_print(entry) for entry in entries)
    return [(before[one.headline, one.link], one) for one in now if (one.headline, one.link) in before]


def _usual(entries: Sequence[Entry]) -> Usual:
    first = entries[:HEADLINES_KEPT]
    return Usual(len(entries), _dated(entries), tuple(map(_digest, first)), tuple(map(_print, first)))


def _print(entry: Entry) -> Print:
    guid, link = (key.hex() if key else "" for key in keys_of(entry))
    date = entry.published_at.isoformat() if entry.published_at else ""
    return Print(_digest(entry), link, guid, date)


def _dated(entries: Sequence[Entry]) -> int:
    return sum(entry.published_at is not None for entry in entries)


def _digest(entry: Entry) -> str:
    return blake2b(entry.title.encode(), digest_size=4).hexdigest()
