"""When a delivery is tried again. Pure."""

from datetime import datetime, timedelta

from siegewatch.domain.delivery import Retry

SCHEDULE = tuple(
    timedelta(seconds=seconds) for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
)
"""Waits after the first, second, … failed attempt: the schedule of the Standard Webhooks specification and of Svix,
27.6 hours in all."""

SPREAD = 0.2
"""Each wait is up to a fifth shorter or longer, so that many deliveries do not come back at once."""

LONGEST_ASKED = max(SCHEDULE)
"""A channel may ask for no longer wait than the schedule's longest."""


def next_attempt_at(attempts_so_far: int, now: datetime, verdict: Retry, jitter: float) -> datetime | None:
    """When to try again after `attempts_so_far` attempts, the one just failed among them; None if never.

    `jitter` is between -1 and 1. A wait that the channel asks for can lengthen the schedule's, not shorten it.
    """
    if attempts_so_far > len(SCHEDULE):
        return None
    scheduled = SCHEDULE[attempts_so_far - 1] * (1 + SPREAD * jitter)
    asked = timedelta(seconds=min(verdict.after_seconds or 0, LONGEST_ASKED.total_seconds()))
    return now + max(scheduled, asked)
