"""When a permanent redirect is believed: pure rules."""

from dataclasses import replace
from datetime import datetime, timedelta

from siegewatch.domain.feed import Move

ADOPTED_AFTER_TIMES = 100
ADOPTED_AFTER = timedelta(days=3)
"""How often in a row, and for how long, a feed must say that it moved. Servers send 301 by mistake for hours (a login
page, a maintenance page, a domain that lapsed); Feedbin waits for 576 of them within three days."""


def move_after(before: Move | None, moved_to: str | None, now: datetime) -> Move | None:
    """What is remembered of a feed's moving after one more document from its own address, which came from `moved_to`
    over permanent redirects alone; None where it did not."""
    if moved_to is None:
        return None
    if before is None or before.to != moved_to:
        return Move(moved_to, 1, now)
    return replace(before, times=before.times + 1)


def adopted(move: Move | None, now: datetime) -> str | None:
    """The address to ask in place of the feed's own; None where that is still the one to ask."""
    if move is None or move.times < ADOPTED_AFTER_TIMES or now - move.since < ADOPTED_AFTER:
        return None
    return move.to
