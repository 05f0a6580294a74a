"""The trained reader: a small sentence encoder that says of an item, as a whole and word by word, what it tells.

MiniLM-L6 (Wang et al. 2020), fine-tuned on labelled items by training/train_encoder.py, its weights in eight bits. What
it says is weighed against the frames in `judging.py`; it decides nothing alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime
from spacy.tokens import Doc

from siegewatch.detect.networks import load_network
from siegewatch.detect.pieces import FIELDS, PieceCutter, Pieces
from siegewatch.domain.taxonomy import PHASES, Kind, Phase, Status

ROLES = ("place", "attacker", "defender")
TAGS = tuple((kind, role) for kind in Kind for role in ROLES)
"""Columns of the words' scores."""
KINDS = tuple((kind, status) for kind in Kind for status in Status)
"""First columns of the item's scores."""
TOLD = tuple((kind, phase, status) for kind in Kind for phase in Phase if phase in PHASES[kind] for status in Status)
"""The columns behind them."""

Floats = npt.NDArray[np.float32]
FAINT = -3.5
"""Log-odds of every kind below which an item is not parsed: true of 1 in 100 labelled items with events, as read by
encoders that have not learnt from their source, and of 4 in 5 natural items behind the gate."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the encoder makes of one item. `kinds` and `phases` are log-odds; `words` holds by field, for each token,
    the probability of each of TAGS."""

    kinds: Mapping[tuple[Kind, Status], float]
    phases: Mapping[tuple[Kind, Phase, Status], float]
    words: Mapping[str, Floats]

    @property
    def is_of_war(self) -> bool:
        """Whether it is worth parsing at all."""
        return max(self.kinds.values()) >= FAINT

    def of_tokens(self, field: str, start: int, end: int, kind: Kind, role: str) -> float:
        """How surely tokens `start` to `end` fill a role in an event of the kind: the mean over them, 0 to 1."""
        column = self.words[field][start:end, TAGS.index((kind, role))]
        return float(column.mean()) if len(column) else 0.0


class Encoder:
    """Reads items one by one: a batch would be padded to its longest, and its eight bits would be scaled by all of it,
    so that what is seen of an item would hang on its neighbours. Thread-safe; holds some 60 MB."""

    def __init__(self, session: onnxruntime.InferenceSession, cutter: PieceCutter) -> None:
        self._session = session
        self.cutter = cutter

    @classmethod
    def load(cls) -> "Encoder":
        """Loads the network that ships with the package."""
        return cls(load_network("encoder.onnx"), PieceCutter.load())

    def see(self, items: Sequence[tuple[Doc, Doc]]) -> list[Sight]:
        """Title and summary of each item; what it makes of each, in order."""
        return [self._see(*docs) for docs in items]

    def _see(self, title: Doc, summary: Doc) -> Sight:
        pieces = self.cutter.cut(title, summary)
        item_scores, word_scores = self._session.run(None, model_input([pieces]))
        return sight(item_scores[0], by_token(word_scores[0], pieces, (len(title), len(summary))))


def model_input(cut: Sequence[Pieces]) -> dict[str, npt.NDArray[np.int64]]:
    """The tensors of a batch, each (items, longest), padded with zeros."""
    longest = max(len(pieces.ids) for pieces in cut)
    ids, segments, mask = (np.zeros((len(cut), longest), np.int64) for _ in range(3))
    for row, pieces in enumerate(cut):
        length = len(pieces.ids)
        ids[row, :length], segments[row, :length], mask[row, :length] = pieces.ids, pieces.segments, 1
    return {"ids": ids, "mask": mask, "segments": segments}


def by_token(pieces_scores: Floats, pieces: Pieces, lengths: Sequence[int]) -> dict[str, Floats]:
    """Log-odds of pieces as probabilities of tokens, (tokens, TAGS) by field: the mean over a token's pieces, 0 for
    tokens that were not read."""
    sums = [np.zeros((length, len(TAGS)), np.float32) for length in lengths]
    counts = [np.zeros((length, 1), np.float32) for length in lengths]
    for number, token in enumerate(pieces.tokens):
        if token is not None:
            field, at = token
            sums[field][at] += 1 / (1 + np.exp(-pieces_scores[number]))
            counts[field][at] += 1
    return {
        name: (total / np.maximum(count, 1)).astype(np.float32)
        for name, total, count in zip(FIELDS, sums, counts, strict=True)
    }


def sight(scores: Floats, words: Mapping[str, Floats]) -> Sight:
    """The encoder's columns under their names."""
    kinds = dict(zip(KINDS, map(float, scores[: len(KINDS)]), strict=True))
    return Sight(kinds, dict(zip(TOLD, map(float, scores[len(KINDS) :]), strict=True)), words)
