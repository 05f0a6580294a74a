"""A feed that stands on the command line, held to the rules of feeds.yaml; what that says of its address holds too."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_network
from types import MappingProxyType
from typing import Annotated

import typer

from siegewatch.domain.errors import UsageError
from siegewatch.domain.feed import Feed

Allow = Annotated[
    list[str] | None, typer.Option("--allow", metavar="CIDR", help="A private network that it may reach.")
]
Source = Annotated[
    str | None, typer.Option("--source", metavar="NAME", help="The installed source that reads it, feed unless said.")
]
Options = Annotated[
    list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="An option of the source, as in feeds.yaml.")
]


def feed_of(
    url: str,
    source: str | None,
    options: Sequence[str] | None,
    allow: Sequence[str] | None,
    configured: Sequence[Feed],
) -> Feed:
    """The configured feed of that address, else a bare one, as far as it is not said otherwise. Raises UsageError where
    its source is not there or finds something wrong with it."""
    from siegewatch import wiring
    from siegewatch.settings.sources import misfits, source_terms

    known = next((feed for feed in configured if feed.url == url), Feed(url, url))
    name = source or known.source
    wiring.plugin("sources", name)
    # Options are those of one source: another one starts without.
    kept = known.options if name == known.source else {}
    pairs = MappingProxyType({**kept, **by_name("--option", options)})
    feed = replace(known, source=name, options=pairs, allow=(*known.allow, *_networks(allow or ())))
    found = [told for _, told in misfits(feed, source_terms(wiring.plugins("sources")[name]))]
    if found:
        raise UsageError(" | ".join(found))
    return feed


def by_name(option: str, pairs: Sequence[str] | None) -> dict[str, str]:
    """What was given as NAME=VALUE. Raises UsageError where it was not; tells no value, as one may be a key."""
    parted = [written.partition("=") for written in pairs or ()]
    if not all(name and equals for name, equals, _ in parted):
        raise UsageError(f"{option}: write NAME=VALUE")
    return {name: value for name, _, value in parted}


def _networks(allow: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(network, strict=False)) for network in allow)
    except ValueError as error:
        raise UsageError(f"--allow: {error}") from error
