"""Placing: a report that names the place of what it, or a report that it repeats, told of a front or a region. Two
stories turn out to be one (merge), or a region's to hold a town's (split): the place gets known, nothing opens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from siegewatch.detect.course import LAG
from siegewatch.detect.stories import Told, same_step
from siegewatch.detect.syndication import with_source
from siegewatch.detect.tellers import MOST_OUTLETS, MOST_OUTLETS_A_BEAT, named
from siegewatch.detect.told_before import names_a_place, repeated
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.story import Alike, Beat, Forerunner, Known, Story
from siegewatch.domain.taxonomy import Change, Precision

MOST_ORIGINS = 20
_STEPS = frozenset({Change.OPENED, Change.PHASE, Change.STATUS, Change.PLACE})
"""What a place that gets known may change; that it is known of a story which has the step already is no news."""
_CLOSE = frozenset({Precision.SITE, Precision.CITY})


def told_vaguer(item: Item, known: Known) -> Alike | None:
    """The told report whose place an item may name: for an edit an earlier wording, else what it repeats."""
    said = known.alike if item.edit_of else repeated(item, known)
    return said if said and said.is_told and said.story else None


def placed(told: Sequence[Told], groups: Mapping[str, Sequence[Event]], item: Item, known: Known) -> list[Told]:
    """What an item told of its places, where one of them is that of what an earlier report told more vaguely: then
    that is the change, if it is any, and the earlier story comes after it, with the steps that have moved."""
    said = told_vaguer(item, known)
    before = next((story for story in known.stories.values() if story and said and story.id == said.story), None)
    if said is None or before is None or any(one.story.id == before.id for one in told) or _is_of_many(before, known):
        return list(told)
    for place, one in enumerate(told):
        steps = _steps(before, said, groups[one.story.key], item) if _is_closer(one.story, before) else {}
        if steps:
            return [*told[:place], *_as_placed(one, before, steps, item), *told[place + 1 :]]
    return list(told)


def _is_of_many(before: Story, known: Known) -> bool:
    """Whether the earlier wordings of an edit told of other places too, as a live page does."""
    keys = {claim.split("/")[3] for claim in known.facts}
    return any(names_a_place(key) and key != before.key for key in keys)


def _is_closer(story: Story, before: Story) -> bool:
    """Whether one story is of a place, and the earlier of a front, of a name that no map has, or of a region."""
    return _is_close(story) and not _is_close(before)


def _is_close(story: Story) -> bool:
    place = story.place
    return names_a_place(story.key) and place is not None and place.lat is not None and place.precision in _CLOSE


def _is_region(story: Story) -> bool:
    return story.place is not None and story.place.lat is not None and names_a_place(story.key)


def _steps(before: Story, said: Alike, events: Iterable[Event], item: Item) -> dict[Event, Beat]:
    """The events whose step of the earlier story was opened, not long ago, by a wording of the earlier report."""
    claimed = {(event.kind, event.phase, event.status, event.taken) for event in said.events}
    own = said.item.root
    found = {}
    for event in events:
        told = (event.kind, event.phase, event.status, event.taken)
        for beat in before.timeline:
            opened = beat.item == own or beat.item.startswith(f"{own}.")
            fresh = item.published_at - beat.last_at <= LAG and not beat.moved_to and beat.retracted_by is None
            if told in claimed and opened and fresh and told == (beat.kind, beat.phase, beat.status, beat.taken):
                found[event] = beat
    return found


def _as_placed(one: Told, before: Story, steps: Mapping[Event, Beat], item: Item) -> Iterable[Told]:
    region = _is_region(before)
    story = _split(one.story, before, item) if region else _merged(one.story, before, steps, item)
    news = tuple(event for event in one.events if event in steps)
    alone = one.change is Change.OPENED or len(news) == len(one.events)
    change = Change.PLACE if alone and one.change in _STEPS else one.change
    placed = news if one.change in _STEPS else ()
    why = f"names the place of what story {before.id} ({before.key}) told"
    yield replace(one, story=story, change=change, steps=(*one.steps, why), placed=placed)
    if not region:
        moved = tuple(replace(beat, moved_to=story.id) if beat in steps.values() else beat for beat in before.timeline)
        yield Told(replace(before, timeline=moved, version=before.version + 1), Change.NONE, ())


def _split(story: Story, before: Story, item: Item) -> Story:
    """What was told of the region may hold for several towns, so that none of it moves."""
    return replace(story, items=max(story.items, 1), split_from=story.split_from or Forerunner(before.id, item.id))


def _merged(story: Story, before: Story, steps: Mapping[Event, Beat], item: Item) -> Story:
    if before.id not in [one.story for one in story.merged_from]:
        story = replace(story, merged_from=(*story.merged_from, Forerunner(before.id, item.id))[-MOST_ORIGINS:])
    for event, beat in steps.items():
        step = same_step(story.timeline, event)
        timeline = tuple(_joined(old, beat) if old is step else old for old in story.timeline)
        story = replace(_told_by_those_of(story, beat, before), timeline=timeline)
    return story


def _told_by_those_of(story: Story, beat: Beat, before: Story) -> Story:
    """The story with those who told the step among its outlets and sources; an edit that opens it is its first item."""
    sources = story.sources
    for source in before.sources:
        if source.name in beat.sources:
            sources = with_source(sources, source)
    return replace(
        story,
        opened_at=min(story.opened_at, beat.at),
        items=max(story.items, 1),
        outlets=named(beat.outlets, story.outlets)[:MOST_OUTLETS],
        sources=sources[:MOST_OUTLETS],
    )


def _joined(step: Beat, beat: Beat) -> Beat:
    """Two tellings of one step as one: of the first report, told by all."""
    first = beat if beat.at <= step.at else step
    told = [one.since for one in (step, beat) if one.since]
    return replace(
        step,
        at=first.at,
        item=first.item,
        title=first.title,
        last_at=max(step.last_at, beat.last_at),
        attacker=step.attacker or beat.attacker,
        defender=step.defender or beat.defender,
        outlets=named(beat.outlets, step.outlets)[:MOST_OUTLETS_A_BEAT],
        sources=named(beat.sources, step.sources)[:MOST_OUTLETS_A_BEAT],
        since=min(told, key=lambda since: since.at, default=None),
        news=step.news or beat.news,
        corroborated_by=beat.corroborated_by or step.corroborated_by,
    )
