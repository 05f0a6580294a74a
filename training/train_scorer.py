"""Finds the weights that detect/judging.py reads: what the frames' features say, and what frames and encoder say
together.

usage: train_scorer.py LEFT_OUT.npz [--eval ../shared/eval] [--data ../shared/data]

LEFT_OUT.npz is what `train_encoder.py --left-out` wrote: what the encoder makes of each item when it has not learnt
from the item's source; groups that are not in it are left aside. Both models here are fitted in the same way, group of
sources by group, and the second only ever sees what the first and the encoder say of items they have not learnt from:
those, and labels/held_out.jsonl, headlines as homepages print them, of which train.jsonl has too few. Prints the scores
with each group left out in turn, then writes frames.json and judging.json; dev.jsonl is only measured on. The files
hold features and weights, no text: names of places, states and groups are masked before.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from encoder_data import FIELDS, Row, item_of, read_rows
from marked_items import read_marked
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from source_groups import GROUPS, OTHERS, group_of

from siegewatch.detect.encoder import Encoder, Sight, sight
from siegewatch.detect.events import EventBuilder
from siegewatch.detect.gate import Gate
from siegewatch.detect.judging import Judge, Models, features_of, topic_of
from siegewatch.detect.reading import Reader, ReadItem
from siegewatch.detect.scoring import Logistic
from siegewatch.detect.topics import Topics
from siegewatch.domain.event import Event
from siegewatch.domain.taxonomy import Kind, Status

FRAMES_STRENGTH, WEIGHER_STRENGTH = 0.2, 1.0
"""Inverse regularisation of the two models."""
HELD_OUT_WEIGHT = 2.0
"""How much an item of labels/held_out.jsonl counts: in the news such headlines outnumber all else."""
LEAST_ITEMS = 4
"""A feature must stand in so many items to get a weight."""
MIN_CONFIDENCE = 0.5
HOME = Path("service/siegewatch/detect/model")
HELD_OUT = Path("training/labels/held_out.jsonl")
PAIRS = [(kind, status) for kind in Kind for status in Status]


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled item as it was read, with what an encoder that has not learnt from it makes of it, if there is one."""

    row: Row
    read: ReadItem
    sight: Sight | None
    features: Mapping[Kind, set[str]]
    learnt: bool

    def holds(self, kind: Kind, status: Status) -> bool:
        return any(e["kind"] == kind and e["status"] == status for e in self.row["events"])


See = Callable[[ReadItem], Sight | None]
"""What an encoder that has not learnt from an item makes of it."""


def read_examples(rows: Sequence[Row], learnt: set[str], see: See, reader: Reader) -> list[Example]:
    """Those that pass the gate and are of no other world than war."""
    gate, topics = Gate.load(), Topics.load()
    items = [(row, item_of(row)) for row in rows]
    passed = [(row, item) for row, item in items if gate.hit(item.title, item.summary)]
    read = reader.read(reader.cut([item for _, item in passed]))
    examples = []
    for (row, _), one in zip(passed, read, strict=True):
        if topic_of(one, topics):
            continue
        kinds = {candidate.kind for candidate in one.candidates}
        features = {kind: features_of(one, kind, topics) for kind in kinds}
        examples.append(Example(row, one, see(one), features, row["id"] in learnt))
    return examples


def from_file(left_out: Mapping[str, Any]) -> See:
    """What `train_encoder.py --left-out` wrote."""

    def see(read: ReadItem) -> Sight | None:
        key = read.item.id
        if key not in left_out:
            return None
        return sight(left_out[key], {field: left_out[f"{key}:{field}"].astype(np.float32) for field in FIELDS})

    return see


def by_encoder(encoder: Encoder) -> See:
    """The one that ships, for items that it has not learnt from."""
    return lambda read: encoder.see([(read.docs["title"], read.docs["summary"])])[0]


def fit_frames(examples: Sequence[Example]) -> Models:
    """What the features of frames say of a kind and status, for items in which a frame of the kind holds."""
    return {(kind, status): _fit_sparse(examples, kind, status) for kind, status in PAIRS}


def _fit_sparse(examples: Sequence[Example], kind: Kind, status: Status) -> Logistic:
    own = [e for e in examples if kind in e.features]
    counts = Counter(f for e in own for f in e.features[kind])
    names = sorted(f for f, count in counts.items() if count >= LEAST_ITEMS)
    columns = {f: i for i, f in enumerate(names)}
    indices = [[columns[f] for f in e.features[kind] if f in columns] for e in own]
    pointers = np.cumsum([0, *map(len, indices)])
    matrix = csr_matrix((np.ones(pointers[-1]), np.concatenate(indices), pointers), shape=(len(own), len(names)))
    model = LogisticRegression(C=FRAMES_STRENGTH, max_iter=1000).fit(matrix, [e.holds(kind, status) for e in own])
    weights = {f: round(float(w), 3) for f, w in zip(names, model.coef_[0], strict=True) if abs(w) >= 0.01}
    return Logistic(round(float(model.intercept_[0]), 3), weights)


Evidence = Mapping[str, Mapping[tuple[Kind, Status], dict[str, float]]]


def evidence_of(examples: Sequence[Example], judge: Judge) -> Evidence:
    """By item: what is weighed for each kind and status."""
    return {
        e.row["id"]: {(kind, status): found for kind in Kind for status, found in judge.evidence(e.read, e.sight, kind)}
        for e in examples
        if e.sight
    }


def fit_weigher(learnt: Sequence[Example], held_out: Sequence[Example], evidence: Evidence) -> Models:
    """What frames and encoder say together."""
    examples = [e for e in (*learnt, *held_out) if e.sight]
    counts = [1.0 if e.learnt else HELD_OUT_WEIGHT for e in examples]
    models = {}
    for pair in PAIRS:
        given = [evidence[e.row["id"]][pair] for e in examples]
        names = list(given[0])
        matrix = np.array([[one[name] for name in names] for one in given])
        held = [e.holds(*pair) for e in examples]
        model = LogisticRegression(C=WEIGHER_STRENGTH, max_iter=1000).fit(matrix, held, sample_weight=counts)
        weights = {name: round(float(w), 3) for name, w in zip(names, model.coef_[0], strict=True)}
        models[pair] = Logistic(round(float(model.intercept_[0]), 3), weights)
    return models


def left_out_evidence(examples: Sequence[Example], judge_with: Any) -> Evidence:
    """What is weighed for each item, by frames' models that have not learnt from its source."""
    found: dict[str, Any] = {}
    for group in (*GROUPS, OTHERS):
        models = fit_frames([e for e in examples if e.learnt and group_of(e.row) != group])
        found |= evidence_of([e for e in examples if group_of(e.row) == group], judge_with(models, {}))
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of an item, as score.py reads it, with confidences."""

    row: Row
    events: tuple[Event, ...]

    def as_row(self, least: float = MIN_CONFIDENCE) -> Row:
        told = [event for event in self.events if event.confidence >= least]
        return {"id": self.row["id"], "events": [_plain(event) for event in told]}


def _plain(event: Event) -> Row:
    place = event.place.name if event.place else None
    return {"kind": event.kind, "phase": event.phase, "status": event.status, "place": place,
            "country": event.country, "attacker": event.attacker, "defender": event.defender}  # fmt: skip


def cross_validated(
    examples: Sequence[Example], held_out: Sequence[Example], evidence: Evidence, judge_with: Any
) -> list[Told]:
    """What is told of each item by models that have not learnt from its source."""
    told = []
    for group in (*GROUPS, OTHERS):
        learnt = [e for e in examples if e.learnt and group_of(e.row) != group]
        others = [e for e in held_out if group_of(e.row) != group]
        judge = judge_with(fit_frames(learnt), fit_weigher(learnt, others, evidence))
        unseen = [e for e in examples if e.sight and group_of(e.row) == group]
        told += [Told(e.row, judge.judge(e.read, e.sight, "")) for e in unseen]
    return told


def print_scores(name: str, rows: Sequence[Row], told: Sequence[Told], folder: Path) -> None:
    sys.path.insert(0, str(folder))
    from score import score  # the labelled sets bring their own scorer

    result = score({r["id"]: r for r in rows}, {t.row["id"]: t.as_row() for t in told})
    figures = {k: v.get("f1", v.get("accuracy")) for k, v in result.items() if isinstance(v, dict)}
    print(f"{name:28} P {result['item']['precision']:.3f} R {result['item']['recall']:.3f} {figures}")


def calibration_error(told: Sequence[Told]) -> float:
    """Expected calibration error over ten bins (Guo et al. 2017) of the surest event of each kind."""
    pairs = []
    for one in told:
        best: dict[tuple[Kind, Status], float] = {}
        for event in one.events:
            best[event.kind, event.status] = max(event.confidence, best.get((event.kind, event.status), 0.0))
        held = {(e["kind"], e["status"]) for e in one.row["events"]}
        pairs += [(confidence, key in held) for key, confidence in best.items()]
    scores, right = np.array([c for c, _ in pairs]), np.array([r for _, r in pairs], float)
    bins = np.minimum((scores * 10).astype(int), 9)
    gaps = [abs(scores[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in set(bins)]
    return float(sum(gaps))


def write(models: Models, path: Path) -> None:
    data = {
        kind: {s: {"bias": m.bias, "weights": m.weights} for s in Status for m in [models[kind, s]]} for kind in Kind
    }
    path.write_text(json.dumps(data, indent=0, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("left_out", type=Path)
    arguments.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    args = arguments.parse_args()
    train, dev = read_rows(args.eval / "train.jsonl"), read_rows(args.eval / "dev.jsonl")
    reader, topics = Reader.load(), Topics.load()
    builder = EventBuilder(reader.gazetteer, reader.actors, reader.roles)

    def judge_with(frames: Models, weigher: Models) -> Judge:
        return Judge(topics, frames, weigher, builder)

    left_out = np.load(args.left_out)
    examples = read_examples([*train, *dev], {row["id"] for row in train}, from_file(left_out), reader)
    held_rows = read_marked(HELD_OUT, args.data / "background.jsonl.gz")
    held_out = read_examples(held_rows, set(), by_encoder(Encoder.load()), reader)
    learnt = [e for e in examples if e.learnt]
    frames = fit_frames(learnt)
    evidence = {**left_out_evidence(examples, judge_with), **evidence_of(held_out, judge_with(frames, {}))}
    told = cross_validated(examples, held_out, evidence, judge_with)
    judged = [row for row in [*train, *dev] if row["id"] in left_out]
    for group in (*GROUPS, OTHERS):
        if chosen := [row for row in judged if group_of(row) == group]:
            print_scores(f"without {group}", chosen, [t for t in told if group_of(t.row) == group], args.eval)
    print_scores("all, own source left out", judged, told, args.eval)
    print_scores("dev, own source left out", [row for row in judged if row in dev], told, args.eval)
    print(f"expected calibration error   {calibration_error(told):.3f}")
    write(frames, HOME / "frames.json")
    write(fit_weigher(learnt, held_out, evidence), HOME / "judging.json")


if __name__ == "__main__":
    main()
