"""`siegewatch deliveries` and `siegewatch dead`: what was sent, what waits, and what could not be sent."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import (
    DEFAULT_CONFIG,
    ConfigDir,
    Form,
    FormOption,
    Limit,
    examples,
    remembered,
)
from siegewatch.domain.errors import UsageError

if TYPE_CHECKING:
    from siegewatch.domain.delivery import Attempt, Delivery
    from siegewatch.store.memory import Memory

app = typer.Typer(help="Alerts on their way to channels.", no_args_is_help=True)
dead = typer.Typer(help="Deliveries that were given up or refused.", no_args_is_help=True)
DeliveryId = Annotated[str | None, typer.Argument(metavar="[ID]", help="As in the listing.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="All dead letters.")]
MOST = 10_000


@app.command("list", epilog=examples("siegewatch deliveries list", "siegewatch deliveries list --format json"))
def list_deliveries(limit: Limit = 50, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """List deliveries, the newest first: where each goes, how it stands, and what its last attempt came to."""
    _list(limit, form, config, dead=False)


@dead.command("list", epilog=examples("siegewatch dead list"))
def list_dead(limit: Limit = 50, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """List dead letters, the newest first, each with its reason."""
    _list(limit, form, config, dead=True)


def _list(limit: int, form: Form, config: Path, *, dead: bool) -> None:
    from siegewatch.apps.cli.show import Column, listing

    with remembered(config) as (_, memory):
        found = memory.alerts.recent_deliveries(limit, dead=dead)
    columns = [
        Column["Delivery"]("ID", lambda one: one.id),
        Column["Delivery"]("CHANNEL", lambda one: one.channel),
        Column["Delivery"]("STATE", lambda one: one.state),
        Column["Delivery"]("TRIES", lambda one: len(one.attempts), right=True),
        Column["Delivery"]("LAST", last_word, wrap=True),
    ]
    listing(form, found, columns, "no dead letters" if dead else "no deliveries yet")


def last_word(delivery: "Delivery") -> str | None:
    """Why a delivery stands as it does: its reason, or what the channel answered last."""
    if delivery.reason or not delivery.attempts:
        return delivery.reason
    return attempt_line(delivery.attempts[-1])


def attempt_line(attempt: "Attempt") -> str:
    """An attempt in one line: the status, and the start of what came back."""
    taken = "accepted" if attempt.ok else "failed"
    return " ".join(str(part) for part in (taken, attempt.status, attempt.answer) if part)


def sent_lines(deliveries: "Sequence[Delivery]", zone: str) -> str:
    """How each delivery of one alert stands, with its attempts, in lines."""
    from siegewatch.apps.cli.show import moment

    lines = []
    for one in deliveries:
        lines.append(f"{one.channel}: {one.state}{f', {one.reason}' if one.reason else ''}  ({one.id})")
        lines += [f"  {moment(attempt.at, zone)}  {attempt_line(attempt)}" for attempt in one.attempts]
    return "\n".join(lines)


@dead.command("retry", epilog=examples("siegewatch dead retry --all", "siegewatch dead retry msg_9f2c4e1a70b35d68"))
def retry(delivery: DeliveryId = None, every: All = False, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Put dead letters back into their channels' queues, under the same webhook-id."""
    from siegewatch import wiring

    def again(memory: "Memory", one: "Delivery") -> None:
        memory.alerts.send_again(one, wiring.now())

    _each(delivery, config, every=every, act=again, done="sent again as soon as siegewatch runs")


@dead.command("drop", epilog=examples("siegewatch dead drop msg_9f2c4e1a70b35d68"))
def drop(delivery: DeliveryId = None, every: All = False, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Forget dead letters."""

    def forget(memory: "Memory", one: "Delivery") -> None:
        memory.alerts.drop(one)

    _each(delivery, config, every=every, act=forget, done="dropped")


def _each(
    delivery: str | None, config: Path, *, every: bool, act: "Callable[[Memory, Delivery], None]", done: str
) -> None:
    if every == (delivery is not None):
        raise UsageError("name one dead letter, or --all")
    with remembered(config) as (_, memory):
        letters = memory.alerts.recent_deliveries(MOST, dead=True) if every else [_dead_letter(memory, delivery or "")]
        for letter in letters:
            act(memory, letter)
    typer.echo(f"{len(letters)} dead {'letter' if len(letters) == 1 else 'letters'}: {done}")


def _dead_letter(memory: "Memory", name: str) -> "Delivery":
    found = memory.alerts.delivery(name)
    if found is None or found.state != "dead":
        raise fail(f"there is no dead letter {name}; siegewatch dead list names them")
    return found
