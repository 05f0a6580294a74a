"""`siegewatch check`: everything an operator wrote, and whether what it names can be reached."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote, urlsplit

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import DEFAULT_CONFIG, ConfigDir, Form, FormOption, examples, settings_of
from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.errors import Fault, FetchError, SettingsError, SiegewatchError
from siegewatch.domain.feed import Feed, Validators

if TYPE_CHECKING:
    from siegewatch.settings import Settings

EPILOG = examples(
    "siegewatch check", "siegewatch check --config /etc/siegewatch --online", "siegewatch check --format json"
)
Online = Annotated[bool, typer.Option("--online", help="Also try the store, every feed, and where channels send to.")]
RESOLVE_SECONDS = 10.0
LOCAL = "file"
PORTS = {"http": 80, "https": 443, "smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing that was tried: `problem` is None where it works."""

    kind: str
    name: str
    problem: str | None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything found: faults stop siegewatch from starting, warnings stop nothing."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    tried: tuple[Tried, ...]


def check(online: Online = False, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Check everything you wrote: each fault as file:line, what is wrong, and what to write instead.

    Exit code 0 if all is well, 1 if not. With --online no message is sent to any channel.
    """
    try:
        settings = settings_of(config)
        _fit(settings)
    except SettingsError as error:
        _show(Checked(error.faults, (), ()), form)
        raise fail(f"{_count(len(error.faults), 'fault')} in {config}") from error
    found = Checked((), settings.warnings, tuple(_tried(settings)) if online else ())
    _show(found, form)
    failed = [one for one in found.tried if one.problem]
    if failed:
        raise fail(f"{len(failed)} of {len(found.tried)} tries failed")
    if form is Form.TABLE:
        typer.echo(f"{config} is good: {_inventory(settings)}")


def _fit(settings: "Settings") -> None:
    """Raises SettingsError where the operator's lexicon does not fit the classifier's lists."""
    from siegewatch import wiring

    if settings.lexicon:
        wiring.classifier(settings)


def _inventory(settings: "Settings") -> str:
    from siegewatch import wiring

    on = len(wiring.channels_on(settings))
    feeds, channels = _count(len(settings.feeds), "feed"), _count(len(settings.channels), "channel")
    return f"{feeds}, {channels} ({on} on), {_count(len(settings.routes), 'route')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _show(found: Checked, form: Form) -> None:
    from siegewatch.apps.cli.show import Column, print_json, print_table
    from siegewatch.store import codec

    if form is Form.JSON:
        print_json(codec.plain(found))
        return
    for fault in found.faults:
        typer.echo(str(fault))
    for warning in found.warnings:
        typer.echo(f"warning: {warning}")
    if found.tried:
        columns = [
            Column[Tried]("", lambda one: one.kind),
            Column[Tried]("NAME", lambda one: one.name, wrap=True),
            Column[Tried]("WORKS", lambda one: "no" if one.problem else "yes"),
            Column[Tried]("PROBLEM OR REMARK", lambda one: one.problem or one.remark, wrap=True),
        ]
        print_table(found.tried, columns)


def _tried(settings: "Settings") -> Iterator[Tried]:
    from siegewatch import wiring
    from siegewatch.apps.cli.show import progress

    yield _try_store(settings)
    with (
        wiring.opened_door(settings) as door,
        wiring.opened_tools(settings, door) as tools,
        ThreadPoolExecutor(settings.poll.workers) as threads,
        progress("trying feeds", len(settings.feeds)) as advance,
    ):
        sources = {name: wiring.source(name, tools) for name in {feed.source for feed in settings.feeds}}

        def tried(feed: Feed) -> Tried:
            reading = sources[feed.source].read(feed, Validators(), wiring.now())
            return Tried("feed", feed.name, reading.problem, reading.remark)

        for one in threads.map(tried, settings.feeds):
            advance(1)
            yield one
    for spec in wiring.channels_on(settings).values():
        yield Tried("channel", spec.name, _unreachable(spec, settings), "nothing sent")


def _try_store(settings: "Settings") -> Tried:
    from siegewatch import wiring

    def ping() -> None:
        with wiring.opened_store(settings) as store:
            store.ping()

    return Tried("store", "at store.url" if settings.store.url else f"in {settings.data_dir}", _problem(ping))


def _problem(act: Callable[[], object]) -> str | None:
    try:
        act()
    except SiegewatchError as error:
        return str(error)
    return None


def _unreachable(spec: ChannelSpec, settings: "Settings") -> str | None:
    """Why a channel's address may not or cannot be reached; None where it can, or where it has none."""
    from siegewatch import wiring
    from siegewatch.net.policy import AddressPolicy
    from siegewatch.net.resolve import system_resolve

    terms = wiring.channel_terms(spec)
    if not terms.schemes:
        return None
    parts = urlsplit(spec.url or terms.address)
    if parts.scheme == LOCAL:
        return None if Path(unquote(parts.path)).parent.is_dir() else "there is no such folder: make it"
    if not parts.hostname:
        return None
    # A mail server on smtp:// turns to TLS before anything is said, or is refused then.
    policy = AddressPolicy(tuple(settings.network.allow), public=parts.scheme != "http")
    try:
        found = system_resolve(parts.hostname, parts.port or PORTS.get(parts.scheme, 443), RESOLVE_SECONDS)
    except FetchError as error:
        return str(error)
    refusals = [policy.refusal(endpoint.address) for endpoint in found]
    return refusals[0] if refusals and all(refusals) else None
