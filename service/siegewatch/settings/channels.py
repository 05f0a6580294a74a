"""The channels of `alerts.yaml`."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from importlib.metadata import EntryPoint
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator

from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.errors import Fault
from siegewatch.domain.standing import Budget, Quiet, Terms
from siegewatch.settings import quantities
from siegewatch.settings.channel_terms import type_faults
from siegewatch.settings.complaints import complaint
from siegewatch.settings.document import Document, Path, shown
from siegewatch.settings.feeds import reaches_only
from siegewatch.settings.quantities import Network, literal_host
from siegewatch.settings.section import Duration, Section, lasting

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class ChannelEntry(Section):
    """One entry of the list `channels`."""

    name: str = Field(description="what routes call it")
    type: str = Field(
        description="the installed channel that sends: apprise, atom, cap, console, discord, email, mattermost, "
        "ntfy, pagerduty, slack, teams, telegram, webhook"
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
    budget: Annotated[Budget | None, BeforeValidator(quantities.budget)] = Field(
        default=None,
        description="how many messages in how long, such as 1/s or 30/h; what is more is told in digests; "
        "empty: what the service of its type takes",
    )
    expire_after: Annotated[Duration, lasting(timedelta(minutes=1), timedelta(days=30))] = Field(
        default=timedelta(days=3), description="an alert that it did not accept for so long becomes a dead letter"
    )
    quiet: Annotated[Quiet | None, BeforeValidator(quantities.quiet)] = Field(
        default=None,
        description="hours such as 22:00-07:00, by display.time_zone, whose alerts but flash are told in one digest "
        "after them",
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
        terms = Terms(self.budget, self.expire_after, self.quiet)
        return ChannelSpec(self.name, self.type, self.url, self.secret, self.options, terms)


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
