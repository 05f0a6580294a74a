"""Many alerts in one message: what it says, in words and as the webhook's body."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from siegewatch.domain.digest import OPS, Digest, Gathered
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
BLOCK_LIMIT = 2_600
"""Characters of one block of lines: within a section of Slack (3,000) though a few of them are escaped."""
WHOLE_LIMIT = 10_400
"""Characters of all lines: Slack refuses messages of more than about 13,200."""


def summary(digest: Digest, zone: ZoneInfo) -> str:
    """How many of what, and since when."""
    counts = [f"{sum(1 for _ in same)} {name}" for name, same in groupby(digest.entries, lambda entry: entry.severity)]
    number = len(digest.entries)
    since, until = (at.astimezone(zone) for at in (digest.since, digest.until))
    until_text = f"{until:%H:%M %Z}" if since.date() == until.date() else f"{until.day} {until:%b, %H:%M %Z}"
    span = f"{since.day} {since:%b %Y, %H:%M} to {until_text}"
    return f"{number:,} alert{'' if number == 1 else 's'}, {span}: {', '.join(counts)}"


def blocks(digest: Digest, zone: ZoneInfo) -> tuple[str, ...]:
    """Lines in blocks; where not all fit, the last line says how many more there are."""
    blocks: list[str] = []
    spent = shown = 0
    for line, tells in _lines(digest, zone):
        if spent + len(line) + 1 > WHOLE_LIMIT:
            break
        spent += len(line) + 1
        shown += tells
        if blocks and len(blocks[-1]) + len(line) + 1 <= BLOCK_LIMIT:
            blocks[-1] += f"\n{line}"
        else:
            blocks.append(line)
    left = len(digest.entries) - shown
    return (*blocks, f"… and {left:,} more: siegewatch alerts list") if left else tuple(blocks)


def _lines(digest: Digest, zone: ZoneInfo) -> Iterable[tuple[str, int]]:
    """Headings and lines, each with how many alerts it tells."""
    many_days = digest.since.astimezone(zone).date() != digest.until.astimezone(zone).date()
    for severity, entries in groupby(digest.entries, key=lambda entry: entry.severity):
        yield _HEADINGS[severity], 0
        for entry in entries:
            at = entry.at.astimezone(zone)
            time = f"{at.day} {at:%b %H:%M}" if many_days else f"{at:%H:%M}"
            outlet = f" ({entry.outlet})" if entry.outlet else ""
            yield cut(f"{time}  {entry.line}{outlet}", LINE_LIMIT), 1


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
