"""Many alerts in one message: what it says, in words and as the webhook's body."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate, groupby, islice
from typing import Any
from zoneinfo import ZoneInfo

from siegewatch.domain.digest import OPS, Digest, Entry, Gathered
from siegewatch.domain.ops import OpsType
from siegewatch.domain.taxonomy import Severity
from siegewatch.notify.text import cut

SCHEMA = "siegewatch.digest.v1"
_HEADINGS = {Severity.FLASH: "🔴 FLASH", Severity.UPDATE: "🟠 UPDATE", Severity.WATCH: "🟡 WATCH", OPS: "⚙️ SIEGEWATCH"}
WHY = {
    Gathered.BUDGET: "More came than this channel is told one by one.",
    Gathered.LATE: "This waited: siegewatch or this channel was down.",
    Gathered.QUIET: "This waited for the end of quiet hours.",
    Gathered.HOURLY: "The hourly digest.",
    Gathered.DAILY: "The daily digest.",
}
LINE_LIMIT = 160


@dataclass(frozen=True, slots=True)
class Row:
    """One alert: when, where and what, and who told it."""

    at: str
    line: str
    outlet: str
    link: str | None

    @property
    def text(self) -> str:
        """All of it in one line."""
        outlet = f" ({self.outlet})" if self.outlet else ""
        return cut(f"{self.at}  {self.line}{outlet}", LINE_LIMIT)


@dataclass(frozen=True, slots=True)
class Section:
    """The alerts of one severity, the newest first."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A heading, an alert (`row`), or how many more there are."""

    text: str
    row: Row | None = None
    is_heading: bool = False


def summary(digest: Digest, zone: ZoneInfo) -> str:
    """How many of what, and since when."""
    counts = [f"{sum(1 for _ in same)} {name}" for name, same in groupby(digest.entries, lambda entry: entry.severity)]
    number = len(digest.entries)
    since, until = (at.astimezone(zone) for at in (digest.since, digest.until))
    until_text = f"{until:%H:%M %Z}" if since.date() == until.date() else f"{until.day} {until:%b, %H:%M %Z}"
    span = f"{since.day} {since:%b %Y, %H:%M} to {until_text}"
    return f"{number:,} alert{'' if number == 1 else 's'}, {span}: {', '.join(counts)}"


def tone(digest: Digest) -> Severity | OpsType:
    """That of the gravest of its alerts; of troubles of our own, whether any has begun."""
    gravest = digest.entries[0].severity if digest.entries else Severity.WATCH
    if gravest != OPS:
        return Severity(gravest)
    return OpsType.CLEARED if all(entry.is_over for entry in digest.entries) else OpsType.RAISED


def sections(digest: Digest, zone: ZoneInfo) -> tuple[Section, ...]:
    """Its alerts by severity, the gravest first."""
    many_days = digest.since.astimezone(zone).date() != digest.until.astimezone(zone).date()
    return tuple(
        Section(_HEADINGS[severity], tuple(_row(entry, zone, dated=many_days) for entry in entries))
        for severity, entries in groupby(digest.entries, key=lambda entry: entry.severity)
    )


def _row(entry: Entry, zone: ZoneInfo, *, dated: bool) -> Row:
    at = entry.at.astimezone(zone)
    time = f"{at.day} {at:%b %H:%M}" if dated else f"{at:%H:%M}"
    return Row(time, entry.line, entry.outlet, entry.link)


def within(told: Sequence[Section], room: int, width: Callable[[Line], int]) -> tuple[Line, ...]:
    """Headings and alerts, each a line, as far as there is room for what they take up by `width`; where not all fit,
    the last line says how many more there are."""
    every = [line for section in told for line in _lines(section)]
    if sum(map(width, every)) <= room:
        return tuple(every)
    number = sum(line.row is not None for line in every)
    sums = accumulate(map(width, every), initial=width(_more(number)))
    shown = [line for line, spent in zip(every, islice(sums, 1, None), strict=True) if spent <= room]
    while shown and shown[-1].is_heading:
        shown.pop()
    mark = _more(number - sum(line.row is not None for line in shown))
    return (*shown, mark) if shown or width(mark) <= room else ()


def _lines(section: Section) -> Iterator[Line]:
    yield Line(section.heading, is_heading=True)
    yield from (Line(row.text, row) for row in section.rows)


def _more(number: int) -> Line:
    return Line(f"… and {number:,} more: siegewatch alerts list")


def digest_body(digest: Digest) -> dict[str, Any]:
    """The body of the webhook, as `schema/digest.v1.json` describes it; all alerts, however many."""
    return {
        "type": "digest",
        "timestamp": _timestamp(digest.until),
        "data": {
            "schema": SCHEMA,
            "id": digest.id,
            "why": str(digest.why),
            "since": _timestamp(digest.since),
            "until": _timestamp(digest.until),
            "alerts": [
                {
                    "id": entry.alert,
                    "severity": str(entry.severity),
                    "line": entry.line,
                    "story": entry.story,
                    "at": _timestamp(entry.at),
                    "outlet": entry.outlet or None,
                    "link": entry.link,
                }
                for entry in digest.entries
            ],
        },
    }


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
