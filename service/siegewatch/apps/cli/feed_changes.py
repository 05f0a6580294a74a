"""`siegewatch feeds add`, `remove`, `pause` and `resume`: what is polled, changed while the service runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.one_feed import Allow, Options, Source, by_name
from siegewatch.apps.cli.options import DEFAULT_CONFIG, ConfigDir, examples, remembered, roster_of
from siegewatch.domain.errors import SettingsError, UsageError
from siegewatch.domain.feed import AddedFeed, Listed, Pause, Written

if TYPE_CHECKING:
    from siegewatch.collect.roster import Roster

ADD_EPILOG = examples(
    "siegewatch feeds add https://example.org/rss.xml --name Example --tag world --every 2m",
    "siegewatch feeds add 'https://example.org/rss?key=${EXAMPLE_KEY}'",
    "siegewatch feeds add https://example.org/rss --header 'Authorization=Bearer ${EXAMPLE_TOKEN}'",
    "siegewatch feeds add https://api.example.org/news --source json --option items=data --option title=name",
)
REMOVE_EPILOG = examples("siegewatch feeds remove https://example.org/rss.xml")
PAUSE_EPILOG = examples("siegewatch feeds pause Example --reason 'moves house until Monday'")
RESUME_EPILOG = examples("siegewatch feeds resume Example")

OPERATOR = "operator"
SEE_LIST = "see siegewatch feeds list"

Url = Annotated[str, typer.Argument(metavar="URL", help="The feed's address, as in feeds.yaml.")]
Which = Annotated[str, typer.Argument(metavar="URL|NAME|ID", help="As `feeds list` tells them.")]
Name = Annotated[str | None, typer.Option("--name", help="How it is shown; its host unless said.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A word that routes can match; may be repeated.")]
Every = Annotated[str | None, typer.Option("--every", help="How often it is polled, such as 2m; else poll.every.")]
Priority = Annotated[str | None, typer.Option("--priority", help="critical, high, normal or low.")]
Outlet = Annotated[str | None, typer.Option("--outlet", help="Who publishes it, where it does not say so well.")]
Headers = Annotated[
    list[str] | None, typer.Option("--header", metavar="NAME=VALUE", help="A header of its requests; may be repeated.")
]
Proxy = Annotated[str | None, typer.Option("--proxy", metavar="URL", help="The proxy through which it is reached.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for those who see it in the lists.")]


def add(
    url: Url,
    name: Name = None,
    tag: Tags = None,
    every: Every = None,
    priority: Priority = None,
    outlet: Outlet = None,
    source: Source = None,
    options: Options = None,
    headers: Headers = None,
    proxy: Proxy = None,
    allow: Allow = None,
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Add a feed, which a running service polls within a minute. It is kept in the store, not in feeds.yaml."""
    from siegewatch import wiring

    keys = {"url": url, "name": name, "every": every, "priority": priority, "outlet": outlet, "source": source}
    lists = {"tags": tuple(tag or ()), "allow": tuple(allow or ())}
    pairs = {"options": by_name("--option", options), "headers": by_name("--header", headers)}
    given = {**keys, "proxy": proxy, **lists, **pairs}
    written: Written = {key: value for key, value in given.items() if value not in (None, (), {})}
    with remembered(config) as (settings, memory):
        known = roster_of(settings, memory).addresses
        feed, faults = wiring.entry_reader(settings)(written, "feeds add", known)
        if feed is None:
            raise SettingsError(faults)
        if not memory.added.put(AddedFeed(feed.id, written, wiring.now())):
            raise fail(f"the feed {feed.id} is added already")
    typer.echo(f"added {feed.name} ({feed.id}): a running service polls it within a minute")


def remove(which: Which, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Remove a feed that was added. What it brought so far stays; one of feeds.yaml is deleted there."""
    with remembered(config) as (settings, memory):
        roster = roster_of(settings, memory)
        if refused := _refused(roster, which):
            name, feed, added = which, refused.id, refused
        else:
            one = _listed(roster, which)
            if one.added is None:
                raise fail(f"{one.feed.name} stands in feeds.yaml: delete it there, or pause it ({one.feed.id})")
            name, feed, added = one.feed.name, one.feed.id, one.added
        memory.added.remove(added)
        memory.feeds.drop(feed)
    typer.echo(f"removed {name} ({feed})")


def pause(which: Which, reason: Reason = "", config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Poll a feed no more, until it is resumed."""
    from siegewatch import wiring

    with remembered(config) as (settings, memory):
        one = _listed(roster_of(settings, memory), which)
        memory.feeds.pause(one.feed.id, Pause(wiring.now(), OPERATOR, reason))
    typer.echo(f"paused {one.feed.name} ({one.feed.id})")


def resume(which: Which, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Poll a paused feed again, from now on."""
    from siegewatch import wiring

    with remembered(config) as (settings, memory):
        one = _listed(roster_of(settings, memory), which)
        if one.pause is None:
            raise fail(f"{one.feed.name} is not paused")
        memory.feeds.resume(one.feed.id, wiring.now())
    typer.echo(f"resumed {one.feed.name} ({one.feed.id}): it is due now")


def _listed(roster: "Roster", which: str) -> Listed:
    """The one feed that is meant. Raises UsageError where that is none, or more than one."""
    from siegewatch.settings.complaints import meant
    from siegewatch.settings.document import shown

    found = roster.named(which)
    if not found:
        names = {one.feed.name for one in roster.listed}
        raise UsageError(f"no feed is known as {shown(which)}: {meant(which, names, SEE_LIST)}")
    if len(found) > 1:
        ids = ", ".join(one.feed.id for one in found)
        raise UsageError(f"{len(found)} feeds are named {shown(which)}: name one by its id, of {ids}")
    return found[0]


def _refused(roster: "Roster", which: str) -> AddedFeed | None:
    """An added feed that the rules refuse by now, which is in no list."""
    found = (one.added for one in roster.refused)
    return next((one for one in found if which in (one.id, one.written["url"], one.written.get("name"))), None)
