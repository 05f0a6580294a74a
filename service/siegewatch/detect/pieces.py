"""Spoken words to word pieces: what the trained encoder reads, and which piece belongs to which spaCy token."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from curated_tokenizers import WordPieceProcessor
from spacy.tokens import Doc

LONGEST = 112
"""Pieces read of an item, the marks between its fields included; nineteen in twenty items have fewer than 90."""
LONGEST_TITLE = 72
FIELDS = ("title", "summary")

_RESPELT = {"IS": "isis", "US": "usa"}
"""Names that are other words without their capitals."""
_RUN = re.compile(r"[^\W_]+|[^\s]")
_REMEMBERED = 65_536


@dataclass(frozen=True, slots=True)
class Pieces:
    """One item: `ids` of its pieces, `segments` (0 title, 1 summary), and the (field, token) of each or None."""

    ids: tuple[int, ...]
    segments: tuple[int, ...]
    tokens: tuple[tuple[int, int] | None, ...]


class PieceCutter:
    """Cuts items into the pieces of an uncased BERT vocabulary."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        ids = {piece: number for number, piece in enumerate(vocabulary)}
        self._begin, self._end, self._unknown = ids["[CLS]"], ids["[SEP]"], ids["[UNK]"]
        self._processor = WordPieceProcessor(list(vocabulary))
        self._of_word = lru_cache(_REMEMBERED)(self._cut)

    @classmethod
    def load(cls) -> "PieceCutter":
        """Reads the vocabulary that ships with the package."""
        text = files("siegewatch.detect").joinpath("model", "vocab.txt").read_text("utf-8")
        return cls(text.splitlines())

    def cut(self, title: Doc, summary: Doc) -> Pieces:
        """Both fields of one item, as much of them as is read."""
        ids: list[int] = [self._begin]
        segments: list[int] = [0]
        tokens: list[tuple[int, int] | None] = [None]
        for field, (doc, room) in enumerate(((title, LONGEST_TITLE), (summary, LONGEST))):
            if field and not len(doc):
                break
            for token in doc:
                pieces = self._of_word(token.text)
                if len(ids) + len(pieces) + 1 > room:
                    break
                ids += pieces
                tokens += [(field, token.i)] * len(pieces)
            ids.append(self._end)
            tokens.append(None)
            segments += [field] * (len(ids) - len(segments))
        return Pieces(tuple(ids), tuple(segments), tuple(tokens))

    def of_text(self, text: str) -> list[int]:
        """The pieces of a text that is not cut into tokens."""
        return [piece for run in _RUN.findall(text) for piece in self._of_word(run)]

    def _cut(self, word: str) -> tuple[int, ...]:
        plain = "".join(
            c for c in unicodedata.normalize("NFD", _RESPELT.get(word, word).lower()) if unicodedata.category(c) != "Mn"
        )
        return tuple(
            self._unknown if piece < 0 else piece
            for run in _RUN.findall(plain)
            for piece in self._processor.encode(run)[0]
        )
