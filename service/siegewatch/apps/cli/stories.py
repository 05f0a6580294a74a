"""`siegewatch stories`: the fights for places that siegewatch keeps track of, and the ledger of each."""

import sys
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import (
    DEFAULT_CONFIG,
    ConfigDir,
    Form,
    FormOption,
    Limit,
    Since,
    duration_of,
    examples,
    remembered,
)
from siegewatch.domain.errors import UsageError

if TYPE_CHECKING:
    from siegewatch.domain.ledger import Fight
    from siegewatch.domain.story import Beat, Source, Story
    from siegewatch.store.stories import StoryStore

app = typer.Typer(help="The fights for places that siegewatch keeps track of.", no_args_is_help=True)
Place = Annotated[str | None, typer.Option("--place", metavar="P", help="Part of a name, or a country's two letters.")]
Country = Annotated[str | None, typer.Option("--country", metavar="C", help="A country's two letters.")]
StoryId = Annotated[str, typer.Argument(metavar="ID", help="As in the listing.")]
Target = Annotated[str, typer.Argument(metavar="[FILE|-]", help="Where to write it; - is standard output.")]
EVERY = 10_000
"""Stories that an export looks through: all that the listing holds."""


class Export(StrEnum):
    JSON = "json"
    CSV = "csv"
    GEOJSON = "geojson"
    ATOM = "atom"


@app.command("list", epilog=examples("siegewatch stories list", "siegewatch stories list --country SY --since 7d"))
def list_stories(
    place: Place = None,
    country: Country = None,
    since: Since = None,
    limit: Limit = 50,
    form: FormOption = Form.TABLE,
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """List stories, those that changed last first."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import Column, listing, moment

    span, now = duration_of(since), wiring.now()
    with remembered(config) as (settings, memory):
        stories = _found(memory.stories, limit, place, country, span, now)
    zone = settings.display.time_zone
    columns = [
        Column["Story"]("ID", lambda story: story.id),
        Column["Story"]("STORY", lambda story: story.title, wrap=True),
        Column["Story"]("NOW", state_now, wrap=True),
        Column["Story"]("SIEGE DAYS", lambda story: story.siege_days(now), right=True),
        Column["Story"]("CHANGED", lambda story: moment(story.changed_at, zone)),
        Column["Story"]("ITEMS", lambda story: story.items, right=True),
    ]
    where = place or country
    listing(
        form, stories, columns, "no stories" + (f" at {where}" if where else "") + ("" if where or since else " yet")
    )


def _found(
    stories: "StoryStore", limit: int, place: str | None, country: str | None, span: timedelta | None, now: datetime
) -> list["Story"]:
    return [
        story
        for story in stories.recent(limit)
        if (place is None or _is_at(story, place))
        and (country is None or story.country == country.upper())
        and (span is None or now - story.changed_at <= span)
    ]


def _is_at(story: "Story", place: str) -> bool:
    named = story.place.name if story.place else ""
    return place.upper() == story.country or place.casefold() in f"{story.title}\n{named}".casefold()


def state_now(story: "Story") -> str:
    """How each kind of fight stood when it was last heard of."""
    from siegewatch.apps.exports.ledger import phase_words

    last = {beat.kind: beat for beat in story.timeline}
    return ", ".join(f"{beat.kind} {phase_words(beat)}" for beat in last.values())


@app.command("show", epilog=examples("siegewatch stories show 5f0c2a9d41be"))
def show_story(story: StoryId, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Show one story: each siege and offensive with its phases as a timeline, its days, sides, outlets and tolls."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import print_json
    from siegewatch.apps.exports.ledger import story_entry

    with remembered(config) as (settings, memory):
        found = memory.stories.story(story)
    if found is None:
        raise fail(f"there is no story {story}; stories are kept for 90 days after their last change")
    if form is Form.JSON:
        print_json(story_entry(found, wiring.now()))
    else:
        print_story(found, settings.display.time_zone, wiring.now())


def print_story(story: "Story", zone: str, now: datetime) -> None:
    """One story in lines: what it is, then each fight as a timeline."""
    from siegewatch.apps.cli.show import details, moment, sections
    from siegewatch.domain.ledger import fights

    details(
        [
            ("story", story.id),
            ("title", story.title),
            ("place", story.place.name if story.place else None),
            ("country", story.country),
            ("opened", moment(story.opened_at, zone)),
            ("changed", moment(story.changed_at, zone)),
            ("attackers", story.attackers),
            ("defenders", story.defenders),
            ("outlets", story.outlets),
            ("independent", tuple(_source(one) for one in story.sources)),
            ("items", story.items),
            ("before it", story.follows),
            ("merged into", story.merged_into),
            ("merged from", tuple(origin.story for origin in story.merged_from)),
            ("split from", story.split_from.story if story.split_from else None),
        ]
    )
    typer.echo()
    sections([_section(fight, zone, now) for fight in fights(story)])


def _source(source: "Source") -> str:
    """*Courier*; *Reuters (in Courier, Herald)* for a wire that others print."""
    printed = [outlet for outlet in source.outlets if outlet != source.name]
    return f"{source.name} (in {', '.join(printed)})" if printed else source.name


def _section(fight: "Fight", zone: str, now: datetime) -> tuple[str, list[str]]:
    from siegewatch.apps.exports.atom import fight_words
    from siegewatch.apps.exports.ledger import toll_words

    sides = " against ".join(", ".join(side) for side in (fight.attackers, fight.defenders) if side)
    tolls = [f"{toll_words(toll)} ({', '.join(toll.sources)})" for toll in fight.tolls]
    lines = [*([f"sides: {sides}"] if sides else []), *(_step(beat, zone) for beat in fight.beats), *tolls]
    return fight_words(fight, now), lines


def _step(beat: "Beat", zone: str) -> str:
    from siegewatch.apps.cli.show import moment
    from siegewatch.apps.exports.ledger import phase_words

    again = f", last told {moment(beat.last_at, zone)}" if beat.last_at - beat.at >= timedelta(hours=1) else ""
    told = f"“{beat.title}” " if beat.title else ""
    outlets = ", ".join(beat.outlets) or "item"
    return f"{moment(beat.at, zone)}  {beat.kind} {phase_words(beat)}{again}\n{told}({outlets}, item {beat.item})"


@app.command("export", epilog=examples("siegewatch stories export --format geojson stories.geojson"))
def export_stories(
    file: Target = "-",
    form: Annotated[Export, typer.Option("--format", help="What to write.")] = Export.JSON,
    place: Place = None,
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Write stories with their sieges and offensives for other programs, those that changed last first."""
    from siegewatch import wiring

    now = wiring.now()
    with remembered(config) as (settings, memory):
        stories = _found(memory.stories, EVERY, place, None, None, now)
    data = _exported(form, stories, now, settings.web.public_url)
    if file == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        Path(file).write_bytes(data)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error


def _exported(form: Export, stories: list["Story"], now: datetime, public_url: str) -> bytes:
    import orjson

    from siegewatch.apps.exports import atom, geojson, ledger

    if form is Export.ATOM:
        return atom.as_atom(stories, now, public_url)
    if form is Export.CSV:
        return ledger.as_csv(stories, now).encode()
    value = geojson.as_geojson(stories, now) if form is Export.GEOJSON else ledger.as_json(stories, now)
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
