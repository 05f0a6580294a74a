"""What the words of an item say of how it tells: as a recap of what is known, of a place that is held and not taken, of
a fight that began before."""

import re
from dataclasses import replace
from datetime import timedelta

from siegewatch.domain.event import Event, Evidence
from siegewatch.domain.item import Item
from siegewatch.domain.story import Since, Story
from siegewatch.domain.taxonomy import Phase, Status

STILL_FRESH = timedelta(days=7)
"""What began longer ago than this by the item's own words does not begin now."""

_BEGINS = (Phase.IMPOSED, Phase.LAUNCHED)
_RECAP = re.compile(
    r"\bexplained\b|\bexplainer\b|\b(?:in|with) (?:maps|charts|pictures|photos|numbers)\b|\bat a glance\b|\btimeline\b"
    r"|\bwhat (?:we|you need to|to) know\b|\bwhat (?:has )?happened (?:on|so far|today|this week)\b"
    r"|\bkey (?:moments|takeaways)\b|\b(?:the story|the war) so far\b|^recap\b"
    r"|^day \w+(?: of [^:]{0,40})?: (?:tracking|mapping|what)\b",
    re.IGNORECASE,
)
_HELD = re.compile(r"\b(?:remain(?:s|ed|ing)?|still|stays?|stayed)\b", re.IGNORECASE)
_OUTRIGHT = re.compile(
    r"\b(?:break(?:s|ing)?|broken?|lift(?:s|ed|ing)?|relieve[sd]?|breach(?:es|ed)?|smash(?:es|ed)?|ends?|ended)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"\b(?:villages?|towns?|settlements?|hamlets?|localit(?:y|ies)|outposts?)\b", re.IGNORECASE)
_HELD_BEFORE = 12
"""Characters before the words of a capture in which they may be turned into a state."""


def is_recap(item: Item) -> bool:
    """Whether the headline says that the item puts together what is known: it has no news of its own."""
    return _RECAP.search(item.title) is not None


def is_outright(title: str) -> bool:
    """Whether a headline says itself that a siege is broken or lifted, not that aid came in or people out."""
    return _OUTRIGHT.search(title) is not None


def tells_of_part(item: Item) -> bool:
    """Whether a headline tells of a place without its name: of "another village in Donetsk region" the region is not
    the one taken."""
    return _PART.search(item.title) is not None


def is_state(event: Event, item: Item) -> bool:
    """Whether a capture or a defence is told as a state: a place that *remains* in somebody's hands is not taken."""
    turns = event.taken or event.phase is Phase.REPELLED
    return turns and any(_is_state(found, item) for found in event.evidence)


def as_worded(event: Event, item: Item, since: Since | None, running: Story | None) -> Event:
    """The event as the item's own words have it: what began before the story's last step, or long ago, goes on."""
    begins = event.phase in _BEGINS and event.status is Status.ACTUAL
    return replace(event, phase=Phase.ONGOING) if begins and since and _is_past(event, item, since, running) else event


def _is_state(found: Evidence, item: Item) -> bool:
    text = item.title if found.field == "title" else item.summary
    return _HELD.search(text[max(0, found.start - _HELD_BEFORE) : found.end]) is not None


def _is_past(event: Event, item: Item, since: Since, running: Story | None) -> bool:
    steps = [beat.at for beat in running.timeline if beat.kind is event.kind and beat.is_actual] if running else []
    return item.published_at - since.at > STILL_FRESH or (bool(steps) and since.at < steps[-1])
