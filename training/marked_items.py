"""Joins training/labels/ with the news it labels: the labels hold no word of text.

usage: marked_items.py training/labels/held_out.jsonl [--data ../shared/data] | siegewatch evaluate -

Prints the items with their labels, as train.jsonl has them.
"""

import argparse
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
NAMED = ("place", "attacker", "defender")


def read_marked(labels: Path, background: Path) -> list[Row]:
    """The items that `labels` is about. In `labels` a name is [field, start, end], code points of the item; here it is
    spelt out."""
    told = {row["id"]: row["events"] for row in map(json.loads, labels.read_text("utf-8").splitlines())}
    with gzip.open(background, "rt", encoding="utf-8") as lines:
        items = [row for row in map(json.loads, lines) if row["id"] in told]
    return [row | {"events": [_spelt_out(event, row) for event in told[row["id"]]]} for row in items]


def _spelt_out(event: Row, row: Row) -> Row:
    def words(spot: Sequence[Any] | None) -> str | None:
        return row[spot[0]][spot[1] : spot[2]] if spot else None

    return event | {name: words(event[name]) for name in NAMED}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("labels", type=Path)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    args = arguments.parse_args()
    for row in read_marked(args.labels, args.data / "background.jsonl.gz"):
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
