"""How many of the invented hard cases come out right, by part and by group.

usage: hard_cases.py [--wrong] [--write-floors]

A case is right when the events told are those labelled: the same kinds, phases and statuses, each at the same place
as `siegewatch evaluate` compares places. Parts: `theirs-x` and `theirs` of hard_cases.jsonl, `own` of own_cases.jsonl.
--wrong prints every case that is not right; --write-floors makes today's counts the least that the tests accept.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from siegewatch.apps.cli.scoring import Labelled, aligned, figures, labelled, predicted, same_name, tally
from siegewatch.detect.pipeline import EnglishClassifier
from siegewatch.domain.item import Item

FOLDER = Path(__file__).parents[1] / "tests" / "quality"
FLOORS = FOLDER / "floors.json"
MIN_CONFIDENCE = 0.5

Floors = dict[str, dict[str, dict[str, int]]]


@dataclass(frozen=True, slots=True)
class Case:
    """An invented headline with what is to be told of it, and, once judged, what is."""

    id: str
    part: str
    group: str
    of_class: str
    item: Item
    wanted: tuple[Labelled, ...]
    told: tuple[Labelled, ...] = ()

    @property
    def right(self) -> bool:
        """Whether what is told is what is wanted, and at the same places."""
        pairs = aligned(self.wanted, self.told)
        return all(
            one is not None and other is not None and agree(self.wanted[one], self.told[other]) for one, other in pairs
        )


def agree(one: Labelled, other: Labelled) -> bool:
    same = (one.kind, one.phase, one.status) == (other.kind, other.phase, other.status)
    return same and same_name(one.place, other.place)


def rows() -> list[tuple[str, dict[str, Any]]]:
    """Every line of both files, with its part."""
    theirs, own = (
        [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]
        for name in ("hard_cases.jsonl", "own_cases.jsonl")
    )
    parts = [("theirs-x" if row["id"].endswith("x") else "theirs", row) for row in theirs]
    return parts + [("own", row) for row in own]


def case_of(part: str, row: dict[str, Any]) -> Case:
    at = datetime.fromisoformat(row["published"])
    item = Item(row["id"], row["title"], row["summary"], at, at)
    return Case(row["id"], part, row["group"], row["class"], item, tuple(map(labelled, row["events"])))


def judged() -> list[Case]:
    """All cases, as the classifier tells them today."""
    cases = [case_of(part, row) for part, row in rows()]
    judgements = EnglishClassifier().classify([case.item for case in cases])
    told = [tuple(predicted(e) for e in j.events if e.confidence >= MIN_CONFIDENCE) for j in judgements]
    return [
        Case(c.id, c.part, c.group, c.of_class, c.item, c.wanted, events) for c, events in zip(cases, told, strict=True)
    ]


def split(cases: Iterable[Case], key: Callable[[Case], str]) -> dict[str, list[Case]]:
    by_key: dict[str, list[Case]] = {}
    for case in cases:
        by_key.setdefault(key(case), []).append(case)
    return by_key


def floors_of(cases: Sequence[Case]) -> Floors:
    """Cases right, by part and by part and group."""

    def counted(by_key: dict[str, list[Case]]) -> dict[str, dict[str, int]]:
        return {key: {"right": sum(c.right for c in some), "of": len(some)} for key, some in sorted(by_key.items())}

    return {
        "parts": counted(split(cases, lambda case: case.part)),
        "groups": counted(split(cases, lambda case: case.group)),
    }


def print_part(name: str, cases: Sequence[Case]) -> None:
    found = figures(sum((tally(case.wanted, case.told) for case in cases), Counter()))
    right, item, phase = sum(case.right for case in cases), found["item"], found["kind+phase"]
    print(
        f"{name:14} right {right:3} of {len(cases):3} ({right / len(cases):.3f})  item P {item['precision']:.3f} "
        f"R {item['recall']:.3f} F1 {item['f1']:.3f}  kind+phase F1 {phase['f1']:.3f}"
    )


def worst_first(by_key: dict[str, list[Case]]) -> list[tuple[str, list[Case]]]:
    return sorted(by_key.items(), key=lambda pair: sum(case.right for case in pair[1]) / len(pair[1]))


def brief(events: Iterable[Labelled]) -> str:
    marks = {"actual": "", "threatened": "?"}
    return "; ".join(f"{e.kind} {e.phase}{marks[e.status]} at {e.place or '-'}" for e in events) or "nothing"


def print_wrong(cases: Iterable[Case]) -> None:
    for case in cases:
        if not case.right:
            print(f"{case.id} [{case.group}: {case.of_class}] {case.item.title}")
            print(f"      wanted {brief(case.wanted)}; told {brief(case.told)}")


def write_floors(floors: Floors) -> None:
    """Says which floors sink: a table written anew must not hide what got worse."""
    before: Floors = json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {}
    for table, counts in floors.items():
        for key, now in counts.items():
            was = before.get(table, {}).get(key, now)
            if now["right"] < was["right"]:
                print(f"LOWER: {key}, {was['right']} of {was['of']} to {now['right']} of {now['of']}")
    FLOORS.write_text(json.dumps(floors, indent=1) + "\n", "utf-8")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--wrong", action="store_true")
    arguments.add_argument("--write-floors", action="store_true")
    args = arguments.parse_args()
    cases = judged()
    for part, some in sorted(split(cases, lambda case: case.part).items()):
        print_part(part, some)
    print("\nby group, worst first")
    for group, some in worst_first(split(cases, lambda case: case.group)):
        print_part(group, some)
    if args.wrong:
        print_wrong(cases)
    if args.write_floors:
        write_floors(floors_of(cases))


if __name__ == "__main__":
    main()
