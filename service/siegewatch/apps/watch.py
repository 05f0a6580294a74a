"""Watching ourselves: what is in trouble is raised, and cleared when it is over."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from siegewatch import wiring
from siegewatch.apps.ailments import Queue, channel_trouble, ending, queue_trouble
from siegewatch.apps.canary import Canary
from siegewatch.apps.signs import DAY, Day, quiet_day, sign_of_life
from siegewatch.collect.watch import Watched, feed_troubles
from siegewatch.domain.ops import ALL_QUIET, OpsChange, OpsType, Subject, Trouble
from siegewatch.settings import Settings
from siegewatch.wiring import Memory

log = structlog.get_logger()

EVERY = timedelta(minutes=1)

Key = tuple[Subject, str]
"""What a trouble is known by: its subject and its name."""

DELIVERIES = 500
"""The latest ones, which say how channels do."""


@dataclass(frozen=True)
class Watch:
    """Looks at what the store knows. Any number of processes may: each trouble is told once."""

    settings: Settings
    memory: Memory
    canary: Canary
    clock: Callable[[], datetime]

    def turn(self) -> None:
        """Looks once, and tells the daily sign of life where it is due."""
        now = self.clock()
        self._tell_sign_of_life(self.look(now), now)

    def look(self, now: datetime) -> Set[Key]:
        """Raises what is wrong now, clears what no longer is, and returns what stands."""
        raised = {_key(trouble): trouble for trouble in self.memory.ops.troubles()}
        found = [*self._feeds(list(raised.values()), now), *self._queues(now), *self._channels(now)]
        if lost := self.canary.turn(now):
            found.append(lost)
        wrong = {_key(trouble): trouble for trouble in found}
        for key in wrong.keys() - raised.keys():
            self._begin(wrong[key], now)
        for key in raised.keys() - wrong.keys():
            self._end(raised[key], now)
        return wrong.keys()

    def _begin(self, trouble: Trouble, now: datetime) -> None:
        if self.memory.ops.begin(trouble, now):
            # Logged here as well as told: it may be the telling that is in trouble.
            log.warning("trouble_raised", subject=trouble.subject, name=trouble.name, reason=trouble.reason)

    def _end(self, trouble: Trouble, now: datetime) -> None:
        if self.memory.ops.end(trouble, ending(trouble, now), now):
            log.info("trouble_cleared", subject=trouble.subject, name=trouble.name)

    def _tell_sign_of_life(self, wrong: Set[Key], now: datetime) -> None:
        last = self.memory.ops.sign(ALL_QUIET)
        day = quiet_day(now, self.settings.watch.all_quiet, self.settings.display.time_zone, last)
        if day:
            change = OpsChange(OpsType.CLEARED, sign_of_life(self._last_day(wrong, now), now), now)
            self.memory.ops.note(ALL_QUIET, last, day, change)

    def _last_day(self, wrong: Set[Key], now: datetime) -> Day:
        feeds, since = self.settings.feeds, now - DAY
        states = self.memory.feeds.states([feed.id for feed in feeds])
        sound = [feed for feed, state in zip(feeds, states, strict=True) if not state.health.problem]
        healthy = sum((Subject.FEED, feed.name) not in wrong for feed in sound)
        items, alerts = self.memory.items.decided_since(since), self.memory.alerts.told_since(since)
        return Day(len(feeds), healthy, items, alerts, len(wrong))

    def _feeds(self, raised: Sequence[Trouble], now: datetime) -> list[Trouble]:
        feeds = self.settings.feeds
        states = self.memory.feeds.states([feed.id for feed in feeds])
        watched = [Watched(feed, state.health) for feed, state in zip(feeds, states, strict=True)]
        return feed_troubles(watched, raised, wiring.watch_rules(self.settings), now)

    def _queues(self, now: datetime) -> list[Trouble]:
        rules, streams = self.settings.watch, (self.memory.items.queue, self.memory.alerts.changes)
        queues = [Queue(stream.name, stream.length(), stream.oldest_at()) for stream in streams]
        found = (queue_trouble(queue, rules.backlog, rules.waiting_after, now) for queue in queues)
        return [trouble for trouble in found if trouble]

    def _channels(self, now: datetime) -> list[Trouble]:
        alerts, on = self.memory.alerts, wiring.channels_on(self.settings)
        latest, refusals = alerts.recent_deliveries(DELIVERIES), alerts.disabled()
        after = self.settings.watch.channel_after
        found = (channel_trouble(name, latest, refusals.get(name), after, now) for name in on)
        return [trouble for trouble in found if trouble]


def _key(trouble: Trouble) -> Key:
    return trouble.subject, trouble.name
