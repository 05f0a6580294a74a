"""The words that the encoder marks as a place, an attacker or a defender, as spans of the prepared text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from spacy.tokens import Doc, Span

from siegewatch.detect.encoder import TAGS, Floats, Sight
from siegewatch.detect.pieces import FIELDS
from siegewatch.domain.taxonomy import Kind

MARKED = 0.5
"""A word counts as marked from here on; training weighs both errors alike."""
HINTED = 0.3
"""The same where nothing else names the role: of sources it has not learnt from, the encoder is less sure than right.
With Wikipedia left out, most sides are named rightly from 0.25 to 0.35."""
_BRIDGED = 0.4
"""A word between two marked ones belongs to them from this share of the limit on: "Deir al-Zor", "army and allied
militias"."""
_NO_EDGE = frozenset({"DET", "PUNCT", "ADP", "CCONJ", "PART", "SPACE"})


class Worded(Protocol):
    """Something that stands in a prepared field, from code point `start` to `end`."""

    @property
    def field(self) -> str: ...

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Marked:
    """Words of a field with the mean probability that they fill the role."""

    field: str
    span: Span
    score: float

    @property
    def start(self) -> int:
        """The first code point."""
        return self.span.start_char

    @property
    def end(self) -> int:
        """The code point after the last."""
        return self.span.end_char

    def overlaps(self, other: Worded) -> bool:
        """Whether both are words of one place in the text."""
        return self.field == other.field and other.start < self.end and self.start < other.end


def marked(docs: Mapping[str, Doc], sight: Sight, kind: Kind, role: str, least: float = MARKED) -> list[Marked]:
    """Every span marked for a role in an event of the kind: the headline's before the lead's, then in reading order."""
    column = TAGS.index((kind, role))
    return [
        one
        for field in FIELDS
        if len(docs[field])
        for one in _of_field(field, docs[field], sight.words[field][:, column], least)
    ]


def support(docs: Mapping[str, Doc], sight: Sight, kind: Kind, role: str, told: Worded) -> float:
    """How surely the encoder would give words the role that the frames give them, 0 to 1."""
    span = docs[told.field].char_span(told.start, told.end, alignment_mode="expand")
    return sight.of_tokens(told.field, span.start, span.end, kind, role) if span is not None else 0.0


def _of_field(field: str, doc: Doc, scores: Floats, least: float) -> Iterator[Marked]:
    start = 0
    while start < len(doc):
        if scores[start] < least:
            start += 1
            continue
        end = start + 1
        while end < len(doc) and (scores[end] >= least or _is_bridge(scores, end, least)):
            end += 1
        if span := _trimmed(doc, start, end):
            yield Marked(field, span, float(scores[span.start : span.end].mean()))
        start = end


def _is_bridge(scores: Floats, at: int, least: float) -> bool:
    return at + 1 < len(scores) and bool(scores[at] >= _BRIDGED * least and scores[at + 1] >= least)


def _trimmed(doc: Doc, start: int, end: int) -> Span | None:
    """Without articles and punctuation at its ends; None if nothing is left."""
    while start < end and (doc[start].pos_ in _NO_EDGE or not doc[start].text[0].isalnum()):
        start += 1
    while end > start and (doc[end - 1].pos_ in _NO_EDGE or not doc[end - 1].text[-1].isalnum()):
        end -= 1
    return doc[start:end] if end > start else None
