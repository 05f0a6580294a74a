"""When a queue or a channel is in trouble, and how a trouble ends in words. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from siegewatch.domain.ops import Subject, Trouble
from siegewatch.domain.standing import Standing

_WAIT_FOR = {"items": "to be decided", "changes": "to be told", "pushes": "to be read"}


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue by its name, how many wait in it, and since when the first of them does."""

    name: str
    length: int
    oldest_at: datetime | None


def queue_trouble(queue: Queue, backlog: int, waiting_after: timedelta, now: datetime) -> Trouble | None:
    """Whether a queue is not worked off: over `backlog` wait, or one for `waiting_after`; zero asks for neither."""
    if queue.oldest_at is None:
        return None
    waits = now - queue.oldest_at
    if not (backlog and queue.length > backlog) and not (waiting_after and waits > waiting_after):
        return None
    reason = f"{queue.length:,} wait {_WAIT_FOR[queue.name]}, the first for {span_words(waits)}."
    return Trouble(Subject.QUEUE, queue.name, reason, queue.oldest_at)


def channel_trouble(
    name: str, standing: Standing, refusal: str | None, after: timedelta, now: datetime
) -> Trouble | None:
    """Whether a channel takes nothing: it asked for no more (`refusal`), or all that was tried since it last answered
    failed, and that began `after` ago; none (zero) asks for neither."""
    if not after:
        return None
    if refusal is not None:
        return Trouble(Subject.CHANNEL, name, f"It asks for no more: {refusal}.", now)
    since, failures = standing.failing_since, standing.failures
    if since is None or now - since < after:
        return None
    tried = "attempt" if failures == 1 else "attempts"
    reason = f"{failures} {tried} failed and none was accepted, the last so: {standing.reason}."
    return Trouble(Subject.CHANNEL, name, reason, since)


def ending(trouble: Trouble, now: datetime, *, is_watched: bool) -> str:
    """How a trouble ended, in one sentence: it is over, or what was in trouble is paused or gone."""
    how = "Over" if is_watched else "No longer watched"
    return f"{how} after {span_words(now - trouble.since)}; what was told: {trouble.reason}"


def span_words(length: timedelta) -> str:
    """A length of time in hours and minutes."""
    hours, minutes = divmod(max(round(length.total_seconds() / 60), 1), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
