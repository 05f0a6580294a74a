"""A feed that stands on the command line instead of in feeds.yaml, held to the same rules."""

from collections.abc import Sequence
from ipaddress import ip_network
from types import MappingProxyType
from typing import Annotated

import typer

from siegewatch.domain.errors import UsageError
from siegewatch.domain.feed import Feed

Allow = Annotated[
    list[str] | None, typer.Option("--allow", metavar="CIDR", help="A private network that it may reach.")
]
Options = Annotated[
    list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="An option of the source, as in feeds.yaml.")
]


def feed_of(url: str, source: str, options: Sequence[str] | None, allow: Sequence[str] | None) -> Feed:
    """The feed. Raises UsageError where its source is not there or finds something wrong with it."""
    from siegewatch import wiring
    from siegewatch.settings.sources import misfits, source_terms

    wiring.plugin("sources", source)
    pairs = MappingProxyType(dict(map(_pair, options or ())))
    feed = Feed(url, url, source=source, allow=_networks(allow or ()), options=pairs)
    found = [told for _, told in misfits(feed, source_terms(wiring.plugins("sources")[source]))]
    if found:
        raise UsageError(" | ".join(found))
    return feed


def _pair(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not name or not equals:
        raise UsageError("--option: write NAME=VALUE")
    return name, value


def _networks(allow: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(network, strict=False)) for network in allow)
    except ValueError as error:
        raise UsageError(f"--allow: {error}") from error
