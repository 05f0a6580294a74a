"""`siegewatch demo`: the whole line without a network."""

from typing import Annotated

import typer

from siegewatch.apps.cli.options import examples

EPILOG = examples("siegewatch demo", "siegewatch demo --port 9000")
Port = Annotated[int | None, typer.Option("--port", min=1, max=65_535, metavar="N", help="Serve the page there.")]


def demo(port: Port = None) -> None:
    """Show the whole line with sample feeds and a local inbox; needs no network and no configuration."""
    from siegewatch.apps.demo import demo as show

    raise typer.Exit(show(port))
