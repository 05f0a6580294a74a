"""When a channel is asked again, and what is then told together. Pure.

A channel is asked one thing at a time. One that says it is busy is left alone as long as it asks; one that fails
several times in a row is left alone for longer and longer; one that fails for long is paused: tried every few minutes
with what waits longest, while everything else waits without its time running out.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

from siegewatch.domain.delivery import Accepted, Delivery, Retry, Verdict
from siegewatch.domain.digest import Gathered
from siegewatch.domain.standing import Budget, Standing, Terms

FIRST_HOLD = timedelta(seconds=5)
LONGEST_HOLD = timedelta(minutes=5)
"""A channel that is back is found so soon."""

LONGEST_ASKED = timedelta(hours=1)
"""As long as a channel as a whole may ask to be left alone by Retry-After."""

PAUSED_AFTER = timedelta(minutes=30)
PAUSED_FAILURES = 3
OUTAGE = timedelta(minutes=1)

PATIENCE = timedelta(seconds=10)
"""What can be told singly within this is."""

LATE = timedelta(minutes=10)
"""What waited longer is no news that anybody should be rung for, one by one."""

MOST_LATE = 1_000
"""Alerts in a digest of what is late."""

FAULTY_AFTER = 3
"""So many refusals that others do not meet are a fault of what is sent: others of its story wait no more."""


def is_paused(standing: Standing, now: datetime) -> bool:
    """Whether a channel has failed for so long that it is only probed."""
    since = standing.failing_since
    return standing.failures >= PAUSED_FAILURES and since is not None and now - since >= PAUSED_AFTER


def was_out(standing: Standing, now: datetime) -> bool:
    """Whether what waits for a channel that answers again waits for no fault of its own."""
    since = standing.failing_since
    return standing.failures >= PAUSED_FAILURES and since is not None and now - since >= OUTAGE


def after(standing: Standing, verdict: Verdict, now: datetime, budget: Budget | None) -> Standing:
    """How a channel stands after an answer."""
    spent = max(standing.spent_until or now, now) + budget.interval if budget else None
    if not isinstance(verdict, Retry):
        # A refusal for good is an answer: the channel works.
        return Standing(spent_until=spent)
    failed = replace(
        standing,
        failures=standing.failures + 1,
        failing_since=standing.failing_since or now,
        reason=verdict.reason,
        spent_until=spent,
    )
    return replace(failed, held_until=now + _hold(failed.failures, verdict))


def _hold(failures: int, verdict: Retry) -> timedelta:
    """A first failure may be the fault of what was sent: the next thing is tried at once. A busy channel is
    believed."""
    doublings = failures - (1 if verdict.is_busy else 2)
    scheduled = min(FIRST_HOLD * 2 ** min(doublings, 16), LONGEST_HOLD) if doublings >= 0 else timedelta()
    if verdict.after_seconds is None:
        return scheduled
    asked = min(timedelta(seconds=max(verdict.after_seconds, 0)), LONGEST_ASKED)
    # The first time it is taken at its word; one that goes on refusing is asked less and less often.
    return asked if failures == 1 else max(asked, min(FIRST_HOLD * 2 ** min(failures - 2, 16), LONGEST_HOLD))


def opens_at(standing: Standing, budget: Budget | None) -> datetime | None:
    """Before when a channel is not asked; None for at once."""
    earned = standing.spent_until - (budget.count - 1) * budget.interval if budget and standing.spent_until else None
    return max(filter(None, (earned, standing.held_until)), default=None)


def room(standing: Standing, budget: Budget | None, now: datetime) -> int | None:
    """How many alerts can be told singly without losing patience, one at least; None for any number."""
    if budget is None:
        return None
    spent = max((standing.spent_until or now) - now, timedelta())
    return max(int((budget.per - spent + PATIENCE) / budget.interval), 1)


def expired(delivery: Delivery, terms: Terms, now: datetime) -> bool:
    """Whether a delivery is not worth telling any more."""
    return now - delivery.created_at > terms.expire_after


def to_gather(
    waiting: Sequence[Delivery], unsure: Sequence[Delivery], single: int | None, now: datetime, most: int = 100
) -> tuple[Gathered, tuple[Delivery, ...]] | None:
    """What of that which is due, in its order, is to be told in one digest, and why; None for one thing at a time.
    `most` is how many alerts a digest holds that the budget asks for.

    `unsure` are those that the channel may have taken, or refused for a fault of their own: they keep their ids and go
    alone, and so does what has to come after them.
    """
    asked = [one for one in waiting if one.gather]
    if asked:
        why = asked[0].gather or Gathered.LATE
        return why, tuple(one for one in asked if one.gather is why)[:MOST_LATE]
    blocked = {line for one in unsure for line in one.lines}
    alone = {one.id for one in unsure}
    free = tuple(one for one in waiting if one.id not in alone and blocked.isdisjoint(one.lines))
    if len(free) < 2:
        return None
    if now - free[0].created_at > LATE:
        return _together(Gathered.LATE, free, MOST_LATE)
    many = single is not None and len(waiting) > single
    return _together(Gathered.BUDGET, free, most) if many else None


def _together(why: Gathered, free: Sequence[Delivery], most: int) -> tuple[Gathered, tuple[Delivery, ...]] | None:
    """The first of them that make no more than `most` alerts, where that are two at least."""
    told = list(accumulate(one.tells for one in free))
    chosen = tuple(one for one, sum_so_far in zip(free, told, strict=True) if sum_so_far <= most)
    return (why, chosen) if len(chosen) > 1 else None


def is_unsure(verdict: Verdict) -> bool:
    """Whether a failed attempt leaves open that the channel took it, or that it is itself at fault."""
    failed_for_both = isinstance(verdict, Retry) and (verdict.is_busy or verdict.unsent)
    return not isinstance(verdict, Accepted) and not failed_for_both


def yields(delivery: Delivery) -> bool:
    """Whether what comes after a delivery need wait for it no more."""
    return sum(attempt.counts for attempt in delivery.attempts) >= FAULTY_AFTER
