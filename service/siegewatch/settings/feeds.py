"""`feeds.yaml`: which feeds are polled, and what must hold between them and the other settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from siegewatch.domain.errors import Fault
from siegewatch.domain.feed import Feed
from siegewatch.settings.complaints import checked, checked_each, complaint, meant, quoted
from siegewatch.settings.document import Document, Path
from siegewatch.settings.models import FEED_EVERY, Duration, Networks, Section, Words, lasting, web_address
from siegewatch.settings.quantities import Network, literal_host

FLOOR = timedelta(seconds=60)
"""The shortest interval at which other people's servers are polled."""

Address = tuple[str, ...]
_LONGEST_URL = 2_048


class FeedEntry(Section):
    """One entry of the list `feeds`."""

    url: Annotated[str, AfterValidator(web_address(("http", "https")))] = Field(description="the feed's address")
    name: str = Field(default="", description="how it is shown; empty is the host of the url")
    tags: Words = Field(default=(), description="words that routes can match, such as a region")
    every: Annotated[Duration, lasting(*FEED_EVERY)] | None = Field(
        default=None,
        description="how often it is polled; empty is poll.every; at least 60s (1s: addresses in network.allow)",
    )
    priority: Literal["critical", "high", "normal", "low"] = Field(
        default="normal", description="which feeds go first when many are due"
    )
    outlet: str | None = Field(default=None, description="who publishes it, where the feed does not say it well")
    source: str = Field(
        default="feed", description="the installed source that reads it; feed is RSS, Atom and JSON Feed"
    )
    allow: Networks = Field(
        default=(), description="private address ranges (CIDR) that this feed may reach besides network.allow"
    )

    @field_validator("url")
    @classmethod
    def _some_address(cls, value: str) -> str:
        if not value or len(value) > _LONGEST_URL:
            raise complaint("is empty or too long", "write https://host/path")
        return value


class FeedsFile(Section):
    feeds: tuple[Any, ...] = Field(default=(), description="the feeds")


@dataclass(frozen=True, slots=True)
class FeedRules:
    """What feeds are checked against. `allow` is None where `network.allow` itself is at fault."""

    every: timedelta
    every_fault: Fault
    allow: tuple[Network, ...] | None
    sources: frozenset[str]


def read_feeds(document: Document, rules: FeedRules) -> tuple[tuple[Feed, ...], list[Fault], list[Fault]]:
    """The feeds, the faults, the warnings."""
    whole, faults = checked(FeedsFile, document.data, document)
    if whole is None:
        return (), faults, []
    entries, faults = checked_each(FeedEntry, whole.feeds, document, "feeds")
    faults += [
        *_twice(document, entries),
        *_too_often(document, entries, rules),
        *_sourceless(document, entries, rules),
    ]
    none = [] if whole.feeds else [document.fault(("feeds",), "no feed is listed", "add - url: https://…")]
    feeds = tuple(_feed(entry, document.at((*path, "url")).written) for path, entry in entries.items())
    return feeds, faults, none


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
        name=entry.name or _host(entry.url),
        tags=entry.tags,
        every=entry.every,
        priority=entry.priority,
        outlet=entry.outlet or None,
        source=entry.source,
        allow=tuple(map(str, entry.allow)),
        filled_in="${" in (written or "").replace("$${", ""),
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def address(url: str) -> Address:
    """What makes two addresses one: case of scheme and host, a default port and a fragment make no difference."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    user = parts.netloc.rpartition("@")[0]
    return parts.scheme, user, _host(url), str(port), parts.path or "/", parts.query


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
        if (entry.every or rules.every) >= FLOOR or reaches_only(_host(entry.url), rules.allow + entry.allow):
            continue
        if entry.every is None:
            hurried = True
        else:
            where = (*path, "every")
            instead = "write 60s or more (1s is for addresses in network.allow)"
            yield document.fault(where, f"every{quoted(document, where)} is under 60 s", instead)
    if hurried:
        yield rules.every_fault


def _sourceless(document: Document, entries: dict[Path, FeedEntry], rules: FeedRules) -> Iterator[Fault]:
    for path, entry in entries.items():
        if entry.source not in rules.sources:
            where = (*path, "source")
            yield document.fault(
                where, f"source{quoted(document, where)} is not installed", meant(entry.source, rules.sources)
            )
