"""Counts which place names mostly mean something else in the news, for `lexicon/ordinary_names.yaml`.

    python training/ordinary_names.py ../shared/data/background.jsonl.gz > ordinary_names.yaml

Reads items (JSON Lines with `title` and `summary`, gzipped); prints names only, no text of theirs.
"""

import calendar
import gzip
import json
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from siegewatch.detect.compile_places import open_index
from siegewatch.detect.gazetteer import PlaceIndex, Strength
from siegewatch.detect.names import Casing, casing_of, fold, words_of

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[.!?:;,\"“”()-]")
_PLACE_PREPOSITIONS = frozenset(["in", "near", "outside", "around", "across", "inside", "throughout"])
_SEEN_OFTEN = 8
_CALENDAR = [*map(str.lower, [*calendar.month_name[1:], *calendar.day_name]), "is", "as", "of", "quarter"]
_HEADER = """\
# Names of places that mostly mean something else in the news, folded (lower case, no accents). They are taken for a
# place only where the text says so. Counted over 300,000 news items by training/ordinary_names.py: a place name is
# listed under `words` if it is mostly written in lower case, under `names` (persons, clubs, firms) if it mostly stands
# beside another capital and hardly ever after "in", "near" and the like.
"""


class Counts:
    """How often each word was seen in lower case, with a capital, after a place preposition, beside a capital."""

    def __init__(self) -> None:
        self.lower: Counter[str] = Counter()
        self.capital: Counter[str] = Counter()
        self.located: Counter[str] = Counter()
        self.beside: Counter[str] = Counter()

    def add(self, text: str) -> None:
        """Count one text; those in Title Case tell nothing."""
        if casing_of(words_of(text)) is not Casing.SENTENCE:
            return
        tokens = [".", *_TOKEN.findall(text), "."]
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
            word = fold(re.sub(r"['’]s$", "", token))
            if token[0].islower():
                self.lower[word] += 1
            elif token[0].isupper() and before[0].isalpha():
                self.capital[word] += 1
                self.located[word] += before in _PLACE_PREPOSITIONS
                self.beside[word] += before[0].isupper() or after[0].isupper()

    def is_word(self, name: str) -> bool:
        """Whether it is mostly an ordinary word."""
        return self.lower[name] >= 3 and self.lower[name] > 0.3 * (self.lower[name] + self.capital[name])

    def is_name(self, name: str) -> bool:
        """Whether it is mostly part of a person's or an organisation's name."""
        seen = self.capital[name]
        return seen >= _SEEN_OFTEN and self.located[name] < 0.04 * seen and self.beside[name] > 0.4 * seen


def texts(path: Path) -> Iterator[str]:
    """The headlines and summaries of a file of items."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            yield item["title"] or ""
            yield item["summary"] or ""


def ordinary(counts: Counts, index: PlaceIndex) -> tuple[list[str], list[str]]:
    """The index's names that are ordinary words, and those that are names of something else."""
    seen = [name for name in {*counts.lower, *counts.capital} if (index.strength(name) or Strength.ADJECTIVE) > 0]
    words = {name for name in seen if counts.is_word(name)}
    names = {name for name in seen if counts.is_name(name)} | set(_CALENDAR)
    return sorted(words), sorted(names - words)


def block(name: str, words: Iterable[str]) -> str:
    """A folded YAML scalar of words."""
    lines = textwrap.fill(" ".join(words), 118, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return f"{name}: >\n{lines}\n"


def main() -> None:
    """Count and print."""
    counts = Counts()
    for text in texts(Path(sys.argv[1])):
        counts.add(text)
    words, names = ordinary(counts, open_index())
    sys.stdout.write(_HEADER + block("words", words) + block("names", names))


if __name__ == "__main__":
    main()
