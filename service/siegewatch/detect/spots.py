"""Where an event plays: the ground of the candidates, resolved on the map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from siegewatch.detect.actors import ActorList
from siegewatch.detect.candidates import Candidate
from siegewatch.detect.places import Context, Gazetteer, Located
from siegewatch.detect.reading import ReadItem
from siegewatch.detect.roles import Roles
from siegewatch.detect.scene import Scene
from siegewatch.domain.event import Place
from siegewatch.domain.taxonomy import Precision

_MOST_PLACES = 2
_FINENESS = tuple(Precision)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as worded, located where the gazetteer knows it."""

    name: str
    located: Located | None

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
        """The countries that an item names or hints at."""
        text = f"{read.title.text} . {read.summary.text}"
        named = [self._gazetteer.resolve(name.text) for name in self._gazetteer.find(text)]
        countries = [n.country for n in named if n and n.country and n.place.precision is Precision.COUNTRY]
        return Context(tuple(dict.fromkeys([*countries, *self._actors.countries(text)])))

    def find(self, read: ReadItem, ranked: Sequence[Candidate], context: Context, home: str | None) -> list[Spot]:
        """The places of the best candidate that names one within a country; else that country; else a place that the
        item names at all. `home`, where the attacker comes from, is no place; empty if none is left."""
        whole: list[Spot] = []
        for candidate in ranked:
            spots = [spot for spot in self.of(read, candidate, context) if not _is_in(spot, home)]
            if fine := [spot for spot in spots if spot.is_fine]:
                return fine[:_MOST_PLACES]
            whole = whole or spots[:1]
        return whole or self._any(read, context, home)

    def of(self, read: ReadItem, candidate: Candidate, context: Context) -> Iterator[Spot]:
        """The places of one candidate's ground."""
        grounds = self._roles.coordinated(candidate.scene, candidate.ground) if candidate.ground else []
        for phrase in grounds:
            if span := self._roles.place_span(candidate.scene, phrase):
                yield self._spot(read, candidate.scene, span, context)

    def _any(self, read: ReadItem, context: Context, home: str | None) -> list[Spot]:
        for scene in read.scenes:
            named = [self._spot(read, scene, phrase.place, context) for phrase in scene.phrases if phrase.place]
            spots = [spot for spot in named if spot.located and not _is_in(spot, home)]
            if spots:
                return [min(spots, key=lambda spot: spot.coarseness)]
        return []

    def _spot(self, read: ReadItem, scene: Scene, span: tuple[int, int], context: Context) -> Spot:
        name = read.original(scene.field, *scene.code_points(*span)).text
        return Spot(name, self._gazetteer.resolve(scene.text(*span), context))


def _is_in(spot: Spot, home: str | None) -> bool:
    return home is not None and spot.country == home
