"""How names are compared and where they stand in a text: shared by the places and the actors."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "ð": "d", "đ": "d", "ı": "i", "ə": "a", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŋ": "n"}
)
_APOSTROPHES = "'’‘ʼʻ`´ʿʾ"
_DROPPED = str.maketrans("", "", _APOSTROPHES + ".")
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*[{_APOSTROPHES}]?(?:(?<=\b\w)\.(?:\w\.)+)?")
_POSSESSIVE = re.compile(rf"[{_APOSTROPHES}][sS]?$")
_ARTICLES = frozenset(
    "al el ad ed an ar er as es ash esh at et az ez ul ud adh eth ath".split()  # noqa: SIM905 - easier to read
)


class Casing(StrEnum):
    """What capitals tell in a text: only in SENTENCE do they mark names."""

    SENTENCE = "sentence"
    TITLE = "title"
    CAPS = "caps"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text, without a possessive ending: code points `start` to `end`, and its `folded` form.

    `gap` is what stands between it and the word before (with that word's possessive ending).
    """

    start: int
    end: int
    text: str
    folded: str
    gap: str
    possessive: bool

    @property
    def capital(self) -> bool:
        """Whether it begins with an upper-case letter."""
        return self.text[0].isupper()


def fold(word: str) -> str:
    """Lower case, without accents, apostrophes and dots: "Maʼrib" and "Mârib" are one."""
    if word.isascii():
        return word.translate(_DROPPED).lower()
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_DROPPED)


def key_of(folded: Sequence[str]) -> str:
    """One key for the spellings of a name that differ in case, accents, hyphens and Arabic article (al-, el-, ez-)."""
    *rest, last = folded or [""]
    return " ".join([*("al" if word in _ARTICLES else word for word in rest), last])


def name_key(name: str) -> str:
    """`key_of` the words of a name."""
    return key_of([word.folded for word in words_of(name)])


def short_key(key: str) -> str:
    """The key of an abbreviation, which is told from a word by a full stop or capitals: "Wash." from "wash"."""
    return f"abbr {key}"


def without_article(key: str) -> str:
    """The key without a leading Arabic article: "al fashir" and "fashir" are one."""
    return key[3:] if key.startswith("al ") else key


def words_of(text: str) -> list[Word]:
    """The words of a text in order; hyphens part words, possessive endings are left out."""
    words: list[Word] = []
    last = 0
    for match in _WORD.finditer(text):
        ending = _POSSESSIVE.search(match[0])
        end = match.start() + ending.start() if ending else match.end()
        possessive = ending is not None and len(ending[0]) > 1
        written = text[match.start() : end]
        if not written:
            continue  # an apostrophe alone, which some alphabets count as a letter
        words.append(Word(match.start(), end, written, fold(written), text[last : match.start()], possessive))
        last = end
    return words


def casing_of(words: Sequence[Word]) -> Casing:
    """How a text is set, judged by its longer words: most of a Title Case headline's words have capitals."""
    if not any(word.text != word.text.lower() for word in words):
        return Casing.LOWER
    long = [word.text for word in words if len(word.text) > 3 and word.text[0].isalpha()]
    if not long:
        return Casing.SENTENCE
    if sum(word.isupper() for word in long) >= 0.8 * len(long):
        return Casing.CAPS
    capitals = sum(word[0].isupper() for word in long)
    return Casing.TITLE if len(long) > 2 and capitals >= 0.8 * len(long) else Casing.SENTENCE
