"""What siegewatch told of itself, as `siegewatch alerts` shows it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from siegewatch.apps.cli.options import Form, remembered

if TYPE_CHECKING:
    from siegewatch.domain.delivery import Delivery
    from siegewatch.domain.ops import OpsAlert


def list_ops(limit: int, form: Form, config: Path) -> None:
    """Prints the ops alerts told last, the newest first."""
    from siegewatch.apps.cli.show import Column, listing, moment
    from siegewatch.notify.render import subject_line

    with remembered(config) as (settings, memory):
        found = memory.alerts.recent_ops(limit)
    columns = [
        Column["OpsAlert"]("ID", lambda alert: alert.id),
        Column["OpsAlert"]("TIME", lambda alert: moment(alert.at, settings.display.time_zone)),
        Column["OpsAlert"]("TYPE", lambda alert: alert.type),
        Column["OpsAlert"]("WHAT", lambda alert: subject_line(alert.trouble), wrap=True),
        Column["OpsAlert"]("REASON", lambda alert: alert.trouble.reason, wrap=True),
    ]
    listing(form, found, columns, "no ops alerts yet")


def print_ops(alert: "OpsAlert", deliveries: "Sequence[Delivery]", zone: str) -> None:
    """One ops alert in lines."""
    from siegewatch.apps.cli.deliveries import sent_lines
    from siegewatch.apps.cli.show import details, moment

    trouble = alert.trouble
    details(
        [
            ("alert", alert.id),
            ("time", moment(alert.at, zone)),
            ("type", alert.type),
            ("subject", trouble.subject),
            ("name", trouble.name),
            ("reason", trouble.reason),
            ("since", moment(trouble.since, zone)),
            ("deliveries", sent_lines(deliveries, zone)),
        ]
    )
