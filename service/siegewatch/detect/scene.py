"""A sentence as the rules see it: words, noun phrases, and which of them are armed actors, places or pieces of ground.

Headlines mislead taggers ("Army retakes" as two nouns), so phrases are cut at every word that a frame of the lexicon
may begin with, whatever the tagger says of it.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from spacy.tokens import Doc, Span, Token

from siegewatch.detect.frames import read_yaml

_NOMINAL = frozenset({"NOUN", "PROPN", "ADJ", "NUM", "X", "SYM"})
_PLACE_ENTITIES = frozenset({"GPE", "LOC", "FAC"})
_TIMES = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "today",
        "yesterday",
        "tonight",
        "overnight",
        "hours",
        "days",
        "weeks",
        "months",
        "hour",
        "day",
        "week",
        "month",
        "year",
        "years",
        "night",
        "morning",
    ]
)
_LEADING = frozenset({"the", "The", "a", "as", "at", "an"})
_SIDE_ENTITIES = frozenset({"GPE", "NORP"})
_STOPS = frozenset({";", ":", "–", "—", "|", "...", "…", "!", "?"})
_CONJUNCTIONS = frozenset(
    [
        "as",
        "while",
        "after",
        "before",
        "because",
        "although",
        "though",
        "but",
        "when",
        "where",
        "since",
        "until",
        "amid",
        "if",
        "whether",
        "despite",
    ]
)


@dataclass(frozen=True, slots=True)
class WordClasses:
    """words.yaml."""

    armed: frozenset[str]
    weak_armed: frozenset[str]
    civil: frozenset[str]
    sites: frozenset[str]
    grounds: frozenset[str]
    partitives: frozenset[str]
    directions: frozenset[str]
    metonyms: frozenset[str]
    leaders: frozenset[str]

    @classmethod
    def load(cls) -> "WordClasses":
        """Reads the lexicon that ships with the package."""
        return cls(**{name: frozenset(map(str, words)) for name, words in read_yaml("words.yaml").items()})


@dataclass(frozen=True, slots=True)
class Names:
    """What the lists know of a text, by code points: armed groups and armies, states and who stands for them, places."""

    groups: tuple[tuple[int, int], ...] = ()
    states: tuple[tuple[int, int], ...] = ()
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: tokens `start` to `end`, the last of them its head.

    `strength`: how surely it is an armed actor (3 an armed noun or listed group, 2 a state, capital, leader or people,
    0 none). `place`: tokens of the place name in it. `ground`: a piece of land, named or not. `owner`: the phrase is
    possessed by the one before it.
    """

    start: int
    end: int
    head: str
    strength: int
    place: tuple[int, int] | None
    ground: bool
    site: bool
    owned: bool
    proper: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """One sentence. `words` are lower-cased; `offset` is the token index of the first in its doc."""

    field: str
    tokens: Span
    words: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    starts: tuple[int, ...] = field(repr=False)

    def text(self, start: int, end: int) -> str:
        """The words as written."""
        return self.tokens[start:end].text if end > start else ""

    def phrase_at(self, token: int) -> Phrase | None:
        """The phrase that covers the token."""
        i = bisect_right(self.starts, token) - 1
        return self.phrases[i] if i >= 0 and token < self.phrases[i].end else None

    def phrase_from(self, token: int, reach: int = 3) -> Phrase | None:
        """The first phrase that begins at or within `reach` words behind the token, with no stop between."""
        for i in range(token, min(len(self.words), token + reach + 1)):
            if self.words[i] in _STOPS or self.words[i] == ",":
                return None
            if phrase := self.phrase_at(i):
                return phrase
        return None

    def before(self, phrase: Phrase) -> Phrase | None:
        """The phrase before, if only "of", "'s" or nothing stands between."""
        i = bisect_right(self.starts, phrase.start) - 2
        return self.phrases[i] if i >= 0 else None

    def clause(self, token: int) -> tuple[int, int]:
        """The bounds of the clause around a token: punctuation or a conjunction on either side."""
        start = next((i + 1 for i in range(token - 1, -1, -1) if self.is_boundary(i)), 0)
        end = next((i for i in range(token + 1, len(self.words)) if self.is_boundary(i)), len(self.words))
        return start, end

    def is_boundary(self, i: int) -> bool:
        """Whether the i-th word ends a clause."""
        word = self.words[i]
        return (
            word in _STOPS
            or word in _CONJUNCTIONS
            or (word == "-" and self.tokens[i].whitespace_ != "" and i > 0 and self.tokens[i - 1].whitespace_ != "")
        )


class SceneBuilder:
    """Makes scenes of parsed sentences."""

    def __init__(self, classes: WordClasses, is_trigger: Callable[[str], bool]) -> None:
        self._classes = classes
        self._is_trigger = is_trigger

    def build(self, name: str, span: Span, names: Names) -> Scene:
        """`names` by code points of the span's doc."""
        words = tuple(token.lower_ for token in span)
        marks = _Marks.of(span, names)
        phrases = tuple(self._phrases(span, words, marks))
        return Scene(name, span, words, phrases, tuple(phrase.start for phrase in phrases))

    def _phrases(self, span: Span, words: Sequence[str], marks: "_Marks") -> list[Phrase]:
        phrases: list[Phrase] = []
        start: int | None = None
        for i in range(len(words) + 1):
            inside = i < len(words) and self._is_nominal(span[i], words[i], i, marks)
            if start is not None and (not inside or self._cuts(span, words, start, i, marks)):
                phrases.append(self._phrase(span, words, start, i, marks))
                start = None
            if inside and start is None:
                start = i
        return phrases

    def _is_nominal(self, token: Token, word: str, i: int, marks: "_Marks") -> bool:
        if i in marks.actor or i in marks.place:
            return True
        if word in self._classes.armed or word in self._classes.grounds or word in self._classes.sites:
            return not (token.pos_ == "VERB" and self._is_trigger(word))
        if self._is_trigger(word):
            return False
        if word in _TIMES:
            return False
        if word == "-":
            return token.i > 0 and token.nbor(-1).whitespace_ == "" and token.whitespace_ == ""
        if word in ("backed", "led", "held", "controlled", "linked", "allied", "aligned"):
            return True
        return token.pos_ in _NOMINAL

    def _cuts(self, span: Span, words: Sequence[str], start: int, i: int, marks: "_Marks") -> bool:
        """Whether a new phrase begins at i though words run on: two names side by side."""
        return (
            i in marks.begins
            and i - 1 in marks.any
            and words[i - 1] != "-"
            and (i in marks.place)
            and (i - 1 in marks.place)
            and i not in marks.entity_inside
        )

    def _phrase(self, span: Span, words: Sequence[str], start: int, end: int, marks: "_Marks") -> Phrase:
        head = words[end - 1]
        place = marks.place_within(start, end)
        headed_by_place = place is not None and place[1] == end
        ground = headed_by_place or head in self._classes.grounds or head in self._classes.sites
        owned = start > 0 and words[start - 1] in ("'s", "’s", "'", "’")
        return Phrase(
            start,
            end,
            head,
            self._strength(span, words, start, end, marks, ground and not headed_by_place),
            place,
            ground,
            head in self._classes.sites,
            owned,
            span[end - 1].text[0].isupper(),
        )

    def _strength(self, span: Span, words: Sequence[str], start: int, end: int, marks: "_Marks", ground: bool) -> int:
        head, classes = words[end - 1], self._classes
        if head in classes.civil or ground:
            return 0
        if head in classes.armed and head not in classes.weak_armed:
            return 3
        if end - 1 in marks.group:
            return 3
        if head in classes.weak_armed:
            return 3 if end - start > 1 or (start > 0 and words[start - 1] in ("'s", "’s")) else 1
        if end - 1 in marks.actor or end - 1 in marks.side or head in classes.leaders or head in classes.metonyms:
            return 2
        return 0


@dataclass(frozen=True, slots=True)
class _Marks:
    """Token indices within a span that belong to listed or tagged names."""

    actor: frozenset[int]
    group: frozenset[int]
    place: Mapping[int, tuple[int, int]]
    side: frozenset[int]
    begins: frozenset[int]
    entity_inside: frozenset[int]

    @property
    def any(self) -> frozenset[int]:
        return self.actor | frozenset(self.place)

    @classmethod
    def of(cls, span: Span, names: Names) -> "_Marks":
        groups = _covered(span, names.groups)
        listed = [bounds for pair in names.places if (bounds := _tokens(span, *pair))]
        tagged = [
            (e.start - span.start, e.end - span.start)
            for e in span.ents
            if e.label_ in _PLACE_ENTITIES and e[-1].pos_ != "ADJ"
        ]
        place: dict[int, tuple[int, int]] = {}
        for bounds in [*listed, *(_trim(span, pair) for pair in tagged)]:
            if not any(i in place for i in range(*bounds)):
                place.update(dict.fromkeys(range(*bounds), bounds))
        sides = {i - span.start for e in span.ents if e.label_ in _SIDE_ENTITIES for i in range(e.start, e.end)}
        inside = frozenset(i for bounds in [*place.values()] for i in range(bounds[0] + 1, bounds[1]))
        return cls(
            groups | _covered(span, names.states),
            groups,
            place,
            frozenset(sides),
            frozenset(b[0] for b in place.values()),
            inside,
        )

    def place_within(self, start: int, end: int) -> tuple[int, int] | None:
        """The last place name inside the tokens."""
        return next((self.place[i] for i in range(end - 1, start - 1, -1) if i in self.place), None)


def _covered(span: Span, names: Sequence[tuple[int, int]]) -> frozenset[int]:
    return frozenset(i for pair in names if (bounds := _tokens(span, *pair)) for i in range(*bounds))


def _trim(span: Span, bounds: tuple[int, int]) -> tuple[int, int]:
    start, end = bounds
    while start < end - 1 and span[start].text in _LEADING:
        start += 1
    while end - 1 > start and span[end - 1].lower_ in ("'s", "’s"):
        end -= 1
    return start, end


def _tokens(span: Span, start: int, end: int) -> tuple[int, int] | None:
    """Code points of the doc as tokens of the span; None if they stand elsewhere."""
    doc: Doc = span.doc
    chars = doc.char_span(start, end, alignment_mode="expand")
    if chars is None or chars.start < span.start or chars.end > span.end:
        return None
    return _trim(span, (chars.start - span.start, chars.end - span.start))
