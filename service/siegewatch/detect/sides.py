"""Who attacks and who defends: the phrases of the candidates, in the item's words, looked up in the actor list."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from siegewatch.detect.actors import Actor
from siegewatch.detect.candidate import Candidate
from siegewatch.detect.encoder import Sight
from siegewatch.detect.features import is_plain
from siegewatch.detect.holders import HolderFinder
from siegewatch.detect.marked import HINTED, MARKED, Marked, Worded, marked
from siegewatch.detect.reading import ReadItem
from siegewatch.detect.roles import Roles
from siegewatch.detect.scene import ARMED, Phrase
from siegewatch.domain.taxonomy import Kind, Phase

_ARMED_KINDS = frozenset({"army", "armed-group"})
_HOME_KINDS = frozenset({"state", "army", "armed-group"})


@dataclass(frozen=True, slots=True)
class Side:
    """Who stands on one side, in the item's words, and who that is in the actor list. `start`, `end`: where in the
    prepared `field`."""

    text: str
    actor: Actor | None
    field: str
    start: int
    end: int

    def is_as(self, other: "Side | None") -> bool:
        """Whether both are the same, by the list or by words: "army" beside "Syrian army" is no one else."""
        if other is None:
            return False
        short, long = sorted((self.text, other.text), key=len)
        same_words = short == long or (short.islower() and long.casefold().endswith(f" {short}"))
        return same_words or (self.actor is not None and self.actor == other.actor)

    def invades(self, country: str | None) -> bool:
        """Whether it fights in a country not its own."""
        if not self.actor or not country or not self.actor.country:
            return False
        return self.actor.country != country and country in self.actor.theatres

    @property
    def fights_abroad(self) -> bool:
        """Whether it is a state or its forces whose war is in another country."""
        actor = self.actor
        if actor is None or actor.kind == "armed-group" or not actor.theatres:
            return False
        return actor.theatres[0] != actor.country

    def is_home_force(self, country: str | None) -> bool:
        """Whether it is a force of that country."""
        return self.actor is not None and self.actor.country == country and self.actor.kind in _HOME_KINDS


class SideFinder:
    """Finds the sides of an event."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles
        self._holders = HolderFinder(roles.words)

    def find(
        self, read: ReadItem, ranked: Sequence[Candidate], country: str | None, sight: Sight, kind: Kind, phase: Phase
    ) -> tuple[Side | None, Side | None]:
        """Attacker and defender: what the encoder marks, in the frames' words where they name the same; else whom the
        frames name; else what it hints at. It knows no better of what an operator's words mean, nor of whom a headline
        names outright ("Rebels lose Aleppo to army"); and whom the best frame names as defender does not attack
        ("Rebels surrounded in Homs")."""
        ranked = [_as_driven_out(c) if phase is Phase.ADVANCE else c for c in ranked]
        attacker, defender = self._told(read, ranked, country)
        best = ranked[0] if ranked else None
        outright = best is not None and is_plain(best)
        if not (best and (best.frame.own or (outright and best.attacker))):
            attacked = [defender] if defender and ((best and best.defender) or attacker is None) else []
            barred = [*self._relievers(read, sight, kind, phase), *attacked]
            attacker = _agreed(read, attacker, sight, kind, "attacker", barred)
        if not (best and (best.frame.own or (outright and best.defender))):
            defender = _agreed(read, defender, sight, kind, "defender")
        return attacker, None if defender and defender.is_as(attacker) else defender

    def _relievers(self, read: ReadItem, sight: Sight, kind: Kind, phase: Phase) -> list[Worded]:
        """Who attacks to break a siege, by encoder or frames, and so is not the besieger."""
        if kind is not Kind.SIEGE or phase is not Phase.BROKEN:
            return []
        attacks = ((c, c.attacker) for c in read.candidates if c.kind is Kind.OFFENSIVE)
        return [*marked(read.docs, sight, Kind.OFFENSIVE, "attacker"), *self._named(read, attacks)]

    def _told(
        self, read: ReadItem, ranked: Sequence[Candidate], country: str | None
    ) -> tuple[Side | None, Side | None]:
        """As the best candidate that names one has it; else an invader that the item names, and a force of the invaded
        country."""
        attacker = self.attacker(read, ranked)
        named = self._named(read, ((c, c.defender) for c in ranked))
        holders = (side for c in ranked for side in self._holders_of(read, c))
        defender = next((side for side in chain(named, holders) if not side.is_as(attacker)), None)
        bystanders = [side for side in _mentioned(read) if not side.is_as(attacker) and not side.is_as(defender)]
        if attacker is None:
            attacker = next((side for side in bystanders if side.invades(country)), None)
        if defender is None and attacker and attacker.invades(country):
            defender = next((side for side in bystanders if side.is_home_force(country)), None)
        return attacker, defender

    def _holders_of(self, read: ReadItem, candidate: Candidate) -> Iterator[Side]:
        yield from _beside(read, candidate)
        scene = candidate.scene
        for bounds in self._holders.find(candidate):
            start, end = scene.code_points(*bounds)
            yield _side_at(read, scene.field, start, end, _actor_at(read, scene.field, start, end))

    def attacker(self, read: ReadItem, ranked: Sequence[Candidate]) -> Side | None:
        """The attacker that a candidate names."""
        return next(self._named(read, ((c, c.attacker) for c in ranked)), None)

    def home(self, read: ReadItem, ranked: Sequence[Candidate]) -> str | None:
        """The country of whoever attacks from abroad; None if the attacker is unknown or fights at home."""
        attacker = self.attacker(read, ranked)
        return attacker.actor.country if attacker and attacker.actor and attacker.fights_abroad else None

    def _named(self, read: ReadItem, phrases: Iterable[tuple[Candidate, Phrase | None]]) -> Iterator[Side]:
        sides = (self._side(read, candidate, phrase) for candidate, phrase in phrases if phrase)
        return (side for side in sides if side)

    def _side(self, read: ReadItem, candidate: Candidate, phrase: Phrase) -> Side | None:
        """The words of the actor list's mention where there is one, else of the phrase; joined ones as one. None for a
        town, which fights no one."""
        scene = candidate.scene
        phrase = self._roles.whose(scene, phrase)
        joined = [phrase] if candidate.paired else [p for p in self._roles.coordinated(scene, phrase) if p.strength]
        last = self._roles.whole_name(scene, joined[-1])
        start, end = scene.code_points(joined[0].start, last)
        mentions = [m for m in read.mentions[scene.field] if m.start < end and start < m.end]
        if not mentions and phrase.place and phrase.strength < ARMED:
            return None
        start, end = min([start, *(m.start for m in mentions)]), max([end, *(m.end for m in mentions)])
        if mentions and len(joined) == 1 and last == phrase.end:
            start, end = mentions[-1].start, mentions[-1].end
        actor = next((m.actor for m in mentions if m.actor), None)
        return _side_at(read, scene.field, start, end, actor)


def _as_driven_out(candidate: Candidate) -> Candidate:
    """Whose withdrawal is told as the gain of others is who held the ground."""
    if candidate.frame.phase is not Phase.ENDED or candidate.defender or candidate.phase is not Phase.ENDED:
        return candidate
    return replace(candidate, attacker=None, defender=candidate.attacker)


def _agreed(
    read: ReadItem, told: Side | None, sight: Sight, kind: Kind, role: str, barred: Sequence[Worded] = ()
) -> Side | None:
    found = marked(read.docs, sight, kind, role, MARKED if told else HINTED)
    spans = [one for one in found if not any(one.overlaps(other) for other in barred)]
    if not spans or (told and any(span.overlaps(told) for span in spans)):
        return told
    best = max(spans, key=lambda one: (one.field == "title", one.score))
    start, end = _whole(read, best)
    return _side_at(read, best.field, start, end, _actor_at(read, best.field, start, end))


def _whole(read: ReadItem, one: Marked) -> tuple[int, int]:
    """The phrase of a single word that is marked within one that names who is armed: "rebels" of "Kurdish rebels",
    "federal" of "federal troops"."""
    for scene in read.scenes:
        for phrase in scene.phrases if scene.field == one.field else ():
            start, end = scene.code_points(phrase.start, phrase.end)
            if start <= one.start and one.end <= end and phrase.strength == ARMED and len(one.span) == 1:
                return start, end
    return one.start, one.end


def _actor_at(read: ReadItem, field: str, start: int, end: int) -> Actor | None:
    """Whom the list knows there."""
    return next((m.actor for m in read.mentions[field] if m.start < end and start < m.end and m.actor), None)


def _beside(read: ReadItem, candidate: Candidate) -> Iterator[Side]:
    """Armed actors named within the ground that is fought for: "Afghan army base"."""
    scene, ground = candidate.scene, candidate.ground
    if ground is None or candidate.kind is not Kind.OFFENSIVE:
        return
    first = max(0, ground.start - 2) if ground.owned else ground.start
    start, end = scene.code_points(first, ground.end)
    for m in read.mentions[scene.field]:
        bare = read.docs[scene.field].text[m.start : m.end].lower() == "military"
        if start <= m.start and m.end < end and not bare and (m.actor is None or m.actor.kind in _ARMED_KINDS):
            yield _side_at(read, scene.field, m.start, m.end, m.actor)


def _mentioned(read: ReadItem) -> Iterator[Side]:
    for field, mentions in read.mentions.items():
        yield from (_side_at(read, field, m.start, m.end, m.actor) for m in mentions if m.actor)


def _side_at(read: ReadItem, field: str, start: int, end: int, actor: Actor | None) -> Side:
    return Side(read.original(field, start, end).text, actor, field, start, end)
