"""How far the features of an item may be believed: a small logistic model over them, read from a file of weights.

How the weights were found is in training/.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from math import exp

from siegewatch.domain.taxonomy import Kind, Status


@dataclass(frozen=True, slots=True)
class Logistic:
    """Weights by feature; features it has no weight for count nothing."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, features: Iterable[str]) -> float:
        """0 to 1."""
        total = self.bias + sum(self.weights.get(feature, 0.0) for feature in features)
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))

    def reasons(self, features: Iterable[str], most: int = 3) -> list[str]:
        """The features that weighed most, heaviest first."""
        known = sorted((f for f in features if f in self.weights), key=lambda f: -abs(self.weights[f]))
        return [f"{feature} {self.weights[feature]:+.2f}" for feature in known[:most]]


@dataclass(frozen=True, slots=True)
class Scorer:
    """One model for each kind and status: does the item hold such an event?"""

    models: Mapping[tuple[Kind, Status], Logistic]

    @classmethod
    def load(cls) -> "Scorer":
        """Reads the weights that ship with the package."""
        data = json.loads(files("siegewatch.detect").joinpath("model", "weights.json").read_text("utf-8"))
        return cls({(kind, status): Logistic(**data[kind][status]) for kind in Kind for status in Status})
