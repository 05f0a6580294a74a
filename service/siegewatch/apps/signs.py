"""The daily sign of life: when it is due, and what it says. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from siegewatch.domain.ops import ALL_QUIET, WEEK, Subject, Trouble
from siegewatch.settings.section import WEEKDAYS
from siegewatch.store.keys import RECENT_KEPT

DAY = timedelta(days=1)

STILL = timedelta(hours=1)
"""For how long it is still worth telling: a service that starts at noon does not say good morning."""


@dataclass(frozen=True, slots=True)
class Day:
    """What the last 24 hours came to."""

    feeds: int
    healthy: int
    items: int
    alerts: int
    troubles: int


def quiet_day(now: datetime, at: str, zone: str, last: str) -> str | None:
    """The day (ISO) whose sign of life is due, None where none is: told at `at` by the clock of `zone`, once a day,
    `last` being the day of the last one."""
    if not at:
        return None
    here = now.astimezone(ZoneInfo(zone))
    due_at = datetime.combine(here.date(), time.fromisoformat(at), here.tzinfo)
    day = here.date().isoformat()
    return day if due_at <= here < due_at + STILL and day > last else None


def week_due(now: datetime, at: str, zone: str, last: str) -> str | None:
    """The day (ISO) whose weekly message is due, None where none is: `at` is a day and a time, as `mon 08:00`."""
    day, _, time_of_day = at.partition(" ")
    if not at or WEEKDAYS[now.astimezone(ZoneInfo(zone)).weekday()] != day:
        return None
    return quiet_day(now, time_of_day, zone, last)


def weekly(line: str, now: datetime) -> Trouble:
    """What is told once a week, in the same way."""
    return Trouble(Subject.CANARY, WEEK, line, now - 7 * DAY)


def sign_of_life(day: Day, now: datetime) -> Trouble:
    """What is told, as the end of a trouble that never was."""
    stand = "1 trouble stands" if day.troubles == 1 else f"{day.troubles} troubles stand"
    reason = (
        f"{stand if day.troubles else 'All quiet'}: {day.healthy} of {day.feeds} feeds healthy, "
        f"{_counted(day.items, 'item')} read, {_counted(day.alerts, 'alert')} in the last 24 h."
    )
    return Trouble(Subject.CANARY, ALL_QUIET, reason, now - DAY)


def _counted(number: int, noun: str) -> str:
    over = "over " if number >= RECENT_KEPT else ""
    return f"{over}{number:,} {noun}{'' if number == 1 else 's'}"
