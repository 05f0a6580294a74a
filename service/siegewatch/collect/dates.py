"""Dates as feeds write them, and whether they can be true.

RFC 822 (RSS), RFC 3339 (Atom, JSON Feed), W3C date and time (Dublin Core) and their common broken forms. What is not
known here is left to feedparser's reading; what is known here is read here, because feedparser drops the time of
`2022-02-24 05:00:00 UTC` and takes `2022/02/24` for November.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from time import struct_time

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""Before that there were no news feeds: such a date is a default or a fault."""

AHEAD = timedelta(hours=24)
"""How far in the future a date may lie: a day covers every mistake of time zone."""

_LONGEST = 80
_TIME = (
    r"(?:(?:T|[\s,-]+(?:at\s+)?)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AP]\.?M\.?)?\s*(?P<zone>(?:UTC|GMT|UT)?\s*[+-]\d\d:?\d\d|[A-Z]{1,5})?)?(?:\s*\([^()]*\))?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s*)?"
_FORMS = tuple(
    re.compile(form + _TIME, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})[-/](?P<month>\d\d)[-/](?P<day>\d\d)",
        _WEEKDAY + r"(?P<day>\d{1,2})[\s-]+(?P<month>[a-z]{3})[a-z]*\.?,?[\s-]+(?P<year>\d{4})",
        _WEEKDAY + r"(?P<month>[a-z]{3})[a-z]*\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
    )
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Hours east of Greenwich: RFC 822 section 5.1 and the regions that news feeds come from. Of names that two regions
# share (IST, CST, AST) the meaning is that of RFC 822 or of the larger press.
_HOURS: dict[float, tuple[str, ...]] = {
    -8: ("PST",),
    -7: ("PDT", "MST"),
    -6: ("MDT", "CST"),
    -5: ("CDT", "EST"),
    -4: ("EDT", "AST"),
    -3: ("BRT", "ART"),
    0: ("Z", "UT", "UTC", "GMT", "WET"),
    1: ("BST", "CET", "WAT", "WEST"),
    2: ("CAT", "CEST", "EET", "SAST"),
    3: ("EAT", "EEST", "IDT", "MSK", "TRT"),
    3.5: ("IRST",),
    4: ("GST",),
    4.5: ("AFT",),
    5: ("PKT",),
    5.5: ("IST",),
    5.75: ("NPT",),
    7: ("ICT", "WIB"),
    8: ("AWST", "HKT", "MYT", "PHT", "SGT"),
    9: ("JST", "KST"),
    10: ("AEST",),
    11: ("AEDT",),
    12: ("NZST",),
    13: ("NZDT",),
}
_ZONES = {name: hours for hours, names in _HOURS.items() for name in names}


def read_date(text: str | None, parsed: struct_time | None = None) -> datetime | None:
    """The moment that `text` names, in UTC, or None; `parsed` is feedparser's reading (UTC), used where ours has none.

    A date without a time zone is taken for UTC.
    """
    known = _from_text((text or "").strip()) if len(text or "") <= _LONGEST else None
    return known or _from_parsed(parsed)


def believable(at: datetime | None, now: datetime) -> tuple[datetime | None, str | None]:
    """The date if it can be true at `now`, else None and what is wrong with it."""
    if at is None:
        return None, None
    if at < EARLIEST:
        return None, "dates before 1995"
    if at > now + AHEAD:
        return None, "dates in the future"
    return at, None


def _from_parsed(parsed: struct_time | None) -> datetime | None:
    try:
        # A leap second (60 or 61) is a valid struct_time and no valid datetime.
        return None if parsed is None else datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC)
    except (ValueError, TypeError):
        return None


def _from_text(text: str) -> datetime | None:
    try:
        if text.isascii() and text.isdigit() and len(text) in (10, 13):
            return datetime.fromtimestamp(int(text[:10]), UTC)
        found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
        return None if found is None else _assemble(found.groupdict())
    except (ValueError, OverflowError, KeyError):
        return None


def _assemble(part: dict[str, str | None]) -> datetime:
    """Raises KeyError for an unknown zone, ValueError or OverflowError for an impossible date."""
    month = part["month"] or ""
    hour = int(part["hour"] or 0)
    if part["half"]:
        hour = hour % 12 + (12 if part["half"][0] in "Pp" else 0)
    at = datetime(
        int(part["year"] or 0),
        int(month) if month.isdigit() else _MONTHS.index(month.lower()) + 1,
        int(part["day"] or 0),
        hour % 24,
        int(part["minute"] or 0),
        min(int(part["second"] or 0), 59),
        tzinfo=_zone((part["zone"] or "UTC").upper()),
    )
    return at.astimezone(UTC) + (timedelta(days=1) if hour == 24 else timedelta())


@lru_cache(maxsize=256)
def _zone(name: str) -> timezone:
    sign = max(name.find("+"), name.find("-"))
    if sign < 0:
        return timezone(timedelta(hours=_ZONES[name]))
    digits = name[sign + 1 :].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if name[sign] == "-" else ahead)
