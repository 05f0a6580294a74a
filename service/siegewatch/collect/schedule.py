"""When a feed is due next: a pure rule of how its last poll went."""

from dataclasses import dataclass
from datetime import datetime, timedelta

JITTER = 0.1
"""Share of an interval by which it varies, so that feeds added together drift apart."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often to poll: `every` while all is well, never further apart than `at_most`."""

    every: timedelta
    at_most: timedelta


def next_due_at(
    now: datetime, rhythm: Rhythm, *, failures: int, after_seconds: float | None, jitter: float
) -> datetime:
    """When to poll again after `failures` failures in a row; `jitter` is between -1 and 1.

    The interval doubles with each failure, up to `at_most`. A wait that the server asks for (Retry-After) is kept,
    up to `at_most`: no header may silence a feed for longer.
    """
    wait = min(rhythm.every * (1 << min(failures, 16)), max(rhythm.at_most, rhythm.every))
    wait *= 1 + JITTER * jitter
    if after_seconds is not None:
        wait = max(wait, min(timedelta(seconds=after_seconds), rhythm.at_most))
    return now + wait
