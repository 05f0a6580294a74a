"""Headlines made fit for a parser: prefixes and suffixes cut off, capitals set as in running text.

Nothing is inserted and no letter moves: what is kept is a slice of the text as given, so a code point of the
prepared text stands `start` further on in the original.
"""

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

_KICKERS = (
    r"breaking(?: news)?|urgent|just in|update(?: ?\d+)?|correction|corrected|exclusive|watch|video|live(?: updates?)?|"
    r"developing|flash|alert|factbox|wrapup ?\d*"
)
_PREFIX = re.compile(rf"^\W*(?:(?:{_KICKERS})\s*[:|\-–—]+\s*)+", re.IGNORECASE)
_DATELINE = re.compile(r"^[A-Z][A-Z .,'/]{2,30}(?:\([^)]{2,20}\))?\s+[-–—]+\s+(?=[A-Z][a-z])")
_SUFFIX = re.compile(r"\s+(?:[-–—]+|\|)\s*([^-–—|:]{2,45})$")
_WORD = re.compile(r"[^\W\d_][\w'’.]*(?:-[\w'’]+)*")
_OUTLET = re.compile(
    r"\b(?:reuters|ap|afp|bbc|cnn|news|times|post|guardian|jazeera|daily|journal|tribune|media|today|npr|globe|herald|"
    r"press|politico|axios|independent|telegraph)\b",
    re.IGNORECASE,
)
_CLAIMANT = re.compile(
    r"^(?P<first>[A-Z][\w'’.-]*(?: [\w'’.-]+){0,3}?) (?:claims?|claimed|says? (?:it|its|they|their))\b"
    r"|, (?P<last>[A-Z][\w'’.-]*(?: [\w'’.-]+){0,3}) (?:says?|said|claims?)$"
)
"""Who says so at the beginning or the end of a headline: "Russia claims capture of …", "…, army chief says"."""
_RETRACTION = re.compile(r"^\W*correct(?:ion|ed)\b", re.IGNORECASE)
_SHARE_CAPITAL = 0.7
"""A headline most of whose long words are capitalised says nothing by a capital."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text to parse: `text[i]` is code point `start + i` of the original. `claimed_by` stood behind a dash, or is who
    says or claims it."""

    text: str
    start: int = 0
    claimed_by: str | None = None


def prepare(text: str, names: Sequence[tuple[int, int]], is_common: Callable[[str], bool]) -> Prepared:
    """`names`: code points of known names, which keep their capitals; `is_common` says of a word whether it is
    written small in running text."""
    start = 0 if _RETRACTION.match(text) else _length(_PREFIX.match(text))
    start += _length(_DATELINE.match(text[start:]))
    kept, behind = _without_suffixes(text[start:])
    claimed_by = behind or _claimant(kept)
    named = frozenset(i - start for bounds in names for i in range(*bounds))
    return Prepared(_truecase(kept, named, is_common), start, claimed_by)


def _claimant(text: str) -> str | None:
    found = _CLAIMANT.search(text)
    return (found["first"] or found["last"]) if found else None


def _length(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _without_suffixes(text: str) -> tuple[str, str | None]:
    """Cuts " | Outlet", " - Reuters" and " - state TV", innermost last; only the last of them can be a claimant."""
    claimed_by = None
    while (suffix := _SUFFIX.search(text)) and len(suffix.group(1).split()) <= 5 and suffix.start() > 15:
        text = text[: suffix.start()]
        name = suffix.group(1).strip()
        claimed_by = None if _OUTLET.search(name) or "|" in suffix.group() else name
    return text, claimed_by


def _truecase(text: str, named: Set[int], is_common: Callable[[str], bool]) -> str:
    """Text with the capitals of running text, where the capitals it has tell nothing."""
    words = list(_WORD.finditer(text))
    long_words = [word.group() for word in words if len(word.group()) > 3]
    if not long_words or sum(word[0].isupper() for word in long_words) < _SHARE_CAPITAL * len(long_words):
        return text
    shouted = sum(word.isupper() for word in long_words) > len(long_words) / 2
    pieces, end = [], 0
    for word in words:
        pieces += [
            text[end : word.start()],
            _recase(word.group(), shouted, word.start() == 0 or word.start() in named, is_common),
        ]
        end = word.end()
    return "".join([*pieces, text[end:]])


def _recase(word: str, shouted: bool, capital: bool, is_common: Callable[[str], bool]) -> str:
    if word.isupper() and not shouted:
        return word
    small = word.lower()
    if len(small) != len(word):
        return word
    if is_common(small) and not capital:
        return small
    return "-".join(part[:1].upper() + part[1:] for part in small.split("-")) if shouted else word
