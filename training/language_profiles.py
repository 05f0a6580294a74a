"""Counts which letters in a row tell languages apart, for `detect/language.py`.

usage: language_profiles.py LANGDETECT [--data ../shared/data] [--out service/siegewatch/detect/model/languages.json]

LANGDETECT is the unpacked source distribution of langdetect 1.0.9 (pip download --no-deps --no-binary :all:
langdetect==1.0.9), whose profiles count one to three letters in a row in the abstracts of 53 Wikipedias (Apache-2.0).
English is blended with the headlines of background.jsonl.gz. The file holds odds of letters, no text.
"""

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from math import log
from pathlib import Path

from siegewatch.detect.language import STEP, ZERO, grams, words_of

LATIN = "en es fr de it pt nl pl tr id sw sv da no fi cs ro hu hr vi so sq et lt lv sk sl ca tl af"
GROUPS = {
    "latin": LATIN.split(),
    "cyrillic": ["ru", "uk", "bg", "mk"],
    "arabic": ["ar", "fa", "ur"],
    "devanagari": ["hi", "mr", "ne"],
}
"""Scripts that more than one language is written in. The first language of a script is what others are held against."""
COMMONEST = 400
"""So many sequences of each language are kept."""
LEAST_SHARE = 1e-4
"""Added to each share: what is not seen is rare, not impossible."""
WIDEST = 4.0
"""No single sequence speaks louder for or against a language (natural log odds)."""
LEAST_TIMES = 15
"""From so many times on in the headlines a word is a common one."""
LEAST_SMALL = 0.25
"""So much of them without a capital, or it is a name."""
HEADLINES = 250_000
HEADLINE_SHARE = 0.9
"""How much of the English counts are headlines: an encyclopedia's English is not theirs."""

Shares = dict[str, float]


def shares(counts: Mapping[str, int]) -> Shares:
    """The share of each sequence among those of its length."""
    totals = Counter[int]()
    for gram, count in counts.items():
        totals[len(gram)] += count
    return {gram: count / totals[len(gram)] for gram, count in counts.items()}


def wikipedia(folder: Path, code: str) -> Shares:
    counts = Counter[str]()
    for gram, count in json.loads((folder / code).read_text("utf-8"))["freq"].items():
        if not gram.isspace():
            counts[gram.lower()] += count
    return shares(counts)


def headline_words(path: Path) -> Counter[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = islice(map(json.loads, lines), HEADLINES)
        return Counter(word for row in rows for word in words_of(f"{row['title']} {row['summary'] or ''}"))


def headlines(words: Mapping[str, int]) -> Shares:
    counts = Counter[str]()
    for word, times in words.items():
        for gram in grams(word.lower()):
            counts[gram] += times
    return shares(counts)


def common(words: Mapping[str, int]) -> list[str]:
    """Words that are not always written with a capital: no names."""
    total = Counter[str]()
    for word, times in words.items():
        total[word.lower()] += times
    often = (word for word, times in total.items() if times >= LEAST_TIMES and words.get(word, 0) > LEAST_SMALL * times)
    return sorted(word for word in often if len(word) > 1)


def blended(one: Shares, other: Shares, share_of_other: float) -> Shares:
    return {
        gram: (1 - share_of_other) * one.get(gram, 0) + share_of_other * other.get(gram, 0)
        for gram in one.keys() | other.keys()
    }


def kept(languages: Sequence[Shares]) -> list[str]:
    """The commonest sequences of any of the languages."""
    return sorted({gram for one in languages for gram in sorted(one, key=lambda g: (-one[g], g))[:COMMONEST]})


def row(gram: str, languages: Sequence[Shares]) -> str:
    """One character for each language: how much likelier the sequence is in it than in the first."""
    logs = [log(one.get(gram, 0) + LEAST_SHARE) for one in languages]
    odds = [max(-WIDEST, min(WIDEST, value - logs[0])) for value in logs]
    return "".join(chr(ord(ZERO) + round(value / STEP)) for value in odds)


def profile(languages: Mapping[str, Shares]) -> dict[str, object]:
    counted = list(languages.values())
    return {"languages": list(languages), "odds": {gram: row(gram, counted) for gram in kept(counted)}}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("langdetect", type=Path)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--out", type=Path, default=Path("service/siegewatch/detect/model/languages.json"))
    args = arguments.parse_args()
    folder = args.langdetect / "langdetect" / "profiles"
    groups = {name: {code: wikipedia(folder, code) for code in codes} for name, codes in GROUPS.items()}
    words = headline_words(args.data / "background.jsonl.gz")
    groups["latin"]["en"] = blended(groups["latin"]["en"], headlines(words), HEADLINE_SHARE)
    profiles = {name: profile(languages) for name, languages in groups.items()}
    profiles["latin"]["common"] = " ".join(common(words))
    args.out.write_text(json.dumps(profiles, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
