"""What becomes of one item, decided on what is remembered: repeat, old, new, or a change in a story."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from siegewatch.detect.repeats import repeat_of
from siegewatch.detect.stories import Told, gravest_first, story_key, tell
from siegewatch.domain.event import Event, Judgement
from siegewatch.domain.item import Item, Ruling
from siegewatch.domain.story import Decision, Known, StoryChange
from siegewatch.domain.taxonomy import Change, Outcome, Phase, Status


@dataclass(frozen=True, slots=True)
class Case:
    """An item before it is decided: the digest of its headline, how that ends, and what the classifier says
    of it (None where nobody asks, because it is a repeat or too old)."""

    item: Item
    headline: str
    tail: str
    judgement: Judgement | None = None
    events: tuple[Event, ...] = ()


def is_plain(case: Case, known: Known, remember: timedelta) -> bool:
    """Whether the item is decided without reading it: too old, or a headline already said."""
    return case.item.late or repeat_of(case.item, known, remember) is not None


def rule(case: Case, known: Known, remember: timedelta) -> Decision:
    """The decision on one item; a pure function of the item and of what is remembered."""
    said_by = repeat_of(case.item, known, remember)
    if said_by is not None:
        return _decision(case, known, Ruling(Outcome.REPEAT, said_by, steps=(f"same headline as {said_by}",)))
    if case.item.late:
        return _decision(case, known, Ruling(Outcome.OLD, steps=("published before the window: not told",)))
    if case.item.is_canary:
        return _decision(replace(case, events=()), known, Ruling(Outcome.NEW, steps=("the canary: read, never told",)))
    if not case.events:
        return _decision(case, known, _without_events(case))
    return _with_events(case, known)


def _decision(case: Case, known: Known, ruling: Ruling) -> Decision:
    steps = (*ruling.steps, *(case.judgement.steps if case.judgement else ()))
    return Decision(case.item, case.events, replace(ruling, steps=steps), known, case.headline, case.tail)


def _without_events(case: Case) -> Ruling:
    if case.item.edit_of:
        return Ruling(Outcome.REPEAT, case.item.edit_of, steps=("an edit that tells of no event",))
    return Ruling(Outcome.NEW, steps=("no event",))


def fact(event: Event, item: Item) -> str:
    """What an event claims, in one word: equal for wordings that claim the same."""
    return "/".join((event.kind, event.phase, event.status, story_key(event, item), "taken" if event.taken else ""))


def is_news_in_edit(event: Event, item: Item, facts: frozenset[str]) -> bool:
    """Whether an edit's event adds to what the earlier wordings claimed.

    An editor who drops or adds the place, or turns *launched* into *ongoing*, has no news: only another
    phase or status, another place, or a place taken is.
    """
    claims = [claim.split("/") for claim in facts]
    if not claims:
        return True
    kind, phase, status, key, taken = fact(event, item).split("/")
    same = [claim for claim in claims if claim[0] == kind and claim[2] == status]
    if not same or (taken and not any(claim[4] for claim in same)):
        return True
    if event.phase is Phase.ONGOING or not any(claim[1] == phase for claim in same):
        return event.phase is not Phase.ONGOING
    exact = {claim[3] for claim in same if claim[3][:2] in ("p:", "n:")}
    return key[:2] in ("p:", "n:") and bool(exact) and key not in exact


def _with_events(case: Case, known: Known) -> Decision:
    events = gravest_first(case.events)
    facts = frozenset(fact(event, case.item) for event in events)
    told = [tell(known.stories.get(key), key, group, case.item) for key, group in _by_story(events, case.item).items()]
    change = _as_one(told, case.item, known)
    decision = _decision(case, known, _ruling(case.item, told, change))
    return replace(decision, facts=facts, stories=tuple(one.story for one in told), change=change)


def _by_story(events: Sequence[Event], item: Item) -> Mapping[str, list[Event]]:
    """Events by story, that of the gravest first."""
    stories: dict[str, list[Event]] = {}
    for event in events:
        stories.setdefault(story_key(event, item), []).append(event)
    return stories


def _as_one(told: Sequence[Told], item: Item, known: Known) -> StoryChange | None:
    """All that one item changes, as one change of the story with the gravest of it: one alert tells all of it."""
    events = [event for one in told for event in one.events if not item.edit_of or _is_told(one, event, item, known)]
    if not events:
        return _by_toll(told, item)
    ringing = [one for one in told if set(one.events) & set(events)]
    order = list(Change)
    change = min((one.change for one in ringing), key=order.index)
    return StoryChange(ringing[0].story, change, tuple(gravest_first(events)), item, item.seen_at)


def _is_told(one: Told, event: Event, item: Item, known: Known) -> bool:
    """Whether an edit has news of an event."""
    return one.change is not Change.TOLL and is_news_in_edit(event, item, known.facts)


def _by_toll(told: Sequence[Told], item: Item) -> StoryChange | None:
    """The change of an item that has no other news than how many were harmed."""
    counting = next((one for one in told if one.counts_anew), None)
    if counting is None:
        return None
    return StoryChange(counting.story, Change.TOLL, tuple(gravest_first(counting.events)), item, item.seen_at)


def _ruling(item: Item, told: Sequence[Told], change: StoryChange | None) -> Ruling:
    opened = any(one.change is Change.OPENED for one in told)
    story, what = (change.story, change.change) if change else (told[0].story, Change.NONE)
    step = f"story {story.id} ({story.key}): {what}"
    if change is None and item.edit_of:
        return Ruling(Outcome.REPEAT, item.edit_of, story.id, what, (step + ", no fact changed",))
    outcome = Outcome.NEW if opened and not item.edit_of else Outcome.UPDATE
    return Ruling(outcome, None, story.id, what, (step, *dict.fromkeys(step for one in told for step in one.steps)))


def confident(events: Iterable[Event], least: float) -> tuple[Event, ...]:
    """The events that the classifier is sure enough of; a threat beside the actual thing at one place goes."""
    kept = [event for event in events if event.confidence >= least]
    actual = {(event.kind, event.place, event.country) for event in kept if event.status is Status.ACTUAL}
    return tuple(
        event
        for event in kept
        if event.status is Status.ACTUAL or (event.kind, event.place, event.country) not in actual
    )
