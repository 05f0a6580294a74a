"""How a channel stands: what it may be asked, and how it has answered of late."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `count` requests in `per`: so many at once where it was not asked for long, then one in `interval`."""

    count: int
    per: timedelta

    @property
    def interval(self) -> timedelta:
        """How long one request takes to be earned again."""
        return self.per / self.count


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `begins` to `ends` by the clock of the desk, over midnight where it ends no later than it begins."""

    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a channel is told: `expire_after` is how long an alert is still worth telling, `together` how many
    alerts a digest holds that its budget asks for."""

    budget: Budget | None = None
    expire_after: timedelta = timedelta(days=3)
    quiet: Quiet | None = None
    together: int = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """`failures` in a row, the first at `failing_since`; `held_until`: before then it is not asked again;
    `spent_until`: when all that was spent of its budget will be earned again."""

    failures: int = 0
    failing_since: datetime | None = None
    reason: str = ""
    held_until: datetime | None = None
    spent_until: datetime | None = None
