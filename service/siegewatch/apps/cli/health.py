"""`siegewatch health`: for Docker, systemd and whoever else asks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import DEFAULT_CONFIG, ConfigDir, Form, FormOption, Role, examples, settings_of

if TYPE_CHECKING:
    from siegewatch.store.alive import Beat

EPILOG = examples("siegewatch health", "siegewatch health --role detect", "siegewatch health --format json")
Asked = Annotated[Role | None, typer.Option("--role", help="Ask for this role only.")]


@dataclass(frozen=True, slots=True)
class RoleHealth:
    """One role: how many processes live, and why none of them is fit (None where one is)."""

    role: str
    processes: int
    problem: str | None


def health(role: Asked = None, config: ConfigDir = DEFAULT_CONFIG, form: FormOption = Form.TABLE) -> None:
    """Tell whether the service is alive and fit: exit code 0 if so, else 1. Needs no port; starts nothing.

    Without --role, every role that lives must be fit, and at least one must live. Asked are the processes of this host,
    or container, if it ran any within a day; else those of all hosts.
    """
    from siegewatch import wiring
    from siegewatch.apps.canary import Canary
    from siegewatch.apps.cli.show import Column, listing, span
    from siegewatch.apps.current import Current
    from siegewatch.store.process import host

    settings = settings_of(config)
    with wiring.joined_store(settings) as store:
        memory, now = wiring.memory(settings, store), wiring.now()
        beats = memory.heartbeats.living([role] if role else list(Role), host(), now)
        flight = Canary(Current(settings, memory)).flight()
    found = [_judged(name, living) for name, living in beats.items() if living or role]
    columns = [
        Column[RoleHealth]("ROLE", lambda one: one.role),
        Column[RoleHealth]("PROCESSES", lambda one: one.processes, right=True),
        Column[RoleHealth]("PROBLEM", lambda one: one.problem, wrap=True),
    ]
    listing(form, found, columns, "nothing lives")
    if flight and flight.seconds is not None and form is Form.TABLE:
        typer.echo(
            f"canary: {flight.seconds:.1f} s from publication to decision; sent {span(now - flight.sent_at)} ago"
        )
    unfit = [f"{one.role}: {one.problem}" for one in found if one.problem]
    if unfit or not found:
        raise fail("; ".join(unfit) or "no process of siegewatch lives")


def _judged(role: str, living: "list[Beat]") -> RoleHealth:
    problems = [beat.problem for beat in living]
    unfit = next((problem for problem in problems if problem), None) if all(problems) else None
    return RoleHealth(role, len(living), unfit if living else "no process lives")
