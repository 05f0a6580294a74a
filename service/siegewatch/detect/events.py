"""Events: the candidates of an item weighed against each other, with their places on the map and their sides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from siegewatch.detect.actors import ActorList
from siegewatch.detect.candidate import Candidate
from siegewatch.detect.codes import codes_for
from siegewatch.detect.encoder import Sight
from siegewatch.detect.features import is_plain, strength_of
from siegewatch.detect.places import Context, Gazetteer
from siegewatch.detect.reading import ReadItem
from siegewatch.detect.roles import Roles
from siegewatch.detect.sides import Side, SideFinder
from siegewatch.detect.spots import Spot, SpotFinder
from siegewatch.domain.event import Event, Evidence, Place
from siegewatch.domain.taxonomy import PHASES, Kind, Phase, Status

_SPECIFIC = {
    Kind.SIEGE: (Phase.FALLEN, Phase.BROKEN, Phase.IMPOSED, Phase.ONGOING),
    Kind.OFFENSIVE: (Phase.REPELLED, Phase.ADVANCE, Phase.ENDED, Phase.LAUNCHED, Phase.ONGOING),
}
"""Of two phases told alike, the first stands."""
_TOLD_BY_FRAME = {Status.ACTUAL: 3.0, Status.THREATENED: 5.0}
"""Log-odds that a phase is worth because a frame tells it: with sources left out, kind and phase are best from 1.5
to 3. Of what threatens the encoder has seen little beside offensives to come."""
_OTHERS_ATTACK = frozenset({Phase.BROKEN, Phase.REPELLED, Phase.ENDED})
"""Phases in which the besieged may be who attacks."""
_HEADLINE = 1.0
_VAGUE = 1.2
_BACKGROUND = 1.0
_DEALS = """
deal deals truce truces ceasefire ceasefires cease agree agrees agreed agreement agreements accord accords humanitarian
lift lifts lifted lifting ease eases eased easing pause pauses paused pausing
"""
_AROUND = frozenset({"near", "outside", "around", "in", "north", "south", "east", "west", "along", "on"})
_WHOLE = frozenset({"city", "town", "capital", "stronghold", "bastion", "enclave"})
"""Ground without a name that may be the place which the item names elsewhere: "First major city falls"."""
_DEAL_WORDS = frozenset(_DEALS.split())
"""What is done without force; whole words, for "eastern" and "according" are none of them."""


class EventBuilder:
    """Builds the events of one kind and status from the candidates of an item."""

    def __init__(self, gazetteer: Gazetteer, actors: ActorList, roles: Roles) -> None:
        self._spots = SpotFinder(gazetteer, actors, roles)
        self._sides = SideFinder(roles)
        self._actors = actors

    def build(self, read: ReadItem, sight: Sight, kind: Kind, status: Status) -> list[Event]:
        """At most one event a place, and at least one. Confidence and classifier are left open."""
        own = [c for c in read.candidates if c.kind is kind and not _is_flight(c, read.candidates)]
        ranked = sorted(own, key=lambda c: _rank(c, status), reverse=True)
        phase = likeliest_phase(ranked, sight, kind, status)
        ranked.sort(key=lambda c: (c.phase, c.status) != (phase, status))
        draft = _Draft(read, sight, kind, status, phase, ranked, self._spots.context(read))
        fronts = [
            self._event(replace(draft, phase=other.phase, ranked=[other]), spot)
            for other in _other_fronts(ranked, status)
            for spot in self._spots.of(read, other, draft.context)
        ]
        spots: Sequence[Spot | None] = self._places(draft) or [None]
        main = [self._event(draft, spot) for spot in spots]
        theirs = {_where(event) for event in fronts}
        return _one_a_place([*(event for event in main if _where(event) not in theirs), *fronts])

    def _takes(self, candidate: Candidate, draft: "_Draft", spot: Spot | None) -> bool:
        """Whether a candidate tells that the place is taken: it names this one or none ("First major city falls"), and
        not another ("take towns in Idlib, advance on Aleppo")."""
        if not candidate.taken or (spot and _is_beside(candidate)):
            return False
        named = [one.name for one in self._spots.of(draft.read, candidate, draft.context)]
        return not named or spot is None or spot.name in named

    def _known(self, side: Side | None) -> Side | None:
        """A side worded by an adjective alone is known by it."""
        return side if side is None or side.actor else replace(side, actor=self._actors.named(side.text))

    def _places(self, draft: "_Draft") -> list[Spot]:
        read, ranked = draft.read, draft.ranked
        attacker = self._sides.attacker(read, ranked)
        own_country = attacker.actor.country if attacker and attacker.actor else None
        told = self._spots.find(read, ranked, draft.context, self._sides.home(read, ranked), own_country)
        if draft.best and told and (draft.best.frame.own or is_plain(draft.best)):
            return told
        return self._spots.agreed(read, told, draft.context, draft.sight, draft.kind)

    def _event(self, draft: "_Draft", spot: Spot | None) -> Event:
        read, kind, phase, status = draft.read, draft.kind, draft.phase, draft.status
        best = draft.best
        country = spot.country if spot else None
        sides = self._sides.find(read, draft.ranked, country, draft.sight, kind, phase)
        attacker, defender = (self._known(side) for side in sides)
        taken = best is not None and best.phase is phase and self._takes(best, draft, spot)
        return Event(
            kind=kind,
            phase=phase,
            status=status,
            attacker=attacker.text if attacker else None,
            defender=defender.text if defender else None,
            attacker_id=attacker.actor.id if attacker and attacker.actor else None,
            defender_id=defender.actor.id if defender and defender.actor else None,
            place=spot.place if spot else None,
            country=spot.country if spot and spot.located else _likely_country(draft.context, (attacker, defender)),
            taken=status is Status.ACTUAL and phase is Phase.ADVANCE and taken,
            claimed_by=read.title.claimed_by,
            evidence=(_evidence(read, best) if best else _whole(read),),
            codes=codes_for(
                kind,
                phase,
                status,
                taken=taken,
                by_deal=best is not None and _is_deal(best),
                by_state=self._actors.is_of_state(attacker.text, attacker.actor) if attacker else None,
            ),
        )


def _is_beside(candidate: Candidate) -> bool:
    """Whether ground without a name is only near or in the place that is named, as a village, base or airport is: "two
    villages near Pokrovsk", "airport in Nyala"; not "town of Saraqib"."""
    ground, words = candidate.ground, candidate.scene.words
    if ground is None:
        return False
    if ground.place:
        return ground.start > 0 and words[ground.start - 1] in _AROUND
    behind = words[ground.end] if ground.end < len(words) else ""
    return behind != "of" and (behind in _AROUND or ground.head not in _WHOLE)


def _likely_country(context: Context, sides: Sequence[Side | None]) -> str | None:
    """Where a fight without a place is: of the countries of the item, not that of a side which fights abroad, but one
    in which it does."""
    invader = next((side.actor for side in sides if side and side.fights_abroad), None)
    if invader is None:
        return next(iter(context.countries), None)
    abroad = [country for country in context.countries if country != invader.country]
    return next((country for country in abroad if country in invader.theatres), next(iter(abroad), None))


def _one_a_place(events: Sequence[Event]) -> list[Event]:
    """The first event of each place, however it is spelt."""
    first: dict[str | int | None, Event] = {}
    for event in events:
        first.setdefault(_where(event), event)
    return list(first.values())


def _where(event: Event) -> str | int | None:
    return (event.place.geonames_id or event.place.name.casefold()) if event.place else None


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the events of one kind and status have in common."""

    read: ReadItem
    sight: Sight
    kind: Kind
    status: Status
    phase: Phase
    ranked: Sequence[Candidate]
    context: Context

    @property
    def best(self) -> Candidate | None:
        """The frame that tells it best; None where the encoder alone sees it."""
        return self.ranked[0] if self.ranked else None


def likeliest_phase(ranked: Sequence[Candidate], sight: Sight, kind: Kind, status: Status) -> Phase:
    """What the encoder holds likeliest, the phase that the best frame tells being given a lead; in an operator's words
    what they mean, which it has not learnt."""
    if ranked and ranked[0].frame.own and ranked[0].status is status:
        return ranked[0].phase
    told = ranked[0].phase if ranked and ranked[0].status is status else None
    return max(
        (phase for phase in Phase if phase in PHASES[kind]),
        key=lambda phase: sight.phases[kind, phase, status] + (_TOLD_BY_FRAME[status] if phase is told else 0.0),
    )


def cross_filled(events: Sequence[Event]) -> list[Event]:
    """Events of one item agree: whoever attacks to break a siege is not the besieger but fights him, and a besieged
    place that is taken has fallen."""
    unlike = [_without_reliever(_as_taken(event, events), events) for event in events]
    met = [_with_besieger(event, unlike) for event in unlike]
    return [_with_same_sides(event, met) for event in met]


def _with_same_sides(event: Event, events: Sequence[Event]) -> Event:
    """Who storms a place besieges it, and who holds it is besieged, where the item names them for one of the two."""
    for other in events:
        if not _is_one_fight(event, other):
            continue
        if not event.attacker and other.attacker and event.defender in (None, other.defender):
            event = replace(event, attacker=other.attacker, attacker_id=other.attacker_id)
        elif not event.defender and other.defender and event.attacker in (None, other.attacker):
            event = replace(event, defender=other.defender, defender_id=other.defender_id)
    return event


def _is_one_fight(event: Event, other: Event) -> bool:
    """Whether a siege and an offensive at one place are of the same attacker."""
    if other.kind is event.kind or other.status is not event.status or not _is_same(other.place, event.place):
        return False
    return _OTHERS_ATTACK.isdisjoint({event.phase, other.phase})


def _without_reliever(event: Event, events: Sequence[Event]) -> Event:
    if event.kind is not Kind.SIEGE or event.phase is not Phase.BROKEN or not event.attacker:
        return event
    relievers = [o.attacker for o in events if o.kind is Kind.OFFENSIVE and _is_same(o.place, event.place)]
    if any(reliever and (event.attacker in reliever or reliever in event.attacker) for reliever in relievers):
        return replace(event, attacker=None, attacker_id=None)
    return event


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
    if not ranked:
        return []
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


def _whole(read: ReadItem) -> Evidence:
    """What the encoder read, where no frame says it: the headline, or the lead where there is none."""
    field = "title" if read.title.text else "summary"
    return read.original(field, 0, len(read.docs[field].text))


def _evidence(read: ReadItem, candidate: Candidate) -> Evidence:
    """From the subject of the trigger to its object."""
    phrases = [p for p in (candidate.attacker, candidate.defender, candidate.ground) if p]
    start = min([candidate.start, *(p.start for p in phrases)])
    end = max([candidate.end, *(p.end for p in phrases)])
    return read.original(candidate.scene.field, *candidate.scene.code_points(start, end))
