"""`siegewatch` on the command line: one file a command, or a group of them."""

import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from siegewatch.apps.cli import (
    alerts,
    channels,
    check,
    classify,
    deliveries,
    demo,
    evaluate,
    explain,
    feedback,
    feeds,
    health,
    missed,
    plugins,
    replay,
    run,
    silence,
    stories,
)
from siegewatch.apps.cli.group import Commands

app = typer.Typer(
    name="siegewatch",
    cls=Commands,
    help="Watches news feeds for sieges and offensives, and tells Slack and webhooks what changed.",
    epilog="Exit codes: 0 done, 1 what was asked for failed, 2 wrong usage or configuration.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run", epilog=run.EPILOG)(run.run)
app.command("demo", epilog=demo.EPILOG)(demo.demo)
app.command("check", epilog=check.EPILOG)(check.check)
app.command("health", epilog=health.EPILOG)(health.health)
app.command("classify", epilog=classify.EPILOG)(classify.classify)
app.command("replay", epilog=replay.EPILOG)(replay.replay)
app.command("evaluate", epilog=evaluate.EPILOG)(evaluate.evaluate)
app.command("explain", epilog=explain.EPILOG)(explain.explain)
app.add_typer(feeds.app, name="feeds")
app.add_typer(stories.app, name="stories")
alerts.app.command("missed", epilog=missed.EPILOG)(missed.missed)
app.add_typer(alerts.app, name="alerts")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(deliveries.dead, name="dead")
app.add_typer(feedback.app, name="feedback")
app.add_typer(channels.app, name="channels")
app.add_typer(silence.app, name="silence")
app.add_typer(plugins.app, name="plugins")


def _tell_version(asked: bool) -> None:
    if asked:
        from siegewatch import __version__

        typer.echo(f"siegewatch {__version__}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version.")]


@app.callback()
def begin(_version: Version = False) -> None:
    """Sends warnings to standard error, so that standard output holds data alone; `run` sets its own log up."""
    from siegewatch.apps import logs

    logs.configure("auto", "warning", sys.stderr)


def main() -> None:
    """The console script. A signal to end unwinds what is open, so that no temporary store stays behind; one that
    the caller ignores, as nohup does, stays ignored."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    app()


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
