"""A sentence as the rules see it: its words and noun phrases, and which of them are armed actors or ground."""

from bisect import bisect_right
from dataclasses import dataclass

from spacy.tokens import Span

STOPS = frozenset({";", ":", "–", "—", "|", "...", "…", "!", "?"})
"""Punctuation over which no phrase and no clause reaches."""
ARMED, STATE, UNSURE = 3, 2, 1
"""Strengths of an actor: see `Phrase`."""
POSSESSIVE = frozenset({"'s", "’s", "'", "’"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: tokens `start` to `end`, the last of them its head.

    `strength`: how surely it is an armed actor (ARMED: an armed noun or a listed group; STATE: a state, capital, leader
    or people; UNSURE; 0 none). `place`: tokens of the place name in it. `ground`: a piece of land, named or not.
    `site`: a base, plant or the like. `owned`: the phrase is possessed by the one before it. `proper`: capitalised.
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
    """One sentence of a field. `words` are lower-cased; `boundaries` are those that end a clause; token indices count
    from the start of the sentence."""

    field: str
    tokens: Span
    words: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    boundaries: frozenset[int]
    starts: tuple[int, ...]

    def text(self, start: int, end: int) -> str:
        """The words as written."""
        return self.tokens[start:end].text if end > start else ""

    def code_points(self, start: int, end: int) -> tuple[int, int]:
        """Tokens as code points of the prepared text."""
        last = self.tokens[end - 1]
        return self.tokens[start].idx, last.idx + len(last)

    def phrase_at(self, token: int) -> Phrase | None:
        """The phrase that covers the token."""
        i = bisect_right(self.starts, token) - 1
        return self.phrases[i] if i >= 0 and token < self.phrases[i].end else None

    def phrase_from(self, token: int, reach: int = 3) -> Phrase | None:
        """The first phrase that begins at or within `reach` words behind the token, with no stop between."""
        for i in range(token, min(len(self.words), token + reach + 1)):
            if self.words[i] in STOPS or self.words[i] == ",":
                return None
            if phrase := self.phrase_at(i):
                return phrase
        return None

    def clause(self, token: int) -> tuple[int, int]:
        """The bounds of the clause around a token: punctuation or a conjunction on either side."""
        start = next((i + 1 for i in range(token - 1, -1, -1) if i in self.boundaries), 0)
        end = next((i for i in range(token + 1, len(self.words)) if i in self.boundaries), len(self.words))
        return start, end
