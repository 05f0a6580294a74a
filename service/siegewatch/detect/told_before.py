"""What an earlier report silences in a later one that is like it: only what it told."""

from siegewatch.detect.course import LAG, are_one_side
from siegewatch.detect.stories import story_key
from siegewatch.domain.alert import event_severity
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.ledger import OVER
from siegewatch.domain.story import Alike, Beat, Known
from siegewatch.domain.taxonomy import Change, Likeness, Precision, Severity


def copied(item: Item, known: Known) -> Alike | None:
    """The report that the item has the words of, None where it says something of its own. A copy in the name of an
    old report is heard: what did not ring silences nothing."""
    alike = known.alike
    return alike if alike and alike.likeness is Likeness.COPY and is_heard(alike, item) else None


def is_heard(alike: Alike, item: Item) -> bool:
    """Whether what the report told bears on the item: a report too old to ring silences no fresh one."""
    return item.late or not alike.item.late


def repeated(item: Item, known: Known) -> Alike | None:
    """The report that the item tells again in other words, None where it tells another fact."""
    alike = known.alike
    again = alike is not None and alike.likeness in (Likeness.COPY, Likeness.REPEAT)
    return alike if alike and again and is_heard(alike, item) and not item.edit_of else None


def is_told(event: Event, said: Alike, item: Item) -> bool:
    """Whether the report that this one repeats told the same of the same place, or one of the two names none; where
    this one's headline adds nothing at all, in whatever phase its lead is read, unless that is graver, or an end of
    what went on."""
    return any(
        event.kind is other.kind
        and not _takes_more(event, other)
        and _is_of_one_place(event, item, other, said)
        and (_claims_the_same(event, other) or (said.firm and _is_no_graver(event, other) and not _ends(event, other)))
        for other in said.events
    )


def _takes_more(event: Event, other: Event) -> bool:
    """Whether one tells of a place taken where the other tells of none, or only of a part of it, or of another side
    that took it."""
    part_of = other.place.within if other.place else None
    whole = event.place.geonames_id if event.place else None
    in_part = part_of is not None and whole == part_of
    sided = bool(event.attacker_id and other.attacker_id)
    by_another = sided and not are_one_side(event.attacker_id, other.attacker_id)
    return event.taken and (not other.taken or in_part or by_another)


def _is_of_one_place(event: Event, item: Item, other: Event, said: Alike) -> bool:
    """Whether two events are of one story, or one of them names no place; a headline that adds nothing to a report of
    a town has no other in mind by a region of the same state, nor the other way round."""
    keys = story_key(event, item), story_key(other, said.item)
    if keys[0] == keys[1] or not all(map(names_a_place, keys)):
        return True
    vague = any(one.place and one.place.precision is Precision.REGION for one in (event, other))
    return said.firm and vague and event.country == other.country


def names_a_place(key: str) -> bool:
    """Whether the key of a story is that of a place, and not of a country or of sides."""
    return key[:2] in ("p:", "n:")


def _claims_the_same(event: Event, other: Event) -> bool:
    return (event.phase, event.status) == (other.phase, other.status)


def _ends(event: Event, other: Event) -> bool:
    """Whether one tells the end of what the other tells as going on; no likeness of words makes up for that."""
    return event.phase in OVER[event.kind] and other.phase not in OVER[other.kind]


def _is_no_graver(event: Event, other: Event) -> bool:
    order = list(Severity)
    severities = (event_severity(one, Change.PHASE) for one in (event, other))
    now, before = map(order.index, severities)
    return now >= before


def is_late(item: Item, said: Alike) -> bool:
    """Whether the item comes so long after the report that it is no lagging copy: it may tell that it happens again."""
    return item.published_at - said.item.published_at > LAG


def has_gone_on(known: Known, event: Event, said: Alike, item: Item) -> bool:
    """Whether the story has taken another step since the report that is repeated: then the story alone can say whether
    this is told late or happens again. So it can, after a while, of a report that was taken back and of a place that
    another side has taken since."""
    story = known.stories.get(story_key(event, item))
    if story is None:
        return False
    later = [beat for beat in story.timeline if beat.at > said.item.published_at]
    steps = [beat for beat in later if beat.kind is event.kind and beat.is_actual]
    undone = said.item.root in story.corrected or any(_is_lost(event, beat) for beat in steps)
    return any(beat.phase is not event.phase for beat in steps) or (undone and is_late(item, said))


def _is_lost(event: Event, beat: Beat) -> bool:
    """Whether a step has another side take the place than the event."""
    attacker = event.attacker_id or event.attacker
    named = bool(attacker and beat.attacker)
    return event.taken and beat.taken and named and not are_one_side(attacker, beat.attacker)
