"""`siegewatch feeds health`: how polling each feed goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from siegewatch.apps.cli.options import DEFAULT_CONFIG, ConfigDir, Form, FormOption, examples, remembered, roster_of
from siegewatch.domain.feed import FeedState, Listed, Pause
from siegewatch.domain.ops import Subject
from siegewatch.domain.subscription import Subscription

if TYPE_CHECKING:
    from siegewatch.store.memory import Memory

HEALTH_EPILOG = examples(
    "siegewatch feeds health", "siegewatch feeds health --format json | jq '.[] | select(.trouble)'"
)
NO_FEEDS = "no feeds: feeds.yaml lists none, and none was added"


@dataclass(frozen=True, slots=True)
class HealthRow:
    """How polling one feed goes; `status` is the last answer's, `items` counts all admitted ones. `new_at` is when
    the last new item came, `trouble` what an ops alert has told of it, `push` one word on the subscription at its
    hub."""

    id: str
    name: str
    paused: Pause | None
    polled_at: datetime | None
    ok_at: datetime | None
    item_at: datetime | None
    status: int | None
    entries: int
    items: int
    failures: int
    problem: str | None
    remark: str | None
    due_in_seconds: float | None
    new_at: datetime | None
    expected_gap_seconds: float | None
    trouble: str | None
    push: str | None
    pushed_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows of one feed."""

    state: FeedState
    due_at: float | None
    trouble: str | None
    push: Subscription | None


def health(form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Tell how each feed does: last poll and answer, items so far, the last new one and how often one is expected,
    failures in a row, what is wrong, when it is due."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import listing

    with remembered(config) as (settings, memory):
        listed, now = roster_of(settings, memory).listed, wiring.now()
        known = _known(listed, memory)
    rows = [_row(one, of_it, now) for one, of_it in zip(listed, known, strict=True)]
    listing(form, rows, _columns(rows, now), NO_FEEDS)


def _known(listed: Sequence[Listed], memory: "Memory") -> list[_Known]:
    ids = [one.feed.id for one in listed]
    troubles = {one.name: one.reason for one in memory.ops.troubles() if one.subject is Subject.FEED}
    told = (troubles.get(one.feed.name) for one in listed)
    return list(map(_Known, memory.feeds.states(ids), memory.feeds.due_at(ids), told, memory.subscriptions.known(ids)))


def _row(one: Listed, known: _Known, now: datetime) -> HealthRow:
    from siegewatch.collect import websub
    from siegewatch.collect.watch import expected_gap

    told, push = known.state.health, known.push
    expected = expected_gap(told.pace)
    remarks = (told.remark, told.oddity, websub.remark(push, now) if push else None)
    return HealthRow(
        id=one.feed.id,
        name=one.feed.name,
        paused=one.pause,
        polled_at=told.polled_at,
        ok_at=told.ok_at,
        item_at=told.item_at,
        status=told.status,
        entries=told.entries,
        items=told.items,
        failures=told.failures,
        problem=told.problem,
        remark="; ".join(filter(None, remarks)) or None,
        due_in_seconds=None if known.due_at is None else max(known.due_at - now.timestamp(), 0.0),
        new_at=told.pace.last_at,
        expected_gap_seconds=expected.total_seconds() if expected else None,
        trouble=known.trouble,
        push=websub.standing(push, now) if push else None,
        pushed_at=push.pushed_at if push else None,
    )


def _columns(rows: Sequence[HealthRow], now: datetime) -> Sequence[Any]:
    """What fits: the status is part of what is wrong, and what no feed has is left out."""
    from siegewatch.apps.cli.show import Column, span

    if_any = [
        Column[HealthRow]("PUSH", lambda row: row.push),
        Column[HealthRow]("NEW", lambda row: span(now - row.new_at) if row.new_at else None, right=True),
        Column[HealthRow]("GAP", lambda row: _span(row.expected_gap_seconds), right=True),
        Column[HealthRow]("FAILED", lambda row: row.failures or None, right=True),
    ]
    return [
        Column[HealthRow]("NAME", lambda row: row.name, wrap=True),
        Column[HealthRow]("POLLED", lambda row: span(now - row.polled_at) if row.polled_at else "never"),
        Column[HealthRow]("DUE", lambda row: _span(row.due_in_seconds)),
        Column[HealthRow]("ITEMS", lambda row: row.items, right=True),
        *(column for column in if_any if any(column.cell(row) is not None for row in rows)),
        Column[HealthRow]("PROBLEM OR REMARK", _worst, wrap=True),
    ]


def _worst(row: HealthRow) -> str | None:
    if row.paused:
        return str(row.paused)
    return f"TROUBLE: {row.trouble}" if row.trouble else row.problem or row.remark


def _span(seconds: float | None) -> str | None:
    from siegewatch.apps.cli.show import span

    return None if seconds is None else span(timedelta(seconds=seconds))
