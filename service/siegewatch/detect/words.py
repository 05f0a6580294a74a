"""The word classes that frames and phrases speak of."""

from dataclasses import dataclass

from siegewatch.detect.frames import read_yaml


@dataclass(frozen=True, slots=True)
class WordClasses:
    """words.yaml, where each class says what it holds."""

    armed: frozenset[str]
    weak_armed: frozenset[str]
    relief: frozenset[str]
    civil: frozenset[str]
    sites: frozenset[str]
    grounds: frozenset[str]
    partitives: frozenset[str]
    directions: frozenset[str]
    metonyms: frozenset[str]
    leaders: frozenset[str]
    auxiliaries: frozenset[str]
    prepositions: frozenset[str]
    locative: frozenset[str]
    fillers: frozenset[str]
    determiners: frozenset[str]
    times: frozenset[str]
    conjunctions: frozenset[str]
    saying: frozenset[str]
    allegiance: frozenset[str]
    held: frozenset[str]
    strongholds: frozenset[str]

    @classmethod
    def load(cls) -> "WordClasses":
        """Reads the lexicon that ships with the package."""
        return cls(**{name: frozenset(map(str, words)) for name, words in read_yaml("words.yaml").items()})
