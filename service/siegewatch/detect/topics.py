"""Worlds other than war: sport, business, politics and the like, told by their words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from re import Pattern

from siegewatch.detect.frames import own_triggers, read_yaml
from siegewatch.detect.realis import phrase_pattern
from siegewatch.detect.scene import ARMED, STATE, Scene
from siegewatch.domain.lexicon import NOTHING_OWN, OwnLexicon

_VETOES = frozenset(
    {"sport", "business", "politics", "culture", "nature", "crime", "protest", "figurative", "historical", "exercise"}
)
_ALWAYS = ("figurative", "retold")
"""Topics that no armed actor outweighs."""
NO_WORD_OF_WAR = "no word of war"
_REBELS_IN_SUITS = frozenset({"rebel", "rebels", "opposition", "resistance"})
_CIVIL_TOO = frozenset({"government", "team", "unit", "units"})
_SCORE = re.compile(r"\b\d{1,2}-\d{1,2} (?:win|victory|defeat|loss|draw|thrashing)\b")
_LONG_AGO = re.compile(r"\bin 1[0-8]\d\d\b")
_ARMED_CRIMINALS = frozenset({"gunman", "gunmen", "attackers", "police", "guards"})


@dataclass(frozen=True, slots=True)
class Topics:
    """topics.yaml and the item-wide cues of realis.yaml, compiled."""

    topics: Mapping[str, Pattern[str]]

    @classmethod
    def load(cls, own: OwnLexicon = NOTHING_OWN) -> "Topics":
        """Reads the lexicon that ships with the package; the operator's triggers are words of war too."""
        realis = read_yaml("realis.yaml")
        words = {**read_yaml("topics.yaml"), **{name: realis[name] for name in ("historical", "exercise", "opinion")}}
        words["war"] = [*words["war"], *own_triggers(own)]
        return cls({name: phrase_pattern(phrases) for name, phrases in words.items()})

    def of(self, text: str) -> dict[str, int]:
        """How many different words of each topic a lower-cased text holds; topics without any are left out."""
        counts = {name: len(set(pattern.findall(text))) for name, pattern in self.topics.items()}
        return {name: count for name, count in counts.items() if count}


def foreign_topic(title: str, text: str, scenes: Sequence[Scene], topics: Topics) -> str | None:
    """The other world that an item belongs to; None if it may tell of a war."""
    own = topics.of(title.lower())
    if _SCORE.search(title):
        return "sport"
    if _LONG_AGO.search(title):
        return "historical"
    if topic := next((name for name in _ALWAYS if name in own), None):
        return topic
    heads = {
        phrase.head
        for scene in scenes
        if scene.field == "title"
        for phrase in scene.phrases
        if phrase.strength == ARMED
    }
    civil = (_REBELS_IN_SUITS if "politics" in own else frozenset()) | (
        _ARMED_CRIMINALS if "crime" in own else frozenset()
    )
    if heads - civil - _CIVIL_TOO:
        return None
    if topic := next((name for name in own if name in _VETOES), None):
        return topic
    if "war" not in own and (topic := _topic_of_lead(topics.of(text.lower()))):
        return topic
    actors = any(
        phrase.strength == ARMED or (phrase.strength >= STATE and not phrase.place)
        for scene in scenes
        for phrase in scene.phrases
    )
    return None if actors or _acts(scenes) or _is_of_war(topics.of(text.lower()), scenes) else NO_WORD_OF_WAR


def _is_of_war(counts: Mapping[str, int], scenes: Sequence[Scene]) -> bool:
    """Whether its words of war mean war: one with a life in peace needs another, or ground or a state."""
    words, doubtful = counts.get("war", 0), counts.get("doubtful", 0)
    if not words or words > min(doubtful, 1):
        return words > 0
    return any(p.place or p.ground or p.strength >= STATE for scene in scenes for p in scene.phrases)


def _topic_of_lead(counts: Mapping[str, int]) -> str | None:
    """A world of which the whole text holds two words, and more than of war."""
    of_war = counts.get("war", 0)
    return next((name for name in counts if name in _VETOES and counts[name] > max(1, of_war)), None)


def _acts(scenes: Sequence[Scene]) -> bool:
    """Whether a state opens the headline or a clause of it, as one that acts."""
    return any(
        phrase.strength >= STATE and (phrase.start == 0 or phrase.start - 1 in scene.boundaries)
        for scene in scenes
        for phrase in scene.phrases
    )
