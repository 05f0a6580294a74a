"""Who tells a story and its steps: outlets, and the independent sources among them."""

from collections.abc import Iterable
from dataclasses import replace

from siegewatch.detect.syndication import with_source
from siegewatch.domain.item import Item
from siegewatch.domain.story import Beat, Source, Story

MOST_OUTLETS = 1_000
MOST_OUTLETS_A_BEAT = 12


def outlet_of(item: Item) -> str | None:
    """Who published it, by the name that a story keeps."""
    return item.outlet or item.feed


def named(known: tuple[str, ...], names: Iterable[str | None]) -> tuple[str, ...]:
    """The names with those that are new, each once."""
    fresh = [name for name in names if name and name not in known]
    return (*known, *dict.fromkeys(fresh))


def step_told_by(beat: Beat, item: Item, source: Source | None) -> Beat:
    """The step with one more who reports it."""
    sources = named(beat.sources, [source.name] if source else [])
    outlets = named(beat.outlets, [outlet_of(item)])
    return replace(beat, outlets=outlets[:MOST_OUTLETS_A_BEAT], sources=sources[:MOST_OUTLETS_A_BEAT])


def story_told_by(story: Story, item: Item, source: Source | None) -> Story:
    """The story with one more who tells of it."""
    outlets = named(story.outlets, [outlet_of(item)])
    return replace(story, outlets=outlets[:MOST_OUTLETS], sources=with_source(story.sources, source)[:MOST_OUTLETS])
