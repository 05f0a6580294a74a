"""What a feed document says of when to come back for it: RSS 2.0 `ttl`, `skipHours`, `skipDays`, and the syndication
module of RSS 1.0 (`sy:updatePeriod`, `sy:updateFrequency`)."""

import re

from siegewatch.domain.feed import Wishes

_LEAST_TTL, _LONGEST_TTL = 60.0, 7 * 86_400.0
"""Seconds; a `ttl` outside is a mistake, such as seconds for minutes."""

_PERIODS = {b"hourly": 3_600.0, b"daily": 86_400.0, b"weekly": 7 * 86_400.0}
"""Seconds. `monthly` and `yearly` are no intervals for news."""

_DAYS = (b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday")

_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<\w+:updatePeriod>\s*(\w+)\s*</", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<\w+:updateFrequency>\s*(\d{1,4})\s*</", re.IGNORECASE)
_HOURS = re.compile(rb"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_SKIPPED_DAYS = re.compile(rb"<skipDays>(.{0,1000}?)</skipDays>", re.IGNORECASE | re.DOTALL)


def wishes_of(frame: bytes) -> Wishes:
    """The wishes in what stands around the entries of a document, in an encoding that has ASCII's bytes."""
    hours = {int(hour) % 24 for hour in re.findall(rb">\s*(\d{1,2})\s*<", _inside(_HOURS, frame))}
    days = {
        _DAYS.index(day) for day in re.findall(rb"[a-z]+day", _inside(_SKIPPED_DAYS, frame).lower()) if day in _DAYS
    }
    return Wishes(_ttl_seconds(frame), frozenset(hours), frozenset(days))


def _ttl_seconds(frame: bytes) -> float | None:
    if ttl := _TTL.search(frame):
        seconds = float(ttl[1]) * 60
    elif (period := _PERIOD.search(frame)) and period[1].lower() in _PERIODS:
        times = _FREQUENCY.search(frame)
        seconds = _PERIODS[period[1].lower()] / max(int(times[1]) if times else 1, 1)
    else:
        return None
    return seconds if _LEAST_TTL <= seconds <= _LONGEST_TTL else None


def _inside(pattern: re.Pattern[bytes], frame: bytes) -> bytes:
    found = pattern.search(frame)
    return found[1] if found else b""
