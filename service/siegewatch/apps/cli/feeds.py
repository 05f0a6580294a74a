"""`siegewatch feeds`: what is polled, and how that goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli import feed_changes, opml
from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.one_feed import Allow, Options, Source, feed_of
from siegewatch.apps.cli.options import (
    DEFAULT_CONFIG,
    ConfigDir,
    ConfigDirIfAny,
    Form,
    FormOption,
    examples,
    remembered,
    roster_of,
    settings_if_any,
)
from siegewatch.domain.feed import Feed, FeedState, Listed, Origin, Pause, Validators

if TYPE_CHECKING:
    from siegewatch.collect.sources.base import Reading
    from siegewatch.settings import Settings
    from siegewatch.store.items import Candidate

app = typer.Typer(help="What is polled, and how that goes.", no_args_is_help=True)
app.command("add", epilog=feed_changes.ADD_EPILOG)(feed_changes.add)
app.command("remove", epilog=feed_changes.REMOVE_EPILOG)(feed_changes.remove)
app.command("pause", epilog=feed_changes.PAUSE_EPILOG)(feed_changes.pause)
app.command("import", epilog=opml.IMPORT_EPILOG)(opml.import_feeds)
app.command("export", epilog=opml.EXPORT_EPILOG)(opml.export_feeds)
app.command("resume", epilog=feed_changes.RESUME_EPILOG)(feed_changes.resume)
Url = Annotated[str, typer.Argument(metavar="URL", help="The feed's address.")]
SHOWN_ENTRIES = 5
NO_FEEDS = "no feeds: feeds.yaml lists none, and none was added"


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
    origin: Origin
    paused: Pause | None


@dataclass(frozen=True, slots=True)
class HealthRow:
    """How polling one feed goes; `status` is the last answer's, `items` counts all admitted ones."""

    id: str
    name: str
    paused: Pause | None
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


@app.command("list", epilog=examples("siegewatch feeds list", "siegewatch feeds list --format json | jq '.[].url'"))
def list_feeds(form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """List the feeds: those of feeds.yaml, and those added. How they do is for `feeds health`."""
    from siegewatch.apps.cli.show import Column, listing, span

    with remembered(config) as (settings, memory):
        listed = roster_of(settings, memory).listed
    columns = [
        Column[FeedRow]("NAME", lambda row: row.name, wrap=True),
        Column[FeedRow]("TAGS", lambda row: row.tags, wrap=True),
        Column[FeedRow]("EVERY", lambda row: row.paused or span(timedelta(seconds=row.every_seconds)), wrap=True),
        Column[FeedRow]("PRIORITY", lambda row: row.priority),
        Column[FeedRow]("ORIGIN", lambda row: row.origin),
        Column[FeedRow]("ADDRESS", lambda row: row.url, wrap=True),
    ]
    listing(form, [_row(one, settings) for one in listed], columns, NO_FEEDS)


def _row(one: Listed, settings: "Settings") -> FeedRow:
    from siegewatch.net.redact import redact_url

    feed = one.feed
    every = (feed.every or settings.poll.every).total_seconds()
    address = redact_url(feed.url)
    return FeedRow(feed.id, feed.name, address, feed.tags, every, feed.priority, feed.source, one.origin, one.pause)


@app.command("health", epilog=examples("siegewatch feeds health"))
def health(form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Tell how each feed does: last poll and answer, items so far, failures in a row, what is wrong, when it is due."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import listing

    with remembered(config) as (settings, memory):
        listed = roster_of(settings, memory).listed
        ids = [one.feed.id for one in listed]
        states, due_at, now = memory.feeds.states(ids), memory.feeds.due_at(ids), wiring.now()
    rows = [_health_row(*known, now) for known in zip(listed, states, due_at, strict=True)]
    listing(form, rows, _health_columns(now), NO_FEEDS)


def _health_row(one: Listed, state: FeedState, due_at: float | None, now: datetime) -> HealthRow:
    told = state.health
    return HealthRow(
        id=one.feed.id,
        name=one.feed.name,
        paused=one.pause,
        polled_at=told.polled_at,
        ok_at=told.ok_at,
        item_at=told.item_at,
        status=told.status,
        entries=told.entries,
        items=told.items,
        failures=told.failures,
        problem=told.problem,
        remark=told.remark,
        due_in_seconds=None if due_at is None else max(due_at - now.timestamp(), 0.0),
    )


def _health_columns(now: datetime) -> Sequence[Any]:
    from siegewatch.apps.cli.show import Column, span

    return [
        Column[HealthRow]("NAME", lambda row: row.name, wrap=True),
        Column[HealthRow]("POLLED", lambda row: span(now - row.polled_at) if row.polled_at else "never"),
        Column[HealthRow]("DUE", lambda row: _in(row.due_in_seconds)),
        Column[HealthRow]("STATUS", lambda row: row.status, right=True),
        Column[HealthRow]("ITEMS", lambda row: row.items, right=True),
        Column[HealthRow]("FAILED", lambda row: row.failures or None, right=True),
        Column[HealthRow]("PROBLEM OR REMARK", lambda row: row.paused or row.problem or row.remark, wrap=True),
    ]


def _in(seconds: float | None) -> str | None:
    from siegewatch.apps.cli.show import span

    return None if seconds is None else span(timedelta(seconds=seconds))


@app.command(
    "test",
    epilog=examples(
        "siegewatch feeds test https://example.org/rss.xml",
        "siegewatch feeds test http://127.0.0.1:8000/feed --allow 127.0.0.1/32",
        "siegewatch feeds test file:///var/spool/wire --source folder --option 'pattern=*.jsonl'",
    ),
)
def try_feed(
    url: Url,
    source: Source = None,
    options: Options = None,
    allow: Allow = None,
    form: FormOption = Form.TABLE,
    config: ConfigDirIfAny = None,
) -> None:
    """Poll one address once, and show what siegewatch would read there. Needs no store and keeps nothing. What
    feeds.yaml says of that address (source, options, headers, auth, proxy, …) holds, unless said otherwise here."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import print_json

    settings = settings_if_any(config)
    feed, now = feed_of(url, source, options, allow, settings.feeds), wiring.now()
    with wiring.opened_door(settings) as door, wiring.opened_tools(settings, door) as tools:
        reading = wiring.source(feed.source, tools).read(feed, Validators(), now)
    found = _admissible(feed, reading, now, settings)
    if form is Form.JSON:
        print_json(_as_json(reading, found))
    else:
        _print_reading(reading, found, settings.display.time_zone)
    if reading.problem:
        raise fail(reading.problem)


def _admissible(feed: Feed, reading: "Reading", now: datetime, settings: "Settings") -> "list[Candidate]":
    from siegewatch.collect.admit import Moment, candidates

    moment = Moment(now, None, settings.poll.first_poll_window)
    return candidates(feed, reading.title, reading.entries, moment)


def _as_json(reading: "Reading", found: "Sequence[Candidate]") -> dict[str, Any]:
    from siegewatch.store import codec

    items = [{**codec.plain(one.item), "identities": one.identities} for one in found]
    told = {"status": reading.status, "title": reading.title, "format": reading.format}
    return {**told, "problem": reading.problem, "remark": reading.remark, "feeds": reading.feeds, "items": items}


def _print_reading(reading: "Reading", found: "Sequence[Candidate]", zone: str) -> None:
    from siegewatch.apps.cli.show import Column, details, moment, print_table

    details(
        [
            ("status", reading.status),
            ("format", reading.format),
            ("title", reading.title),
            ("entries", len(reading.entries)),
            ("remark", reading.remark),
            ("problem", reading.problem),
            *(("feed of the page", address) for address in reading.feeds),
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
