"""Trains how like two reports are: two logistic scores over the measures of detect/measuring.py, from labelled pairs.

Prints F1 by cross-validation, no item in training and test at once, and writes detect/model/likeness.json.
Run: python training/train_likeness.py --eval ../shared/eval
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import siegewatch.detect
from siegewatch.detect.facts import Facts
from siegewatch.detect.likeness import Comparer
from siegewatch.detect.measuring import Measures
from siegewatch.detect.repeats import take_apart
from siegewatch.domain.item import Item

LABELS = ("related", "update", "repeat")
RIDGE = 1.0
FOLDS = 10
SEEDS = 10
ZERO = {"weights": [0.0] * len(fields(Measures)), "bias": 0.0}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    with (arguments.parse_args().eval / "pairs_dev.jsonl").open(encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    comparer = Comparer({"same": ZERO, "again": ZERO})
    measured = np.array([measures(comparer, pair) for pair in pairs])
    labels = np.array([LABELS.index(pair["label"]) for pair in pairs])
    print("repeat {:.3f}, update {:.3f}, both {:.3f}".format(*cross_validated(measured, labels, groups(pairs))))
    model = fit_both(measured, labels)
    path = Path(next(iter(siegewatch.detect.__path__))) / "model" / "likeness.json"
    path.write_text(json.dumps(model, indent=1) + "\n", encoding="utf-8")


def measures(comparer: Comparer, pair: Mapping[str, Any]) -> tuple[float, ...]:
    """The measures of b after a."""
    gap = published(pair["b"]) - published(pair["a"])
    return astuple(comparer.measurer.measures(facts(comparer, pair["a"]), facts(comparer, pair["b"]), gap))


def facts(comparer: Comparer, row: Mapping[str, Any]) -> Facts:
    """The facts of one item of a pair."""
    at = published(row)
    item = Item(row["id"], row["title"], row.get("summary") or "", at, at, outlet=row.get("outlet"))
    return comparer.reader.read(take_apart(item.title).undressed(item, 0), item.summary)


def published(row: Mapping[str, Any]) -> datetime:
    """When an item was published."""
    return datetime.fromisoformat(row["published"]) if row.get("published") else datetime.fromtimestamp(0, UTC)


def groups(pairs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Pairs that share an item, or share one with a third, are of one group."""
    leader: dict[str, str] = {}

    def first(title: str) -> str:
        while leader.setdefault(title, title) != title:
            title = leader[title]
        return title

    for pair in pairs:
        leader[first(pair["a"]["title"])] = first(pair["b"]["title"])
    return [first(pair["a"]["title"]) for pair in pairs]


def fit(measured: np.ndarray, wanted: np.ndarray) -> dict[str, Any]:
    """Ridge logistic regression by Newton's method, on standardised measures; the weights of the raw ones."""
    mean, spread = measured.mean(0), measured.std(0) + 1e-9
    design = np.c_[(measured - mean) / spread, np.ones(len(measured))]
    ridge = np.diag([RIDGE] * measured.shape[1] + [1e-4])
    found = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ found))
        slope = design.T @ (chance - wanted) + ridge @ found
        found -= np.linalg.solve((design.T * (chance * (1 - chance))) @ design + ridge, slope)
    weights = found[:-1] / spread
    return {"weights": [round(float(w), 4) for w in weights], "bias": round(float(found[-1] - weights @ mean), 4)}


def fit_both(measured: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """`same`: of one happening or running story; `again`: among these, nothing new."""
    same = labels > 0
    return {"same": fit(measured, same * 1.0), "again": fit(measured[same], (labels[same] == 2) * 1.0)}


def predict(model: Mapping[str, Any], measured: np.ndarray) -> np.ndarray:
    """The label of each pair."""
    same, again = (measured @ model[name]["weights"] + model[name]["bias"] >= 0 for name in ("same", "again"))
    return np.where(same, np.where(again, 2, 1), 0)


def cross_validated(measured: np.ndarray, labels: np.ndarray, of: Sequence[str]) -> np.ndarray:
    """F1 of repeat, of update, and of both together, the mean over several ways of parting the groups."""
    scores = []
    for seed in range(SEEDS):
        named = np.array(sorted(set(of)))
        np.random.RandomState(seed).shuffle(named)
        fold_of = {name: place % FOLDS for place, name in enumerate(named)}
        fold = np.array([fold_of[name] for name in of])
        predicted = np.zeros(len(labels), int)
        for number in range(FOLDS):
            rest = fold != number
            predicted[~rest] = predict(fit_both(measured[rest], labels[rest]), measured[~rest])
        scores.append([f1(predicted == 2, labels == 2), f1(predicted == 1, labels == 1), f1(predicted > 0, labels > 0)])
    return np.mean(scores, axis=0)


def f1(told: np.ndarray, wanted: np.ndarray) -> float:
    """Twice the hits over all told and wanted."""
    return 2 * float((told & wanted).sum()) / max(float(told.sum() + wanted.sum()), 1.0)


if __name__ == "__main__":
    main()
