"""What a desk says of an alert: that it was right, wrong, told before or late, and who looks after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from siegewatch.domain.alert import Alert
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import Severity


class Reply(StrEnum):
    """What can be said of an alert."""

    HAVE = "have"
    RIGHT = "right"
    WRONG = "wrong"
    DUPLICATE = "duplicate"
    LATE = "late"


LABELS: Mapping[Reply, str] = {
    Reply.HAVE: "I have it",
    Reply.RIGHT: "Right",
    Reply.WRONG: "Wrong",
    Reply.DUPLICATE: "Duplicate",
    Reply.LATE: "Late",
}
"""In the order in which they are offered."""

VERDICTS = frozenset({Reply.RIGHT, Reply.WRONG, Reply.DUPLICATE})
"""Of these one holds for an alert; that it came late, or that someone has it, may be true of any."""


class Way(StrEnum):
    """How it was said."""

    CLI = "cli"
    LINK = "link"
    SLACK = "slack"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One thing that someone said of an alert and so of its item; `by` is whoever said it, as they call themselves."""

    alert: str
    item: str
    reply: Reply
    by: str
    way: Way
    at: datetime
    note: str = ""

    @property
    def place(self) -> str:
        """What another answer takes the place of: a verdict that of the same person's earlier verdict."""
        return f"{'verdict' if self.reply in VERDICTS else self.reply} {self.by}"


@dataclass(frozen=True, slots=True)
class Judged:
    """An alert with all that was said of it, oldest first. It holds what was told, since answers outlive alerts."""

    alert: str
    severity: Severity
    at: datetime
    item: Item
    events: tuple[Event, ...]
    said: tuple[Feedback, ...] = ()

    @property
    def verdict(self) -> Reply | None:
        """What holds: the last verdict; who says no more than that it came late says that it is right."""
        last = next((one.reply for one in reversed(self.said) if one.reply in VERDICTS), None)
        return last or (Reply.RIGHT if self.is_late else None)

    @property
    def is_late(self) -> bool:
        """Whether anyone said so."""
        return any(one.reply is Reply.LATE for one in self.said)


def unanswered(alert: Alert) -> Judged:
    """An alert of which nothing was said yet."""
    return Judged(alert.id, alert.severity, alert.at, alert.item, alert.events)


def summary(said: Iterable[Feedback]) -> str:
    """All that was said in one line, such as *Anna has it. Right: Ben, Cleo. Late: Ben*; empty where nothing was."""
    names: dict[Reply, list[str]] = {}
    for one in said:
        names.setdefault(one.reply, []).append(one.by)
    parts = []
    for reply, label in LABELS.items():
        if who := names.get(reply):
            listed = ", ".join(dict.fromkeys(who))
            has = "has" if len(set(who)) == 1 else "have"
            parts.append(f"{listed} {has} it" if reply is Reply.HAVE else f"{label}: {listed}")
    return ". ".join(parts)
