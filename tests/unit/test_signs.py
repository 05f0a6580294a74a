"""The daily sign of life: once a day, at its hour, and true."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.apps.appraisal import week_line
from siegewatch.apps.signs import Day, quiet_day, sign_of_life, week_due, weekly
from siegewatch.domain.delivery import Message
from siegewatch.domain.feedback import Judged, Reply, Way, unanswered
from siegewatch.domain.ops import OpsAlert, OpsType, Subject
from siegewatch.domain.taxonomy import Severity
from siegewatch.notify.answers import answer
from siegewatch.notify.render import plain_text, words
from siegewatch.notify.sample import sample_alert

NOW = datetime(2026, 3, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "last", "day"),
    [
        ("05:30", "UTC", "", "2026-03-01"),
        ("05:30", "UTC", "2026-02-28", "2026-03-01"),
        ("05:30", "UTC", "2026-03-01", None),
        ("05:31", "UTC", "", None),
        ("04:31", "UTC", "", "2026-03-01"),
        ("04:30", "UTC", "", None),
        ("08:30", "Asia/Damascus", "2026-02-28", "2026-03-01"),
        ("19:30", "Pacific/Honolulu", "2026-02-27", "2026-02-28"),
        ("", "UTC", "", None),
    ],
)
def test_sign_of_life_is_due_once_a_day_within_an_hour(at: str, zone: str, last: str, day: str | None):
    assert quiet_day(NOW, at, zone, last) == day


def test_sign_of_life_tells_what_the_day_came_to():
    told = sign_of_life(Day(feeds=214, healthy=212, items=3412, alerts=1, troubles=0), NOW)
    assert told.reason == "All quiet: 212 of 214 feeds healthy, 3,412 items read, 1 alert in the last 24 h."
    assert (told.subject, told.since) == (Subject.CANARY, NOW - timedelta(days=1))


@pytest.mark.parametrize(
    ("at", "zone", "last", "day"),
    [
        ("sun 05:30", "UTC", "", "2026-03-01"),
        ("sun 05:30", "UTC", "2026-02-22", "2026-03-01"),
        ("sun 05:30", "UTC", "2026-03-01", None),
        ("sun 05:31", "UTC", "", None),
        ("mon 05:30", "UTC", "", None),
        ("sat 19:30", "Pacific/Honolulu", "", "2026-02-28"),
        ("", "UTC", "", None),
    ],
)
def test_weekly_message_is_due_once_a_week_within_an_hour(at: str, zone: str, last: str, day: str | None):
    assert week_due(NOW, at, zone, last) == day


def test_weekly_message_tells_how_good_alerts_were():
    def judged(name: str, outlet: str, reply: Reply | None, severity: Severity = Severity.FLASH) -> Judged:
        alert = sample_alert(NOW)
        alert = replace(alert, id=name, severity=severity, item=replace(alert.item, outlet=outlet))
        said = (answer(alert, reply, "Anna", Way.CLI, NOW),) if reply else ()
        return replace(unanswered(alert), said=said)

    alerts = [
        judged("a1", "Courier", Reply.RIGHT),
        judged("a2", "Courier", Reply.LATE, Severity.UPDATE),
        judged("a3", "Herald", Reply.WRONG),
        judged("a4", "Herald", None, Severity.WATCH),
    ]
    told = week_line(alerts)
    assert told == (
        "4 alerts in the last 7 days (2 flash, 1 update, 1 watch): 2 right, 1 wrong, 0 duplicate, 1 late, "
        "1 unanswered. Best outlet: Courier (2 of 2 right); worst: Herald (0 of 1 right)."
    )
    assert week_line([]) == "0 alerts in the last 7 days: 0 right, 0 wrong, 0 duplicate, 0 late, 0 unanswered."
    text = plain_text(words(Message("m1", OpsAlert("o1", OpsType.CLEARED, weekly(told, NOW), NOW))))
    assert text.splitlines()[0] == "✅ SIEGEWATCH · How good the week's alerts were"


@pytest.mark.parametrize(("troubles", "told"), [(1, "1 trouble stands: "), (2, "2 troubles stand: ")])
def test_sign_of_life_is_not_quiet_while_troubles_stand(troubles: int, told: str):
    assert sign_of_life(Day(9, 7, 10_000, 0, troubles), NOW).reason.startswith(
        f"{told}7 of 9 feeds healthy, over 10,000"
    )


def test_sign_of_life_does_not_look_like_the_end_of_a_trouble():
    told = OpsAlert("o1", OpsType.CLEARED, sign_of_life(Day(9, 9, 5, 0, 0), NOW), NOW)
    text = plain_text(words(Message("m1", told)))
    assert text.splitlines()[0] == "✅ SIEGEWATCH · Daily sign of life"
