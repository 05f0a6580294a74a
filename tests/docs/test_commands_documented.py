"""Every command, option and argument stands in docs/commands.md, and nothing stands there that there is not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from siegewatch.apps.cli import app
from siegewatch.apps.cli.options import Form, Lines, Role
from siegewatch.apps.cli.stories import Export
from siegewatch.domain.taxonomy import Change

DOCUMENT = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")


def commands(command: Any, path: str = "siegewatch") -> Iterator[tuple[str, Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{path} {name}")
    if not hasattr(command, "commands") or (command.invoke_without_command and path != "siegewatch"):
        yield path, command


def chapters() -> dict[str, str]:
    parts = re.split(r"^### ", DOCUMENT, flags=re.MULTILINE)[1:]
    return {part.split("\n", 1)[0]: part for part in parts}


COMMANDS = dict(commands(typer.main.get_command(app)))
CHAPTERS = chapters()


def test_commands_documented_are_those_there_are() -> None:
    assert CHAPTERS.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_options_documented_are_those_there_are(name: str) -> None:
    options = {option for one in COMMANDS[name].params if one.param_type_name == "option" for option in one.opts}
    assert set(re.findall(r"^\| `(--[a-z-]+)", CHAPTERS[name], re.MULTILINE)) == options


@pytest.mark.parametrize("name", COMMANDS)
def test_arguments_documented_are_those_there_are(name: str) -> None:
    arguments = [one.metavar for one in COMMANDS[name].params if one.param_type_name == "argument"]
    assert not arguments or f"`{' '.join([name, *arguments])}`" in CHAPTERS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_shows_an_example_of_it(name: str) -> None:
    assert f"$ {name}" in COMMANDS[name].epilog or f"| {name}" in COMMANDS[name].epilog


@pytest.mark.parametrize("name", ["siegewatch run", "siegewatch health"])
def test_roles_are_documented(name: str) -> None:
    assert "`--role " + r"\|".join(Role) + "`" in CHAPTERS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_formats_are_documented(name: str) -> None:
    written = set(re.findall(r"^\| `--format ([^`]+)`", CHAPTERS[name], re.MULTILINE))
    assert written <= {r"\|".join(form) for form in (Form, Lines, Export)}
    assert (r"\|".join(Lines) in written) is (name in ("siegewatch classify", "siegewatch replay"))


def test_changes_are_documented() -> None:
    assert all(f"`{change}`" in CHAPTERS["siegewatch alerts route"] for change in Change)
