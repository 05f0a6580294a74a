"""Worlds other than war: sport, business, politics and the like, told by their words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from re import Pattern

from siegewatch.detect.frames import read_yaml
from siegewatch.detect.realis import phrase_pattern
from siegewatch.detect.scene import ARMED, Scene

_VETOES = frozenset(
    {"sport", "business", "politics", "culture", "nature", "crime", "protest", "figurative", "historical", "exercise"}
)
_REBELS_IN_SUITS = frozenset({"rebel", "rebels", "opposition", "resistance"})


@dataclass(frozen=True, slots=True)
class Topics:
    """topics.yaml and the item-wide cues of realis.yaml, compiled."""

    topics: Mapping[str, Pattern[str]]

    @classmethod
    def load(cls) -> "Topics":
        """Reads the lexicon that ships with the package."""
        realis = read_yaml("realis.yaml")
        words = {**read_yaml("topics.yaml"), **{name: realis[name] for name in ("historical", "exercise", "opinion")}}
        return cls({name: phrase_pattern(phrases) for name, phrases in words.items()})

    def of(self, text: str) -> dict[str, int]:
        """How many different words of each topic a lower-cased text holds; topics without any are left out."""
        counts = {name: len(set(pattern.findall(text))) for name, pattern in self.topics.items()}
        return {name: count for name, count in counts.items() if count}


def foreign_topic(title: str, text: str, scenes: Sequence[Scene], topics: Topics) -> str | None:
    """The other world that an item belongs to; None if it may tell of a war."""
    own = topics.of(title.lower())
    if "figurative" in own:
        return "figurative"
    heads = {
        phrase.head
        for scene in scenes
        if scene.field == "title"
        for phrase in scene.phrases
        if phrase.strength == ARMED
    }
    if heads - (_REBELS_IN_SUITS if "politics" in own else set()):
        return None
    if topic := next((name for name in own if name in _VETOES), None):
        return topic
    actors = any(
        phrase.strength == ARMED or (phrase.strength and not phrase.place)
        for scene in scenes
        for phrase in scene.phrases
    )
    return None if actors or _acts(scenes) or "war" in topics.of(text.lower()) else "no word of war"


def _acts(scenes: Sequence[Scene]) -> bool:
    """Whether a state opens the headline or a clause of it, as one that acts."""
    return any(
        phrase.strength and (phrase.start == 0 or phrase.start - 1 in scene.boundaries)
        for scene in scenes
        for phrase in scene.phrases
    )
