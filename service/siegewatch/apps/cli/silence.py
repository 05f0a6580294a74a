"""`siegewatch silence`: what is not to be told for a while."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import (
    DEFAULT_CONFIG,
    ConfigDir,
    Form,
    FormOption,
    duration_of,
    examples,
    remembered,
)
from siegewatch.domain.alert import OPS_MATCHERS
from siegewatch.domain.errors import UsageError
from siegewatch.domain.silence import Silence

if TYPE_CHECKING:
    from siegewatch.settings.matchers import Wrong

LONGEST = timedelta(days=365)
app = typer.Typer(help="What is not to be told for a while.", no_args_is_help=True)
SilenceId = Annotated[str, typer.Argument(metavar="ID", help="As in the listing.")]
Match = Annotated[
    list[str], typer.Option("--match", metavar="NAME=VALUE", help="As in routes: country=SY,IQ; may be repeated.")
]
Author = Annotated[str, typer.Option("--author", metavar="WHO", help="Who asks for it.")]
Reason = Annotated[str, typer.Option("--reason", metavar="WHY", help="Why nothing is to be told.")]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="07:00, 2026-03-01 07:00, by display.time_zone.")
]
Lasting = Annotated[str | None, typer.Option("--for", metavar="TIME", help="How long, such as 2h, instead of --until.")]
Every = Annotated[bool, typer.Option("--all", help="Those too that ended in the last 30 days.")]


@app.command(
    "add", epilog=examples('siegewatch silence add --match country=SY --for 2h --author anna --reason "drill"')
)
def add(
    match: Match,
    author: Author,
    reason: Reason,
    until: Until = None,
    lasting: Lasting = None,
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Tell nothing of news that matches, for a while.

    A flash is told all the same unless --match severity=flash names it, and so is what takes back an earlier report.
    """
    from siegewatch import wiring
    from siegewatch.apps.cli.show import moment

    wanted = matchers(match)
    if not author.strip() or not reason.strip():
        raise UsageError("--author and --reason must say who and why")
    with remembered(config) as (settings, memory):
        now, zone = wiring.now(), settings.display.time_zone
        silence = Silence(token_hex(4), wanted, author, reason, now, end_of(until, lasting, zone, now), zone)
        memory.alerts.silences.put(silence, now)
    typer.echo(f"{silence.id}: nothing is told of {words(silence)} until {moment(silence.until, zone)},")
    but = "corrections" if any("flash" in values for values in silence.match.values()) else "flashes and corrections"
    typer.echo(f"but {but}")


def matchers(written: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The matchers that `--match` names. Raises UsageError."""
    from siegewatch.settings.matchers import folded, impossible, wrong_name, wrong_value
    from siegewatch.settings.section import listed

    found: dict[str, tuple[str, ...]] = {}
    for text in written:
        name, _, values = text.partition("=")
        if name in OPS_MATCHERS:
            raise UsageError("ops alerts are not silenced: route them by match.subject in alerts.yaml")
        found[name] = (*found.get(name, ()), *map(str, listed(values)))  # type: ignore[call-overload]
        _refuse(wrong_name(name) or (None if found[name] else (f"{name} has no value", "write NAME=VALUE")))
        for value in found[name]:
            _refuse(wrong_value(name, value))
    _refuse(impossible(folded(found)))
    return folded(found)


def _refuse(wrong: "Wrong | None") -> None:
    if wrong:
        raise UsageError(f"--match: {wrong[0]}, {wrong[1]}")


def end_of(until: str | None, lasting: str | None, zone: str, now: datetime) -> datetime:
    """When a silence ends. Raises UsageError."""
    if (until is None) == (lasting is None):
        raise UsageError("say when it ends: --until TIME, or --for TIME such as 2h")
    end = now + (duration_of(lasting) or timedelta()) if until is None else _moment(until, zone, now)
    if not now < end <= now + LONGEST:
        raise UsageError("it must end after now, and within a year")
    return end


def _moment(text: str, zone: str, now: datetime) -> datetime:
    from siegewatch.settings.section import is_time_of_day

    here = now.astimezone(ZoneInfo(zone))
    if is_time_of_day(text):
        today = datetime.combine(here.date(), time.fromisoformat(text), here.tzinfo)
        tomorrow = datetime.combine(here.date() + timedelta(days=1), time.fromisoformat(text), here.tzinfo)
        return (today if today > here else tomorrow).astimezone(now.tzinfo)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--until {text}: write 07:00, or 2026-03-01 07:00") from error
    return (at if at.tzinfo else at.replace(tzinfo=here.tzinfo)).astimezone(now.tzinfo)


@app.command("list", epilog=examples("siegewatch silence list", "siegewatch silence list --all --format json"))
def list_silences(every: Every = False, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """List the silences that hold, the first to end first."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import Column, listing, moment

    with remembered(config) as (settings, memory):
        found = memory.alerts.silences.all() if every else memory.alerts.silences.active(wiring.now())
    zone = settings.display.time_zone
    columns = [
        Column[Silence]("ID", lambda one: one.id),
        Column[Silence]("UNTIL", lambda one: moment(one.until, zone)),
        Column[Silence]("AUTHOR", lambda one: one.author, wrap=True),
        Column[Silence]("TAKES", words, wrap=True),
        Column[Silence]("REASON", lambda one: one.reason, wrap=True),
    ]
    listing(form, found, columns, "no silences")


def words(silence: Silence) -> str:
    """What a silence takes."""
    return "; ".join(f"{name}: {', '.join(values)}" for name, values in silence.match.items())


@app.command("expire", epilog=examples("siegewatch silence expire 1f2e3d4c"))
def expire(silence: SilenceId, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """End a silence now. What it held back is not told."""
    from siegewatch import wiring

    with remembered(config) as (_, memory):
        found, now = memory.alerts.silences.get(silence), wiring.now()
        if found is None or found.until <= now:
            raise fail(f"there is no silence {silence} that holds; siegewatch silence list names them")
        memory.alerts.silences.expire(found, now)
    typer.echo(f"{silence}: ended")
