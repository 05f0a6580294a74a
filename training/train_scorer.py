"""Finds the weights that `detect/scoring.py` reads: logistic regression over the features of labelled items.

usage: train_scorer.py [--eval ../shared/eval] [--out service/siegewatch/detect/model/weights.json]

Needs scikit-learn (not needed at run time). Prints item F1 for each source left out in turn, then writes the model of
all of train.jsonl. The file holds features and weights, no text: names of places, states and groups are masked before.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from siegewatch.detect.features import item_features, kind_features
from siegewatch.detect.gate import Gate
from siegewatch.detect.reading import Reader
from siegewatch.detect.topics import Topics
from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import Kind, Status

INVERSE_REGULARISATION = 0.2
LEAST_ITEMS = 4
"""A feature must stand in so many items to get a weight."""
THRESHOLD = 0.5
BIAS_SHIFT = 0.4
"""Added to the log-odds, so that 0.5 is where item F1 peaks with sources left out (plain regression peaks near 0.4)."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    row: Row
    features: Mapping[Kind, set[str]]


def item_of(row: Row) -> Item:
    at = datetime.fromisoformat(row["published"]) if row.get("published") else datetime(2022, 1, 1, tzinfo=UTC)
    return Item(row["id"], row["title"], row.get("summary") or "", at, at, outlet=row.get("outlet"))


def read_examples(rows: Sequence[Row]) -> list[Example]:
    gate, reader, topics = Gate.load(), Reader.load(), Topics.load()
    passed = [row for row in rows if gate.hit(row["title"], row.get("summary") or "")]
    examples = []
    for row, read in zip(passed, reader.read([item_of(row) for row in passed]), strict=True):
        common = item_features(read.title.text, read.summary.text, read.scenes, topics, read.item.published_at)
        kinds = {candidate.kind for candidate in read.candidates}
        examples.append(Example(row, {kind: common | kind_features(kind, read.candidates) for kind in kinds}))
    return examples


def holds(row: Row, kind: Kind, status: Status) -> bool:
    return any(e["kind"] == kind and e["status"] == status for e in row["events"])


def fit(examples: Sequence[Example], kind: Kind, status: Status) -> dict[str, Any]:
    """Bias and weights of one model."""
    own = [e for e in examples if kind in e.features]
    counts = Counter(f for e in own for f in e.features[kind])
    names = sorted(f for f, count in counts.items() if count >= LEAST_ITEMS)
    columns = {f: i for i, f in enumerate(names)}
    indices = [[columns[f] for f in e.features[kind] if f in columns] for e in own]
    pointers = np.cumsum([0, *map(len, indices)])
    matrix = csr_matrix((np.ones(pointers[-1]), np.concatenate(indices), pointers), shape=(len(own), len(names)))
    labels = [holds(e.row, kind, status) for e in own]
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=1000).fit(matrix, labels)
    weights = {f: round(float(w), 3) for f, w in zip(names, model.coef_[0], strict=True) if abs(w) >= 0.01}
    return {"bias": round(float(model.intercept_[0]) + BIAS_SHIFT, 3), "weights": weights}


def fit_all(examples: Sequence[Example]) -> dict[str, dict[str, dict[str, Any]]]:
    return {kind: {status: fit(examples, kind, status) for status in Status} for kind in Kind}


def log_odds(model: Mapping[str, Any], features: Iterable[str]) -> float:
    return float(model["bias"]) + sum(model["weights"].get(f, 0.0) for f in features)


def says_actual(models: Mapping[str, Any], example: Example) -> bool:
    for kind, features in example.features.items():
        odds = {status: log_odds(models[kind][status], features) for status in Status}
        if odds[Status.ACTUAL] >= max(0.0, odds[Status.THREATENED]):
            return True
    return False


def f1(rows: Sequence[Row], found: set[str]) -> float:
    true = {row["id"] for row in rows if any(e["status"] == "actual" for e in row["events"])}
    return 2 * len(true & found) / max(1, len(true) + len(found))


def cross_validate(rows: Sequence[Row], examples: Sequence[Example]) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for source in sorted({row["source"] for row in rows}):
        models = fit_all([e for e in examples if e.row["source"] != source])
        held_out = [e for e in examples if e.row["source"] == source]
        found[source] = {e.row["id"] for e in held_out if says_actual(models, e)}
        print(f"{source:28} {f1([r for r in rows if r['source'] == source], found[source]):.3f}")
    print(f"{'all, one source left out':28} {f1(rows, set().union(*found.values())):.3f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    arguments.add_argument("--out", type=Path, default=Path("service/siegewatch/detect/model/weights.json"))
    arguments.add_argument("--skip-validation", action="store_true")
    args = arguments.parse_args()
    rows = [json.loads(line) for line in (args.eval / "train.jsonl").read_text("utf-8").splitlines() if line]
    examples = read_examples(rows)
    if not args.skip_validation:
        cross_validate(rows, examples)
    args.out.write_text(json.dumps(fit_all(examples), indent=0, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
