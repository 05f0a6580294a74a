"""The glance: a small network over word pieces, asked before the encoder, which costs many times as much.

It looks at three pieces in a row at a time and keeps the strongest sign of each sort (Kim 2014, "Convolutional neural
networks for sentence classification"), so it knows *troops take town* from *takes the stage*. It drops what the gate
passed by words that mean much else; it tells nothing, and no confidence hangs on it. Fitted by
training/train_glance.py to keep all but few of the items with events.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnxruntime

from siegewatch.detect.networks import load_network
from siegewatch.detect.pieces import LONGEST, LONGEST_TITLE, PieceCutter

BLANK = -1
"""Stands between headline and lead."""


class Glance:
    """Looks at items one by one. Thread-safe; holds some 10 MB."""

    def __init__(self, session: onnxruntime.InferenceSession, cutter: PieceCutter) -> None:
        self._session = session
        self._cutter = cutter

    @classmethod
    def load(cls, cutter: PieceCutter) -> "Glance":
        """Loads the network that ships with the package."""
        return cls(load_network("glance.onnx"), cutter)

    def surplus(self, title: str, summary: str) -> float:
        """Log-odds of an event beyond the least that items with events have; below 0 the item holds none."""
        (scores,) = self._session.run(None, glance_input([looked_at(self._cutter, title, summary)]))
        return float(scores[0])


def looked_at(cutter: PieceCutter, title: str, summary: str) -> tuple[list[int], list[int]]:
    """The pieces of both fields, about as many as the encoder reads."""
    headline = cutter.of_text(title)[: LONGEST_TITLE - 2]
    return headline, cutter.of_text(summary)[: LONGEST - 3 - len(headline)]


def glance_input(items: Sequence[tuple[Sequence[int], Sequence[int]]]) -> dict[str, npt.NDArray[np.int64]]:
    """The tensors of items, each (items, longest): pieces of headline and lead with a blank between, and which of them
    are the headline's."""
    longest = 1 + max(len(title) + len(summary) for title, summary in items)
    pieces = np.full((len(items), longest), BLANK, np.int64)
    in_title = np.zeros((len(items), longest), np.int64)
    for row, (title, summary) in enumerate(items):
        end = len(title)
        pieces[row, :end], in_title[row, :end] = title, 1
        pieces[row, end + 1 : end + 1 + len(summary)] = summary
    return {"pieces": pieces, "in_title": in_title}
