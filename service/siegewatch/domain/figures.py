"""Numbers as news words them: figures, words, "dozens", "at least", "20 to 30"; read as a range."""

import re
from dataclasses import dataclass

READ = 5_000
"""Characters of a text in which figures are looked for, as many as a feed's lead may have: patterns over a hostile text
take time by the square of its length."""

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_UNITS += " seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = {word: number for number, word in enumerate(_UNITS.split())}
_ONES |= {word: 10 * number for number, word in enumerate(_TENS.split(), 2)}
_ONES |= {"a": 1, "an": 1}
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "k": 1_000, "m": 1_000_000}
_VAGUE = {
    "dozens": (24, 99),
    "scores": (40, 99),
    "hundreds": (200, 999),
    "thousands": (2_000, 9_999),
    "tens of thousands": (20_000, 99_999),
    "hundreds of thousands": (200_000, 999_999),
    "millions": (2_000_000, 9_999_999),
    "several": (3, 9),
    "a few": (3, 9),
    "a couple": (2, 2),
}
_WORD = "|".join(sorted((*_ONES, *_SCALES, "and"), key=len, reverse=True))
_START = "|".join(sorted((*_ONES, "hundred", "dozen"), key=len, reverse=True))
_DIGITS = r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?"
_NUMBER = (
    rf"(?:{'|'.join(sorted(_VAGUE, key=len, reverse=True))}"
    rf"|(?:{_DIGITS})(?:[\s-]?(?:hundred|thousand|million|dozen|[mk]))?\b"
    rf"|(?:{_START})(?:[\s-]+(?:{_WORD})){{0,8}})"
)
_AT_LEAST = r"at least|no fewer than|more than|over|upwards of|above"
_AT_MOST = r"up to|as many as|at most|no more than|fewer than|less than|under"
_ABOUT = r"some|about|around|roughly|nearly|almost|an estimated|approximately|another"
FIGURE = (
    rf"(?:between\s+{_NUMBER}\s+and\s+{_NUMBER}"
    rf"|(?:(?:{_AT_LEAST}|{_AT_MOST}|{_ABOUT})\s+)?{_NUMBER}(?:\s*(?:to|or|-|–)\s*{_NUMBER})?)"
)
"""A pattern for one figure in text in lower case; `read_figure` says what it means."""

_PAIR = re.compile(rf"(?:between\s+)?(?P<low>{_NUMBER})\s*(?:to|or|and|-|–)\s*(?P<high>{_NUMBER})")
_ONE = re.compile(rf"(?P<bound>{_AT_LEAST}|{_AT_MOST}|{_ABOUT})?\s*(?P<number>{_NUMBER})")


@dataclass(frozen=True, slots=True)
class Range:
    """From `least` to `most`; `most` is None where the words leave it open."""

    least: int
    most: int | None


def read_figure(words: str) -> Range | None:
    """What a figure such as *at least twenty-three* or *20 to 30* says; None where it is none."""
    text = " ".join(words.lower().split())
    if not re.search(r"\d[ -]?(?:hundred|thousand)|[a-z] and [a-z]", text) or text.startswith("between"):
        pair = _PAIR.fullmatch(text)
        low, high = (_number(pair["low"]), _number(pair["high"])) if pair else (None, None)
        if low and high and low.least < high.least:
            return Range(low.least, high.most)
    one = _ONE.fullmatch(text)
    number = _number(one["number"]) if one else None
    if one is None or number is None:
        return None
    bound = one["bound"] or ""
    if re.fullmatch(_AT_LEAST, bound):
        return Range(number.least, None)
    if re.fullmatch(_AT_MOST, bound):
        return Range(0, number.most)
    return number


def _number(words: str) -> Range | None:
    """One number, exact or vague."""
    if words in _VAGUE:
        return Range(*_VAGUE[words])
    digits = re.fullmatch(rf"({_DIGITS})[\s-]?([a-z]+)?", words)
    if digits:
        exact = round(float(digits[1].replace(",", "")) * _SCALES.get(digits[2] or "", 1))
        return Range(exact, exact)
    spelt = _spelt(words)
    return None if spelt is None else Range(spelt, spelt)


def _spelt(words: str) -> int | None:
    """*two hundred and thirty thousand*; None where a word is no number."""
    total = part = 0
    for word in re.split(r"[\s-]+", words):
        if word in _ONES:
            part += _ONES[word]
        elif word in _SCALES:
            part = max(part, 1) * _SCALES[word]
            if _SCALES[word] >= 1_000:
                total, part = total + part, 0
        elif word != "and":
            return None
    return total + part
