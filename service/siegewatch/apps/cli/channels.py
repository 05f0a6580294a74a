"""`siegewatch channels`: where alerts can go."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import (
    DEFAULT_CONFIG,
    ConfigDir,
    Form,
    FormOption,
    examples,
    remembered,
    settings_of,
)
from siegewatch.domain.delivery import Accepted, ChannelSpec, Retry, Verdict
from siegewatch.domain.errors import UsageError

if TYPE_CHECKING:
    from siegewatch.domain.standing import Standing
    from siegewatch.settings import Settings

app = typer.Typer(help="Where alerts can go.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="As in alerts.yaml.")]


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel: `address` only as far as it is no secret; `on`, or `why_off`; how many deliveries wait;
    since when and why it takes nothing, where it is `failing`."""

    name: str
    type: str
    address: str | None
    on: bool
    why_off: str | None
    waiting: int
    failing: str | None = None


@app.command("list", epilog=examples("siegewatch channels list"))
def list_channels(form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """List channels: which are on, and how many deliveries wait for each."""
    from siegewatch.apps.cli.show import Column, listing

    with remembered(config) as (settings, memory):
        off = memory.alerts.disabled()
        waiting = memory.alerts.waiting([spec.name for spec in settings.channels])
        zone = settings.display.time_zone
        failing = {spec.name: _failing(memory.alerts.outbox(spec.name).standing(), zone) for spec in settings.channels}
    rows = [_row(spec, off.get(spec.name), waiting[spec.name], failing[spec.name]) for spec in settings.channels]
    columns = [
        Column[ChannelRow]("NAME", lambda row: row.name),
        Column[ChannelRow]("TYPE", lambda row: row.type),
        Column[ChannelRow]("ADDRESS", lambda row: row.address, wrap=True),
        Column[ChannelRow]("STATE", lambda row: (row.failing or "on") if row.on else row.why_off, wrap=True),
        Column[ChannelRow]("WAITING", lambda row: row.waiting, right=True),
    ]
    listing(form, rows, columns, "no channels: alerts.yaml lists none")


def _failing(standing: "Standing", zone: str) -> str | None:
    """Since when and why it takes nothing, and whether it is paused for that."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import moment
    from siegewatch.notify.pacing import is_paused

    if standing.failing_since is None:
        return None
    state = "paused, tried every five minutes" if is_paused(standing, wiring.now()) else "failing"
    return f"{state}, since {moment(standing.failing_since, zone)}: {standing.reason}"


def _row(spec: ChannelSpec, refusal: str | None, waiting: int, failing: str | None) -> ChannelRow:
    from siegewatch import wiring
    from siegewatch.net.redact import redact_all, redact_path

    off = wiring.why_off(spec)
    why = f"off: {off}" if off else refusal
    terms = wiring.channel_terms(spec)
    address = spec.url or terms.address
    redact = redact_path if terms.schemes else redact_all
    shown = redact(address) if address else None
    return ChannelRow(spec.name, spec.type, shown, why is None, why, waiting, failing)


@app.command("test", epilog=examples("siegewatch channels test desk"))
def try_channel(name: Name, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Send an invented alert, marked as a test, through one channel, and show what came back.

    A channel that had asked for no more (HTTP 410) and accepts this one is taken back into service.
    """
    from siegewatch.apps.cli.show import details, print_json

    settings = settings_of(config)
    verdict = _sent(_spec(settings, name), settings)
    facts = _facts(name, verdict)
    if form is Form.JSON:
        print_json(facts)
    else:
        details(list(facts.items()))
    if not isinstance(verdict, Accepted):
        raise fail(f"channel {name}: {verdict.reason}")
    with remembered(config) as (_, memory):
        memory.alerts.enable(name)


def _spec(settings: "Settings", name: str) -> ChannelSpec:
    from siegewatch import wiring

    known = {spec.name: spec for spec in settings.channels}
    if name not in known:
        raise UsageError(f"no channel is named {name!r}, there are: {', '.join(known) or 'none'}")
    if off := wiring.why_off(known[name]):
        raise fail(f"channel {name} is off: {off}")
    return known[name]


def _sent(spec: ChannelSpec, settings: "Settings") -> Verdict:
    from secrets import token_hex

    from siegewatch import wiring
    from siegewatch.domain.delivery import Message
    from siegewatch.notify.sample import sample_alert

    alert, web = sample_alert(wiring.now()), settings.web
    message = Message(f"msg_test_{token_hex(8)}", alert, web.public_url, settings.display.time_zone, test=True)
    with wiring.opened_door(settings) as door:
        return wiring.channel(spec, door).send(message)


def _facts(name: str, verdict: Verdict) -> dict[str, Any]:
    accepted = isinstance(verdict, Accepted)
    return {
        "channel": name,
        "verdict": "accepted" if accepted else "try again later" if isinstance(verdict, Retry) else "rejected",
        "status": verdict.status,
        "answer": verdict.answer if isinstance(verdict, Accepted) else verdict.reason,
    }
