"""`siegewatch feeds import` and `export`: lists of feeds from and for other readers, as OPML."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import DEFAULT_CONFIG, ConfigDir, examples, remembered, roster_of
from siegewatch.domain.errors import Fault, OperationError
from siegewatch.domain.feed import AddedFeed, Feed, Written

if TYPE_CHECKING:
    from siegewatch.collect.opml import Outline
    from siegewatch.collect.roster import ReadEntry
    from siegewatch.settings.feeds import Address

IMPORT_EPILOG = examples(
    "siegewatch feeds import feeds.opml --dry-run", "siegewatch feeds import feeds.opml --tag desk"
)
EXPORT_EPILOG = examples("siegewatch feeds export feeds.opml", "siegewatch feeds export | xmllint --format -")

READABLE = "feed"
"""The source whose feeds other readers can read."""

File = Annotated[Path, typer.Argument(metavar="FILE", help="An OPML file.")]
Target = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to; standard output unless named.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="A tag for all of them; may be repeated.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Tell what would be added, and add nothing.")]
WithSecrets = Annotated[bool, typer.Option("--secrets", help="Also write addresses that may hold a secret.")]


@dataclass
class Sorted:
    """What a file holds: feeds to be added, how many are known already, and what is wrong with the others."""

    fresh: list[tuple[Feed, Written]] = field(default_factory=list)
    known: int = 0
    faults: list[Fault] = field(default_factory=list)
    faulty: int = 0


def import_feeds(file: File, tag: Tags = None, dry_run: Dry = False, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Add the feeds of an OPML file. Titles of folders and categories become tags; known feeds are passed by."""
    from siegewatch import wiring
    from siegewatch.collect.opml import read_opml

    try:
        outlines = read_opml(file.read_bytes())
    except OperationError as error:
        raise fail(f"{file}: {error}") from error
    with remembered(config) as (settings, memory):
        known = roster_of(settings, memory).addresses
        found = _sorted(outlines, tuple(tag or ()), str(file), known, wiring.entry_reader(settings))
        if not dry_run:
            for feed, written in found.fresh:
                memory.added.put(AddedFeed(feed.id, written, wiring.now()))
    for fault in found.faults:
        typer.echo(str(fault), err=True)
    if dry_run:
        _show([feed for feed, _ in found.fresh])
    count = (
        f"{len(found.fresh)} {'to add' if dry_run else 'added'}, {found.known} known already, {found.faulty} at fault"
    )
    typer.echo(f"{len(outlines)} feeds: {count}")


def _sorted(
    outlines: "Sequence[Outline]", tags: tuple[str, ...], file: str, known: "dict[Address, str]", read: "ReadEntry"
) -> Sorted:
    from siegewatch.settings.feeds import address

    found = Sorted()
    for outline in outlines:
        written = _written(outline, tags)
        feed, faults = read(written, file, {})
        if feed is None:
            found.faulty += 1
            found.faults += [replace(fault, line=outline.line) for fault in faults]
        elif address(feed.url) in known:
            found.known += 1
        else:
            known[address(feed.url)] = feed.name
            found.fresh.append((feed, written))
    return found


def _written(outline: "Outline", tags: tuple[str, ...]) -> Written:
    """As an entry of feeds.yaml. Nothing is filled in: a stranger's file must not name our variables and secrets."""
    all_tags = tuple(dict.fromkeys([*outline.tags, *tags]))
    entry: dict[str, str | tuple[str, ...]] = {"url": outline.url, "name": outline.name, "tags": all_tags}
    return {key: _literal(value) for key, value in entry.items() if value}


def _literal(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return value.replace("${", "$${")
    return tuple(one.replace("${", "$${") for one in value)


def _show(feeds: Sequence[Feed]) -> None:
    from siegewatch.apps.cli.show import Column, print_table
    from siegewatch.net.redact import redact_url

    columns = [
        Column[Feed]("NAME", lambda feed: feed.name, wrap=True),
        Column[Feed]("TAGS", lambda feed: feed.tags, wrap=True),
        Column[Feed]("ADDRESS", lambda feed: redact_url(feed.url), wrap=True),
    ]
    if feeds:
        print_table(feeds, columns)


def export_feeds(file: Target = None, secrets: WithSecrets = False, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Write all feeds as OPML, their tags as categories; but none whose address may hold a secret."""
    from siegewatch import wiring
    from siegewatch.collect.opml import write_opml

    with remembered(config) as (settings, memory):
        listed = roster_of(settings, memory).feeds
    feeds = [feed for feed in listed if feed.source == READABLE]
    if others := [feed.name for feed in listed if feed.source != READABLE]:
        typer.echo(f"left out for a source that other readers do not have: {', '.join(others)}", err=True)
    secret = [feed.name for feed in feeds if _may_be_secret(feed)]
    if secret:
        what = "warning: written with" if secrets else "left out for"
        instead = "mind who reads it" if secrets else "--secrets writes them all the same"
        typer.echo(f"{what} what may be secret in their addresses: {', '.join(secret)} ({instead})", err=True)
    text = write_opml([feed for feed in feeds if secrets or not _may_be_secret(feed)], wiring.now())
    if file is None:
        sys.stdout.buffer.write(text.encode())
    else:
        file.write_text(text, encoding="utf-8")


def _may_be_secret(feed: Feed) -> bool:
    """A password, what looks like a key, or what was filled in from a variable or a file."""
    from siegewatch.net.redact import may_hold_secret

    return feed.filled_in or may_hold_secret(feed.url)
