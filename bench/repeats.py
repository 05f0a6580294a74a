"""Repeats and updates told on labelled pairs, and what they cost: `python bench/repeats.py [--eval DIR] [--items N]`.

Each pair is fed a, then b, into an empty store of its own, through admission and detection as the service runs them;
b's clock is never before a's, and what becomes of b is scored, `new` as `related`. Beside it stand exact match and,
where they are installed, datasketch's MinHash LSH and rapidfuzz's token set, each with its best threshold.
Then N invented items are decided without a classifier: items a second, round trips, bytes a remembered item.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import repeats_cost
from siegewatch import wiring
from siegewatch.apps.cli.options import settings_if_any
from siegewatch.collect.identity import identities, wording
from siegewatch.detect.detector import Classifier, Detector
from siegewatch.domain.item import Entry, Item, Ruling
from siegewatch.domain.taxonomy import Outcome
from siegewatch.store.client import Store, connect_socket
from siegewatch.store.embedded import ensure_running
from siegewatch.store.items import Candidate, ItemStore
from siegewatch.store.stories import StoryStore

MONTH = timedelta(days=30)
TICK = timedelta(seconds=1)
LABELS = ("repeat", "update", "related")
Pair = dict[str, Any]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--eval", type=Path, default=Path("../shared/eval"), help="folder that holds pairs_dev.jsonl")
    options.add_argument(
        "--items", type=int, default=100_000, help="items to measure speed and memory with, 0 for none"
    )
    options.add_argument("--wrong", action="store_true", help="print the pairs that are judged otherwise")
    chosen = options.parse_args()
    path = chosen.eval / "pairs_dev.jsonl"
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            judge([json.loads(line) for line in lines], wrong=chosen.wrong)
    else:
        print(f"{path} is missing: no pairs to judge")
    if chosen.items:
        with embedded() as store:
            repeats_cost.measure(store, chosen.items)


@contextmanager
def embedded() -> Iterator[Store]:
    """An embedded store in a folder of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="siegewatch-bench-") as folder, ensure_running(Path(folder)) as running:
        store = connect_socket(str(running.socket_path), "b:")
        yield store
        store.close()


def judge(pairs: Sequence[Pair], *, wrong: bool) -> None:
    """Prints F1 of repeat, of update, and of both together against related, for each contender."""
    wanted = [pair["label"] for pair in pairs]
    with embedded() as store:
        rulings = list(told(store, pairs))
    ours = ["related" if one.outcome is Outcome.NEW else str(one.outcome) for one in rulings]
    print(f"{'':<34}{'repeat':>8}{'update':>8}{'both':>8}   {len(pairs)} pairs")
    print(_row("siegewatch", ours, wanted))
    print(_row("exact match of headlines", ["repeat" if _same(pair) else "related" for pair in pairs], wanted))
    for name, package, alike in (
        ("MinHash LSH", "datasketch", _jaccards),
        ("token set ratio", "rapidfuzz", _token_sets),
    ):
        if find_spec(package):
            print(_row(f"{name}, its best threshold", _best(alike(pairs), wanted), wanted))
        else:
            print(f"{name}: {package} is not installed")
    if wrong:
        for pair, label, ruling in zip(pairs, ours, rulings, strict=True):
            if label != pair["label"]:
                print(f"{pair['label']} told as {label} ({'; '.join(ruling.steps[:2])}):")
                print(f"  {pair['a']['title']}\n  {pair['b']['title']}")


def told(store: Store, pairs: Sequence[Pair]) -> Iterator[Ruling]:
    """What becomes of b after a, pair by pair."""
    settings = settings_if_any(None)
    judge_of = wiring.classifier(settings)
    for pair in pairs:
        store.redis.flushall()
        *_, ruling = [decided(store, item, judge_of, settings.detect.min_confidence) for item in clocked(pair)]
        yield ruling


def clocked(pair: Pair) -> list[Item]:
    """The two items, b never seen before a."""
    first = item_of(pair["a"], datetime(2022, 1, 1, tzinfo=UTC))
    second = item_of(pair["b"], first.published_at)
    at = max(second.published_at, first.published_at + TICK)
    return [first, replace(second, published_at=at, seen_at=at)]


def item_of(row: Mapping[str, Any], undated: datetime) -> Item:
    at = datetime.fromisoformat(row["published"]) if row.get("published") else undated
    outlet = row.get("outlet")
    return Item(row["id"], row["title"], row.get("summary") or "", at, at, outlet=outlet, feed=outlet)


def decided(store: Store, item: Item, classifier: Classifier, least: float) -> Ruling:
    items = ItemStore(store, MONTH)
    items.queue.open()
    entry = Entry(item.title, item.summary, guid=item.id, published_at=item.published_at)
    known_by = identities(item.feed or "", entry, trust_guid=True, trust_link=True)
    items.admit([Candidate(known_by, wording(entry), item)])
    detector = Detector(items, StoryStore(store, MONTH), classifier, least, MONTH, "bench")
    return detector.step().decisions[0].ruling


def _row(name: str, told_labels: Sequence[str], wanted: Sequence[str]) -> str:
    return f"{name:<34}" + "".join(f"{score:>8.3f}" for score in scores(told_labels, wanted))


def scores(told_labels: Sequence[str], wanted: Sequence[str]) -> tuple[float, float, float]:
    """F1 of repeat, of update, and of both together."""
    sets = ({"repeat"}, {"update"}, {"repeat", "update"})
    return tuple(_f1([one in these for one in told_labels], [one in these for one in wanted]) for these in sets)  # type: ignore[return-value]


def _f1(told_so: Sequence[bool], wanted: Sequence[bool]) -> float:
    hits = sum(a and b for a, b in zip(told_so, wanted, strict=True))
    return 2 * hits / max(sum(told_so) + sum(wanted), 1)


def _same(pair: Pair) -> bool:
    return bool(pair["a"]["title"].casefold() == pair["b"]["title"].casefold())


def _best(likeness: Sequence[float], wanted: Sequence[str]) -> list[str]:
    """Repeats above a threshold, updates above a lower one, those that score best in all: told after the fact, so more
    than they would reach on other pairs."""
    steps = sorted(set(likeness))[:: max(1, len(set(likeness)) // 40)]
    cuts = [(low, high) for low in steps for high in steps if low <= high]
    labels = [
        ["repeat" if one >= high else "update" if one >= low else "related" for one in likeness] for low, high in cuts
    ]
    return max(labels, key=lambda told_labels: sum(scores(told_labels, wanted)))


def _token_sets(pairs: Sequence[Pair]) -> list[float]:
    from rapidfuzz import fuzz

    return [fuzz.token_set_ratio(pair["a"]["title"].lower(), pair["b"]["title"].lower()) for pair in pairs]


def _jaccards(pairs: Sequence[Pair]) -> list[float]:
    from datasketch import MinHash

    def hashed(text: str) -> Any:
        made = MinHash(128)
        made.update_batch([text[at : at + 3].encode() for at in range(len(text) - 2)])
        return made

    return [hashed(pair["a"]["title"].lower()).jaccard(hashed(pair["b"]["title"].lower())) for pair in pairs]


if __name__ == "__main__":
    main()
