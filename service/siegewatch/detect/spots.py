"""Where an event plays: the ground of the candidates, resolved on the map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from siegewatch.detect.actors import ActorList, ActorMention
from siegewatch.detect.candidate import Candidate
from siegewatch.detect.containment import can_hold, owner_named
from siegewatch.detect.encoder import Sight
from siegewatch.detect.marked import Marked, marked, support
from siegewatch.detect.places import Context, Gazetteer, Located
from siegewatch.detect.reading import ReadItem
from siegewatch.detect.roles import Roles
from siegewatch.detect.scene import Phrase, Scene
from siegewatch.domain.event import Place
from siegewatch.domain.taxonomy import Kind, Precision

_MOST_PLACES = 2
_UNSUPPORTED = 0.03
"""A place that the frames name and the encoder marks less surely than so is only mentioned."""
_INITIALS = 4
"""A name of so few capitals is short for an organisation, if not for a state."""
_NO_PLACES = frozenset({"armed-group", "alliance"})
_BESIDE = frozenset({"near", "outside"})
"""Whatever happens so of a country does not happen in it."""
_LEAVING = frozenset({"withdraw", "withdrawal", "leave", "lose", "dislodge"})
"""Frames whose ground stands behind "from"; for others it names who has the ground, or from where they come."""
_WHERE = frozenset({"in", "near", "outside", "around", "inside"})
_WHENCE = frozenset({"from", "against", "with", "by", "-", "–", "—"})
"""Before a name they tell of someone: where they come from, whom they fight, who says so."""
_FINENESS = tuple(Precision)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as worded, located where the gazetteer knows it. `start`, `end`: where in the prepared `field`."""

    name: str
    located: Located | None
    field: str
    start: int
    end: int

    @property
    def country(self) -> str | None:
        """ISO 3166-1 alpha-2; None where unknown."""
        return self.located.country if self.located else None

    @property
    def is_fine(self) -> bool:
        """Whether it is known and smaller than a country."""
        return self.located is not None and self.located.place.precision is not Precision.COUNTRY

    @property
    def coarseness(self) -> int:
        """0 for a site, 3 for a country; as a city where unknown."""
        precision = self.located.place.precision if self.located else None
        return _FINENESS.index(precision or Precision.CITY)

    @property
    def place(self) -> Place:
        """The place under the item's own name for it."""
        return replace(self.located.place, name=self.name) if self.located else Place(self.name)


class SpotFinder:
    """Finds the places of an event."""

    def __init__(self, gazetteer: Gazetteer, actors: ActorList, roles: Roles) -> None:
        self._gazetteer = gazetteer
        self._actors = actors
        self._roles = roles

    def context(self, read: ReadItem) -> Context:
        """The countries that an item names or hints at, and what its places say of each other."""
        text = f"{read.title.text} . {read.summary.text}"
        return self._gazetteer.context(text, self._actors.countries(text), read.item.outlet or read.item.feed)

    def find(
        self, read: ReadItem, ranked: Sequence[Candidate], context: Context, home: str | None, own: str | None
    ) -> list[Spot]:
        """By the frames: the places of the best candidate that names one within a country; else one that the item names
        elsewhere, not as who fights or speaks; else the country fought for. `home`, where the attacker comes from, is
        no place; empty if none is left."""
        whole: list[Spot] = []
        for candidate in ranked:
            spots = [spot for spot in self.of(read, candidate, context) if spot.is_fine or not _is_in(spot, home)]
            if fine := [spot for spot in spots if spot.is_fine]:
                return fine[:_MOST_PLACES]
            whole = whole or spots[:1]
        whole = [spot for spot in whole if not own or spot.country != own]
        finer = self._any(read, context, home)
        return whole if whole and any(spot.country != whole[0].country for spot in finer) else finer or whole

    def agreed(self, read: ReadItem, told: Sequence[Spot], context: Context, sight: Sight, kind: Kind) -> list[Spot]:
        """Of the places that the frames tell, those that the encoder does not doubt, and those that it marks besides;
        the headline's first."""
        everywhere = marked(read.docs, sight, kind, "place")
        spans = [one for one in everywhere if one.field == "title"] or everywhere
        seen = [spot for one in spans if (spot := self._of_marked(read, one, told, context))]
        if not seen:
            return [spot for spot in told if support(read.docs, sight, kind, "place", spot) >= _UNSUPPORTED]
        return list({spot.name.casefold(): spot for spot in seen}.values())[:_MOST_PLACES]

    def _of_marked(self, read: ReadItem, one: Marked, told: Sequence[Spot], context: Context) -> Spot | None:
        """In the frames' words where they name the same."""
        same = next((spot for spot in told if one.overlaps(spot)), None)
        return same or self._spot_at(read, one.field, one.start, one.end, context)

    def of(self, read: ReadItem, candidate: Candidate, context: Context) -> Iterator[Spot]:
        """The places of one candidate's ground."""
        grounds = self._roles.coordinated(candidate.scene, candidate.ground) if candidate.ground else []
        for phrase in grounds:
            span = self._roles.place_span(candidate.scene, phrase)
            spot = self._spot(read, candidate.scene, span, context) if span else None
            before = _word_before(candidate.scene, span) if span else ""
            beside = before in _BESIDE or (before == "from" and candidate.frame.name not in _LEAVING)
            if spot and (spot.is_fine or not beside):
                yield spot

    def _any(self, read: ReadItem, context: Context, home: str | None) -> list[Spot]:
        """A place within a country, where the headline or else the lead says that something is there."""
        for scene in read.scenes:
            named = [
                self._spot(read, scene, phrase.place, context)
                for phrase in scene.phrases
                if phrase.place and self._is_setting(read, scene, phrase)
            ]
            spots = [spot for spot in named if spot and spot.is_fine and spot.country and not _is_in(spot, home)]
            if spots:
                return [min(spots, key=lambda spot: spot.coarseness)]
        return []

    def _is_setting(self, read: ReadItem, scene: Scene, phrase: Phrase) -> bool:
        """Whether a phrase tells where, not who: no actor by the lists, and nobody's origin or opponent."""
        before = scene.words[phrase.start - 1] if phrase.start else ""
        if before in _WHERE:
            return True
        named = _mentions(read, scene, (phrase.start, phrase.end))
        return before not in _WHENCE and not any(mention.actor for mention in named)

    def _spot(self, read: ReadItem, scene: Scene, span: tuple[int, int], context: Context) -> Spot | None:
        """The place of a span; None for who fights or reports ("Taliban", "BBC") and for a mere description such as
        "Ukrainian port" or "Polish border"."""
        return self._spot_at(read, scene.field, *scene.code_points(*span), context)

    def _spot_at(self, read: ReadItem, field: str, start: int, end: int, context: Context) -> Spot | None:
        name = read.original(field, start, end).text
        if name.islower() and not read.item.title.islower():
            return None
        mentions = [m for m in read.mentions[field] if m.start < end and start < m.end]
        if any(m.actor and m.actor.kind in _NO_PLACES for m in (*mentions, *self._actors.find(name))):
            return None
        located = self._in_its_city(name, read.docs[field].text, start, end, context)
        if located and located.place.precision is Precision.COUNTRY and not self._actors.find(name):
            # Of a country's names only the adjectives are no state's: "key Ukrainian city".
            return None
        spot = Spot(name, located, field, start, end)
        initials = name.isupper() and len(name) <= _INITIALS and not read.item.title.isupper()
        unknown = initials and (spot.located is None or spot.is_fine)
        return None if self._gazetteer.is_description(name) or unknown else spot

    def _in_its_city(self, name: str, text: str, start: int, end: int, context: Context) -> Located | None:
        """The place, and which city the item says it is a part of; one that no list knows is known to lie there."""
        located = self._gazetteer.resolve(name, context)
        owner = owner_named(text, start, end)
        city = self._gazetteer.resolve(owner, context) if owner else None
        part = located.place if located else Place(name)
        if city is None or not can_hold(city.place, part):
            return located
        return Located(replace(part, within=city.place.geonames_id), located.country if located else city.country)


def _word_before(scene: Scene, span: tuple[int, int]) -> str:
    """The word before the phrase that a name stands in."""
    phrase = scene.phrase_at(span[0])
    start = phrase.start if phrase else span[0]
    return scene.words[start - 1] if start else ""


def _mentions(read: ReadItem, scene: Scene, span: tuple[int, int]) -> list[ActorMention]:
    start, end = scene.code_points(*span)
    return [m for m in read.mentions[scene.field] if m.start < end and start < m.end]


def _is_in(spot: Spot, home: str | None) -> bool:
    return home is not None and spot.country == home
