"""Frames and encoder weighed against each other: what speaks for an event of a kind and status, in numbers.

The models over these numbers are logistic, fitted on items that neither the encoder nor the frames' own model had
learnt from (training/train_scorer.py), so that what comes out can be read as a probability.
"""

from collections.abc import Sequence

from siegewatch.detect.candidates import Candidate
from siegewatch.detect.encoder import Sight
from siegewatch.detect.features import is_plain
from siegewatch.domain.taxonomy import Kind, Status

_FAR = 6.0
"""Log-odds beyond which nothing more is learnt."""


def evidence_for(
    status: Status, kind: Kind, sight: Sight, frames: float | None, own: Sequence[Candidate], foreign: bool
) -> dict[str, float]:
    """What speaks for and against, by name. `frames`: log-odds by the frames' own model, None if no frame of the kind
    holds; `foreign`: whether the item's words belong to another world (sport, business, history …)."""
    other = Status.THREATENED if status is Status.ACTUAL else Status.ACTUAL
    return {
        "encoder": _clipped(sight.kinds[kind, status]),
        "encoder, other status": _clipped(sight.kinds[kind, other]),
        "frames": _clipped(frames) if frames is not None else 0.0,
        "no frame": float(frames is None),
        "said outright": float(any(is_plain(c) and c.status is status for c in own)),
        "of another world": float(foreign),
    }


def _clipped(value: float) -> float:
    return max(-_FAR, min(_FAR, value))
