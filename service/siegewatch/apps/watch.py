"""Watching ourselves: what is in trouble is raised, and cleared when it is over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from siegewatch import wiring
from siegewatch.collect.watch import Watched, feed_troubles
from siegewatch.domain.ops import Subject, Trouble
from siegewatch.settings import Settings
from siegewatch.wiring import Memory

EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Watch:
    """Looks at what the store knows. Any number of processes may: each trouble is told once."""

    settings: Settings
    memory: Memory
    clock: Callable[[], datetime]

    def turn(self) -> None:
        """Raises what is wrong now, and clears what no longer is."""
        now = self.clock()
        raised = {_key(trouble): trouble for trouble in self.memory.ops.troubles()}
        wrong = {_key(trouble): trouble for trouble in self._feeds(list(raised.values()), now)}
        for key in wrong.keys() - raised.keys():
            self.memory.ops.begin(wrong[key], now)
        for key in raised.keys() - wrong.keys():
            self.memory.ops.end(raised[key], ending(raised[key], now), now)

    def _feeds(self, raised: Sequence[Trouble], now: datetime) -> list[Trouble]:
        feeds = self.settings.feeds
        states = self.memory.feeds.states([feed.id for feed in feeds])
        watched = [Watched(feed, state.health) for feed, state in zip(feeds, states, strict=True)]
        return feed_troubles(watched, raised, wiring.watch_rules(self.settings), now)


def ending(trouble: Trouble, now: datetime) -> str:
    """How a trouble ended, in one sentence."""
    minutes = max(round((now - trouble.since).total_seconds() / 60), 1)
    hours, rest = divmod(minutes, 60)
    lasted = f"{hours} h {rest} min" if hours else f"{rest} min"
    return f"Over after {lasted}; what was told: {trouble.reason}"


def _key(trouble: Trouble) -> tuple[Subject, str]:
    return trouble.subject, trouble.name
