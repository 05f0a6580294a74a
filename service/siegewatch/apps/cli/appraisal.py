"""How good alerts were in the eyes of those who read them, as `evaluate --feedback` shows it."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from siegewatch.apps.appraisal import GROUPS, Tally, appraised, tallies, tally
from siegewatch.apps.cli.options import Form

if TYPE_CHECKING:
    from siegewatch.store.memory import Memory


def show_tallies(memory: "Memory", form: Form) -> None:
    """Prints what was said of all alerts that are remembered, and in each group of them."""
    from siegewatch.apps.cli.show import print_json
    from siegewatch.store.keys import RECENT_KEPT

    alerts = appraised(memory.alerts.recent(RECENT_KEPT), memory.feedback.recent())
    whole = tally("all", alerts)
    groups = {group: tallies(alerts, names) for group, names in GROUPS.items()}
    if form is Form.JSON:
        print_json({"all": _plain(whole), **{group: list(map(_plain, found)) for group, found in groups.items()}})
        return
    _print("", [whole])
    for group, found in groups.items():
        _print(group, found)
    if not whole.judged:
        typer.echo("nobody has judged an alert yet: siegewatch feedback add ID right")


def _plain(one: Tally) -> dict[str, Any]:
    return {**asdict(one), "judged": one.judged, "unanswered": one.unanswered, "precision": one.precision}


def _print(group: str, found: list[Tally]) -> None:
    from siegewatch.apps.cli.show import Column, print_table

    columns = [
        Column[Tally](group.upper(), lambda one: one.name, wrap=True),
        Column[Tally]("TOLD", lambda one: one.told, right=True),
        Column[Tally]("RIGHT", lambda one: one.right, right=True),
        Column[Tally]("WRONG", lambda one: one.wrong, right=True),
        Column[Tally]("DUPLICATE", lambda one: one.duplicate, right=True),
        Column[Tally]("LATE", lambda one: one.late, right=True),
        Column[Tally]("PRECISION", lambda one: None if one.precision is None else f"{one.precision:.2f}", right=True),
    ]
    if found:
        print_table(found, columns)
        typer.echo()
