"""A cheap guess at the language of a text: is it English enough for the English rules?"""

import re
from collections.abc import Mapping

_STOP_WORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        [
            "the",
            "of",
            "to",
            "in",
            "and",
            "for",
            "on",
            "with",
            "as",
            "at",
            "by",
            "from",
            "after",
            "is",
            "are",
            "was",
            "has",
            "have",
            "it",
            "its",
            "that",
            "be",
            "over",
            "into",
            "near",
        ]
    ),
    "fr": frozenset(
        [
            "le",
            "la",
            "les",
            "des",
            "du",
            "et",
            "en",
            "un",
            "une",
            "dans",
            "pour",
            "sur",
            "est",
            "au",
            "aux",
            "par",
            "avec",
            "qui",
            "que",
            "ne",
            "pas",
            "sont",
            "ses",
        ]
    ),
    "de": frozenset(
        [
            "der",
            "die",
            "das",
            "und",
            "ist",
            "im",
            "den",
            "von",
            "mit",
            "auf",
            "für",
            "dem",
            "ein",
            "eine",
            "nicht",
            "zu",
            "sich",
            "des",
            "nach",
            "bei",
            "aus",
            "wird",
        ]
    ),
    "es": frozenset(
        [
            "el",
            "los",
            "las",
            "del",
            "y",
            "en",
            "un",
            "una",
            "por",
            "con",
            "para",
            "que",
            "se",
            "su",
            "es",
            "al",
            "como",
            "más",
            "sus",
            "tras",
        ]
    ),
    "it": frozenset(
        [
            "il",
            "lo",
            "gli",
            "della",
            "dei",
            "di",
            "e",
            "un",
            "una",
            "per",
            "con",
            "che",
            "non",
            "nel",
            "alla",
            "sono",
            "dal",
            "sul",
        ]
    ),
    "pt": frozenset(
        [
            "o",
            "os",
            "as",
            "da",
            "do",
            "dos",
            "das",
            "em",
            "um",
            "uma",
            "por",
            "com",
            "para",
            "que",
            "não",
            "no",
            "na",
            "ao",
            "é",
            "se",
        ]
    ),
    "nl": frozenset(
        [
            "het",
            "een",
            "van",
            "en",
            "in",
            "op",
            "met",
            "voor",
            "zijn",
            "niet",
            "door",
            "aan",
            "bij",
            "uit",
            "naar",
            "om",
            "werd",
        ]
    ),
    "tr": frozenset(["ve", "bir", "bu", "için", "ile", "da", "de", "olarak", "daha", "sonra", "en", "çok"]),
}
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


def language_of(text: str) -> str:
    """ISO 639-1 code, or "und" for a text without letters. A Latin text is English unless its stop words say otherwise."""
    letters = len(_LETTERS.findall(text))
    if not letters:
        return "und"
    for code, script in _SCRIPTS:
        if len(script.findall(text)) > letters / 2:
            return "uk" if code == "ru" and _UKRAINIAN.search(text) else code
    if text.isascii() and " the " in text:
        return "en"
    return _latin_language(text)


def _latin_language(text: str) -> str:
    words = text.lower().split()
    counts = {code: sum(word in stops for word in words) for code, stops in _STOP_WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] >= _FOREIGN_WORDS and counts[best] > 2 * counts["en"] else "en"
