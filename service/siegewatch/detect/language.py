"""Which language a text is in: told by its script, then by the letters that follow one another and by function words.

Headlines are short and full of names, and a mistake costs an alert: a text in Latin letters is English unless another
language is plainly likelier.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import inf
from operator import add
from typing import Any

from siegewatch.detect.lexicon_files import load_lexicon
from siegewatch.domain.language import ENGLISH, UNKNOWN

STEP = 0.5
"""What one step of the odds in model/languages.json is worth, in natural log odds."""
ZERO = "M"
"""The letter that stands there for no odds either way."""
_WORD_STEPS = 6
"""What a function word is worth, in steps: 20 to 1."""
_VOCABULARY_STEPS = 6
"""What any other common English word is worth."""
_LETTERS_STEPS = 12
"""What the letters of one word are worth at the most: a name may look like anything."""
_MARGIN_STEPS = 8
"""By so much another language must be likelier than English: of English headlines 1 in 3,000 is."""
_SHORT = 3
"""Letters of the longest of those words that join names."""
_RARE = frozenset(
    ["af", "bg", "ca", "et", "hr", "lt", "lv", "mk", "mr", "ne", "sk", "sl", "so", "sq", "tl", "ur", "vi"]
)
_RARE_STEPS = 10
"""What languages of few feeds are held to be less likely beforehand."""
_PLAINLY_ENGLISH = 4
"""So many English words, beyond twice the function words of other languages, and nothing else is asked."""

_SCRIPTS = {
    "arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"),
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "devanagari": re.compile("[\u0900-\u097f]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "el": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "cjk": re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"),
    "ko": re.compile("[\u1100-\u11ff\uac00-\ud7af]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "hy": re.compile("[\u0530-\u058f]"),
    "ka": re.compile("[\u10a0-\u10ff]"),
    "am": re.compile("[\u1200-\u137f]"),
    "bn": re.compile("[\u0980-\u09ff]"),
    "ta": re.compile("[\u0b80-\u0bff]"),
    "my": re.compile("[\u1000-\u109f]"),
}
"""Scripts by name; those of one language bear its code."""
_DENSE = {"cjk": 3, "ko": 2}
"""Letters of the Latin script that one character of these is worth."""
_LATIN = re.compile("[A-Za-z\xaa\xba\xc0-\u02af\u1e00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff\ufb00-\ufb06\uff21-\uff5a]")
_NOT_LATIN = re.compile("[\u0370-\u1cff\u1f00-\u1fff\u3040-\ud7af\ufb50-\ufefc]")
_SHARE = 0.35
"""Of so many letters in it a text is in that script: names and quotations may stand in another."""
_KANA = re.compile("[\u3040-\u30ff]")
_WORD = re.compile(r"[^\W\d_]+")


def words_of(text: str) -> list[str]:
    """Runs of letters."""
    return _WORD.findall(text)


def grams(word: str) -> Iterator[str]:
    """The letters of a word, and the sequences of two and of three characters of it with a blank on either side."""
    yield from word
    padded = f" {word} "
    for i in range(len(padded) - 1):
        yield padded[i : i + 2]
        if i < len(padded) - 2:
            yield padded[i : i + 3]


@dataclass(frozen=True, slots=True)
class Profile:
    """How much likelier each sequence of letters, and each function word, is in each language of a script than in the
    first of them, in steps; which words are the first's alone; and where each language starts."""

    languages: tuple[str, ...]
    grams: Mapping[str, Sequence[int]]
    words: Mapping[str, Sequence[int]]
    settled: frozenset[str]
    start: Sequence[int]

    @classmethod
    def of(cls, row: Mapping[str, Any], stop_words: Mapping[str, frozenset[str]]) -> "Profile":
        """From a script's part of model/languages.json."""
        languages = tuple(row["languages"])
        odds = {gram: tuple(ord(letter) - ord(ZERO) for letter in steps) for gram, steps in row["odds"].items()}
        known = [stop_words.get(code, frozenset()) for code in languages]
        common = frozenset(row.get("common", "").split())
        words = {word: _odds_of(word, known, common) for word in common.union(*known)}
        settled = common.union(known[0]).difference(*known[1:])
        return cls(languages, odds, words, settled, tuple(-_RARE_STEPS * (code in _RARE) for code in languages))

    def likeliest(self, words: Sequence[str]) -> str:
        """The language that the words speak for."""
        return self._best(self._scores(words, letters_steps=None))

    def likeliest_but_first(self, words: Sequence[str], margin: int) -> str:
        """The first language, unless another is likelier by `margin` steps. There the letters of one word are worth
        little, which of a name may be any; then they tell which of the others it is."""
        if max(self._scores(words, _LETTERS_STEPS)) < margin:
            return self.languages[0]
        return self._best([-inf, *self._scores(words, letters_steps=None)[1:]])

    def _best(self, scores: Sequence[float]) -> str:
        return self.languages[max(range(len(scores)), key=scores.__getitem__)]

    def _scores(self, words: Sequence[str], letters_steps: int | None) -> list[float]:
        """Steps for each language. A word with a capital counts half: it may be a name."""
        small = self._sum((word for word in words if not word[0].isupper()), letters_steps)
        names = self._sum((word.lower() for word in words if word[0].isupper()), letters_steps)
        return [one + half / 2 + start for one, half, start in zip(small, names, self.start, strict=True)]

    def _sum(self, words: Iterable[str], letters_steps: int | None) -> list[int]:
        total = [0] * len(self.languages)
        for word in words:
            if word in self.words:
                total = list(map(add, total, self.words[word]))
            if word not in self.settled:
                total = list(map(add, total, self._letters(word, letters_steps)))
        return total

    def _letters(self, word: str, most: int | None) -> list[int]:
        odds = [0] * len(self.languages)
        for gram in grams(word):
            if gram in self.grams:
                odds = list(map(add, odds, self.grams[gram]))
        return odds if most is None else [max(-most, min(most, steps)) for steps in odds]


def _odds_of(word: str, known: Sequence[frozenset[str]], common: frozenset[str]) -> tuple[int, ...]:
    """What a word says for each language, beside what it says for the first, whose `common` words are known too."""
    first = _WORD_STEPS if word in known[0] else _VOCABULARY_STEPS * (word in common)
    return (0, *(_WORD_STEPS * (word in words) - first for words in known[1:]))


@dataclass(frozen=True, slots=True)
class Languages:
    """What languages are told by, as loaded."""

    profiles: Mapping[str, Profile]
    english: frozenset[str]
    foreign: frozenset[str]

    @classmethod
    def load(cls) -> "Languages":
        """Reads the lists that ship with the package."""
        stop_words = {code: frozenset(words) for code, words in load_lexicon("languages.yaml").items()}
        rows = json.loads(files("siegewatch.detect").joinpath("model/languages.json").read_text("utf-8"))
        profiles = {name: Profile.of(row, stop_words) for name, row in rows.items()}
        english = stop_words.pop(ENGLISH)
        foreign = frozenset().union(*stop_words.values()) - english
        return cls(profiles, english.union(rows["latin"]["common"].split()), foreign)

    def of(self, text: str) -> str:
        """ISO 639-1 code, or "und" for a text without letters or in a script that is none of these. Latin text is
        English unless its words say otherwise."""
        words = words_of(text)
        if not words:
            return UNKNOWN
        script = _script_of(text, words)
        if script == "latin":
            return self._latin(words)
        if script == "cjk":
            return "ja" if _KANA.search(text) else "zh"
        profile = self.profiles.get(script)
        return profile.likeliest([word for word in words if not word.isascii()]) if profile else script

    def _latin(self, words: Sequence[str]) -> str:
        small = list(map(str.lower, words))
        english, foreign = (sum(word in known for word in small) for known in (self.english, self.foreign))
        if english - 2 * foreign >= _PLAINLY_ENGLISH or self._is_english_but_for_names(words):
            return ENGLISH
        return self.profiles["latin"].likeliest_but_first(words, _MARGIN_STEPS)

    def _is_english_but_for_names(self, words: Sequence[str]) -> bool:
        """Whether every word without a capital is English, save those that join names: "Villa de los Santos"."""
        rest = [word for i, word in enumerate(words) if not _is_in_name(words, i)]
        return any(len(word) > _SHORT for word in rest) and self.english.issuperset(rest)


def _is_in_name(words: Sequence[str], i: int) -> bool:
    """Whether a word has a capital, or is a short one between such."""
    if words[i][0].isupper():
        return True
    before, after = words[max(0, i - 2) : i], words[i + 1 : i + 3]
    return len(words[i]) <= _SHORT and any(w[0].isupper() for w in before) and any(w[0].isupper() for w in after)


def _script_of(text: str, words: Sequence[str]) -> str:
    """The script that most of the letters are in, of those that no name or quotation would fill so much of."""
    if text.isascii() or not _NOT_LATIN.search(text):
        return "latin"
    letters = "".join(words)
    found = {name: len(script.findall(letters)) for name, script in _SCRIPTS.items()}
    latin = len(_LATIN.findall(letters))
    counts = {name: count * _DENSE.get(name, 1) for name, count in found.items()}
    counts[UNKNOWN] = len(letters) - latin - sum(found.values())
    most = max(counts, key=counts.__getitem__)
    return most if counts[most] >= _SHARE * (latin + sum(counts.values())) else "latin"
