"""What all commands share: failures become one line and an exit code, never a traceback."""

import os
import sys

import typer
from typer.core import TyperGroup

from siegewatch.domain.errors import SettingsError, SiegewatchError, UsageError

FAILED, WRONG_USAGE, BROKEN_PIPE = 1, 2, 141
"""Exit codes: the thing asked for failed; wrong usage or configuration; the reader of our output left
(128 + SIGPIPE, as a shell reports it)."""


class Commands(TyperGroup):
    """Commands whose failures are told in the words of the exception tree. Bugs are not caught."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Runs the command; whatever an operator can cause ends in a line on standard error and an exit code."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            for fault in error.faults:
                typer.echo(str(fault), err=True)
            raise typer.Exit(WRONG_USAGE) from error
        except UsageError as error:
            raise _ended(str(error), WRONG_USAGE) from error
        except SiegewatchError as error:
            raise _ended(str(error), FAILED) from error
        except BrokenPipeError as error:
            _forget_stdout()
            raise typer.Exit(BROKEN_PIPE) from error
        except OSError as error:
            raise _ended(f"{error.filename}: {error.strerror}" if error.filename else str(error), FAILED) from error


def fail(reason: str) -> typer.Exit:
    """Tells in one line why the thing asked for failed; to be raised."""
    return _ended(reason, FAILED)


def _ended(reason: str, code: int) -> typer.Exit:
    typer.echo("siegewatch: " + " | ".join(reason.splitlines()), err=True)
    return typer.Exit(code)


def _forget_stdout() -> None:
    """Lets Python's last flush at exit go nowhere, where it cannot fail again (as the docs of `signal` advise)."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.__stdout__.fileno() if sys.__stdout__ else nowhere)
