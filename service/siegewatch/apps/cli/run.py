"""`siegewatch run`: the service."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from siegewatch.apps.cli.options import DEFAULT_CONFIG, ConfigDir, Role, examples

EPILOG = examples(
    "siegewatch run",
    "siegewatch run --config /etc/siegewatch --role detect --role notify",
    "siegewatch run --once",
)
Roles = Annotated[list[Role] | None, typer.Option("--role", help="Run this part only; may be repeated.")]
Once = Annotated[bool, typer.Option("--once", help="Poll every feed once, work off what there is, and end.")]


def run(config: ConfigDir = DEFAULT_CONFIG, role: Roles = None, once: Once = False) -> None:
    """Run the service: poll feeds, find events, send alerts, serve page and API; all of it unless a role is named."""
    raise typer.Exit(_serve(config, frozenset(role or Role), once=once))


def _serve(config: Path, roles: frozenset[str], *, once: bool) -> int:
    from siegewatch.apps import logs
    from siegewatch.apps.runtime import serve
    from siegewatch.settings.folder import ConfigFolder

    folder = ConfigFolder(config, os.environ)
    settings = folder.load()
    logs.configure(settings.log.format, settings.log.level, sys.stderr)
    return serve(settings, roles, once=once, folder=folder)
