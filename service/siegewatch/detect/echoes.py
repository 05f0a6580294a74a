"""Echoes: what a report that is told again adds to its story. No step and no alert, but one more who tells it."""

from collections.abc import Iterable
from dataclasses import replace

from siegewatch.detect.stories import same_step
from siegewatch.detect.syndication import source_of
from siegewatch.detect.tellers import step_told_by, story_told_by
from siegewatch.detect.told_before import repeated
from siegewatch.domain.item import Item
from siegewatch.domain.story import Alike, Beat, Decision, Known, Story
from siegewatch.domain.taxonomy import Outcome


def heard_again(item: Item, known: Known) -> Alike | None:
    """The told report that an item repeats, if it is a repeat; an edit, and what is too old to ring, adds nobody."""
    said = None if item.edit_of or item.late else known.first or repeated(item, known)
    return said if said and said.is_told and said.story else None


def with_echo(decision: Decision) -> Decision:
    """The decision on a repeat, with the running story of what it repeats told by one more: once for each outlet, so
    that a copy in an outlet that is known changes nothing."""
    said = heard_again(decision.item, decision.known)
    if said is None or decision.ruling.outcome is not Outcome.REPEAT:
        return decision
    story = story_of(said, decision.known)
    if story is None or any(one.id == story.id for one in decision.stories):
        return decision
    told = echoed(story, said, decision.item)
    return decision if told is story else replace(decision, stories=(*decision.stories, told))


def story_of(said: Alike, known: Known) -> Story | None:
    """The running story that has what a report told: that which its own was merged into, if it was."""
    running = {story.id: story for story in known.stories.values() if story}
    own = running.get(said.story or "")
    return running.get(own.merged_into or own.id) if own else None


def echoed(story: Story, said: Alike, item: Item) -> Story:
    """The story with who repeats `said` among those who tell it and its steps; itself where that is known."""
    source = source_of(item, said)
    steps = list(_steps(story, said))
    timeline = tuple(step_told_by(beat, item, source) if beat in steps else beat for beat in story.timeline)
    grown = replace(story_told_by(story, item, source), timeline=timeline)
    return story if grown == story else replace(grown, version=story.version + 1)


def _steps(story: Story, said: Alike) -> Iterable[Beat]:
    """The steps that the report tells of: those that it opened, else the last ones like its events."""
    opened = [beat for beat in story.timeline if beat.item == said.item.id and beat.retracted_by is None]
    last = (same_step(story.timeline, event) for event in said.events)
    return opened or [beat for beat in last if beat]
