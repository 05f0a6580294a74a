"""A cheap guess at the language of a text: is it English enough for the English rules?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from siegewatch.detect.frames import read_yaml

_SCRIPTS = (
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_LETTERS = re.compile(r"[^\W\d_]")
_UKRAINIAN = re.compile("[іїєґ]")
_FOREIGN_WORDS = 3
"""So many stop words of another language, and more than English ones, say that a Latin text is not English."""


@dataclass(frozen=True, slots=True)
class Languages:
    """languages.yaml: stop words by language."""

    stop_words: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls) -> "Languages":
        """Reads the lexicon that ships with the package."""
        return cls({code: frozenset(words) for code, words in read_yaml("languages.yaml").items()})

    def of(self, text: str) -> str:
        """ISO 639-1 code, or "und" for a text without letters. Latin text is English unless its words say otherwise."""
        letters = len(_LETTERS.findall(text))
        if not letters:
            return "und"
        for code, script in _SCRIPTS:
            if len(script.findall(text)) > letters / 2:
                return "uk" if code == "ru" and _UKRAINIAN.search(text) else code
        return "en" if text.isascii() and " the " in text else self._latin(text)

    def _latin(self, text: str) -> str:
        words = text.lower().split()
        counts = {code: sum(word in stops for word in words) for code, stops in self.stop_words.items()}
        best = max(counts, key=lambda code: counts[code])
        return best if counts[best] >= _FOREIGN_WORDS and counts[best] > 2 * counts["en"] else "en"
