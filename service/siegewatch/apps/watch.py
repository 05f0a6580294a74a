"""Watching ourselves: what is in trouble is raised, and cleared when it is over."""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from siegewatch import wiring
from siegewatch.apps.ailments import Queue, channel_trouble, ending, queue_trouble
from siegewatch.apps.appraisal import appraised, week_line
from siegewatch.apps.canary import Canary
from siegewatch.apps.current import Current
from siegewatch.apps.signs import DAY, Day, quiet_day, sign_of_life, week_due, weekly
from siegewatch.collect.watch import Watched, feed_troubles
from siegewatch.domain.feed import COLLECT
from siegewatch.domain.feedback import Judged
from siegewatch.domain.ops import ALL_QUIET, WEEK, OpsChange, OpsType, Subject, Trouble
from siegewatch.settings import Settings
from siegewatch.store.memory import Memory

log = structlog.get_logger()

EVERY = timedelta(minutes=1)

Key = tuple[Subject, str]
"""What a trouble is known by: its subject and its name."""

_COME_AND_GO = frozenset({Subject.FEED, Subject.CHANNEL})
"""Subjects of which an operator may have one less."""


@dataclass(frozen=True)
class Watch:
    """Looks at what the store knows. Any number of processes may: each trouble is told once."""

    current: Current
    canary: Canary
    clock: Callable[[], datetime]

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.current.settings

    @property
    def memory(self) -> Memory:
        """What the store remembers."""
        return self.current.memory

    def turn(self) -> None:
        """Looks once, and tells the daily sign of life where it is due."""
        now = self.clock()
        self._tell_sign_of_life(self.look(now), now)
        self._tell_week(now)

    def look(self, now: datetime) -> Set[Key]:
        """Raises what is wrong now, clears what no longer is, and returns what stands."""
        raised = {_key(trouble): trouble for trouble in self.memory.ops.troubles()}
        feeds, channels = self._watched(), tuple(wiring.channels_on(self.settings))
        found = feed_troubles(feeds, raised.values(), wiring.watch_rules(self.settings), now)
        gone = self._gone()
        found += [*gone, *self._queues(now), *self._channels(channels, now)]
        if lost := self.canary.turn(now):
            found.append(lost)
        wrong = {_key(trouble): trouble for trouble in found}
        for key in wrong.keys() - raised.keys():
            self._begin(wrong[key], now)
        named = (
            {(Subject.FEED, one.feed.name) for one in feeds}
            | {_key(one) for one in gone}
            | {(Subject.CHANNEL, name) for name in channels}
        )
        for key in raised.keys() - wrong.keys():
            self._end(raised[key], now, is_watched=key in named or key[0] not in _COME_AND_GO)
        return wrong.keys()

    def _begin(self, trouble: Trouble, now: datetime) -> None:
        if self.memory.ops.begin(trouble, now):
            # Logged here as well as told: it may be the telling that is in trouble.
            log.warning("trouble_raised", subject=trouble.subject, name=trouble.name, reason=trouble.reason)

    def _end(self, trouble: Trouble, now: datetime, *, is_watched: bool) -> None:
        if self.memory.ops.end(trouble, ending(trouble, now, is_watched=is_watched), now):
            log.info("trouble_cleared", subject=trouble.subject, name=trouble.name)

    def _tell_sign_of_life(self, wrong: Set[Key], now: datetime) -> None:
        last = self.memory.ops.sign(ALL_QUIET)
        day = quiet_day(now, self.settings.watch.all_quiet, self.settings.display.time_zone, last)
        if day:
            change = OpsChange(OpsType.CLEARED, sign_of_life(self._last_day(wrong, now), now), now)
            self.memory.ops.note(ALL_QUIET, last, day, change)

    def _tell_week(self, now: datetime) -> None:
        last = self.memory.ops.sign(WEEK)
        day = week_due(now, self.settings.feedback.weekly, self.settings.display.time_zone, last)
        if day:
            alerts = appraised(self.memory.alerts.since(now - 7 * DAY), self._answered(now - 7 * DAY))
            change = OpsChange(OpsType.CLEARED, weekly(week_line(alerts), now), now)
            self.memory.ops.note(WEEK, last, day, change)

    def _answered(self, since: datetime) -> list[Judged]:
        """The alerts from `since` on of which something was said."""
        return [one for one in self.memory.feedback.recent() if one.at >= since]

    def _last_day(self, wrong: Set[Key], now: datetime) -> Day:
        watched, since = self._watched(), now - DAY
        healthy = sum(not one.health.problem and (Subject.FEED, one.feed.name) not in wrong for one in watched)
        items, alerts = self.memory.items.decided_since(since), self.memory.alerts.told_since(since)
        return Day(len(watched), healthy, items, alerts, len(wrong))

    def _watched(self) -> list[Watched]:
        """The feeds that are polled, with their health: one that is paused is silent by our own will."""
        feeds = [one.feed for one in self.current.roster().listed if one.pause is None]
        states = self.memory.feeds.states([feed.id for feed in feeds])
        return [Watched(feed, state.health) for feed, state in zip(feeds, states, strict=True)]

    def _gone(self) -> list[Trouble]:
        """The feeds that were given up: their operators have to find others."""
        paused = ((one.feed.name, one.pause) for one in self.current.roster().listed)
        return [
            Trouble(Subject.FEED, name, f"It is polled no more: {pause.reason}.", pause.since)
            for name, pause in paused
            if pause and pause.by == COLLECT
        ]

    def _queues(self, now: datetime) -> list[Trouble]:
        rules, memory = self.settings.watch, self.memory
        streams = (memory.items.queue, memory.alerts.changes, memory.subscriptions.queue)
        queues = [Queue(stream.name, stream.length(), stream.oldest_at()) for stream in streams]
        found = (queue_trouble(queue, rules.backlog, rules.waiting_after, now) for queue in queues)
        return [trouble for trouble in found if trouble]

    def _channels(self, on: Sequence[str], now: datetime) -> list[Trouble]:
        alerts = self.memory.alerts
        refusals = alerts.disabled()
        after = self.settings.watch.channel_after
        found = (channel_trouble(name, alerts.outbox(name).standing(), refusals.get(name), after, now) for name in on)
        return [trouble for trouble in found if trouble]


def _key(trouble: Trouble) -> Key:
    return trouble.subject, trouble.name
