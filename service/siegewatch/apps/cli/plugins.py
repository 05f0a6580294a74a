"""`siegewatch plugins`: what is installed, and whether a source does what every source must."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.one_feed import Allow, Options, feed_of
from siegewatch.apps.cli.options import ConfigDirIfAny, Form, FormOption, examples, settings_if_any

if TYPE_CHECKING:
    from siegewatch.settings import Settings

app = typer.Typer(help="What is installed, and whether it does what it must.", invoke_without_command=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The source, as `siegewatch plugins` lists it.")]
Url = Annotated[str, typer.Option("--url", metavar="URL", help="A feed that it can read.")]


@dataclass(frozen=True, slots=True)
class Plugin:
    """One installed source, classifier or channel; `enabled` says that the configuration names it."""

    kind: str
    name: str
    version: str
    distribution: str
    enabled: bool


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
    ),
)
def try_source(
    name: Name,
    url: Url,
    options: Options = None,
    allow: Allow = None,
    form: FormOption = Form.TABLE,
    config: ConfigDirIfAny = None,
) -> None:
    """Put a source through what every source must do: with a feed that it can read, and with broken ones on this host.

    Exit code 0 if it passes every check, 1 if not.
    """
    from siegewatch import wiring
    from siegewatch.apps.cli.show import Column, listing, progress
    from siegewatch.collect.sources.conformance import CHECKS, Finding, findings

    settings = settings_if_any(config)
    feed = feed_of(url, name, options, allow, settings.feeds)
    found: list[Finding] = []
    with (
        wiring.opened_door(settings) as door,
        wiring.opened_tools(settings, door) as tools,
        progress("checks", len(CHECKS)) as advance,
    ):
        for one in findings(wiring.plugin("sources", name), feed, tools, wiring.now()):
            found.append(one)
            advance(1)
    columns = [
        Column[Finding]("CHECK", lambda one: one.check, wrap=True),
        Column[Finding]("PASSES", lambda one: "no" if one.problem else "yes"),
        Column[Finding]("PROBLEM", lambda one: one.problem, wrap=True),
    ]
    listing(form, found, columns, "there are no checks")
    failed = sum(one.problem is not None for one in found)
    if failed:
        raise fail(f"{name} fails {failed} of {len(found)} checks")
