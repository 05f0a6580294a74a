"""`siegewatch alerts missed`: what was told since a time, story by story, and how each stands by now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from siegewatch.apps.cli.options import DEFAULT_CONFIG, ConfigDir, Form, FormOption, duration_of, examples, remembered
from siegewatch.domain.alert import Alert
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import Severity

if TYPE_CHECKING:
    from siegewatch.store.memory import Memory

EPILOG = examples("siegewatch alerts missed --since 8h", "siegewatch alerts missed --since 3d --format json")
Since = Annotated[str, typer.Option("--since", metavar="TIME", help="How far back, such as 8h or 3d.")]


@dataclass(frozen=True, slots=True)
class Missed:
    """One story that was told of: how grave the gravest alert was, how it stands `now`, what was told last and when,
    and the ids of all alerts, the newest first."""

    severity: Severity
    story: str
    title: str
    now: str
    last: str
    at: datetime
    alerts: tuple[str, ...]


def missed(since: Since = "8h", form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Tell what was told since a time: a line for each story, the gravest first, with its present state."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import Column, listing, moment

    span = duration_of(since)
    with remembered(config) as (settings, memory):
        found = missed_stories(memory.alerts.since(wiring.now() - span) if span else [], memory)
    columns = [
        Column[Missed]("SEVERITY", lambda one: one.severity),
        Column[Missed]("STORY", lambda one: one.title, wrap=True),
        Column[Missed]("NOW", lambda one: one.now, wrap=True),
        Column[Missed]("TOLD LAST", lambda one: one.last, wrap=True),
        Column[Missed]("TIME", lambda one: moment(one.at, settings.display.time_zone)),
        Column[Missed]("ALERTS", lambda one: len(one.alerts), right=True),
    ]
    listing(form, found, columns, f"nothing was told in the last {since}")


def missed_stories(alerts: Sequence[Alert], memory: "Memory") -> list[Missed]:
    """The stories of those of these alerts (the newest first) that were told, the gravest first, of equals the one
    told of last."""
    by_story: dict[str, list[Alert]] = {}
    for alert in (alert for alert in alerts if not alert.hushed):
        by_story.setdefault(alert.story.id, []).append(alert)
    found = [_missed(group, memory.stories.story(story) or group[0].story) for story, group in by_story.items()]
    order = list(Severity)
    newest = sorted(found, key=lambda one: one.at, reverse=True)
    return sorted(newest, key=lambda one: order.index(one.severity))


def _missed(alerts: Sequence[Alert], story: Story) -> Missed:
    from siegewatch.apps.cli.stories import state_now
    from siegewatch.notify.render import sentence

    order = list(Severity)
    gravest = min((alert.severity for alert in alerts), key=order.index)
    last = alerts[0]
    ids = tuple(alert.id for alert in alerts)
    return Missed(gravest, story.id, story.title, state_now(story), sentence(last), last.at, ids)
