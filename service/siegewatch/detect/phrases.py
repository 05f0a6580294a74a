"""Noun phrases of a sentence, and scenes made of them.

Headlines mislead taggers ("Army retakes" as two nouns), so phrases are cut at every word that a frame of the lexicon
may begin with, whatever the tagger says of it.
"""

from collections.abc import Callable, Sequence

from spacy.tokens import Span, Token

from siegewatch.detect.marks import Marks, Names
from siegewatch.detect.scene import ARMED, POSSESSIVE, STATE, STOPS, UNSURE, Phrase, Scene
from siegewatch.detect.words import WordClasses

_NOMINAL = frozenset({"NOUN", "PROPN", "ADJ", "NUM", "X", "SYM"})
_TIES = frozenset({"backed", "led", "held", "controlled", "linked", "allied", "aligned"})
_TIED = _TIES | {"loyal"}
"""Before "to", "with" or "by" they end a phrase: "troops loyal to X", "rebels backed by Y"."""


class SceneBuilder:
    """Makes scenes of parsed sentences."""

    def __init__(self, classes: WordClasses, is_trigger: Callable[[str], bool]) -> None:
        self._classes = classes
        self._ends = STOPS | classes.conjunctions
        self._is_trigger = is_trigger

    def build(self, name: str, span: Span, names: Names) -> Scene:
        """`names` by code points of the span's doc."""
        words = tuple(token.lower_ for token in span)
        marks = Marks.of(span, names)
        phrases = tuple(self._phrases(span, words, marks))
        boundaries = frozenset(i for i, word in enumerate(words) if word in self._ends or _is_dash(span, i))
        return Scene(name, span, words, phrases, boundaries, tuple(phrase.start for phrase in phrases))

    def _phrases(self, span: Span, words: Sequence[str], marks: Marks) -> list[Phrase]:
        phrases: list[Phrase] = []
        start: int | None = None
        for i in range(len(words) + 1):
            inside = i < len(words) and self._is_nominal(span[i], words[i], i, marks)
            if start is not None and (not inside or marks.parts(i)):
                phrases.append(self._phrase(span, words, start, i, marks))
                start = None
            if inside and start is None:
                start = i
        return phrases

    def _is_nominal(self, token: Token, word: str, i: int, marks: Marks) -> bool:
        if i in marks.named:
            return True
        if word in self._classes.armed or word in self._classes.grounds or word in self._classes.sites:
            return not (token.pos_ == "VERB" and self._is_trigger(word))
        if self._is_trigger(word) or word in self._classes.times:
            return False
        if word in _TIED and token.i + 1 < len(token.doc) and token.nbor(1).lower_ in ("to", "with", "by"):
            return False
        if word == "-":
            return token.i > 0 and token.nbor(-1).whitespace_ == "" and token.whitespace_ == ""
        return word in _TIES or token.pos_ in _NOMINAL

    def _phrase(self, span: Span, words: Sequence[str], start: int, end: int, marks: Marks) -> Phrase:
        head = words[end - 1]
        place = marks.place_within(start, end)
        headed_by_place = place is not None and place[1] == end
        ground = headed_by_place or (
            end - 1 not in marks.group and (head in self._classes.grounds or head in self._classes.sites)
        )
        owned = start > 0 and words[start - 1] in POSSESSIVE
        return Phrase(
            start,
            end,
            head,
            self._strength(words, start, end, marks, ground and not headed_by_place),
            place,
            ground,
            head in self._classes.sites,
            owned,
            span[end - 1].text[0].isupper(),
        )

    def _strength(self, words: Sequence[str], start: int, end: int, marks: Marks, ground: bool) -> int:
        head, classes = words[end - 1], self._classes
        if (
            head in classes.civil
            or ground
            or (head == "convoy" and not classes.relief.isdisjoint(words[max(0, start - 1) : end]))
        ):
            return 0
        if (head in classes.armed and head not in classes.weak_armed) or end - 1 in marks.group:
            return ARMED
        if head in classes.weak_armed:
            return ARMED if end - start > 1 or (start > 0 and words[start - 1] in POSSESSIVE) else UNSURE
        stands_for_a_state = end - 1 in marks.state or head in classes.leaders or head in classes.metonyms
        if stands_for_a_state:
            return STATE
        return UNSURE if end - 1 in marks.polity else 0


def _is_dash(span: Span, i: int) -> bool:
    """Whether the word is a hyphen that stands free, as a dash."""
    return span[i].lower_ == "-" and i > 0 and bool(span[i].whitespace_ and span[i - 1].whitespace_)
