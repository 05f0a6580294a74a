"""Writes how rare the words of news are: detect/lexicon/word_rarity.yaml, from unlabelled items.

Run: python training/word_rarity.py --data ../shared/data
"""

import argparse
import gzip
import json
import math
from collections import Counter, defaultdict
from pathlib import Path

from siegewatch.detect.facts import FactReader
from siegewatch.detect.lexicon_files import LEXICON
from siegewatch.detect.report_words import ReportWords

LEAST_SHARE = 0.001
"""Words that fewer items hold are rare, and not listed."""

HEADER = """\
# How much a word tells when two reports are compared: minus the natural logarithm of the share of items that hold it,
# rounded. Words that fewer than one item in a thousand holds are not listed and weigh 8. Stems as
# detect/report_words.py makes them. Written by training/word_rarity.py; do not edit.
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    weights = weigh(arguments.parse_args().data / "background.jsonl.gz")
    rows = [f"  {weight}: {json.dumps(' '.join(sorted(words)))}\n" for weight, words in sorted(weights.items())]
    (LEXICON / "word_rarity.yaml").write_text(HEADER + "weights:\n" + "".join(rows), encoding="utf-8")


def weigh(path: Path) -> dict[int, list[str]]:
    """Stems by weight, from every other item of the file."""
    reader, held, items = FactReader(ReportWords()), Counter[str](), 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 2:
                continue
            item = json.loads(line)
            items += 1
            held.update(reader.read(item["title"], item.get("summary") or "").words)
    weights = defaultdict[int, list[str]](list)
    for word, count in held.items():
        if count / items >= LEAST_SHARE and word[0] != "@":
            weights[max(1, round(-math.log(count / items)))].append(word)
    return weights


if __name__ == "__main__":
    main()
