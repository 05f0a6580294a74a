"""Options that many commands take, and the settings and the store that they lead to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from siegewatch.collect.roster import Roster
    from siegewatch.settings import Settings
    from siegewatch.store.memory import Memory

DEFAULT_CONFIG = Path("config")


class Form(StrEnum):
    TABLE = "table"
    JSON = "json"


class Lines(StrEnum):
    JSONL = "jsonl"
    TABLE = "table"


class Role(StrEnum):
    COLLECT = "collect"
    DETECT = "detect"
    NOTIFY = "notify"
    WEB = "web"


ConfigDir = Annotated[
    Path, typer.Option("--config", metavar="DIR", help="Folder of siegewatch.yaml, feeds.yaml and alerts.yaml.")
]
ConfigDirIfAny = Annotated[
    Path | None,
    typer.Option("--config", metavar="DIR", help="Folder of the configuration; ./config, or defaults without it."),
]
FormOption = Annotated[Form, typer.Option("--format", help="A table to read, or JSON: one array or object.")]
LinesOption = Annotated[Lines, typer.Option("--format", help="One JSON object a line, or a table to read.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, metavar="N", help="The newest N.")]
Items = Annotated[str, typer.Argument(metavar="[FILE|-]", help="Items, one JSON object a line; - is standard input.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Only what is no older than that, such as 7d or 12h.")
]


def duration_of(text: str | None) -> timedelta | None:
    """The time that an option such as `--since 7d` names. Raises UsageError."""
    from siegewatch.domain.errors import UsageError
    from siegewatch.settings.quantities import duration

    if text is None:
        return None
    try:
        return duration(text)
    except ValueError as error:
        raise UsageError(f"--since {text}: write a number and m, h or d, such as 7d") from error


def examples(*lines: str) -> str:
    """An epilog that shows how a command is used."""
    return "\n\n".join(("[bold]Examples[/bold]", *(f"$ {line}" for line in lines)))


def settings_of(config: Path) -> "Settings":
    """The settings in a folder and the environment. Raises SettingsError."""
    from siegewatch.settings import load

    return load(config, os.environ)


def settings_if_any(config: Path | None) -> "Settings":
    """The settings of the folder that was named, else of ./config, else what holds where nothing is configured."""
    if config is not None or DEFAULT_CONFIG.is_dir():
        return settings_of(config or DEFAULT_CONFIG)
    with TemporaryDirectory() as folder:
        (Path(folder) / "feeds.yaml").write_text("feeds: []\n", encoding="utf-8")
        return settings_of(Path(folder))


@contextmanager
def remembered(config: Path) -> Iterator[tuple["Settings", "Memory"]]:
    """The settings, and what their store remembers: the running service's, joined; else opened for a moment."""
    from siegewatch import wiring

    settings = settings_of(config)
    with wiring.opened_store(settings) as store:
        yield settings, wiring.memory(settings, store)


def roster_of(settings: "Settings", memory: "Memory") -> "Roster":
    """The feeds there are. Added ones that the rules refuse by now are told on standard error."""
    from siegewatch import wiring

    found = wiring.roster(settings, memory.added.all(), memory.feeds.paused())
    for one in found.refused:
        for fault in one.faults:
            typer.echo(f"warning: {fault}", err=True)
    return found
