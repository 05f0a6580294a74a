"""Since when a fight has gone on, as the text says it: "since 2013", "day 500 of the siege", "the two-year siege"."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta

from siegewatch.domain.figures import FIGURE, READ, read_figure
from siegewatch.domain.item import Item
from siegewatch.domain.story import Since
from siegewatch.domain.taxonomy import Kind

_FIGHTS: dict[Kind, str] = {
    Kind.SIEGE: r"siege|sieges|besieged|besieging|blockade|blockaded|blockading|encircled|encirclement|surrounded"
    r"|cut off|trapped",
    Kind.OFFENSIVE: r"offensive|counter-?offensive|assault|battle|campaign|operation|invasion|incursion|push|advance",
}
_DAYS = {"day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25, "decade": 3652.5}
_UNIT = r"(?P<unit>day|week|month|year|decade)s?"
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH = rf"(?P<month>{'|'.join(f'{month[:3]}(?:{month[3:]})?' if month != 'may' else month for month in _MONTHS)})\.?"
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_NOT_SO = re.compile(
    r"\b(?:first|worst|most|biggest|largest|heaviest|highest|lowest|deadliest|fiercest|bloodiest|greatest|only|longest)\b"
    r"|\b(?:killed|dead|died|war|conflict|uprising|power)\b[^,.;]{0,20}$"
)
"""Before "since", these say that it dates something else."""

_SINCE = re.compile(
    r"\bsince (?:the )?(?P<part>early |mid-? ?|late |start of |beginning of |end of |summer of |last |this )?"
    rf"(?:(?:(?P<day>\d{{1,2}}) )?{_MONTH}(?: (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?)?(?:,? (?P<myear>(?:19|20)\d\d))?"
    rf"|(?P<year>(?:19|20)\d\d)|(?P<weekday>{'|'.join(_WEEKDAYS)})|(?P<span>week|month|year)|(?P<yesterday>yesterday))\b"
)
_NEARLY = r"(?P<nearly>nearly |almost |close to )?"
_SPAN = rf"{_NEARLY}(?P<figure>{FIGURE})[\s-]{_UNIT}"
_LENGTHS = (
    rf"\b{_SPAN}(?:[\s-](?:long|old))?,? (?:\w+ ){{0,2}}?(?P<fight>FIGHT)\b",
    rf"\b{_SPAN} (?:of|into|under|after|since) (?:\w+ ){{0,3}}?(?P<fight>FIGHT)\b",
    rf"\b(?P<fight>FIGHT)\b(?: \w+){{0,4}}? (?:for|of|after|lasting|lasted|lasts) (?:the )?(?:past |last )?{_SPAN}\b",
    r"\bday (?P<nth>\d{1,4}) (?:of|into) (?:\w+ ){0,3}?(?P<fight>FIGHT)\b",
    r"\b(?P<nth>\d{1,4})(?:st|nd|rd|th) day (?:of|under) (?:\w+ ){0,3}?(?P<fight>FIGHT)\b",
    r"\b(?P<fight>FIGHT)\b[^.;]{0,40}? (?:enters|entered|entering|in|reaches|on) (?:its )?day (?P<nth>\d{1,4})\b",
    r"\b(?P<fight>FIGHT)\b[^.;]{0,40}? (?:enters|entered|entering|in|into) (?:its|the|a) "
    rf"(?P<ordinal>{'|'.join(_ORDINALS)}) {_UNIT}\b",
    r"\b(?P<several>days|weeks|months|years|decades?|year|month|week)[\s-]long (?:\w+ ){0,2}?(?P<fight>FIGHT)\b",
    r"\b(?P<several>weeks|months|years|decades) (?:of|under) (?:\w+ ){0,2}?(?P<fight>FIGHT)\b",
    r"\b(?P<fight>FIGHT)\b(?: \w+){0,4}? for (?P<several>weeks|months|years|decades)\b",
)
_PATTERNS = {
    kind: tuple(re.compile(pattern.replace("FIGHT", words)) for pattern in _LENGTHS) for kind, words in _FIGHTS.items()
}


_BEGUN = {
    Kind.SIEGE: r"(?:besieged|encircled|surrounded|laid siege|siege (?:began|started))",
    Kind.OFFENSIVE: r"(?:launched|invaded|(?:offensive|assault|invasion|attack|operation) (?:began|started)"
    r"|(?:began|started) (?:its|their|the|an) (?:offensive|assault|invasion|attack|operation))",
}
_BEGAN = {
    kind: re.compile(rf"\b{words}\b[^.;,]{{0,40}}? on (?P<weekday>{'|'.join(_WEEKDAYS)})\b")
    for kind, words in _BEGUN.items()
}


def since_when(item: Item, kind: Kind) -> Since | None:
    """Since when the item says that a fight of this kind has gone on, the earliest it tells; None where it does not.

    `at` is the latest that the words allow, so that no day is counted too many: for *since 2013* its last day.
    """
    found = [since for text in (item.title, item.summary) for since in _told(text, kind, item)]
    return min(found, key=lambda since: since.at, default=None)


def _told(text: str, kind: Kind, item: Item) -> Iterator[Since]:
    for sentence in re.split(r"(?<=[.!?])\s+", text[:READ]):
        lower = sentence.lower()
        now = item.published_at
        spans = [*_dates(lower, kind, now), *_weekdays(lower, kind, now), *_lengths(lower, kind, now)]
        for at, start, end in spans:
            if at <= item.published_at:
                yield Since(at, " ".join(sentence[start:end].split()), item.id)


def _dates(text: str, kind: Kind, now: datetime) -> Iterator[tuple[datetime, int, int]]:
    """Dates behind "since", where the fight stands before them and nothing else that they may date."""
    for found in _SINCE.finditer(text):
        before = text[: found.start()]
        fights = list(re.finditer(rf"\b(?:{_FIGHTS[kind]})\b", before))
        if fights and not _NOT_SO.search(before[max(0, fights[-1].start() - 40) :]):
            at = _date(found, now)
            if at:
                yield at, *found.span()


def _weekdays(text: str, kind: Kind, now: datetime) -> Iterator[tuple[datetime, int, int]]:
    """The weekday on which it began, in the last week."""
    for found in _BEGAN[kind].finditer(text):
        back = (now.weekday() - _WEEKDAYS.index(found["weekday"])) % 7
        if back:
            yield now - timedelta(days=back), *found.span()


def _date(found: re.Match[str], now: datetime) -> datetime | None:
    """The last day that the words allow."""
    if found["yesterday"]:
        return now - timedelta(days=1)
    if found["weekday"]:
        back = (now.weekday() - _WEEKDAYS.index(found["weekday"])) % 7 or 7
        return now - timedelta(days=back)
    if found["span"]:
        return _end_of_last(found["span"], now) if found["part"] == "last " else None
    if found["month"]:
        return _in_month(found, now)
    part = (found["part"] or "").strip(" -")
    month = {"early": 4, "start of": 2, "beginning of": 2, "mid": 8, "summer of": 8}.get(part, 12)
    return _last_day(int(found["year"]), month, now)


def _end_of_last(span: str, now: datetime) -> datetime:
    back = {"week": now.weekday() + 1, "month": now.day, "year": now.timetuple().tm_yday}
    return now - timedelta(days=back[span])


def _in_month(found: re.Match[str], now: datetime) -> datetime | None:
    month = next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(found["month"][:3]))
    day = int(found["day"] or found["day2"] or 0)
    year = int(found["myear"] or 0)
    if not year:
        year = now.year if (month, day) <= (now.month, now.day) else now.year - 1
        year -= found["part"] == "last " and year == now.year and month >= now.month
    if not day:
        return min(_last_day(year, month, now), now)
    try:
        return now.replace(year=year, month=month, day=day)
    except ValueError:
        return None


def _last_day(year: int, month: int, now: datetime) -> datetime:
    return min(now, now.replace(year=year, month=month, day=monthrange(year, month)[1]))


def _lengths(text: str, kind: Kind, now: datetime) -> Iterator[tuple[datetime, int, int]]:
    """How long it has lasted."""
    for pattern in _PATTERNS[kind]:
        for found in pattern.finditer(text):
            days = _days(found.groupdict())
            if days:
                yield now - timedelta(days=days), *found.span()


def _days(told: dict[str, str | None]) -> float | None:
    """At least so many days."""
    if told.get("nth"):
        return int(told["nth"] or 0) - 1 or None
    if several := told.get("several"):
        return (2 if several.endswith("s") else 1) * _DAYS[several.removesuffix("s")]
    unit = _DAYS[told["unit"] or "day"]
    if ordinal := told.get("ordinal"):
        return _ORDINALS.index(ordinal) * unit or None
    figure = read_figure(told["figure"] or "")
    most_years = 500
    if figure is None or figure.least * unit > most_years * _DAYS["year"]:
        return None
    return figure.least * unit * (0.9 if told.get("nearly") else 1.0)
