"""`siegewatch feeds test`: what would be read at an address."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.one_feed import Allow, Options, Source, feed_of
from siegewatch.apps.cli.options import ConfigDirIfAny, Form, FormOption, examples, settings_if_any
from siegewatch.domain.feed import Feed, Validators

if TYPE_CHECKING:
    from siegewatch.collect.sources.base import Reading
    from siegewatch.settings import Settings
    from siegewatch.store.items import Candidate

TEST_EPILOG = examples(
    "siegewatch feeds test https://example.org/rss.xml",
    "siegewatch feeds test http://127.0.0.1:8000/feed --allow 127.0.0.1/32",
    "siegewatch feeds test file:///var/spool/wire --source folder --option 'pattern=*.jsonl'",
)

Url = Annotated[str, typer.Argument(metavar="URL", help="The feed's address.")]
SHOWN_ENTRIES = 5


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
    told = {"status": reading.status, "title": reading.title, "format": reading.format, "hub": _hub(reading)}
    return {**told, "problem": reading.problem, "remark": reading.remark, "feeds": reading.feeds, "items": items}


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
