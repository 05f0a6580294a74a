"""How well languages are told apart, and how fast.

usage: languages.py [--data ../shared/data] [--items 30000]

Prints how many of the invented items of tests/quality/languages.jsonl are named right, and which items at the end of
background.jsonl.gz, whose first 250,000 the profile of English was made of, are called foreign: read them, some are.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from siegewatch.detect.language import Languages

ITEMS = Path(__file__).parents[1] / "tests" / "quality" / "languages.jsonl"
Row = dict[str, Any]


def text_of(row: Row) -> str:
    return f"{row['title']} {row['summary'] or ''}"


def print_named(languages: Languages, rows: Sequence[Row]) -> None:
    right = [row["language"] for row in rows if languages.of(text_of(row)) == row["language"]]
    alone = sum(languages.of(row["title"]) == row["language"] for row in rows)
    print(f"named right  {len(right) / len(rows):.3f} of {len(rows)} items, {alone / len(rows):.3f} by their headlines")
    every, of = Counter(right), Counter(row["language"] for row in rows)
    print("             " + ", ".join(f"{code} {every[code]}/{of[code]}" for code in of))


def print_foreign(languages: Languages, rows: Sequence[Row]) -> None:
    begun = time.perf_counter()
    told = [(languages.of(text_of(row)), row) for row in rows]
    seconds = time.perf_counter() - begun
    foreign = [(code, row) for code, row in told if code != "en"]
    print(f"foreign      {len(foreign)} of {len(rows):,}, {1e6 * seconds / len(rows):.0f} µs an item:")
    for code, row in foreign:
        print(f"             {code} {row['id']} {row['title'][:90]}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--items", type=int, default=30_000)
    args = arguments.parse_args()
    background = args.data / "background.jsonl.gz"
    if not background.exists():
        raise SystemExit(f"missing: {background} (give --data)")
    begun = time.perf_counter()
    languages = Languages.load()
    print(f"load         {time.perf_counter() - begun:.2f} s")
    print_named(languages, [json.loads(line) for line in ITEMS.read_text("utf-8").splitlines()])
    with gzip.open(background, "rt", encoding="utf-8") as lines:
        print_foreign(languages, [json.loads(line) for line in lines.readlines()[-args.items :]])


if __name__ == "__main__":
    main()
