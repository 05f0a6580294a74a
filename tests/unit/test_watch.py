"""When a feed is in trouble, and when it is our own network."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.collect.health import health_after
from siegewatch.collect.sources.base import Reading
from siegewatch.collect.watch import (
    MUTE,
    Watched,
    WatchRules,
    expected_gap,
    feed_troubles,
    network_trouble,
    trouble_of,
)
from siegewatch.domain.feed import Feed, FeedHealth, Validators
from siegewatch.domain.item import Entry
from siegewatch.domain.ops import Subject, Trouble
from siegewatch.store import codec
from siegewatch.store.items import Admitted

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = WatchRules(failing_after=timedelta(hours=2), silent_after=6, odd_after=timedelta(minutes=30))
COURIER = Feed("https://courier.example/rss", "Courier")
CRITICAL = replace(COURIER, priority="critical")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def entries(count: int, dated: bool = True, first: int = 0) -> tuple[Entry, ...]:
    return tuple(
        Entry(f"Headline {number}", guid=f"g{number}", published_at=NOW if dated else None)
        for number in range(first, first + count)
    )


def read(health: FeedHealth, at: datetime, *, new: int = 0, held: tuple[Entry, ...] | None = None) -> FeedHealth:
    held = entries(20) if held is None else held
    return health_after(health, Reading(Validators(), held), Admitted(new, 0, len(held) - new), at, blame=True)


def failed(health: FeedHealth, at: datetime, *, reached: bool = True, blame: bool = True) -> FeedHealth:
    reading = Reading(Validators(), problem="the server answers 503", status=503, reached=reached)
    return health_after(health, reading, Admitted(), at, blame=blame)


def fed(every: timedelta, times: int, start: datetime = NOW) -> FeedHealth:
    """A feed that brought something new so often."""
    health = FeedHealth()
    for number in range(times):
        health = read(health, start + number * every, new=1)
    return health


def reason(health: FeedHealth, at: datetime, feed: Feed = COURIER, rules: WatchRules = RULES) -> str | None:
    found = trouble_of(feed, health, rules, at)
    return found.reason if found else None


def test_state_stored_by_an_older_version_stays_readable():
    old = b'{"polled_at": "2026-03-01T12:00:00Z", "failures": 2, "problem": "no", "entries": 7, "items": 9}'
    assert codec.load(FeedHealth, old) == FeedHealth(NOW, failures=2, problem="no", entries=7, items=9)


def test_feed_that_fails_five_times_over_two_hours_is_in_trouble():
    health = read(FeedHealth(), NOW)
    for number in range(1, 5):
        health = failed(health, NOW + number * HOUR)
    assert reason(health, NOW + 4 * HOUR) is None, "four times are too few"
    health = failed(health, NOW + 5 * HOUR)
    found = trouble_of(COURIER, health, RULES, NOW + 5 * HOUR)
    assert found == Trouble(
        Subject.FEED, "Courier", "It failed 5 times in a row, last so: the server answers 503.", NOW
    )
    assert reason(read(health, NOW + 6 * HOUR), NOW + 6 * HOUR) is None


def test_feed_that_fails_often_within_two_hours_is_not_yet_in_trouble():
    health = read(FeedHealth(), NOW)
    for number in range(1, 9):
        health = failed(health, NOW + number * MINUTE)
    assert reason(health, NOW + HOUR) is None
    assert reason(health, NOW + HOUR, CRITICAL), "a critical one rings sooner"


def test_feed_that_never_worked_is_in_trouble_from_its_first_failure_on():
    health = FeedHealth()
    for number in range(5):
        health = failed(health, NOW + number * HOUR)
    assert trouble_of(COURIER, health, RULES, NOW + 4 * HOUR).since == NOW


def test_expected_gap_is_known_after_ten_arrivals_and_a_day():
    assert expected_gap(fed(HOUR, 20).pace) is None
    assert expected_gap(fed(3 * HOUR, 9).pace) is None
    assert expected_gap(fed(3 * HOUR, 10).pace) == 3 * HOUR


def test_expected_gap_follows_a_feed_that_slows_down():
    health = fed(HOUR, 40)
    for number in range(40):
        health = read(health, NOW + 40 * HOUR + number * 4 * HOUR, new=1)
    assert 3.5 * HOUR < expected_gap(health.pace) < 4 * HOUR


def test_feed_is_silent_after_six_expected_gaps():
    health = fed(3 * HOUR, 20)
    last = health.pace.last_at
    assert reason(read(health, last + 18 * HOUR), last + 18 * HOUR) is None
    told = "No new item, where one is expected every 3 hours or so."
    assert reason(read(health, last + 19 * HOUR), last + 19 * HOUR) == told
    assert reason(read(health, last + 10 * HOUR), last + 10 * HOUR, CRITICAL) == told
    assert reason(read(health, last + 20 * HOUR, new=1), last + 20 * HOUR) is None


def test_busy_feed_is_not_silent_before_six_hours():
    health = fed(5 * MINUTE, 400)
    last = health.pace.last_at
    assert reason(read(health, last + 5.9 * HOUR), last + 6 * HOUR) is None
    assert reason(read(health, last + 6.1 * HOUR), last + 7 * HOUR)
    assert reason(read(health, last + 3.1 * HOUR), last + 4 * HOUR, CRITICAL)


def test_feed_that_sleeps_at_night_is_not_silent_every_night():
    health, at = FeedHealth(), NOW.replace(hour=7)
    for day in range(10):
        for half in range(28):
            at = NOW.replace(hour=7) + timedelta(days=day) + half * HOUR / 2
            health = read(health, at, new=1)
        night = at + 10 * HOUR
        health = read(health, night)
        if day:
            assert reason(health, night) is None, day
    assert reason(read(health, at + 16 * HOUR), at + 16 * HOUR)


def test_silence_that_nobody_listened_to_is_none():
    health = fed(HOUR, 40)
    assert reason(health, health.pace.last_at + timedelta(days=3)) is None, "it was not read since"
    back = read(health, health.pace.last_at + timedelta(days=3), new=1)
    assert expected_gap(back.pace) == HOUR, "the gap is ours"


def test_items_that_come_at_once_are_one_arrival():
    health = FeedHealth()
    for day in range(12):
        health = read(health, NOW + timedelta(days=day), new=15)
    assert expected_gap(health.pace) == timedelta(days=1)


@pytest.mark.parametrize(
    ("held", "new", "told"),
    [
        ((), 0, "Its document has no entries, where there were 20."),
        (entries(20, dated=False), 0, "Its document has no entry with a date that can be true, where 20 had one."),
        (entries(20), 20, "Its document has another identity for every entry at each poll, under the same headlines."),
    ],
)
def test_feed_whose_document_stays_odd_is_in_trouble(held: tuple[Entry, ...], new: int, told: str):
    health = read(read(FeedHealth(), NOW, new=20), NOW + HOUR, held=held, new=new)
    assert reason(health, NOW + HOUR) is None, "it may pass"
    health = read(health, NOW + 2 * HOUR, held=held, new=new)
    assert reason(health, NOW + 2 * HOUR) == told
    assert trouble_of(COURIER, health, RULES, NOW + 2 * HOUR).since == NOW + HOUR
    assert reason(read(health, NOW + 3 * HOUR), NOW + 3 * HOUR) is None


LINKED = tuple(replace(one, link=f"https://courier.example/{one.guid}") for one in entries(8))


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (
            tuple(replace(one, guid=f"again {one.guid}") for one in LINKED),
            "Its document has another guid for every entry, under the same headlines and links.",
        ),
        (
            tuple(replace(one, published_at=NOW + HOUR) for one in LINKED),
            "Its document has another date for every entry, under the same headlines and links.",
        ),
    ],
)
def test_feed_that_gives_all_it_has_another_guid_or_date_is_in_trouble(held: tuple[Entry, ...], told: str):
    health = read(FeedHealth(), NOW, held=LINKED, new=8)
    for hours in (1, 2):
        health = read(health, NOW + hours * HOUR, held=held)
    assert reason(health, NOW + 2 * HOUR) == told


def test_one_entry_with_another_date_is_no_oddity():
    health = read(FeedHealth(), NOW, held=LINKED, new=8)
    changed = (replace(LINKED[0], published_at=NOW + HOUR), *LINKED[1:])
    assert read(health, NOW + HOUR, held=changed).oddity is None


def test_headlines_that_come_and_go_are_remarked_on():
    other = (replace(LINKED[0], title="Other headline"), *LINKED[1:])
    health = read(FeedHealth(), NOW, held=LINKED, new=8)
    edited = Reading(Validators(), other)
    health = health_after(health, edited, Admitted(0, 1, 7), NOW + HOUR, blame=True)
    assert health.remark is None, "an edit is none"
    for hours, held in enumerate((LINKED, other, LINKED), 2):
        health = read(health, NOW + hours * HOUR, held=held)
        assert health.remark == "headlines go back to what they were"
    assert read(health, NOW + 5 * HOUR, held=LINKED, new=1).remark is None


def test_archive_of_last_year_is_remarked_on():
    old = tuple(replace(one, published_at=NOW - timedelta(days=365)) for one in LINKED)
    assert read(FeedHealth(), NOW, held=old, new=8).remark == "no entry later than 2025-03-01: too old to be told"
    assert read(FeedHealth(), NOW, held=(*old, LINKED[0]), new=9).remark is None


def test_unchanged_document_is_as_odd_as_it_was():
    health = read(read(FeedHealth(), NOW), NOW + HOUR, held=())
    unchanged = Reading(Validators(), unchanged=True, status=304)
    health = health_after(health, unchanged, Admitted(), NOW + 2 * HOUR, blame=True)
    assert reason(health, NOW + 2 * HOUR)


@pytest.mark.parametrize("before", [(), entries(4), entries(20, dated=False)])
def test_feed_that_was_never_otherwise_is_not_odd(before: tuple[Entry, ...]):
    health = read(FeedHealth(), NOW, held=before)
    for held in ((), entries(3, dated=False)):
        if len(before) < 5 or held:
            assert read(health, NOW + HOUR, held=held).oddity is None


def test_what_came_since_the_last_poll_is_never_odd():
    health = read(FeedHealth(), NOW)
    for minutes in range(0, 90, 10):
        reading = Reading(Validators(), reached=None, partial=True, remark="one file cannot be read")
        health = health_after(health, reading, Admitted(), NOW + minutes * MINUTE, blame=True)
    assert (health.oddity, health.remark, health.usual.entries) == (None, "one file cannot be read", 20)


def test_all_entries_new_is_no_oddity_where_the_headlines_are():
    health = read(read(FeedHealth(), NOW, new=20), NOW + HOUR, held=entries(20, first=100), new=20)
    assert health.oddity is None


def test_watches_can_be_turned_off():
    off = WatchRules(timedelta(0), 0, timedelta(0))
    health = fed(HOUR, 40)
    silent = read(health, health.pace.last_at + timedelta(days=9), held=())
    for number in range(9):
        silent = failed(silent, health.pace.last_at + timedelta(days=10 + number))
    assert reason(silent, NOW + timedelta(days=40)), "it is in every trouble"
    assert reason(silent, NOW + timedelta(days=40), rules=off) is None


def lost(minutes: int, *, reached: bool = False) -> FeedHealth:
    """A feed that has given no answer for so many minutes."""
    health = read(FeedHealth(), NOW - timedelta(minutes=minutes + 5))
    for ago in range(minutes, -1, -5):
        health = failed(health, NOW - timedelta(minutes=ago), reached=reached, blame=False)
    return health


def watched(*healths: FeedHealth) -> list[Watched]:
    return [Watched(Feed(f"https://{n}.example/", f"feed {n}"), health) for n, health in enumerate(healths)]


def test_most_feeds_out_of_reach_are_one_trouble_of_the_network():
    sound = read(FeedHealth(), NOW - 5 * MINUTE)
    (down,) = feed_troubles(watched(*[lost(10)] * 6, sound), (), RULES, NOW)
    told = "1 of 7 feeds reachable: no network?"
    assert down == Trouble(Subject.NETWORK, "network", told, NOW - 10 * MINUTE)


def probed(minutes: int) -> FeedHealth:
    """A feed that was well an hour ago and was asked so many minutes ago, in vain."""
    return failed(read(FeedHealth(), NOW - HOUR), NOW - minutes * MINUTE, reached=False, blame=False)


def test_nothing_reached_for_five_minutes_is_the_network_though_few_were_asked_since():
    well = [read(FeedHealth(), NOW - 6 * MINUTE)] * 200
    (down,) = feed_troubles(watched(*well, *[probed(3)] * MUTE), (), RULES, NOW)
    assert (down.subject, down.reason, down.since) == (
        Subject.NETWORK,
        "0 of 5 feeds reachable: no network?",
        NOW - 6 * MINUTE,
    )


@pytest.mark.parametrize(
    "others",
    [
        [probed(3)] * (MUTE - 1),
        [*[probed(3)] * MUTE, read(FeedHealth(), NOW - 4 * MINUTE)],
        [lost(300)] * MUTE,
    ],
    ids=["few were asked", "one answered since", "they were dead before"],
)
def test_silence_of_some_feeds_is_not_the_network(others: list[FeedHealth]):
    well = [read(FeedHealth(), NOW - 6 * MINUTE)] * 200
    assert network_trouble(watched(*well, *others), NOW) is None


def test_half_of_the_feeds_out_of_reach_are_feeds_in_trouble():
    dead = replace(lost(300), failures=9)
    found = feed_troubles(watched(dead, read(FeedHealth(), NOW)), (), RULES, NOW)
    assert [(one.subject, one.name) for one in found] == [(Subject.FEED, "feed 0")]


@pytest.mark.parametrize("health", [lost(0), lost(10, reached=True)])
def test_blip_or_server_that_answers_is_no_trouble_of_the_network(health: FeedHealth):
    assert feed_troubles(watched(*[health] * 7), (), RULES, NOW) == []


def test_no_feed_is_blamed_while_the_network_is_down_and_none_is_cleared():
    standing = Trouble(Subject.FEED, "feed 3", "It failed.", NOW)
    other = Trouble(Subject.QUEUE, "items", "It is long.", NOW)
    dead = replace(lost(300), failures=9)
    found = feed_troubles(watched(*[dead] * 7), (standing, other), RULES, NOW)
    assert [one.subject for one in found] == [Subject.NETWORK, Subject.FEED]
    assert found[1] == standing


def test_feed_that_asks_no_network_says_nothing_of_it():
    folders = [Watched(replace(COURIER, url=f"file:///srv/{number}"), FeedHealth(NOW, NOW)) for number in range(9)]
    folders = [replace(one, health=replace(one.health, reached=None)) for one in folders]
    lost = FeedHealth(NOW, problem="no such folder", failures=9, failing_since=NOW - HOUR, reached=None)
    assert network_trouble([*folders, Watched(COURIER, replace(lost, reached=False))], NOW)
    assert network_trouble([Watched(COURIER, lost)], NOW) is None
