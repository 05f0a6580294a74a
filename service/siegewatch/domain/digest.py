"""A digest: many alerts told to one channel in one message."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

OPS = "ops"
"""The severity of what siegewatch tells of itself, in a digest."""


class Gathered(StrEnum):
    """Why alerts are told together."""

    BUDGET = "budget"
    LATE = "late"
    QUIET = "quiet"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert in one line: `severity` is `ops` for what siegewatch tells of itself, which has no `story`, and
    `is_over` where it is the end of a trouble."""

    alert: str
    severity: str
    at: datetime
    where: str
    what: str
    outlet: str
    story: str | None = None
    link: str | None = None
    is_over: bool = False

    @property
    def line(self) -> str:
        """Where, and what."""
        return f"{self.where}: {self.what}" if self.where else self.what


@dataclass(frozen=True, slots=True)
class Digest:
    """`entries` with the gravest first, of equals the newest; they were decided from `since` to `until`."""

    id: str
    why: Gathered
    since: datetime
    until: datetime
    entries: tuple[Entry, ...]

    @property
    def at(self) -> datetime:
        """When the last of them was decided."""
        return self.until
