"""Names in a sentence: those of the lists and those that the tagger sees, by token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc, Span

_PLACE_ENTITIES = frozenset({"GPE", "LOC", "FAC"})
_LEADING = frozenset({"the", "The", "a", "as", "at", "an"})


@dataclass(frozen=True, slots=True)
class Names:
    """What the lists know of a text, by code points: armed groups and armies, states and their names, places."""

    groups: tuple[tuple[int, int], ...] = ()
    states: tuple[tuple[int, int], ...] = ()
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Marks:
    """Token indices within a span that belong to listed or tagged names. `polity`: cities and states by the tagger
    alone, which may be teams."""

    group: frozenset[int]
    state: frozenset[int]
    polity: frozenset[int]
    place: Mapping[int, tuple[int, int]]

    @property
    def named(self) -> frozenset[int]:
        """Tokens of listed or tagged names."""
        return self.state | self.polity | self.place.keys()

    @classmethod
    def of(cls, span: Span, names: Names) -> "Marks":
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
        states = groups | _covered(span, names.states) | _tagged(span, "NORP")
        return cls(groups, states, _tagged(span, "GPE") - states, place)

    def parts(self, i: int) -> bool:
        """Whether a place name begins at i where another one ended: two phrases side by side."""
        return i - 1 in self.place and i in self.place and self.place[i] != self.place[i - 1]

    def place_within(self, start: int, end: int) -> tuple[int, int] | None:
        """The last place name inside the tokens."""
        return next((self.place[i] for i in range(end - 1, start - 1, -1) if i in self.place), None)


def _covered(span: Span, names: Sequence[tuple[int, int]]) -> frozenset[int]:
    return frozenset(i for pair in names if (bounds := _tokens(span, *pair)) for i in range(*bounds))


def _tagged(span: Span, label: str) -> frozenset[int]:
    return frozenset(i - span.start for e in span.ents if e.label_ == label for i in range(e.start, e.end))


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
