"""Whether what an operator adds fits the lists that siegewatch has."""

from collections.abc import Iterator

from siegewatch.detect.actors import ActorList
from siegewatch.detect.compile_places import open_index
from siegewatch.detect.frames import read_yaml
from siegewatch.detect.own_places import place_faults
from siegewatch.detect.own_words import actor_faults, frame_faults
from siegewatch.domain.errors import Fault
from siegewatch.domain.lexicon import OwnLexicon


def misfits(own: OwnLexicon) -> Iterator[Fault]:
    """Everything that does not fit, list by list; a list that nothing is added to is not read."""
    if own.frames:
        yield from frame_faults(read_yaml("triggers.yaml"), own.frames)
    if own.actors:
        yield from actor_faults(ActorList.load().by_id, own.actors)
    if own.places:
        yield from place_faults(open_index(), own.places)
