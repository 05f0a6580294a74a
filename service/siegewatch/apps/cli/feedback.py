"""`siegewatch feedback`: what readers say of alerts."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import DEFAULT_CONFIG, ConfigDir, Since, duration_of, examples, remembered
from siegewatch.domain.feedback import LABELS, Feedback, Judged, Reply, Way

if TYPE_CHECKING:
    from siegewatch.domain.event import Event

app = typer.Typer(help="What readers say of alerts.", no_args_is_help=True)
AlertId = Annotated[str, typer.Argument(metavar="ID", help="Of the alert.")]
Said = Annotated[Reply, typer.Argument(metavar="REPLY", help="have (I have it), right, wrong, duplicate or late.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; the user of this machine.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Anything to add.")]


@app.command("add", epilog=examples("siegewatch feedback add 9f2c4e1a70b35d68 wrong --by Anna --note 'a film'"))
def add(alert: AlertId, reply: Said, by: By = None, note: Note = "", config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Say of an alert that it was right, wrong, a duplicate or late, or that you look after it."""
    from siegewatch import wiring
    from siegewatch.notify.answers import answer

    with remembered(config) as (_, memory):
        found = memory.alerts.alert(alert)
        if found is None:
            raise fail(f"there is no alert {alert} of news; alerts are kept for 90 days")
        given = answer(found, reply, by or _user(), Way.CLI, wiring.now(), note)
        memory.feedback.add(given, found)
    typer.echo(f"noted: {given.by}: {LABELS[reply]}")


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # In a container nobody may have a name.
        return ""


@app.command("export", epilog=examples("siegewatch feedback export > labelled.jsonl"))
def export(since: Since = None, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Write the items of answered alerts with their labels, one JSON object a line, to train or evaluate with.

    A right alert's events are its labels. Of a wrong one no event is certain, of a duplicate nothing new is learnt:
    both are marked hard, for someone to look at.
    """
    from siegewatch import wiring
    from siegewatch.apps.cli.show import print_lines

    length = duration_of(since)
    with remembered(config) as (_, memory):
        judged = memory.feedback.recent()
    begin = wiring.now() - length if length else None
    print_lines([labelled(one) for one in judged if one.verdict and _is_since(one, begin)])


def _is_since(one: Judged, begin: datetime | None) -> bool:
    return begin is None or one.said[-1].at >= begin


def labelled(one: Judged) -> dict[str, Any]:
    """An item with labels as `evaluate` reads them. Who answered is left out."""
    item = one.item
    events = [] if one.verdict is Reply.WRONG else [_label(event) for event in one.events]
    notes = [said.note for said in one.said if said.note]
    return {
        "id": item.id,
        "published": item.published_at.isoformat().replace("+00:00", "Z"),
        "outlet": item.outlet,
        "title": item.title,
        "summary": item.summary,
        "source": "feedback",
        "stratum": one.verdict,
        "events": events,
        **({"told": [_label(event) for event in one.events]} if one.verdict is Reply.WRONG else {}),
        **({} if one.verdict is Reply.RIGHT else {"hard": True}),
        **({"note": "; ".join(notes)} if notes else {}),
    }


def _label(event: "Event") -> dict[str, Any]:
    return {
        "kind": event.kind,
        "phase": event.phase,
        "status": event.status,
        "place": event.place.name if event.place else None,
        "country": event.country,
        "attacker": event.attacker,
        "defender": event.defender,
    }


def said_lines(said: Sequence[Feedback], zone: str) -> str:
    """What was said of an alert, a line for each answer."""
    from siegewatch.apps.cli.show import moment

    lines = (
        f"{moment(one.at, zone)}  {LABELS[one.reply]}: {one.by} ({one.way}){f', {one.note}' if one.note else ''}"
        for one in said
    )
    return "\n".join(lines)
