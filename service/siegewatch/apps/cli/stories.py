"""`siegewatch stories`: the fights for places that siegewatch keeps track of."""

from typing import TYPE_CHECKING, Annotated

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import (
    DEFAULT_CONFIG,
    ConfigDir,
    Form,
    FormOption,
    Limit,
    examples,
    remembered,
)

if TYPE_CHECKING:
    from siegewatch.domain.story import Story

app = typer.Typer(help="The fights for places that siegewatch keeps track of.", no_args_is_help=True)
Place = Annotated[str | None, typer.Option("--place", metavar="P", help="Part of a name, or a country's two letters.")]
StoryId = Annotated[str, typer.Argument(metavar="ID", help="As in the listing.")]


@app.command("list", epilog=examples("siegewatch stories list", "siegewatch stories list --place SY --limit 200"))
def list_stories(
    place: Place = None, limit: Limit = 50, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG
) -> None:
    """List stories, those that changed last first."""
    from siegewatch.apps.cli.show import Column, listing, moment

    with remembered(config) as (settings, memory):
        stories = [story for story in memory.stories.recent(limit) if place is None or _is_at(story, place)]
    zone = settings.display.time_zone
    columns = [
        Column["Story"]("ID", lambda story: story.id),
        Column["Story"]("STORY", lambda story: story.title, wrap=True),
        Column["Story"]("NOW", _now, wrap=True),
        Column["Story"]("CHANGED", lambda story: moment(story.changed_at, zone)),
        Column["Story"]("ITEMS", lambda story: story.items, right=True),
    ]
    listing(form, stories, columns, "no stories" + (f" at {place}" if place else " yet"))


def _is_at(story: "Story", place: str) -> bool:
    named = story.place.name if story.place else ""
    return place.upper() == story.country or place.casefold() in f"{story.title}\n{named}".casefold()


def _now(story: "Story") -> str:
    """How each kind of fight stood when it was last heard of."""
    last = {beat.kind: beat for beat in story.timeline}
    return ", ".join(f"{beat.kind} {beat.phase}" + _unless_actual(beat.status) for beat in last.values())


def _unless_actual(status: str) -> str:
    return "" if status == "actual" else f" ({status})"


@app.command("show", epilog=examples("siegewatch stories show 5f0c2a9d41be"))
def show_story(story: StoryId, form: FormOption = Form.TABLE, config: ConfigDir = DEFAULT_CONFIG) -> None:
    """Show one story: its sides, its outlets, and the phases that it went through."""
    from siegewatch.apps.cli.show import print_json
    from siegewatch.store import codec

    with remembered(config) as (settings, memory):
        found = memory.stories.story(story)
    if found is None:
        raise fail(f"there is no story {story}; stories are kept for 90 days after their last change")
    if form is Form.JSON:
        print_json(codec.plain(found))
    else:
        print_story(found, settings.display.time_zone)


def print_story(story: "Story", zone: str) -> None:
    """One story in lines."""
    from siegewatch.apps.cli.show import details, moment

    beats = [
        f"{moment(beat.at, zone)}  {beat.kind} {beat.phase}{_unless_actual(beat.status)}"
        f"{', place taken' if beat.taken else ''}  (item {beat.item})"
        for beat in story.timeline
    ]
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
            ("items", story.items),
            ("timeline", "\n".join(beats)),
        ]
    )
