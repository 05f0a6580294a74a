"""How fast and how well items are classified.

usage: classify.py [--eval ../shared/eval] [--data ../shared/data] [--items 5000]

Prints the gate's speed and pass rate and the classifier's speed on a natural mix of news, and the scores on the
labelled sets beside those of a broad keyword baseline. Figures, not a test: nothing fails here but missing files.
"""

import argparse
import gzip
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from siegewatch.detect.gate import Gate
from siegewatch.detect.pipeline import EnglishClassifier
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item

NATURAL = frozenset({"newsapi_2022_multi", "bbc_homepage_2021_23", "googlenews_us_2025_26"})
MIN_CONFIDENCE = 0.5
SIEGE_WORDS = re.compile(r"\b(sieges?|besieg\w*|blockad\w*|encircl\w*|surround\w*)\b", re.IGNORECASE)
OFFENSIVE_WORDS = re.compile(
    r"\b(offensives?|counter-?offensives?|assaults?|advanc\w+|invasions?|invad\w+|captur\w+|recaptur\w+|seiz\w+|retak\w+|"
    r"retook|storm\w*|incursions?|offensive|repel\w*|withdr\w+)\b",
    re.IGNORECASE,
)

Row = dict[str, Any]


def item_of(row: Row) -> Item:
    at = datetime.fromisoformat(row["published"]) if row.get("published") else datetime(2022, 1, 1, tzinfo=UTC)
    return Item(row["id"], row["title"], row.get("summary") or "", at, at, outlet=row.get("outlet"))


def natural_items(path: Path, count: int) -> list[Item]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows: Iterator[Row] = (row for row in map(json.loads, lines) if row["source"] in NATURAL)
        return [item_of(row) for row in islice(rows, count)]


def as_row(event: Event) -> Row:
    return {
        "kind": event.kind,
        "phase": event.phase,
        "status": event.status,
        "place": event.place.name if event.place else None,
        "country": event.country,
        "attacker": event.attacker,
        "defender": event.defender,
    }


def by_keywords(row: Row) -> Row:
    """An event of a kind wherever a word of it stands."""
    text = f"{row['title']} {row.get('summary') or ''}"
    kinds = [("siege", "ongoing", SIEGE_WORDS), ("offensive", "advance", OFFENSIVE_WORDS)]
    return {"id": row["id"], "events": [{"kind": k, "phase": p} for k, p, words in kinds if words.search(text)]}


def by_classifier(classifier: EnglishClassifier, rows: Sequence[Row]) -> list[Row]:
    judged = classifier.classify([item_of(row) for row in rows])
    return [
        {"id": row["id"], "events": [as_row(e) for e in judgement.events if e.confidence >= MIN_CONFIDENCE]}
        for row, judgement in zip(rows, judged, strict=True)
    ]


def print_speed(classifier: EnglishClassifier, items: Sequence[Item]) -> None:
    gate = Gate.load()
    begun = time.perf_counter()
    passed = sum(bool(gate.hit(item.title, item.summary)) for item in items)
    gated = time.perf_counter()
    judged = classifier.classify(items)
    done = time.perf_counter()
    told = [[e for e in j.events if e.confidence >= MIN_CONFIDENCE] for j in judged]
    alerts = sum(any(e.status == "actual" for e in events) for events in told)
    print(
        f"gate         {len(items) / (gated - begun):,.0f} items/s, passes {passed / len(items):.1%} of {len(items):,}"
    )
    print(f"classify     {len(items) / (done - gated):,.0f} items/s, {alerts} items with an actual event")
    print(f"natural      {1000 * alerts / len(items):.2f} items with an actual event per 1,000, ", end="")
    print(f"{1000 * sum(map(len, told)) / len(items):.2f} events per 1,000 (read them: false alerts are among these)")


def print_gate_recall(rows: Sequence[Row]) -> None:
    gate = Gate.load()
    holding = [row for row in rows if row["events"]]
    kept = sum(bool(gate.hit(row["title"], row.get("summary") or "")) for row in holding)
    print(f"gate recall  {kept / len(holding):.4f} of {len(holding):,} labelled items with events")


def print_scores(folder: Path, name: str, predicted: Sequence[Row], who: str) -> None:
    sys.path.insert(0, str(folder))
    from score import load, score  # the labelled sets bring their own scorer

    result = score(load(folder / f"{name}.jsonl"), {row["id"]: row for row in predicted})
    figures = {k: v.get("f1", v.get("accuracy")) for k, v in result.items() if isinstance(v, dict)}
    item = result["item"]
    print(f"{name:12} {who:11} item P {item['precision']:.3f} R {item['recall']:.3f}  {figures}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--items", type=int, default=5000)
    args = arguments.parse_args()
    missing = [p for p in (args.eval / "dev.jsonl", args.data / "background.jsonl.gz") if not p.exists()]
    if missing:
        raise SystemExit(f"missing: {', '.join(map(str, missing))} (give --eval and --data)")
    classifier = EnglishClassifier()
    classifier.load()
    print_speed(classifier, natural_items(args.data / "background.jsonl.gz", args.items))
    sets = {n: [json.loads(line) for line in (args.eval / f"{n}.jsonl").open()] for n in ("train", "dev", "hard_cases")}
    print_gate_recall(sets["train"])
    for name in ("dev", "hard_cases"):
        print_scores(args.eval, name, [by_keywords(row) for row in sets[name]], "keywords")
        print_scores(args.eval, name, by_classifier(classifier, sets[name]), "siegewatch")


if __name__ == "__main__":
    main()
