"""`feeds.yaml`: which feeds are polled, and what must hold between them and the other settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import EntryPoint
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from siegewatch.domain.errors import Fault
from siegewatch.domain.feed import Feed
from siegewatch.settings.complaints import checked, checked_each, complaint, quoted
from siegewatch.settings.document import Document, Path
from siegewatch.settings.feed_requests import Auth, Cookies, Headers, ProxyAddress, request_headers, said_twice
from siegewatch.settings.quantities import Network, literal_host
from siegewatch.settings.section import (
    FEED_EVERY,
    Duration,
    Networks,
    Section,
    Words,
    filled_agent,
    lasting,
    printable,
)
from siegewatch.settings.sources import LOCAL, source_faults

FLOOR = timedelta(seconds=60)
"""The shortest interval at which other people's servers are polled."""

Address = tuple[str, ...]
_LONGEST_URL = 2_048


class FeedEntry(Section):
    """One entry of the list `feeds`."""

    url: str = Field(repr=False, exclude=True, description="the feed's address; file:///path for a folder")
    name: str = Field(default="", description="how it is shown; empty is the host of the url, or the folder's name")
    tags: Words = Field(default=(), description="words that routes can match, such as a region")
    every: Annotated[Duration, lasting(*FEED_EVERY)] | None = Field(
        default=None,
        description="how often it is polled, day and night; empty follows its own rhythm, from poll.every on; at least "
        "60s (1s: addresses in network.allow)",
    )
    priority: Literal["critical", "high", "normal", "low"] = Field(
        default="normal", description="which feeds go first when many are due, and how long a quiet one waits at most"
    )
    outlet: str | None = Field(default=None, description="who publishes it, where the feed does not say it well")
    source: str = Field(
        default="feed",
        description="the installed source that reads it: feed (RSS, Atom and JSON Feed), folder, json",
    )
    options: dict[str, str] = Field(
        default={}, repr=False, exclude=True, description="further settings that the source knows"
    )
    allow: Networks = Field(
        default=(), description="private address ranges (CIDR) that this feed may reach besides network.allow"
    )

    headers: Headers = Field(
        default={}, repr=False, exclude=True, description="further headers of its requests, as {X-Api-Key: …}"
    )
    auth: Auth = Auth()
    cookies: Cookies = Field(default={}, repr=False, exclude=True, description="cookies of its requests, as {name: …}")
    user_agent: Annotated[str, AfterValidator(printable), AfterValidator(filled_agent)] = Field(
        default="", repr=False, exclude=True, description="how its requests name us; empty is poll.user_agent"
    )
    proxy: ProxyAddress = Field(
        default="",
        repr=False,
        exclude=True,
        description="the HTTP proxy through which it is reached, http://host:port; empty is none",
    )

    @field_validator("url")
    @classmethod
    def _some_address(cls, value: str) -> str:
        if not value or len(value) > _LONGEST_URL:
            raise complaint("is empty or too long", "write https://host/path")
        try:
            urlsplit(value).port  # noqa: B018 - only looking at it tells whether it is a number
        except ValueError:
            raise complaint("is no address", "write https://host/path") from None
        return value

    @model_validator(mode="after")
    def _asked_for(self) -> Self:
        said = request_headers(self.headers, self.auth, self.cookies, self.user_agent) or self.proxy
        if said and urlsplit(self.url).scheme == LOCAL:
            what = "says how to ask a server, and url lies on this host"
            raise complaint(what, "remove headers, auth, cookies, user_agent and proxy")
        return self

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        twice = said_twice(self.url, self.headers, self.auth, self.cookies, self.user_agent)
        if twice:
            raise complaint(
                f"has the header {twice} from two keys", "keep one of headers, auth, cookies, user_agent, url"
            )
        return self


class FeedsFile(Section):
    feeds: tuple[Any, ...] = Field(default=(), description="the feeds")


@dataclass(frozen=True, slots=True)
class FeedRules:
    """What feeds are checked against. `allow` is None where `network.allow` itself is at fault."""

    every: timedelta
    every_fault: Fault
    allow: tuple[Network, ...] | None
    sources: Mapping[str, EntryPoint]


def read_feeds(document: Document, rules: FeedRules) -> tuple[tuple[Feed, ...], list[Fault], list[Fault]]:
    """The feeds, the faults, the warnings."""
    whole, faults = checked(FeedsFile, document.data, document)
    if whole is None:
        return (), faults, []
    entries, faults = checked_each(FeedEntry, whole.feeds, document, "feeds")
    feeds = {path: _feed(entry, document.at((*path, "url")).written) for path, entry in entries.items()}
    faults += [
        *_twice(document, entries),
        *_too_often(document, entries, rules),
        *source_faults(document, feeds, rules.sources),
    ]
    none = [] if whole.feeds else [document.fault(("feeds",), "no feed is listed", "add - url: https://…")]
    return tuple(feeds.values()), faults, none


def reaches_only(host: str, allow: tuple[Network, ...]) -> bool:
    """Whether a literal address or localhost lies in the allowed ranges. Other names do: no DNS is asked here."""
    literal = literal_host(host)
    return literal is not None and any(
        one.version == range_.version and one.subnet_of(range_)  # type: ignore[arg-type]
        for one in literal
        for range_ in allow
    )


def _feed(entry: FeedEntry, written: str | None) -> Feed:
    return Feed(
        url=entry.url,
        name=entry.name or _host(entry.url) or PurePosixPath(unquote(urlsplit(entry.url).path)).name,
        tags=entry.tags,
        every=entry.every,
        priority=entry.priority,
        outlet=entry.outlet or None,
        source=entry.source,
        allow=tuple(map(str, entry.allow)),
        headers=request_headers(entry.headers, entry.auth, entry.cookies, entry.user_agent),
        proxy=entry.proxy,
        options=MappingProxyType(entry.options),
        filled_in="${" in (written or "").replace("$${", ""),
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def address(url: str) -> Address:
    """What makes two addresses one: case of scheme and host, a default port, a fragment and the slash behind a folder
    make no difference."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    user = parts.netloc.rpartition("@")[0]
    path = parts.path.rstrip("/") if parts.scheme == LOCAL else parts.path
    return parts.scheme, user, _host(url), str(port), path or "/", parts.query


def _twice(document: Document, entries: dict[Path, FeedEntry]) -> Iterator[Fault]:
    first: dict[Address, Path] = {}
    for path, entry in entries.items():
        known = first.setdefault(address(entry.url), path)
        if known != path:
            line = document.at((*known, "url")).line
            yield document.fault((*path, "url"), f"this url stands already on line {line}", "keep one")


def _too_often(document: Document, entries: dict[Path, FeedEntry], rules: FeedRules) -> Iterator[Fault]:
    """`every` under a minute, of a feed or of all, away from addresses that are our own."""
    if rules.allow is None:
        return
    hurried = False
    for path, entry in entries.items():
        if (entry.every or rules.every) >= FLOOR or _is_ours(entry, rules.allow + entry.allow):
            continue
        if entry.every is None:
            hurried = True
        else:
            where = (*path, "every")
            instead = "write 60s or more (1s is for addresses in network.allow)"
            yield document.fault(where, f"every{quoted(document, where)} is under 60 s", instead)
    if hurried:
        yield rules.every_fault


def _is_ours(entry: FeedEntry, allow: tuple[Network, ...]) -> bool:
    """Whether polling it troubles nobody else: a folder of this host, or an address that is allowed."""
    return urlsplit(entry.url).scheme == LOCAL or reaches_only(_host(entry.url), allow)
