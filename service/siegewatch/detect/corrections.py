"""Corrections: which items take back what was told, and what becomes of the story. They never open one."""

import re
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from siegewatch.detect.syndication import source_of
from siegewatch.domain.item import Item
from siegewatch.domain.story import Alike, Beat, Known, Story, StoryChange
from siegewatch.domain.taxonomy import Change, Likeness

_REPORT = r"(?:reports?|stor(?:y|ies)|articles?|claims?|statements?|headlines?|news)"
_NOTICE = re.compile(
    r"^\W*(?:corrections?|clarifications?|retractions?|errat(?:um|a)|corrections? and clarifications?)\b\s*[:|\-–—(]"
    rf"|\b(?:retract(?:s|ed|ing)?|disown(?:s|ed)?)\b[^.:;]{{0,40}}?\b{_REPORT}\b"
    rf"|\bwithdr(?:aws?|ew|awn)\s+(?:(?:its|the|a|an|that|earlier)\s+)*{_REPORT}\b"
    rf"|\b{_REPORT}\s+(?:(?:is|was|has been|that|on|of|about)\s+)?(?:retracted|withdrawn|taken back)\b",
    re.IGNORECASE,
)
_REFILE = re.compile(r"^\W*(?:corrected|correct|refile)\b\s*\d*\s*[-:|–—]|\(corrects\b", re.IGNORECASE)
_NOTE = re.compile(
    r"\b(?:an |the )?earlier version of this (?:story|article|report|item)\b|\(corrects\b"
    r"|\bthis (?:story|article|report|headline|item) (?:has been|was) (?:corrected|retracted|withdrawn)\b",
    re.IGNORECASE,
)
_READ = 2_000
"""Characters of a lead in which a note is looked for."""


class Correcting(StrEnum):
    """How an item says that an earlier one was wrong."""

    NOTICE = "notice"
    """It tells nothing else."""
    REFILE = "refile"
    """It is the report itself, put out again."""


def correcting(item: Item) -> Correcting | None:
    """Whether an item says so, by its words alone."""
    if _NOTICE.search(item.title):
        return Correcting.NOTICE
    refiled = _REFILE.search(item.title) or _NOTE.search(item.summary[:_READ])
    return Correcting.REFILE if refiled else None


def takes_back(item: Item, known: Known) -> Alike | None:
    """The told report that an item corrects, None where it corrects none: one that says so of a report it is like, one
    put out again with another fact, or one that denies what the report says in the same words."""
    said = known.alike
    if said is None or not said.is_told or said.story is None or said.likeness is Likeness.RELATED:
        return None
    how = correcting(item)
    again = how is Correcting.REFILE and said.likeness is Likeness.UPDATE
    return said if how is Correcting.NOTICE or again or said.denied else None


def corrected(story: Story, said: Alike, item: Item) -> StoryChange | None:
    """The story without what is taken back, told to those who heard of it; None where that report was corrected
    already."""
    if said.item.root in story.corrected:
        return None
    whole = said.denied or correcting(item) is Correcting.NOTICE
    told = replace(
        story,
        version=story.version + 1,
        changed_at=max(story.changed_at, item.seen_at),
        timeline=tuple(_without(story.timeline, said, item)) if whole else story.timeline,
        items=story.items + (item.edit_of is None),
        corrected=(*story.corrected, said.item.root),
    )
    return StoryChange(told, Change.CORRECTED, said.events, item, item.seen_at)


def _without(timeline: Iterable[Beat], said: Alike, item: Item) -> Iterable[Beat]:
    """The steps, those that nobody else reported marked as taken back."""
    claimed = {(event.kind, event.phase, event.status) for event in said.events}
    alone = {name for one in (said.item, item) if (source := source_of(one)) for name in (source.name, *source.outlets)}
    for beat in timeline:
        # What others print of it falls with it.
        gone = (beat.kind, beat.phase, beat.status) in claimed and alone.issuperset(beat.sources or beat.outlets)
        yield replace(beat, retracted_by=item.id) if gone else beat
