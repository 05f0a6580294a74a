"""Events: the candidates of an item weighed against each other, with their places on the map and their sides."""

from collections.abc import Sequence
from dataclasses import replace

from siegewatch.detect.actors import ActorList
from siegewatch.detect.candidates import Candidate
from siegewatch.detect.codes import codes_for
from siegewatch.detect.features import is_plain, strength_of
from siegewatch.detect.places import Gazetteer
from siegewatch.detect.reading import ReadItem
from siegewatch.detect.roles import Roles
from siegewatch.detect.sides import SideFinder
from siegewatch.detect.spots import Spot, SpotFinder
from siegewatch.domain.event import Event, Evidence, Place
from siegewatch.domain.taxonomy import Kind, Phase, Status

_SPECIFIC = {
    Kind.SIEGE: (Phase.FALLEN, Phase.BROKEN, Phase.IMPOSED, Phase.ONGOING),
    Kind.OFFENSIVE: (Phase.REPELLED, Phase.ADVANCE, Phase.ENDED, Phase.LAUNCHED, Phase.ONGOING),
}
"""Of two phases told alike, the first stands."""
_HEADLINE = 1.0
_VAGUE = 1.2
_BACKGROUND = 1.0
_DEALS = """
deal deals truce truces ceasefire ceasefires cease agree agrees agreed agreement agreements accord accords humanitarian
lift lifts lifted lifting ease eases eased easing pause pauses paused pausing
"""
_DEAL_WORDS = frozenset(_DEALS.split())
"""What is done without force; whole words, for "eastern" and "according" are none of them."""


class EventBuilder:
    """Builds the events of one kind and status from the candidates of an item."""

    def __init__(self, gazetteer: Gazetteer, actors: ActorList, roles: Roles) -> None:
        self._spots = SpotFinder(gazetteer, actors, roles)
        self._sides = SideFinder(roles)
        self._actors = actors

    def build(self, read: ReadItem, kind: Kind, status: Status) -> list[Event]:
        """At most one event a place; empty if nothing tells of the kind. Confidence and classifier are left open."""
        own = [c for c in read.candidates if c.kind is kind and not _is_flight(c, read.candidates)]
        ranked = sorted(own, key=lambda c: _rank(c, status), reverse=True)
        if not ranked:
            return []
        context = self._spots.context(read)
        home = self._sides.home(read, ranked)
        likely = next((country for country in context.countries if country != home), None)
        attacker = self._sides.attacker(read, ranked)
        own_country = attacker.actor.country if attacker and attacker.actor else None
        spots: Sequence[Spot | None] = self._spots.find(read, ranked, context, home, own_country) or [None]
        events = [self._event(read, ranked, spot, status, likely) for spot in spots]
        for other in _other_fronts(ranked, status):
            events += [
                self._event(read, [other], spot, status, likely) for spot in self._spots.of(read, other, context)
            ]
        return events

    def _event(
        self, read: ReadItem, ranked: Sequence[Candidate], spot: Spot | None, status: Status, likely: str | None
    ) -> Event:
        best = ranked[0]
        attacker, defender = self._sides.find(read, ranked, spot.country if spot else None)
        codes = codes_for(
            best.kind,
            best.phase,
            status,
            taken=best.taken,
            by_deal=_is_deal(best),
            by_state=self._actors.is_of_state(attacker.text, attacker.actor) if attacker else None,
        )
        return Event(
            kind=best.kind,
            phase=best.phase,
            status=status,
            attacker=attacker.text if attacker else None,
            defender=defender.text if defender else None,
            attacker_id=attacker.actor.id if attacker and attacker.actor else None,
            defender_id=defender.actor.id if defender and defender.actor else None,
            place=spot.place if spot else None,
            country=spot.country if spot and spot.located else likely,
            taken=status is Status.ACTUAL and best.phase is Phase.ADVANCE and best.taken,
            claimed_by=read.title.claimed_by,
            evidence=(_evidence(read, best),),
            codes=codes,
        )


def cross_filled(events: Sequence[Event]) -> list[Event]:
    """Events of one item agree: whoever attacks to break a siege fights the besieger, and a besieged place that is
    taken has fallen."""
    return [_with_besieger(_as_taken(event, events), events) for event in events]


def _as_taken(event: Event, events: Sequence[Event]) -> Event:
    if (event.kind, event.phase, event.status) != (Kind.SIEGE, Phase.ONGOING, Status.ACTUAL):
        return event
    taken = any(other.taken and other.place and _is_same(other.place, event.place) for other in events)
    return replace(event, phase=Phase.FALLEN) if taken else event


def _with_besieger(event: Event, events: Sequence[Event]) -> Event:
    if event.kind is not Kind.OFFENSIVE or event.defender:
        return event
    for siege in events:
        relieved = siege.kind is Kind.SIEGE and siege.phase is Phase.BROKEN and _is_same(siege.place, event.place)
        if relieved and siege.attacker and siege.attacker != event.attacker:
            return replace(event, defender=siege.attacker, defender_id=siege.attacker_id)
    return event


def _is_same(place: Place | None, other: Place | None) -> bool:
    """Whether two fields of an item mean one place, however each spells or capitalises it."""
    if place is None or other is None:
        return place is other
    if place.geonames_id is not None and place.geonames_id == other.geonames_id:
        return True
    return place.name.casefold() == other.name.casefold()


def _is_flight(candidate: Candidate, all_told: Sequence[Candidate]) -> bool:
    """Whether an army retreats before the besiegers that the same sentence tells of."""
    return candidate.frame.name == "withdraw" and any(
        other.scene is candidate.scene
        and (other.kind, other.phase, other.status) == (Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL)
        and other.attacker not in (None, candidate.attacker)
        for other in all_told
    )


def _other_fronts(ranked: Sequence[Candidate], status: Status) -> list[Candidate]:
    """Another fight of the headline, of other attackers for another place ("... as rebels advance on Y")."""
    best = ranked[0]
    return [c for c in ranked[1:] if c.status is status and is_plain(c) and _is_apart(c, best)][:1]


def _is_apart(other: Candidate, best: Candidate) -> bool:
    if other.scene is not best.scene or best.scene.field != "title":
        return False
    if not (other.attacker and best.attacker and other.ground and best.ground and other.ground.place):
        return False
    return other.attacker != best.attacker and other.ground != best.ground


def _rank(candidate: Candidate, status: Status) -> tuple[bool, float]:
    """The status first; then what says more of the fight, the headline before the lead, news before its background."""
    c = candidate
    score = strength_of(c) / 3 - _SPECIFIC[c.kind].index(c.phase) / 4
    score += _HEADLINE if c.scene.field == "title" else 0.0
    score -= _VAGUE if c.phase is Phase.ONGOING else 0.0
    score -= _BACKGROUND if _is_background(c) else 0.0
    return c.status is status, score


def _is_background(candidate: Candidate) -> bool:
    """Told after "after", "since" or "when": what went before the news."""
    start, _ = candidate.scene.clause(candidate.start)
    return start > 0 and candidate.scene.words[start - 1] in ("after", "since", "when", "before")


def _is_deal(candidate: Candidate) -> bool:
    start, end = candidate.scene.clause(candidate.start)
    return not _DEAL_WORDS.isdisjoint(candidate.scene.words[start:end])


def _evidence(read: ReadItem, candidate: Candidate) -> Evidence:
    """From the subject of the trigger to its object."""
    phrases = [p for p in (candidate.attacker, candidate.defender, candidate.ground) if p]
    start = min([candidate.start, *(p.start for p in phrases)])
    end = max([candidate.end, *(p.end for p in phrases)])
    return read.original(candidate.scene.field, *candidate.scene.code_points(start, end))
