"""How far what was found in an item may be believed: small logistic models over it, read from files of weights.

How the weights were found is in training/.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from math import exp

from siegewatch.domain.taxonomy import Kind, Status


@dataclass(frozen=True, slots=True)
class Logistic:
    """Weights by feature; features it has no weight for count nothing."""

    bias: float
    weights: Mapping[str, float]

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Of features by how much there is of each."""
        return self.bias + sum(self.weights.get(feature, 0.0) * amount for feature, amount in features.items())

    def reasons(self, features: Mapping[str, float], most: int = 3) -> list[str]:
        """The features that weighed most, heaviest first."""
        shares = {feature: self.weights[feature] * features[feature] for feature in features if feature in self.weights}
        heaviest = sorted(shares, key=lambda feature: -abs(shares[feature]))[:most]
        return [f"{feature} {shares[feature]:+.2f}" for feature in heaviest if shares[feature]]


def probability(log_odds: float) -> float:
    """0 to 1."""
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, log_odds))))


def load_models(name: str) -> dict[tuple[Kind, Status], Logistic]:
    """The models of a file that ships with the package, one for each kind and status."""
    data = json.loads(files("siegewatch.detect").joinpath("model", name).read_text("utf-8"))
    return {(kind, status): Logistic(**data[kind][status]) for kind in Kind for status in Status}
