"""The channels of `alerts.yaml`."""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.errors import Fault
from siegewatch.settings.channel_terms import type_faults
from siegewatch.settings.complaints import complaint
from siegewatch.settings.document import Document, Path, shown
from siegewatch.settings.feeds import reaches_only
from siegewatch.settings.quantities import Network, literal_host
from siegewatch.settings.section import Section

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class ChannelEntry(Section):
    """One entry of the list `channels`."""

    name: str = Field(description="what routes call it")
    type: str = Field(
        description="the installed channel that sends: atom, cap, console, discord, email, mattermost, ntfy, "
        "pagerduty, slack, teams, telegram, webhook"
    )
    url: str = Field(
        default="",
        repr=False,
        exclude=True,
        description="where it sends to; empty turns the channel off, save for types that know it themselves",
    )
    secret: str = Field(
        default="",
        repr=False,
        exclude=True,
        description="what it proves itself with: a signing secret, a token or a password, as its type asks",
    )
    options: dict[str, str] = Field(
        default={}, repr=False, exclude=True, description="further settings that its type knows"
    )

    @field_validator("name")
    @classmethod
    def _word(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise complaint("is no name", "write up to 64 letters, digits and . _ -")
        return value

    def spec(self) -> ChannelSpec:
        """As the rest of siegewatch knows it."""
        return ChannelSpec(self.name, self.type, self.url, self.secret, self.options)


def channel_faults(
    document: Document,
    channels: Mapping[Path, ChannelEntry],
    types: Mapping[str, EntryPoint],
    allow: tuple[Network, ...] | None,
) -> Iterator[Fault]:
    """What is wrong with channels beyond their keys. `allow` is None where `network.allow` itself is at fault."""
    first: dict[str, Path] = {}
    for path, entry in channels.items():
        known = first.setdefault(entry.name, path)
        if known != path:
            line = document.at((*known, "name")).line
            yield document.fault(
                (*path, "name"), f"channel {shown(entry.name)} stands already on line {line}", "rename one"
            )
        yield from _plain_http_fault(document, path, entry, allow)
    yield from type_faults(document, {path: entry.spec() for path, entry in channels.items()}, types)


def _plain_http_fault(
    document: Document, path: Path, entry: ChannelEntry, allow: tuple[Network, ...] | None
) -> Iterator[Fault]:
    """Alerts go over plain http only to allowed addresses. A name may lead to one of them; that is seen on sending."""
    if not entry.url.startswith("http:") or allow is None:
        return
    host = urlsplit(entry.url).hostname or ""
    may_be_allowed = bool(allow) if literal_host(host) is None else reaches_only(host, allow)
    if not may_be_allowed:
        instead = "write https://…, or add its address to network.allow"
        yield document.fault((*path, "url"), f"channel {shown(entry.name)} would send over plain http", instead)
