"""`siegewatch alerts`: what was told, and what would be."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli import tracing
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
)
from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Delivery, delivery_id
from siegewatch.domain.feedback import Feedback
from siegewatch.domain.ops import OpsAlert

if TYPE_CHECKING:
    from siegewatch.store.memory import Memory

app = typer.Typer(help="What was told, and what would be.", no_args_is_help=True)
AlertId = Annotated[str, typer.Argument(metavar="ID", help="As in the listing.")]
OfOps = Annotated[bool, typer.Option("--ops", help="What siegewatch told of itself, instead of news.")]


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
    if any(alert.hushed for alert in found):
        columns.append(Column[Alert]("HELD BACK", lambda alert: alert.hushed and alert.hushed.why, wrap=True))
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
            ("held back", alert.hushed and f"{alert.hushed.why}  ({alert.hushed.by} {alert.hushed.id})"),
            ("else told", alert.hushed and alert.hushed.channels),
            ("feedback", said_lines(said, zone)),
        ]
    )


@app.command("resend", epilog=examples("siegewatch alerts resend 9f2c4e1a70b35d68"))
def resend(alert: AlertId, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Deliver an alert again to every channel that it went to, under the same webhook-id."""
    from siegewatch import wiring

    with remembered(config) as (_, memory):
        found = alert_of(memory, alert)
        if isinstance(found, Alert) and found.hushed:
            raise fail(f"{alert} was told nobody, it was {found.hushed.why}")
        deliveries = deliveries_of(memory, found)
        for delivery in deliveries:
            memory.alerts.send_again(delivery, wiring.now())
    if not deliveries:
        raise fail(f"the deliveries of {alert} are no longer remembered, they are kept for 30 days")
    typer.echo(f"sent again as soon as siegewatch runs: {', '.join(delivery.channel for delivery in deliveries)}")


app.command("route", epilog=tracing.EPILOG)(tracing.trace)
