"""`siegewatch alerts`: what was told, and what would be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.ops import list_ops, print_ops
from siegewatch.apps.cli.options import (
    DEFAULT_CONFIG,
    ConfigDir,
    Form,
    FormOption,
    Limit,
    examples,
    remembered,
    settings_of,
)
from siegewatch.domain.alert import Alert, alert_severity
from siegewatch.domain.delivery import Delivery, delivery_id
from siegewatch.domain.event import Event
from siegewatch.domain.feedback import Feedback
from siegewatch.domain.ops import OpsAlert
from siegewatch.domain.taxonomy import Change

if TYPE_CHECKING:
    from siegewatch.apps.cli.items import ItemLine
    from siegewatch.settings import Settings
    from siegewatch.store.memory import Memory

app = typer.Typer(help="What was told, and what would be.", no_args_is_help=True)
AlertId = Annotated[str, typer.Argument(metavar="ID", help="As in the listing.")]
OfOps = Annotated[bool, typer.Option("--ops", help="What siegewatch told of itself, instead of news.")]
ItemFile = Annotated[str, typer.Option("--item", metavar="FILE", help="Items as for classify; - is standard input.")]
Changed = Annotated[Change, typer.Option("--change", help="What the items are taken to change in their stories.")]


@dataclass(frozen=True, slots=True)
class Traced:
    """The way of one item through the routes: `severity` is None where there is no event to tell;
    `channels` are those told, `off` those that the routes chose in vain; `path` says what each route did."""

    id: str
    events: tuple[Event, ...]
    severity: str | None
    channels: tuple[str, ...]
    off: tuple[str, ...]
    path: tuple[str, ...]


@app.command("list", epilog=examples("siegewatch alerts list", "siegewatch alerts list --ops --format json"))
def list_alerts(
    ops: OfOps = False, limit: Limit = 50, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG
) -> None:
    """List alerts, the newest first: those of news, or those that siegewatch told of itself."""
    if ops:
        list_ops(limit, form, config)
    else:
        _list_news(limit, form, config)


def _list_news(limit: int, form: Form, config: Path) -> None:
    from siegewatch.apps.cli.show import Column, listing, moment
    from siegewatch.notify.render import what

    with remembered(config) as (settings, memory):
        found = memory.alerts.recent(limit)
    columns = [
        Column[Alert]("ID", lambda alert: alert.id),
        Column[Alert]("TIME", lambda alert: moment(alert.at, settings.display.time_zone)),
        Column[Alert]("SEVERITY", lambda alert: alert.severity),
        Column[Alert]("WHAT", lambda alert: what(alert.events), wrap=True),
        Column[Alert]("HEADLINE", lambda alert: alert.item.title, wrap=True),
    ]
    listing(form, found, columns, "no alerts yet")


@app.command("show", epilog=examples("siegewatch alerts show 9f2c4e1a70b35d68"))
def show_alert(alert: AlertId, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Show one alert: why it was told, of what events, and how its deliveries went."""
    from siegewatch.apps.cli.show import print_json

    with remembered(config) as (settings, memory):
        found = alert_of(memory, alert)
        deliveries = deliveries_of(memory, found)
        said = memory.feedback.of(found.id)
    if form is Form.JSON:
        print_json(as_json(found, deliveries, said))
    elif isinstance(found, Alert):
        print_alert(found, deliveries, settings.display.time_zone, said)
    else:
        print_ops(found, deliveries, settings.display.time_zone)


def alert_of(memory: "Memory", alert: str) -> Alert | OpsAlert:
    """The alert with this id, of news or of ourselves; where there is none, the command fails."""
    found = memory.alerts.alert(alert) or memory.alerts.ops_alert(alert)
    if found is None:
        raise fail(f"there is no alert {alert}; alerts are kept for 90 days")
    return found


def deliveries_of(memory: "Memory", alert: Alert | OpsAlert) -> list[Delivery]:
    """The deliveries of an alert that are still remembered, in the order of its channels."""
    found = (memory.alerts.delivery(delivery_id(alert.id, channel)) for channel in alert.channels)
    return [delivery for delivery in found if delivery]


def as_json(alert: Alert | OpsAlert, deliveries: Sequence[Delivery], said: Sequence[Feedback] = ()) -> dict[str, Any]:
    """An alert, its deliveries and what was said of it, for programs."""
    from siegewatch.store import codec

    return {
        "alert": codec.plain(alert),
        "deliveries": [codec.plain(delivery) for delivery in deliveries],
        "feedback": [codec.plain(one) for one in said],
    }


def print_alert(alert: Alert, deliveries: Sequence[Delivery], zone: str, said: Sequence[Feedback] = ()) -> None:
    """One alert in lines."""
    from siegewatch.apps.cli.classify import event_line
    from siegewatch.apps.cli.deliveries import sent_lines
    from siegewatch.apps.cli.feedback import said_lines
    from siegewatch.apps.cli.show import details, moment

    details(
        [
            ("alert", alert.id),
            ("time", moment(alert.at, zone)),
            ("type", alert.type),
            ("severity", alert.severity),
            ("change", alert.change),
            ("reason", alert.reason),
            ("events", "\n".join(map(event_line, alert.events))),
            ("story", f"{alert.story.id}  {alert.story.title}"),
            ("item", f"{alert.item.id}  {alert.item.title}"),
            ("link", alert.item.link),
            ("outlet", alert.item.outlet),
            ("deliveries", sent_lines(deliveries, zone)),
            ("feedback", said_lines(said, zone)),
        ]
    )


@app.command("resend", epilog=examples("siegewatch alerts resend 9f2c4e1a70b35d68"))
def resend(alert: AlertId, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Deliver an alert again to every channel that it went to, under the same webhook-id."""
    from siegewatch import wiring

    with remembered(config) as (_, memory):
        deliveries = deliveries_of(memory, alert_of(memory, alert))
        for delivery in deliveries:
            memory.alerts.send_again(delivery, wiring.now())
    if not deliveries:
        raise fail(f"the deliveries of {alert} are no longer remembered, they are kept for 30 days")
    typer.echo(f"sent again as soon as siegewatch runs: {', '.join(delivery.channel for delivery in deliveries)}")


@app.command("route", epilog=examples("siegewatch alerts route --item item.jsonl", "siegewatch alerts route --item -"))
def trace(
    item: ItemFile, change: Changed = Change.OPENED, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG
) -> None:
    """Show where alerts about items would go, route by route. Needs no store and sends nothing."""
    from siegewatch.apps.cli.items import good_lines, opened, read_lines
    from siegewatch.apps.cli.show import print_json
    from siegewatch.store import codec

    settings = settings_of(config)
    with opened(item) as raw:
        traced = _traced(list(good_lines(read_lines(raw))), change, settings)
    if form is Form.JSON:
        print_json([codec.plain(one) for one in traced])
    else:
        for one in traced:
            _print_traced(one)


def _traced(lines: "Sequence[ItemLine]", change: Change, settings: "Settings") -> list[Traced]:
    from siegewatch import wiring
    from siegewatch.apps.cli.judging import judge

    judged = judge(lines, wiring.classifier(settings), settings.detect.min_confidence)
    return [_trace(line, events, change, settings) for line, (_, events) in zip(lines, judged, strict=True)]


def _trace(line: "ItemLine", events: tuple[Event, ...], change: Change, settings: "Settings") -> Traced:
    from siegewatch import wiring
    from siegewatch.apps.cli.items import plain_item
    from siegewatch.notify.routing import route

    if not events:
        return Traced(line.id, (), None, (), (), ("no event: nothing to tell",))
    tags = {feed.name: feed.tags for feed in settings.feeds}.get(line.keys.get("feed") or "", ())
    severity, on = alert_severity(events, change), wiring.channels_on(settings)
    routed = route(events, severity, change, replace(plain_item(line), tags=tags), settings.routes)
    told = tuple(channel for channel in routed.channels if channel in on)
    off = tuple(channel for channel in routed.channels if channel not in on)
    return Traced(line.id, events, severity, told, off, routed.path)


def _print_traced(traced: Traced) -> None:
    from siegewatch.apps.cli.classify import event_line
    from siegewatch.apps.cli.show import details

    details(
        [
            ("item", traced.id),
            ("events", "\n".join(map(event_line, traced.events))),
            ("severity", traced.severity),
            ("routes", "\n".join(traced.path)),
            ("told", traced.channels or "nobody"),
            ("off", traced.off),
        ]
    )
