"""The channels of `alerts.yaml`."""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.errors import Fault
from siegewatch.domain.standing import Budget, Quiet, Terms
from siegewatch.settings import quantities
from siegewatch.settings.complaints import complaint, meant, quoted
from siegewatch.settings.document import Document, Path, shown
from siegewatch.settings.feeds import reaches_only
from siegewatch.settings.quantities import Network, literal_host
from siegewatch.settings.section import Duration, Section, lasting, web_address

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SECRET = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})")
_SECRET_BYTES = range(24, 65)


class ChannelEntry(Section):
    """One entry of the list `channels`."""

    name: str = Field(description="what routes call it")
    type: str = Field(description="the installed channel that sends: console, slack, webhook")
    url: Annotated[str, AfterValidator(web_address(("http", "https")))] = Field(
        default="",
        repr=False,
        exclude=True,
        description="where it sends to; empty turns the channel off (console needs none)",
    )
    secret: str = Field(
        default="",
        repr=False,
        exclude=True,
        description="webhook: the signing secret, whsec_ and 24 to 64 bytes in base64",
    )
    budget: Annotated[Budget | None, BeforeValidator(quantities.budget)] = Field(
        default=None,
        description="how many messages in how long, such as 1/s or 30/h; what is more is told in digests; "
        "empty: as the type knows it (slack: 1/s)",
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
        default={}, repr=False, exclude=True, description="further settings for an installed channel that knows them"
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
    types: frozenset[str],
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
        if entry.type not in types:
            where = (*path, "type")
            yield document.fault(where, f"type{quoted(document, where)} is not installed", meant(entry.type, types))
        yield from _secret_fault(document, path, entry)
        yield from _plain_http_fault(document, path, entry, allow)


def _secret_fault(document: Document, path: Path, entry: ChannelEntry) -> Iterator[Fault]:
    """Standard Webhooks: 24 to 64 bytes, base64, after `whsec_`. A webhook that is off needs none yet."""
    if entry.type != "webhook" or not entry.url or (*path, "secret") in document.faulty or _is_secret(entry.secret):
        return
    what = "secret is not whsec_ and 24 to 64 bytes in base64" if entry.secret else "a webhook with a url has no secret"
    yield document.fault((*path, "secret"), what, 'write "whsec_" and the output of: openssl rand -base64 32')


def _is_secret(text: str) -> bool:
    found = _SECRET.fullmatch(text)
    if found is None or len(found[1]) % 4:
        return False
    return len(b64decode(found[1])) in _SECRET_BYTES


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
