"""How fast detection is, what its gate costs, how right it is, and what it rings for on ordinary news.

usage: detect.py [--eval ../shared/eval] [--data ../shared/data] [--items 1500]
       detect.py --false-alerts [--draw 10000] [--seed 1] [--write-ids FILE]

The first form prints, side by side and each from a process of its own: a list of keywords, the gate alone, the trained
part alone, spaCy's parser over everything, detection over everything, and detection as shipped, all on one natural mix
of news; then the gate's recall against the share it passes; then the scores beside those of the keywords. The second
draws natural items that nobody labelled and prints those with an actual event, to be read by hand.
Figures, not a test: nothing fails here but missing files.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from contenders import (
    CONTENDERS,
    KEYWORDS,
    WITHOUT_SPACY,
    Row,
    item_of,
    labelled_rows,
    least_confidence,
    natural_rows,
    shipped,
)

LEAST_SECONDS = 1.0
"""What is quicker is run again until so much is measured."""
WARM_UP = 64


def measure(name: str, data: Path, count: int) -> Row:
    """One contender, in this process: seconds by the clock and of processor time for all items, megabytes at peak."""
    if name not in WITHOUT_SPACY:
        import spacy  # noqa: F401 - what importing it takes is no part of `load`
    items = [item_of(row) for row in islice(natural_rows(data), count)]
    begun = time.perf_counter()
    prepare, run = CONTENDERS[name]()
    loaded = time.perf_counter() - begun
    run(prepare(items[:WARM_UP]))
    ready = prepare(items)
    clock, processor, rounds = time.perf_counter(), time.process_time(), 0
    while not rounds or time.perf_counter() - clock < LEAST_SECONDS:
        labels, rounds = run(ready), rounds + 1
    return {
        "seconds": (time.perf_counter() - clock) / rounds,
        "processor": (time.process_time() - processor) / rounds,
        "load": loaded,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        / (1 << 20 if sys.platform == "darwin" else 1024),
        "labels": labels,
    }


def in_child(name: str, args: argparse.Namespace) -> Row:
    """One contender in a process of its own, on one thread, so that its memory is its own."""
    command = [sys.executable, __file__, "--only", name, "--data", str(args.data), "--items", str(args.items)]
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(command, env={**os.environ, **alone}, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def print_speed(args: argparse.Namespace) -> None:
    found = {name: in_child(name, args) for name in CONTENDERS}
    plain = found["plain nlp.pipe"]["processor"]
    print(f"{args.items:,} natural items; one thread; × plain by processor time")
    print(f"{'':20}{'items/s':>10}{'a CPU s':>10}{'× plain':>10}{'peak MB':>9}{'load s':>8}{'told':>7}")
    for name, row in found.items():
        told = "–" if name == "plain nlp.pipe" else f"{len(row['labels']):,}"
        rates = f"{args.items / row['seconds']:>10,.0f}{args.items / row['processor']:>10,.0f}"
        print(
            f"{name:20}{rates}{plain / row['processor']:>10,.1f}{row['megabytes']:>9,.0f}{row['load']:>8.1f}{told:>7}"
        )
    gated, free = found["as shipped"]["labels"], found["all, no gate"]["labels"]
    passed = found["gate and glance"]["labels"]
    other = sum(gated.get(item) != free.get(item) for item in passed)
    print(f"labels with and without gate and glance: {other} of {len(passed):,} items that pass differ; ", end="")
    print(f"{len(free.keys() - passed.keys())} items with events are stopped")


def print_gate_curve(args: argparse.Namespace) -> None:
    """The gate made narrower word by word: the words that pass most labelled events for the least news stay longest.

    They are ranked on the labelled items themselves, so below its end the curve flatters a little.
    """
    holding = [row for row in labelled_rows(args.eval, "train", "dev") if row["events"]]
    ordinary = list(islice(natural_rows(args.data), 10 * args.items))
    wanted, natural = _words(holding), _words(ordinary)
    events, news = (Counter(word for words in found for word in words) for found in (wanted, natural))
    order = sorted(events | news, key=lambda word: events[word] / (1 + news[word]), reverse=True)
    rank = {word: at for at, word in enumerate(order)}
    ranks = [
        [min((rank[word] for word in words), default=len(order)) for words in found] for found in (wanted, natural)
    ]
    print(f"\ngate: recall of {len(wanted):,} labelled items with events, by share of {len(natural):,} natural ones")
    for least in (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99):
        kept = next((n for n in range(len(order) + 1) if _share(ranks[0], n) >= least), None)
        if kept is not None:
            print(f"  {kept:5} words   passed {_share(ranks[1], kept):7.2%}   recall {_share(ranks[0], kept):.4f}")
    print(f"  as shipped    passed {_passed(ordinary):7.2%}   recall {_passed(holding):.4f}")


def _share(ranks: Sequence[int], kept: int) -> float:
    return sum(rank < kept for rank in ranks) / len(ranks)


def _passed(rows: Sequence[Row]) -> float:
    from siegewatch.detect.gate import Gate

    gate = Gate.load()
    return sum(bool(gate.hit(row["title"], row.get("summary") or "")) for row in rows) / len(rows)


def _words(rows: Sequence[Row]) -> list[set[str]]:
    """By item, every word of the gate that alone would let it pass, or does so beside a force."""
    from siegewatch.detect.gate import HEAD_CHARS, Gate

    gate, found = Gate.load(), []
    for row in rows:
        text = f"{row['title']} . {(row.get('summary') or '')[:HEAD_CHARS]}"
        lowered = text.lower()
        force = gate.force.search(lowered) or gate.cased.search(text)
        found.append({*gate.alone.findall(lowered), *(f"+ {word}" for word in gate.action.findall(lowered) if force)})
    return found


def print_scores(args: argparse.Namespace) -> None:
    from siegewatch.apps.cli.scoring import Labelled, labelled, predicted, tally
    from siegewatch.detect.ruling import confident

    classifier, least = shipped(), least_confidence()

    def by_keywords(row: Row) -> list[Labelled]:
        text = f"{row['title']} {row.get('summary') or ''}"
        return [labelled({"kind": k, "phase": p}) for (k, p), words in KEYWORDS.items() if words.search(text)]

    print(
        f"\n{'':24}{'item P':>7}{'R':>7}{'F1':>7}{'siege':>7}{'offens':>7}{'k+ph':>7}  place cntry attck dfndr status"
    )
    for name in ("dev", "hard_cases"):
        rows = labelled_rows(args.eval, name)
        judgements = classifier.classify([item_of(row) for row in rows])
        told = [[predicted(event) for event in confident(one.events, least)] for one in judgements]
        for who, found in (("keywords", map(by_keywords, rows)), ("as shipped", told)):
            total: Any = Counter()
            for row, events in zip(rows, found, strict=True):
                total.update(tally([labelled(event) for event in row["events"]], events))
            print(f"{name:12}{who:12}{_scores(total, fields=who != 'keywords')}")


def _scores(total: Any, *, fields: bool) -> str:
    from siegewatch.apps.cli.scoring import FIELDS, QUESTIONS, figures

    found: Row = figures(total)
    item = [found["item"][key] for key in ("precision", "recall")]
    f1 = [found[question]["f1"] for question in QUESTIONS]
    rates = " ".join(f"{found[name]['accuracy'] or 0:5.2f}" for name in FIELDS) if fields else "–"
    return "".join(f"{figure:7.3f}" for figure in [*item, *f1]) + "  " + rates


def print_false_alerts(args: argparse.Namespace) -> None:
    """What rings of items drawn at random that are in no labelled set, by id or headline."""
    from siegewatch.apps.cli.classify import event_line
    from siegewatch.detect.ruling import confident

    known = {row[key] for row in labelled_rows(args.eval, "train", "dev") for key in ("id", "title")}
    ids = [row["id"] for row in natural_rows(args.data) if not {row["id"], row["title"]} & known]
    drawn = random.Random(args.seed).sample(ids, min(args.draw, len(ids)))
    chosen = set(drawn)
    rows = [row for row in natural_rows(args.data) if row["id"] in chosen]
    classifier, least, rang = shipped(), least_confidence(), 0
    for row, judgement in zip(rows, classifier.classify([item_of(row) for row in rows]), strict=True):
        events = confident(judgement.events, least)
        if any(event.status == "actual" for event in events):
            rang += 1
            print(f"{row['id']}  {row['source']}  {row['published']}\n  {row['title']}\n  {row['summary']}")
            print("".join(f"  -> {event_line(event)} ({event.confidence:.2f})\n" for event in events))
    print(
        f"{rang} of {len(rows):,} items hold an actual event at {least} or above (seed {args.seed}): which are false?"
    )
    if args.write_ids:
        args.write_ids.write_text(json.dumps({"seed": args.seed, "ids": drawn}) + "\n", encoding="utf-8")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--eval", type=Path, default=Path("../shared/eval"))
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--items", type=int, default=1500)
    arguments.add_argument("--false-alerts", action="store_true")
    arguments.add_argument("--draw", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--write-ids", type=Path, metavar="FILE")
    arguments.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    args = arguments.parse_args()
    if args.only:
        print(json.dumps(measure(args.only, args.data, args.items)))
        return
    missing = [p for p in (args.eval / "dev.jsonl", args.data / "background.jsonl.gz") if not p.exists()]
    if missing:
        raise SystemExit(f"missing: {', '.join(map(str, missing))} (give --eval and --data)")
    if args.false_alerts:
        print_false_alerts(args)
    else:
        for part in (print_speed, print_gate_curve, print_scores):
            part(args)


if __name__ == "__main__":
    main()
