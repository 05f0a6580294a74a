"""Corroboration: whether enough independent sources tell a step that was told as news, which is then told once."""

from collections.abc import Sequence
from dataclasses import replace

from siegewatch.detect.echoes import heard_again
from siegewatch.detect.stories import same_step
from siegewatch.domain.event import Event
from siegewatch.domain.item import Ruling
from siegewatch.domain.story import Beat, Decision, Story, StoryChange
from siegewatch.domain.taxonomy import Change, Outcome


def with_corroboration(decision: Decision, enough: int) -> Decision:
    """The decision, with a change where its item is the one by which `enough` sources tell the newest step of a story;
    0 is never. An item that changes something itself leaves that to the next."""
    if not enough or decision.change or decision.item.edit_of or decision.item.late:
        return decision
    said = heard_again(decision.item, decision.known)
    events = decision.events or (said.events if said else ())
    for story in decision.stories:
        if steps := corroborated(story, events, enough):
            return _told(decision, story, steps, events)
    return decision


def corroborated(story: Story, events: Sequence[Event], enough: int) -> tuple[Beat, ...]:
    """The newest steps of a story that are fact and were news, those of one report, if `enough` sources tell one of
    them that is among `events`; empty once that was told."""
    news = [beat for beat in story.timeline if beat.is_actual and beat.news and not beat.moved_to]
    newest = [beat for beat in news if beat.item == news[-1].item]
    if any(beat.corroborated_by for beat in newest):
        return ()
    told = [same_step(story.timeline, event) for event in events]
    return tuple(beat for beat in newest if len(beat.sources) >= enough and beat in told)


def _told(decision: Decision, story: Story, steps: Sequence[Beat], events: Sequence[Event]) -> Decision:
    item = decision.item
    timeline = tuple(replace(beat, corroborated_by=item.id) if beat in steps else beat for beat in story.timeline)
    told = replace(story, timeline=timeline)
    telling = tuple(event for event in events if same_step(story.timeline, event) in steps)
    return replace(
        decision,
        stories=tuple(told if one is story else one for one in decision.stories),
        change=StoryChange(told, Change.CORROBORATED, telling, item, item.seen_at),
        ruling=_ruling(decision.ruling, story, steps),
    )


def _ruling(ruling: Ruling, story: Story, steps: Sequence[Beat]) -> Ruling:
    """As it was but for the change, of which it says by whom the step is told."""
    named = f"story {story.id} ({story.key}): "
    most = max(steps, key=lambda beat: len(beat.sources))
    by = f"told by {len(most.sources)} independent outlets: {', '.join(most.sources)}"
    others = (step for step in ruling.steps if not step.startswith(named))
    outcome = Outcome.UPDATE if ruling.outcome is Outcome.REPEAT else ruling.outcome
    return replace(
        ruling,
        outcome=outcome,
        story=story.id,
        change=Change.CORROBORATED,
        steps=(f"{named}{Change.CORROBORATED}", by, *others),
    )
