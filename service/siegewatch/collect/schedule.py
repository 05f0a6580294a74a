"""When a feed is due next: a pure rule of how it publishes, what it asks for, and how its last poll went."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from siegewatch.domain.feed import Feed, Wishes

JITTER = 0.1
"""Share of an interval by which it varies, so that feeds added together drift apart."""

LONGEST = {"critical": 1 / 16, "high": 1 / 4, "normal": 1 / 2, "low": 1.0}
"""Of `at_most`, how long a quiet feed of that priority waits at most: 15 min, 1 h, 2 h and 4 h by default."""

OF_SILENCE, OF_GAP = 1 / 4, 1 / 2
"""What is waited of the silence so far, and at most of the gap that a feed usually makes."""

DEAD_AFTER = timedelta(days=7)
"""Silence after which the usual gap says nothing any more."""

PUT_OFF_CRITICAL = timedelta(hours=1)
"""The longest that anything a server says puts off a critical feed."""

AT_ONCE = 50
"""Of feeds that are all due, how many are polled at once: all that most desks have, the most important of others."""

A_SECOND = 20
"""How many of the others follow a second: a first document costs some 20 ms of a processor to read."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often to poll: `every` while there is news, never further apart than `at_most`."""

    every: timedelta
    at_most: timedelta


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when a feed has brought nothing new, and how long it usually does; None where that is not known."""

    lasts: timedelta | None = None
    usual: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """For how long the last answer asked to be left alone, in seconds: `retry_after` by Retry-After, `fresh` by
    Cache-Control or Expires; and what the document wishes."""

    retry_after: float | None = None
    fresh: float | None = None
    wishes: Wishes = field(default_factory=Wishes)


def next_due_at(
    now: datetime,
    feed: Feed,
    rhythm: Rhythm,
    *,
    failures: int,
    silence: Silence,
    asked: Asked,
    jitter: float,
    seldom: timedelta = timedelta(),
) -> datetime:
    """When to poll again after `failures` failures in a row; `jitter` is between -1 and 1.

    The interval is the feed's own, or follows how it publishes; it doubles with each failure, up to `at_most`, and is
    never shorter than what the server asks for: that is kept up to `at_most`, and for a critical feed up to an hour,
    since no header may silence a feed for longer. `seldom` is an interval that is long enough, as its news is pushed.
    """
    steady = max(seldom, feed.every or (rhythm.every if failures else paced(feed.priority, rhythm, silence)))
    wait = min(steady * (1 << min(failures, 16)), max(rhythm.at_most, steady))
    wait *= 1 + JITTER * jitter
    put_off = min(rhythm.at_most, PUT_OFF_CRITICAL) if feed.priority == "critical" else rhythm.at_most
    due_at = now + max(wait, min(_asked_for(feed, asked), put_off))
    return max(due_at, min(_awake_at(due_at, asked.wishes), now + put_off))


def first_due_at(now: datetime, place: int, of: int, within: timedelta) -> datetime:
    """When the feed at `place` is polled if `of` feeds are due at one moment, as at the first start, after a long stop,
    or when the network is back: the first ones now, the others evenly over the time after, which is short where they
    are few and never longer than `within`. So neither our processor nor anyone's servers meet them all at once, now or
    at any later turn."""
    if place < AT_ONCE:
        # A millisecond apart, so that they keep their order.
        return now - timedelta(milliseconds=min(AT_ONCE, of) - place)
    others = of - AT_ONCE
    return now + min(timedelta(seconds=others / A_SECOND), within) * ((place - AT_ONCE + 1) / others)


def paced(priority: str, rhythm: Rhythm, silence: Silence) -> timedelta:
    """An interval that follows how a feed publishes: `every` as soon as it brings something new, then longer as its
    silence grows, so that what comes next is late by a share of what it was waited for."""
    if silence.lasts is None:
        return rhythm.every
    wait = silence.lasts * OF_SILENCE
    if silence.usual is not None and silence.lasts < DEAD_AFTER:
        wait = min(wait, silence.usual * OF_GAP)
    return max(rhythm.every, min(wait, rhythm.at_most * LONGEST[priority]))


def _asked_for(feed: Feed, asked: Asked) -> timedelta:
    """The longest of what was asked for. What a document says of itself is mostly its software's default: where the
    operator has decided how often to poll, it does not count."""
    said = [asked.retry_after, asked.fresh, None if feed.every else asked.wishes.ttl_seconds]
    # A century is as good as for ever, and a duration still holds it.
    return timedelta(seconds=min(max((seconds for seconds in said if seconds), default=0.0), 3e9))


def _awake_at(due_at: datetime, wishes: Wishes) -> datetime:
    """The first moment from `due_at` on that is in none of the hours and days that the document wants skipped (RSS 2.0,
    both in GMT); `due_at` where it wants all of them skipped."""
    at = due_at
    for _ in range(24 * 8):
        if at.hour not in wishes.skip_hours and at.weekday() not in wishes.skip_days:
            return at
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due_at
