"""`siegewatch plugins`: what is installed, and whether a source or channel does what every one must."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.one_feed import Allow, Options, feed_of
from siegewatch.apps.cli.options import ConfigDirIfAny, Form, FormOption, examples, settings_if_any
from siegewatch.domain.errors import UsageError

if TYPE_CHECKING:
    from siegewatch.settings import Settings

app = typer.Typer(help="What is installed, and whether it does what it must.", invoke_without_command=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The source or channel, as `siegewatch plugins` lists it.")]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="Of a source: a feed that it can read.")]


@dataclass(frozen=True, slots=True)
class Plugin:
    """One installed source, classifier or channel; `enabled` says that the configuration names it."""

    kind: str
    name: str
    version: str
    distribution: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """One check that a plugin was put through, and why it does not pass it; None where it does."""

    check: str
    problem: str | None


@app.callback(epilog=examples("siegewatch plugins", "siegewatch plugins --format json"))
def plugins(context: typer.Context, config: ConfigDirIfAny = None, form: FormOption = Form.TABLE) -> None:
    """List the installed sources, classifiers and channels; installed is not enabled, the configuration names them."""
    from siegewatch.apps.cli.show import Column, listing

    if context.invoked_subcommand:
        return
    columns = [
        Column[Plugin]("KIND", lambda one: one.kind),
        Column[Plugin]("NAME", lambda one: one.name, wrap=True),
        Column[Plugin]("VERSION", lambda one: one.version),
        Column[Plugin]("DISTRIBUTION", lambda one: one.distribution, wrap=True),
        Column[Plugin]("ENABLED", lambda one: "yes" if one.enabled else "no"),
    ]
    listing(form, list(_installed(settings_if_any(config))), columns, "nothing is installed")


def _installed(settings: "Settings") -> Iterator[Plugin]:
    from siegewatch import wiring

    named = {
        "sources": {feed.source for feed in settings.feeds},
        "classifiers": {settings.detect.classifier, *settings.detect.languages.values()},
        "channels": {spec.type for spec in wiring.channels_on(settings).values()},
    }
    for group, enabled in named.items():
        for name, point in sorted(wiring.plugins(group).items()):
            version, distribution = (point.dist.version, point.dist.name) if point.dist else ("unknown", "unknown")
            yield Plugin(group.removesuffix("s"), name, version, distribution, name in enabled)


@app.command(
    "test",
    epilog=examples(
        "siegewatch plugins test json --url https://api.example.org/news --option items=data --option title=name",
        "siegewatch plugins test folder --url file:///var/spool/wire",
        "siegewatch plugins test discord",
    ),
)
def try_plugin(
    name: Name,
    url: Url = None,
    options: Options = None,
    allow: Allow = None,
    form: FormOption = Form.TABLE,
    config: ConfigDirIfAny = None,
) -> None:
    """Put a source, or without --url a channel, through what every one must do.

    A source is tried with a feed that it can read, and with broken ones on this host; a channel with its own example,
    against services on this host that accept, refuse, delay and break off, so that nothing is sent to anyone. Exit
    code 0 if it passes every check, 1 if not.
    """
    from siegewatch import wiring

    if url is None and name in wiring.plugins("channels"):
        _try_channel(name, form)
    elif url is None:
        wiring.plugin("sources", name)
        raise UsageError("--url: name a feed that the source can read")
    else:
        _try_source(name, url, options, allow, form, settings_if_any(config))


def _try_channel(name: str, form: Form) -> None:
    from siegewatch import wiring
    from siegewatch.apps.cli.show import progress
    from siegewatch.notify.channels.conformance import CHECKS, findings

    made = wiring.plugin("channels", name)
    every = (made, *getattr(made, "variants", ()))
    with progress("checks", len(CHECKS) * len(every)) as advance:
        found = []
        for number, variant in enumerate(every):
            by = f" ({variant.__name__})" if number else ""
            for one in findings(variant):
                found.append(Checked(f"{one.check}{by}", one.problem))
                advance(1)
    _show(name, found, form)


def _try_source(
    name: str, url: str, options: list[str] | None, allow: list[str] | None, form: Form, settings: "Settings"
) -> None:
    from siegewatch import wiring
    from siegewatch.apps.cli.show import progress
    from siegewatch.collect.sources.conformance import CHECKS, findings

    feed = feed_of(url, name, options, allow, settings.feeds)
    found = []
    with (
        wiring.opened_door(settings) as door,
        wiring.opened_tools(settings, door) as tools,
        progress("checks", len(CHECKS)) as advance,
    ):
        for one in findings(wiring.plugin("sources", name), feed, tools, wiring.now()):
            found.append(Checked(one.check, one.problem))
            advance(1)
    _show(name, found, form)


def _show(name: str, found: Iterable[Checked], form: Form) -> None:
    from siegewatch.apps.cli.show import Column, listing

    rows = list(found)
    columns = [
        Column[Checked]("CHECK", lambda one: one.check, wrap=True),
        Column[Checked]("PASSES", lambda one: "no" if one.problem else "yes"),
        Column[Checked]("PROBLEM", lambda one: one.problem, wrap=True),
    ]
    listing(form, rows, columns, "there are no checks")
    failed = sum(one.problem is not None for one in rows)
    if failed:
        raise fail(f"{name} fails {failed} of {len(rows)} checks")
