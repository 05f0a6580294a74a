"""What one event changes in a running story: which steps can follow which, and which of them are news."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import takewhile

from siegewatch.detect.tellings import is_outright, tells_of_part
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.ledger import OVER
from siegewatch.domain.story import Beat, Story
from siegewatch.domain.taxonomy import Change, Kind, Phase, Precision, Status

LAG = timedelta(hours=18)
"""Outlets lag: for so long, reports of what a story has already gone through are not news."""

NEXT_CAPTURE = timedelta(hours=12)
"""On a front, whose places are not named, what is taken so long after the last one is another place."""

THREAT_HOLDS = timedelta(hours=72)
"""A threat once told is not told again for so long."""

GOES_ON = timedelta(days=7)
"""A fight that was reported so lately goes on: a threat to begin it tells nothing new."""

UNREPORTED = timedelta(hours=72)
"""After so long, a step that cannot follow the last one may: what came between went unreported."""

UNDER_WAY = {
    Kind.SIEGE: frozenset({Phase.IMPOSED, Phase.ONGOING}),
    Kind.OFFENSIVE: frozenset({Phase.LAUNCHED, Phase.ADVANCE, Phase.ONGOING}),
}
FOLLOWS: Mapping[Kind, Mapping[Phase, frozenset[Phase]]] = {
    Kind.SIEGE: {
        Phase.IMPOSED: OVER[Kind.SIEGE],
        Phase.ONGOING: OVER[Kind.SIEGE],
        Phase.BROKEN: frozenset({Phase.IMPOSED, Phase.FALLEN}),
        Phase.FALLEN: frozenset({Phase.IMPOSED, Phase.ONGOING}),
    },
    Kind.OFFENSIVE: {
        Phase.LAUNCHED: frozenset({Phase.ADVANCE, Phase.REPELLED, Phase.ENDED}),
        Phase.ADVANCE: frozenset({Phase.REPELLED, Phase.ENDED}),
        Phase.ONGOING: frozenset({Phase.ADVANCE, Phase.REPELLED, Phase.ENDED}),
        Phase.REPELLED: frozenset({Phase.LAUNCHED, Phase.ADVANCE, Phase.ONGOING, Phase.ENDED}),
        Phase.ENDED: frozenset({Phase.LAUNCHED, Phase.ADVANCE, Phase.ONGOING}),
    },
}
"""What can come next after each actual phase, and is news then. A siege under way is not imposed, an offensive under
way not begun once more; a fallen place is relieved no more; what has ended is not repelled; a siege that let people out
goes on without news."""


def change_by(story: Story, event: Event, item: Item, spot: str | None = None) -> Change:
    """What one event changes in a running story; `spot` is the key of the place where that is a part of the story's."""
    same_kind = [beat for beat in story.timeline if beat.kind is event.kind and beat.retracted_by is None]
    actual = [beat for beat in same_kind if beat.is_actual]
    if event.status is Status.THREATENED:
        return _by_threat(event, same_kind, item)
    if not actual:
        return Change.STATUS if same_kind else Change.PHASE
    if _is_taken_anew(story, event, actual, item, spot):
        return Change.PLACE if spot else Change.PHASE
    if _is_front(story) and _goes_on(event, actual) and not tells_of_part(item):
        return Change.NONE
    if is_next(event, actual, item):
        return Change.PHASE
    return _by_sides(story, event)


def is_holder(story: Story, event: Event) -> bool:
    """Whether an event has a side besiege the place that it took itself and that nobody has taken from it since."""
    if event.kind is not Kind.SIEGE or event.phase not in UNDER_WAY[Kind.SIEGE] or _is_front(story):
        return False
    taken = [beat for beat in story.timeline if beat.taken and beat.is_actual and beat.spot is None]
    besieger = event.attacker_id or event.attacker
    return bool(taken) and are_one_side(taken[-1].attacker, besieger)


def are_one_side(one: str | None, other: str | None) -> bool:
    """Whether two ids or names are known to be one side: a state and its army are (*ru*, *ru-army*)."""
    return bool(one and other) and _side(one) == _side(other)


def _side(name: str | None) -> str:
    return (name or "").removesuffix("-army")


def _goes_on(event: Event, actual: Sequence[Beat]) -> bool:
    """Whether an advance on a front, whose places are not named, is more of one that was told and has not ended."""
    if event.phase is not Phase.ADVANCE or event.taken:
        return False
    before = takewhile(lambda beat: beat.phase not in OVER[event.kind], reversed(actual))
    return any(beat.phase is Phase.ADVANCE for beat in before)


def is_next(event: Event, actual: Sequence[Beat], item: Item) -> bool:
    """Whether an actual phase is one that can follow, and that the story has not gone through of late.

    *Ongoing* is news only after the fight had ended, *launched* only where no fighting was lately under way; and a
    report older than the last one tells how things began, not that they begin again.
    """
    last = actual[-1]
    recent = _since(actual, item, LAG)
    lately = {beat.phase for beat in recent}
    under_way = UNDER_WAY[event.kind]
    if event.phase is last.phase is Phase.BROKEN:
        # Aid that came in and people who came out are told in the same phase as the end of the siege.
        return is_outright(item.title) and not is_outright(last.title)
    if event.phase is last.phase:
        return event.phase is Phase.ADVANCE and (_is_anew(actual, item) or _is_turned(event, actual, item))
    if event.phase in lately or (recent and _is_same_turn(event, last)):
        return False
    if event.phase in under_way and item.published_at < last.at:
        return False
    if event.phase is Phase.ONGOING and recent:
        return False
    if event.phase is Phase.LAUNCHED:
        return not lately & under_way
    return event.phase in FOLLOWS[event.kind][last.phase] or _may_follow_unreported(event, last, item)


def _is_anew(actual: Sequence[Beat], item: Item) -> bool:
    """Whether an advance is more than what was told of late: it was not reported for days, or another place that has
    no name is taken."""
    return not _since(actual[-1:], item, NEXT_CAPTURE if tells_of_part(item) else UNREPORTED)


def _is_same_turn(event: Event, last: Beat) -> bool:
    """Whether a side that gained ground is said to have beaten the others back, or the other way round."""
    if {event.phase, last.phase} != {Phase.ADVANCE, Phase.REPELLED}:
        return False
    if event.phase is Phase.REPELLED:
        return are_one_side(last.attacker, event.defender_id)
    return are_one_side(last.defender, event.attacker_id)


def is_eased(timeline: Sequence[Beat], event: Event, item: Item) -> bool:
    """Whether a siege goes on that was told as broken some time ago: people were let out, and the ring is closed."""
    if event.phase is not Phase.ONGOING or event.status is not Status.ACTUAL:
        return False
    last = next((beat for beat in reversed(timeline) if beat.kind is event.kind and beat.is_actual), None)
    return last is not None and last.phase is Phase.BROKEN and item.published_at - last.last_at > LAG


def _is_turned(event: Event, actual: Sequence[Beat], item: Item) -> bool:
    """Whether another side of the fight than of late gains ground: who was attacked counter-attacks."""
    known = {side for beat in actual for side in (beat.attacker, beat.defender)}
    gaining = [beat.attacker for beat in _since(actual, item, UNREPORTED) if beat.phase is Phase.ADVANCE]
    last = next((beat.attacker for beat in reversed(actual) if beat.phase is Phase.ADVANCE), None)
    if not event.attacker_id or not last or item.published_at < actual[-1].at:
        return False
    is_known = any(are_one_side(event.attacker_id, side) for side in known)
    return is_known and not any(are_one_side(event.attacker_id, side) for side in (last, *gaining))


def _may_follow_unreported(event: Event, last: Beat, item: Item) -> bool:
    """An end after another end, when so much time has gone by that there was a fight between them."""
    both_ends = {event.phase, last.phase} <= OVER[event.kind]
    return both_ends and item.published_at - last.last_at > UNREPORTED


def _is_taken_anew(story: Story, event: Event, actual: Sequence[Beat], item: Item, spot: str | None) -> bool:
    """Whether the place changes hands: nobody had it, or somebody else had; on a front, whether another falls. Each
    part of a city is a place of its own."""
    captures = [beat for beat in actual if beat.taken and beat.spot == spot]
    if not event.taken or not captures:
        return event.taken
    if _is_front(story):
        return not _since(captures, item, NEXT_CAPTURE)
    holder = captures[-1].attacker
    attacker = event.attacker_id or event.attacker
    return bool(attacker and holder) and not are_one_side(attacker, holder)


def _is_front(story: Story) -> bool:
    return story.place is None or story.place.precision is Precision.COUNTRY


def _by_threat(event: Event, same_kind: Sequence[Beat], item: Item) -> Change:
    """A threat is news where neither it nor the thing itself was told of late; and not where it is one to begin what
    goes on."""
    recent = _since(same_kind, item, THREAT_HOLDS)
    fought = [beat for beat in same_kind if beat.is_actual][-1:]
    goes_on = any(beat.phase in UNDER_WAY[event.kind] for beat in _since(fought, item, GOES_ON))
    begins = event.phase in (Phase.IMPOSED, Phase.LAUNCHED)
    told = any(beat.phase is event.phase for beat in recent)
    return Change.NONE if told or (begins and goes_on) else Change.PHASE


def _since(beats: Sequence[Beat], item: Item, span: timedelta) -> list[Beat]:
    """The steps that were still reported within `span` before the item."""
    return [beat for beat in beats if item.published_at - beat.last_at <= span]


def _by_sides(story: Story, event: Event) -> Change:
    """A side that the story knows by none of its names is a change of sides; the first one named is not."""
    for side, known in ((event.attacker_id, story.attackers), (event.defender_id, story.defenders)):
        if side and known and not any(are_one_side(side, name) for name in known):
            return Change.SIDES
    return Change.NONE
