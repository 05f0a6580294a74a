"""`siegewatch feeds`: what is polled, and how that goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import (
    DEFAULT_CONFIG,
    ConfigDir,
    ConfigDirIfAny,
    Form,
    FormOption,
    examples,
    remembered,
    settings_if_any,
    settings_of,
)
from siegewatch.domain.errors import UsageError
from siegewatch.domain.feed import Feed, FeedState, Validators
from siegewatch.domain.subscription import Subscription

if TYPE_CHECKING:
    from siegewatch.collect.sources.base import Reading
    from siegewatch.settings import Settings
    from siegewatch.store.items import Candidate

app = typer.Typer(help="What is polled, and how that goes.", no_args_is_help=True)
Url = Annotated[str, typer.Argument(metavar="URL", help="The feed's address.")]
Allow = Annotated[
    list[str] | None, typer.Option("--allow", metavar="CIDR", help="A private network that it may reach.")
]
SHOWN_ENTRIES = 5


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed as configured; `url` without what may be secret in it."""

    id: str
    name: str
    url: str
    tags: tuple[str, ...]
    every_seconds: float
    priority: str
    source: str


@dataclass(frozen=True, slots=True)
class HealthRow:
    """How polling one feed goes; `status` is the last answer's, `items` counts all admitted ones. `push` is one word on
    the subscription at its hub."""

    id: str
    name: str
    polled_at: datetime | None
    ok_at: datetime | None
    item_at: datetime | None
    status: int | None
    entries: int
    items: int
    failures: int
    problem: str | None
    remark: str | None
    due_in_seconds: float | None
    push: str | None
    pushed_at: datetime | None


@app.command("list", epilog=examples("siegewatch feeds list", "siegewatch feeds list --format json | jq '.[].url'"))
def list_feeds(form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """List the configured feeds. How they do is for `feeds health`."""
    from siegewatch.apps.cli.show import Column, listing, span

    settings = settings_of(config)
    columns = [
        Column[FeedRow]("NAME", lambda row: row.name, wrap=True),
        Column[FeedRow]("TAGS", lambda row: row.tags, wrap=True),
        Column[FeedRow]("EVERY", lambda row: span(timedelta(seconds=row.every_seconds)), right=True),
        Column[FeedRow]("PRIORITY", lambda row: row.priority),
        Column[FeedRow]("ADDRESS", lambda row: row.url, wrap=True),
    ]
    listing(form, [_row(feed, settings) for feed in settings.feeds], columns, "no feeds: feeds.yaml lists none")


def _row(feed: Feed, settings: "Settings") -> FeedRow:
    from siegewatch.net.redact import redact_url

    every = (feed.every or settings.poll.every).total_seconds()
    return FeedRow(feed.id, feed.name, redact_url(feed.url), feed.tags, every, feed.priority, feed.source)


@app.command("health", epilog=examples("siegewatch feeds health"))
def health(form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Tell how each feed does: last poll and answer, items so far, failures in a row, what is wrong, when it is due."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import listing

    with remembered(config) as (settings, memory):
        ids = [feed.id for feed in settings.feeds]
        states, due_at, now = memory.feeds.states(ids), memory.feeds.due_at(ids), wiring.now()
        pushes = memory.subscriptions.known(ids)
    rows = [_health_row(*known, now) for known in zip(settings.feeds, states, due_at, pushes, strict=True)]
    listing(form, rows, _health_columns(now), "no feeds: feeds.yaml lists none")


def _health_row(
    feed: Feed, state: FeedState, due_at: float | None, push: Subscription | None, now: datetime
) -> HealthRow:
    from siegewatch.collect import websub

    told = state.health
    remarks = (told.remark, websub.remark(push, now) if push else None)
    return HealthRow(
        id=feed.id,
        name=feed.name,
        polled_at=told.polled_at,
        ok_at=told.ok_at,
        item_at=told.item_at,
        status=told.status,
        entries=told.entries,
        items=told.items,
        failures=told.failures,
        problem=told.problem,
        remark="; ".join(filter(None, remarks)) or None,
        due_in_seconds=None if due_at is None else max(due_at - now.timestamp(), 0.0),
        push=websub.standing(push, now) if push else None,
        pushed_at=push.pushed_at if push else None,
    )


def _health_columns(now: datetime) -> Sequence[Any]:
    from siegewatch.apps.cli.show import Column, span

    return [
        Column[HealthRow]("NAME", lambda row: row.name, wrap=True),
        Column[HealthRow]("POLLED", lambda row: span(now - row.polled_at) if row.polled_at else "never"),
        Column[HealthRow]("DUE", lambda row: _in(row.due_in_seconds)),
        Column[HealthRow]("PUSH", lambda row: row.push),
        Column[HealthRow]("STATUS", lambda row: row.status, right=True),
        Column[HealthRow]("ITEMS", lambda row: row.items, right=True),
        Column[HealthRow]("FAILED", lambda row: row.failures or None, right=True),
        Column[HealthRow]("PROBLEM OR REMARK", lambda row: row.problem or row.remark, wrap=True),
    ]


def _in(seconds: float | None) -> str | None:
    from siegewatch.apps.cli.show import span

    return None if seconds is None else span(timedelta(seconds=seconds))


@app.command(
    "test",
    epilog=examples(
        "siegewatch feeds test https://example.org/rss.xml",
        "siegewatch feeds test http://127.0.0.1:8000/feed --allow 127.0.0.1/32",
    ),
)
def try_feed(url: Url, allow: Allow = None, form: FormOption = Form.TABLE, config: ConfigDirIfAny = None) -> None:
    """Poll one address once, and show what siegewatch would read there. Needs no store and keeps nothing."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import print_json

    settings = settings_if_any(config)
    feed, now = Feed(url, url, allow=_networks(allow or [])), wiring.now()
    with wiring.opened_door(settings) as door, wiring.opened_tools(settings, door) as tools:
        reading = wiring.source(feed.source, tools).read(feed, Validators(), now)
    found = _admissible(feed, reading, now, settings)
    if form is Form.JSON:
        print_json(_as_json(reading, found))
    else:
        _print_reading(reading, found, settings.display.time_zone)
    if reading.problem:
        raise fail(reading.problem)


def _networks(allow: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(network, strict=False)) for network in allow)
    except ValueError as error:
        raise UsageError(f"--allow: {error}") from error


def _admissible(feed: Feed, reading: "Reading", now: datetime, settings: "Settings") -> "list[Candidate]":
    from siegewatch.collect.admit import Moment, candidates

    moment = Moment(now, None, settings.poll.first_poll_window)
    return candidates(feed, reading.title, reading.entries, moment)


def _as_json(reading: "Reading", found: "Sequence[Candidate]") -> dict[str, Any]:
    from siegewatch.store import codec

    items = [{**codec.plain(one.item), "identities": one.identities} for one in found]
    told = {"status": reading.status, "title": reading.title, "format": reading.format, "hub": _hub(reading)}
    return {**told, "problem": reading.problem, "remark": reading.remark, "items": items}


def _hub(reading: "Reading") -> str | None:
    from siegewatch.net.redact import redact_url

    return redact_url(reading.offer.hub) if reading.offer else None


def _print_reading(reading: "Reading", found: "Sequence[Candidate]", zone: str) -> None:
    from siegewatch.apps.cli.show import Column, details, moment, print_table

    details(
        [
            ("status", reading.status),
            ("format", reading.format),
            ("title", reading.title),
            ("hub", _hub(reading)),
            ("entries", len(reading.entries)),
            ("remark", reading.remark),
            ("problem", reading.problem),
        ]
    )
    columns = [
        Column[Any]("PUBLISHED", lambda one: moment(one.item.published_at, zone)),
        Column[Any]("TITLE", lambda one: one.item.title, wrap=True),
        Column[Any]("KNOWN BY", lambda one: "\n".join(one.identities)),
    ]
    if found:
        typer.echo()
        print_table(found[-SHOWN_ENTRIES:], columns)
