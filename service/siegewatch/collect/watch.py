"""Which feeds are in trouble, and when it is not them but our own network. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from siegewatch.domain.feed import Feed, FeedHealth, Pace
from siegewatch.domain.ops import Subject, Trouble

WARM_UP = 10
"""Arrivals before anyone says how often a feed brings something new."""

WARM_UP_TIME = timedelta(days=1)
"""The same for the days that feeds live by: whoever has not seen a night takes the first one for silence."""

LEAST_SILENCE = timedelta(hours=6)
"""No feed is called silent sooner."""

OVER_LONGEST = 1.5
"""Nor before its longest silence of late is over by half."""

FAILURES = 5
"""Polls in a row that must have failed."""

SOONER = {"critical": 2}
"""By priority, by what all these waits are divided."""

LATELY = timedelta(minutes=15)
"""A feed polled within it says something about the network as it is now."""

OUT_FOR = timedelta(minutes=5)
"""How long a feed must have been out of reach to speak against the network: shorter blips are no news."""

MUTE = 5
"""So many feeds out of reach speak against the network if nothing was reached since: while it is down few are asked."""

NETWORK = "network"
"""The name of the one trouble of that subject."""


@dataclass(frozen=True, slots=True)
class WatchRules:
    """What the settings say of watching feeds; none of them (zero) turns that watch off. `silent_after` counts
    expected gaps."""

    failing_after: timedelta
    silent_after: float
    odd_after: timedelta


@dataclass(frozen=True, slots=True)
class Watched:
    """A feed and how it does."""

    feed: Feed
    health: FeedHealth


def feed_troubles(
    watched: Sequence[Watched], raised: Iterable[Trouble], rules: WatchRules, now: datetime
) -> list[Trouble]:
    """What is wrong now. While our own network is down no feed is blamed, and what was raised before stays."""
    down = network_trouble(watched, now)
    if down:
        names = {one.feed.name for one in watched}
        return [down, *(one for one in raised if one.subject is Subject.FEED and one.name in names)]
    found = (trouble_of(one.feed, one.health, rules, now) for one in watched)
    return [trouble for trouble in found if trouble]


def network_trouble(watched: Sequence[Watched], now: datetime) -> Trouble | None:
    """Our own network, where most of the feeds asked over it of late gave no answer at all, or none of the last did."""
    asked = [one.health for one in watched if one.health.reached is not None]
    lately = [health for health in asked if health.polled_at and now - health.polled_at <= LATELY]
    since = [one.failing_since for one in lately if one.failing_since and not one.reached]
    out = [at for at in since if now - at >= OUT_FOR]
    if 2 * len(out) > len(lately):
        return _no_network(len(lately) - len(since), len(lately), min(out))
    heard_at = max((health.polled_at for health in lately if health.reached and health.polled_at), default=None)
    mute = [at for at in since if heard_at is None or at > heard_at]
    began = heard_at or min(mute, default=now)
    return _no_network(0, len(mute), began) if len(mute) >= MUTE and now - began >= OUT_FOR else None


def _no_network(reached: int, of: int, since: datetime) -> Trouble:
    return Trouble(Subject.NETWORK, NETWORK, f"{reached} of {of} feeds reachable: no network?", since)


def trouble_of(feed: Feed, health: FeedHealth, rules: WatchRules, now: datetime) -> Trouble | None:
    """What is wrong with one feed, the gravest first."""
    sooner = SOONER.get(feed.priority, 1)
    found = _failing(health, rules, sooner, now) or _odd(health, rules, sooner, now) or _silent(health, rules, sooner)
    return Trouble(Subject.FEED, feed.name, *found) if found else None


_Found = tuple[str, datetime]
"""What is wrong, and since when."""


def _failing(health: FeedHealth, rules: WatchRules, sooner: int, now: datetime) -> _Found | None:
    since = health.ok_at or health.failing_since
    if not (health.problem and since and rules.failing_after) or health.failures * sooner < FAILURES:
        return None
    if now - since < rules.failing_after / sooner:
        return None
    return f"It failed {health.failures} times in a row, last so: {health.problem}.", since


def _odd(health: FeedHealth, rules: WatchRules, sooner: int, now: datetime) -> _Found | None:
    if not (health.oddity and health.odd_since and rules.odd_after):
        return None
    if now - health.odd_since < rules.odd_after / sooner:
        return None
    return f"Its document has {health.oddity}.", health.odd_since


def _silent(health: FeedHealth, rules: WatchRules, sooner: int) -> _Found | None:
    """Silence lasts up to when the feed was last read: what was not read is not known to be silent."""
    pace, expected = health.pace, expected_gap(health.pace)
    if not (pace.last_at and health.ok_at and expected and rules.silent_after):
        return None
    allowed = max(LEAST_SILENCE / sooner, expected * rules.silent_after / sooner, _longest(pace) * OVER_LONGEST)
    if health.ok_at - pace.last_at <= allowed:
        return None
    return f"No new item, where one is expected every {_rough(expected)} or so.", pace.last_at


def expected_gap(pace: Pace) -> timedelta | None:
    """How long a feed is expected to bring nothing new; None as long as too little is known of it."""
    if not (pace.first_at and pace.last_at) or pace.arrivals < WARM_UP or pace.last_at - pace.first_at < WARM_UP_TIME:
        return None
    return timedelta(seconds=pace.gap_seconds)


def _longest(pace: Pace) -> timedelta:
    return timedelta(seconds=pace.longest_seconds)


def _rough(length: timedelta) -> str:
    """In words, to the largest unit."""
    seconds = length.total_seconds()
    count, unit = next((seconds / of, unit) for of, unit in _UNITS if seconds >= of or unit == "minute")
    number = max(round(count), 1)
    return f"{number} {unit}{'' if number == 1 else 's'}"


_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
