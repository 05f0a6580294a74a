"""`siegewatch feeds`: what is polled, and how that goes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from siegewatch.apps.cli import feed_changes, feed_health, feed_trial, opml
from siegewatch.apps.cli.options import DEFAULT_CONFIG, ConfigDir, Form, FormOption, examples, remembered, roster_of
from siegewatch.domain.feed import Listed, Origin, Pause

if TYPE_CHECKING:
    from siegewatch.settings import Settings

app = typer.Typer(help="What is polled, and how that goes.", no_args_is_help=True)


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
    listing(form, [_row(one, settings) for one in listed], columns, feed_health.NO_FEEDS)


def _row(one: Listed, settings: "Settings") -> FeedRow:
    from siegewatch.net.redact import redact_url

    feed = one.feed
    every = (feed.every or settings.poll.every).total_seconds()
    address = redact_url(feed.url)
    return FeedRow(feed.id, feed.name, address, feed.tags, every, feed.priority, feed.source, one.origin, one.pause)


app.command("health", epilog=feed_health.HEALTH_EPILOG)(feed_health.health)
app.command("test", epilog=feed_trial.TEST_EPILOG)(feed_trial.try_feed)
app.command("add", epilog=feed_changes.ADD_EPILOG)(feed_changes.add)
app.command("remove", epilog=feed_changes.REMOVE_EPILOG)(feed_changes.remove)
app.command("pause", epilog=feed_changes.PAUSE_EPILOG)(feed_changes.pause)
app.command("resume", epilog=feed_changes.RESUME_EPILOG)(feed_changes.resume)
app.command("import", epilog=opml.IMPORT_EPILOG)(opml.import_feeds)
app.command("export", epilog=opml.EXPORT_EPILOG)(opml.export_feeds)
