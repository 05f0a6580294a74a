"""Events: the candidates of an item weighed against each other, with their places on the map and their sides."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from siegewatch.detect.actors import Actor, ActorList
from siegewatch.detect.candidates import Candidate
from siegewatch.detect.codes import codes_for
from siegewatch.detect.features import is_plain, strength_of
from siegewatch.detect.headline import Prepared
from siegewatch.detect.places import Context, Gazetteer, Located
from siegewatch.detect.reading import ReadItem
from siegewatch.detect.roles import Roles
from siegewatch.detect.scene import Phrase, Scene
from siegewatch.domain.event import Event, Evidence, Place
from siegewatch.domain.taxonomy import Kind, Phase, Precision, Status

_SPECIFIC = {
    Kind.SIEGE: (Phase.FALLEN, Phase.BROKEN, Phase.IMPOSED, Phase.ONGOING),
    Kind.OFFENSIVE: (Phase.ADVANCE, Phase.REPELLED, Phase.ENDED, Phase.LAUNCHED, Phase.ONGOING),
}
_HEADLINE = 1.0
_VAGUE = 1.2
_BACKGROUND = 1.0
_MOST_PLACES = 2
_STATE_KINDS = frozenset({"state", "army", "metonym", "alliance"})
_DEAL_WORDS = (
    "deal",
    "truce",
    "ceasefire",
    "cease-fire",
    "agree",
    "accord",
    "agreement",
    "humanitarian",
    "lift",
    "eas",
    "pause",
)


@dataclass(frozen=True, slots=True)
class Side:
    """Who stands on one side, in the item's words, and who that is in the actor list."""

    text: str
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as worded, located where the gazetteer knows it."""

    name: str
    located: Located | None


class EventBuilder:
    """Builds the events of one kind and status from the candidates of an item."""

    def __init__(self, gazetteer: Gazetteer, actors: ActorList, roles: Roles) -> None:
        self._gazetteer = gazetteer
        self._actors = actors
        self._roles = roles

    def build(self, read: ReadItem, kind: Kind, status: Status, confidence: float, classifier: str) -> list[Event]:
        """At most one event a place; empty if no candidate tells of the kind."""
        own = [c for c in read.candidates if c.kind is kind]
        ranked = sorted(own, key=lambda c: _rank(c, status), reverse=True)
        if not ranked:
            return []
        context = self._context(read)
        events = []
        for front in _fronts(ranked, status):
            spots = (
                self._spots(read, front, context)
                if front is ranked
                else [*self._spots_of(read, front[0], context)] or [None]
            )
            events += [self._event(read, front, spot, status, confidence, classifier, context) for spot in spots]
        return events

    def _context(self, read: ReadItem) -> Context:
        text = f"{read.title.text} . {read.summary.text}"
        named = [self._gazetteer.resolve(name.text) for name in self._gazetteer.find(text)]
        countries = [n.country for n in named if n and n.country and n.place.precision is Precision.COUNTRY]
        return Context(tuple(dict.fromkeys([*countries, *self._actors.countries(text)])))

    def _event(
        self,
        read: ReadItem,
        ranked: Sequence[Candidate],
        spot: Spot | None,
        status: Status,
        confidence: float,
        classifier: str,
        context: Context,
    ) -> Event:
        best = ranked[0]
        attacker, defender = self._sides(read, ranked, spot)
        phase = best.phase
        country = spot.located.country if spot and spot.located else next(iter(context.countries), None)
        return Event(
            kind=best.kind,
            phase=phase,
            status=status,
            attacker=attacker.text if attacker else None,
            defender=defender.text if defender else None,
            attacker_id=attacker.actor.id if attacker and attacker.actor else None,
            defender_id=defender.actor.id if defender and defender.actor else None,
            place=_place(spot),
            country=country,
            taken=status is Status.ACTUAL and phase is Phase.ADVANCE and best.taken,
            claimed_by=read.title.claimed_by,
            confidence=round(confidence, 3),
            evidence=(_evidence(read, best),),
            codes=codes_for(
                best.kind,
                phase,
                status,
                taken=best.taken,
                by_deal=_by_deal(best),
                by_state=bool(attacker and attacker.actor and attacker.actor.kind in _STATE_KINDS),
            ),
            classifier=classifier,
        )

    # Places

    def _spots(self, read: ReadItem, ranked: Sequence[Candidate], context: Context) -> list[Spot | None]:
        """The places of the best candidate that names one within a country; else that country; else a place that the
        item names at all. Where the attacker comes from is no place."""
        home = self._home(read, ranked)
        whole: list[Spot | None] = []
        for candidate in ranked:
            spots = [spot for spot in self._spots_of(read, candidate, context) if spot and not _is_home(spot, home)]
            if any(_is_fine(spot) for spot in spots):
                return [spot for spot in spots if _is_fine(spot)][:_MOST_PLACES]
            whole = whole or [*spots[:1]]
        return whole or self._any_spot(read, context, home)

    def _any_spot(self, read: ReadItem, context: Context, home: str | None) -> list[Spot | None]:
        for scene in read.scenes:
            named = [self._spot(read, scene, phrase.place, context) for phrase in scene.phrases if phrase.place]
            spots = [spot for spot in named if spot.located and not _is_home(spot, home)]
            if spots:
                return [min(spots, key=_coarseness)]
        return [None]

    def _home(self, read: ReadItem, ranked: Sequence[Candidate]) -> str | None:
        """The country of whoever attacks from abroad; None if the attacker is unknown or fights at home."""
        attacker = next(self._named(read, ((c.scene, c.attacker) for c in ranked)), None)
        actor = attacker.actor if attacker else None
        if actor is None or actor.kind == "armed-group":
            return None
        return None if not actor.theatres or actor.theatres[0] == actor.country else actor.country

    def _spots_of(self, read: ReadItem, candidate: Candidate, context: Context) -> Iterator[Spot | None]:
        if candidate.ground is None:
            return
        for phrase in self._roles.coordinated(candidate.scene, candidate.ground):
            if span := self._roles.place_span(candidate.scene, phrase):
                yield self._spot(read, candidate.scene, span, context)

    def _spot(self, read: ReadItem, scene: Scene, span: tuple[int, int], context: Context) -> Spot:
        name = scene.text(*span)
        return Spot(_original(read, scene, *_code_points(scene, *span)), self._gazetteer.resolve(name, context))

        # Sides

    def _sides(self, read: ReadItem, ranked: Sequence[Candidate], spot: Spot | None) -> tuple[Side | None, Side | None]:
        attacker = next(self._named(read, ((c.scene, c.attacker) for c in ranked)), None)
        defender = next(
            (d for d in self._named(read, ((c.scene, c.defender) for c in ranked)) if not _same(attacker, d)), None
        )
        country = spot.located.country if spot and spot.located else None
        bystanders = [side for side in self._mentioned(read) if not _same(attacker, side) and not _same(defender, side)]
        if attacker is None:
            attacker = next((s for s in bystanders if _is_invader(s, country)), None)
        if defender is None and _is_invader(attacker, country):
            defender = next((s for s in bystanders if _is_home_force(s, country)), None)
        return attacker, defender

    def _mentioned(self, read: ReadItem) -> list[Side]:
        return [
            Side(mention.text, mention.actor)
            for field in ("title", "summary")
            for mention in read.mentions[field]
            if mention.actor
        ]

    def _named(self, read: ReadItem, phrases: Iterable[tuple[Scene, Phrase | None]]) -> Iterator[Side]:
        for scene, phrase in phrases:
            if phrase:
                yield self._side(read, scene, phrase)

    def _side(self, read: ReadItem, scene: Scene, phrase: Phrase) -> Side:
        """The words of the actor list's mention where there is one, else of the phrase; joined ones as one."""
        joined = [p for p in self._roles.coordinated(scene, phrase) if p.strength]
        first, last = joined[0], joined[-1]
        start, end = _code_points(scene, first.start, last.end)
        mentions = [m for m in read.mentions[scene.field] if m.start < end and start < m.end]
        start, end = min([start, *(m.start for m in mentions)]), max([end, *(m.end for m in mentions)])
        actor = next((m.actor for m in mentions if m.actor), None)
        if mentions and len(joined) == 1:
            start, end = mentions[-1].start, mentions[-1].end
        return Side(_original(read, scene, start, end), actor)


def _code_points(scene: Scene, start: int, end: int) -> tuple[int, int]:
    """Tokens of a scene as code points of the prepared text."""
    last = scene.tokens[end - 1]
    return scene.tokens[start].idx, last.idx + len(last)


def _original(read: ReadItem, scene: Scene, start: int, end: int) -> str:
    """Code points of the prepared text, in the words and capitals of the item."""
    prepared: Prepared = getattr(read, scene.field)
    original: str = getattr(read.item, scene.field)
    return original[start + prepared.start : end + prepared.start]


def cross_filled(events: Sequence[Event]) -> list[Event]:
    """Whoever attacks to break a siege fights the besieger: told of one event, it holds for the other at the place."""
    return [_with_besieger(event, events) for event in events]


def _with_besieger(event: Event, events: Sequence[Event]) -> Event:
    if event.kind is not Kind.OFFENSIVE or event.defender:
        return event
    for siege in events:
        same_place = siege.kind is Kind.SIEGE and siege.phase is Phase.BROKEN and siege.place == event.place
        if same_place and siege.attacker and siege.attacker != event.attacker:
            return replace(event, defender=siege.attacker, defender_id=siege.attacker_id)
    return event


def _is_invader(side: Side | None, country: str | None) -> bool:
    """A state or its army that fights in a country not its own."""
    actor = side.actor if side else None
    return bool(actor and country and actor.country and actor.country != country and country in actor.theatres)


def _is_home_force(side: Side, country: str | None) -> bool:
    """A force of the country that is fought over."""
    return bool(side.actor and side.actor.country == country and side.actor.kind in ("army", "armed-group", "state"))


def _fronts(ranked: Sequence[Candidate], status: Status) -> list[Sequence[Candidate]]:
    """The whole, and any other fight of the headline: other attackers at another place ("… as rebels advance on Y")."""
    best, fronts = ranked[0], [ranked]
    for other in ranked[1:]:
        apart = other.scene is best.scene and other.attacker and best.attacker and other.attacker != best.attacker
        elsewhere = other.ground and best.ground and other.ground != best.ground and other.ground.place is not None
        if apart and elsewhere and best.scene.field == "title" and other.status is status and is_plain(other):
            return [*fronts, [other]]
    return fronts


def _same(side: Side | None, other: Side) -> bool:
    return side is not None and (side.text == other.text or (side.actor is not None and side.actor == other.actor))


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


def _is_home(spot: Spot, home: str | None) -> bool:
    """Whether a spot is the attacker's own country or its capital (where it speaks from)."""
    return home is not None and spot.located is not None and spot.located.country == home


def _is_fine(spot: Spot) -> bool:
    """Whether a spot is known and smaller than a country."""
    return spot.located is not None and spot.located.place.precision is not Precision.COUNTRY


def _coarseness(spot: Spot) -> int:
    return list(Precision).index(spot.located.place.precision) if spot.located and spot.located.place.precision else 1


def _place(spot: Spot | None) -> Place | None:
    if spot is None:
        return None
    return replace(spot.located.place, name=spot.name) if spot.located else Place(spot.name)


def _by_deal(candidate: Candidate) -> bool:
    start, end = candidate.scene.clause(candidate.start)
    clause = candidate.scene.text(start, end).lower()
    return any(word in clause for word in _DEAL_WORDS)


def _evidence(read: ReadItem, candidate: Candidate) -> Evidence:
    """From the subject of the trigger to its object, in code points of the field as given."""
    scene = candidate.scene
    spans = [(p.start, p.end) for p in (candidate.attacker, candidate.defender, candidate.ground) if p] + [
        (candidate.start, candidate.end)
    ]
    start, end = min(s for s, _ in spans), max(e for _, e in spans)
    first, last = _code_points(scene, start, end)
    prepared: Prepared = getattr(read, scene.field)
    return Evidence(scene.field, first + prepared.start, last + prepared.start, _original(read, scene, first, last))
