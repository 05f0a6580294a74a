"""What becomes of one item, decided on what is remembered: repeat, old, new, or a change in a story."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from siegewatch.detect.corrections import Correcting, corrected, correcting, takes_back
from siegewatch.detect.corroboration import with_corroboration
from siegewatch.detect.echoes import story_of, with_echo
from siegewatch.detect.placing import placed
from siegewatch.detect.repeats import repeat_of
from siegewatch.detect.stories import Told, gravest_first, story_key, tell
from siegewatch.detect.syndication import source_of
from siegewatch.detect.tellings import is_recap, is_state
from siegewatch.detect.told_before import copied, has_gone_on, is_heard, is_late, is_told, names_a_place, repeated
from siegewatch.domain.event import Event, Judgement
from siegewatch.domain.item import Item, Ruling
from siegewatch.domain.story import Alike, Decision, Known, Story, StoryChange
from siegewatch.domain.taxonomy import Change, Likeness, Outcome, Phase, Status


@dataclass(frozen=True, slots=True)
class Case:
    """An item before it is decided: the digest of its headline, how that ends, the words to find it by, and what the
    classifier says of it (None where nobody asks, because it is a repeat or too old)."""

    item: Item
    headline: str
    tail: str
    words: tuple[str, ...] = ()
    judgement: Judgement | None = None
    events: tuple[Event, ...] = ()


def is_plain(case: Case, known: Known, remember: timedelta) -> bool:
    """Whether the item is decided without reading it: too old, or the headline or the words of a report that was told.

    What repeats a report from which nothing was told is read: its lead may tell more, or the reader be another one.
    So is what has nearly the words of an old report: what that told may have been undone, and happen again.
    """
    if case.item.late or _headline_of(case, known, remember) is not None:
        return True
    copy = copied(case.item, known)
    if copy is None or not copy.is_told or is_late(case.item, copy):
        return False
    return takes_back(case.item, known) is None


def _headline_of(case: Case, known: Known, remember: timedelta) -> str | None:
    """The root id of the item that said the headline, None where this one has to be judged, or has news of its own."""
    root = repeat_of(case.item, known, remember)
    if root is None or known.said is None:
        return None
    told = known.said.told or case.item.late or root == case.item.root
    without_news = case.judgement is not None and not case.events
    return root if told or without_news else None


def rule(case: Case, known: Known, remember: timedelta, corroborated_by: int = 0) -> Decision:
    """The decision on one item; a pure function of the item and of what is remembered. `corroborated_by` is how many
    independent sources corroborate a step, 0 for never."""
    return with_corroboration(with_echo(_ruled(case, known, remember)), corroborated_by)


def _ruled(case: Case, known: Known, remember: timedelta) -> Decision:
    said_by = _headline_of(case, known, remember)
    if said_by is not None:
        story = known.first.story if known.first else None
        return _decision(case, known, Ruling(Outcome.REPEAT, said_by, story, steps=(f"same headline as {said_by}",)))
    if case.item.late:
        return _decision(case, known, Ruling(Outcome.OLD, steps=("published before the window: not told",)))
    if case.item.is_canary:
        return _decision(replace(case, events=()), known, Ruling(Outcome.NEW, steps=("the canary: read, never told",)))
    if correction := _correction(case.item, known):
        return _corrected(case, known, correction)
    if correcting(case.item) is Correcting.NOTICE:
        # It tells what was not so, or not quite: that is nobody's siege.
        case = replace(case, events=())
    copy = copied(case.item, known)
    if copy and not case.events:
        return _decision(case, known, _repeat(copy))
    # What is held as before is no event, whatever words of capture tell it.
    case = replace(case, events=tuple(event for event in case.events if not is_state(event, case.item)))
    if not case.events:
        return _decision(case, known, _without_events(case.item, known.alike))
    return _with_events(case, known)


def _correction(item: Item, known: Known) -> StoryChange | None:
    """What an item that takes back what was told makes of the story, while that runs."""
    said = takes_back(item, known)
    story = story_of(said, known) if said else None
    return corrected(story, said, item) if story and said else None


def _corrected(case: Case, known: Known, change: StoryChange) -> Decision:
    story = change.story
    steps = [f"story {story.id} ({story.key}): {change.change}", *([_compared(known.alike)] if known.alike else ())]
    ruling = Ruling(Outcome.UPDATE, None, story.id, change.change, tuple(steps))
    return replace(_decision(replace(case, events=()), known, ruling), stories=(story,), change=change)


def _decision(case: Case, known: Known, ruling: Ruling) -> Decision:
    steps = (*ruling.steps, *(case.judgement.steps if case.judgement else ()))
    # What a repeat tells is found in the report that it repeats.
    words = () if ruling.outcome is Outcome.REPEAT and not case.events else case.words
    return Decision(case.item, case.events, replace(ruling, steps=steps), known, case.headline, case.tail, words=words)


def _without_events(item: Item, alike: Alike | None) -> Ruling:
    if item.edit_of and (alike is None or alike.likeness is Likeness.REPEAT):
        return Ruling(Outcome.REPEAT, item.edit_of, steps=("an edit that tells of no event",))
    if alike is None or not (item.edit_of or is_heard(alike, item)):
        return Ruling(Outcome.NEW, steps=("no event",))
    return _repeat(alike) if alike.likeness is Likeness.REPEAT else _like(alike)


def _repeat(alike: Alike) -> Ruling:
    return Ruling(Outcome.REPEAT, alike.item.root, alike.story, steps=(_compared(alike),))


def _like(alike: Alike) -> Ruling:
    return Ruling(Outcome(alike.likeness), None, alike.story, steps=(_compared(alike), "no event"))


def _compared(alike: Alike) -> str:
    return f"{alike.likeness} of {alike.item.id}: {alike.why}"


def fact(event: Event, item: Item) -> str:
    """What an event claims, in one word: equal for wordings that claim the same."""
    taken = ("part" if event.place and event.place.within else "taken") if event.taken else ""
    return "/".join((event.kind, event.phase, event.status, story_key(event, item), taken))


def is_news_in_edit(event: Event, item: Item, facts: frozenset[str]) -> bool:
    """Whether an edit's event adds to what the earlier wordings claimed.

    An editor who drops or adds the place, or turns *launched* into *ongoing*, has no news: only another
    phase or status, another place, or a place taken, of which a part may have been, is.
    """
    claims = [claim.split("/") for claim in facts]
    if not claims:
        return True
    kind, phase, status, key, taken = fact(event, item).split("/")
    same = [claim for claim in claims if claim[0] == kind and claim[2] == status]
    held = {claim[4] for claim in same}
    if not same or (taken and not held & {"taken", taken}):
        return True
    exact = {claim[3] for claim in same if names_a_place(claim[3])}
    elsewhere = names_a_place(key) and bool(exact) and key not in exact
    return elsewhere or (event.phase is not Phase.ONGOING and not any(claim[1] == phase for claim in same))


def _with_events(case: Case, known: Known) -> Decision:
    events = gravest_first(case.events)
    facts = frozenset(fact(event, case.item) for event in events)
    told_by = source_of(case.item, known.alike)
    groups = _by_story(events, case.item)
    told = [tell(known.stories.get(key), key, group, case.item, told_by) for key, group in groups.items()]
    told = placed(told, groups, case.item, known)
    change = _as_one(told, case.item, known)
    decision = _decision(case, known, _ruling(case.item, known, told, change))
    return replace(decision, facts=facts, stories=_stored(told, change), change=change)


def _by_story(events: Sequence[Event], item: Item) -> Mapping[str, list[Event]]:
    """Events by story, that of the gravest first."""
    stories: dict[str, list[Event]] = {}
    for event in events:
        stories.setdefault(story_key(event, item), []).append(event)
    return stories


def _as_one(told: Sequence[Told], item: Item, known: Known) -> StoryChange | None:
    """All that one item changes, as one change of the story with the gravest of it: one alert tells all of it."""
    events = [event for one in told for event in one.events if _is_news(one, event, item, known)]
    if not events:
        return _by_toll(told, item)
    ringing = [one for one in told if set(one.events) & set(events)]
    order = list(Change)
    change = min((one.change for one in ringing), key=order.index)
    return StoryChange(ringing[0].story, change, tuple(gravest_first(events)), item, item.seen_at)


def _is_news(one: Told, event: Event, item: Item, known: Known) -> bool:
    """Whether what an event changes is news in an edit, in a report of what was told in other words, or in a recap."""
    if event in one.placed:
        return True
    said = repeated(item, known)
    if is_recap(item) and one.change is Change.OPENED and not names_a_place(one.story.key):
        return False
    if one.change is Change.TOLL:
        # A count that alone is new has a rule of its own there.
        return not (item.edit_of or said)
    if item.edit_of:
        same = known.alike if known.alike and known.alike.likeness is Likeness.REPEAT else None
        return is_news_in_edit(event, item, known.facts) and not (same and is_told(event, same, item))
    return said is None or not is_told(event, said, item) or has_gone_on(known, event, said, item)


def _by_toll(told: Sequence[Told], item: Item) -> StoryChange | None:
    """The change of an item that has no other news than how many were harmed."""
    counting = next((one for one in told if one.counts_anew and one.change is not Change.OPENED), None)
    if counting is None:
        return None
    return StoryChange(counting.story, Change.TOLL, tuple(gravest_first(counting.events)), item, item.seen_at)


def _stored(told: Sequence[Told], change: StoryChange | None) -> tuple[Story, ...]:
    """The stories to keep: one that would open with what was told elsewhere is none."""
    return tuple(one.story for one in told if change is not None or one.change is not Change.OPENED)


def _ruling(item: Item, known: Known, told: Sequence[Told], change: StoryChange | None) -> Ruling:
    opened = any(one.change is Change.OPENED for one in told)
    if change is None and item.edit_of:
        story, step = _unchanged(told, known.alike)
        return Ruling(Outcome.REPEAT, item.edit_of, story, Change.NONE, (step + ", no fact changed",))
    said = repeated(item, known)
    if change is None and said:
        story, step = _unchanged(told, said)
        return Ruling(Outcome.REPEAT, said.item.root, story, Change.NONE, (_compared(said), step))
    like = known.alike is not None and known.alike.likeness is not Likeness.RELATED
    if change is None:
        story, step = _unchanged(told, known.alike)
        outcome = Outcome.UPDATE if story or like else Outcome.NEW
        return Ruling(outcome, None, story, Change.NONE, (step, *_read(told)))
    changed = change.story
    step = f"story {changed.id} ({changed.key}): {change.change}"
    outcome = Outcome.NEW if opened and not (item.edit_of or like) else Outcome.UPDATE
    compared = (_compared(known.alike),) if known.alike else ()
    return Ruling(outcome, None, changed.id, change.change, (step, *compared, *_read(told)))


def _read(told: Sequence[Told]) -> Iterable[str]:
    """What was made of the text, each step once."""
    return dict.fromkeys(step for one in told for step in one.steps)


def _unchanged(told: Sequence[Told], said: Alike | None) -> tuple[str | None, str]:
    """The story that a report without news belongs to: a running one, else that of the report it is like."""
    running = next((one.story for one in told if one.change is not Change.OPENED), None)
    if running:
        return running.id, f"story {running.id} ({running.key}): none"
    story = said.story if said else None
    return story, f"story {story}: none" if story else "opens no story"


def confident(events: Iterable[Event], least: float) -> tuple[Event, ...]:
    """The events that the classifier is sure enough of; a threat beside the actual thing at one place goes."""
    kept = [event for event in events if event.confidence >= least]
    actual = {(event.kind, event.place, event.country) for event in kept if event.status is Status.ACTUAL}
    return tuple(
        event
        for event in kept
        if event.status is Status.ACTUAL or (event.kind, event.place, event.country) not in actual
    )
