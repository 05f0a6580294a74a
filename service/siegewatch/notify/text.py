"""Words from feeds, made harmless before anyone shows them."""

import re
import unicodedata
from collections.abc import Callable

from siegewatch.domain.unseen import UNSEEN

CUT_MARK = "…"
_LONGEST_ACRONYM = 4

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of what is unseen or steers: controls, bidirectional overrides, zero-width marks, surrogates."""

_UNSEEN = re.compile(f"[{UNSEEN}\u3164\uffa0]")
_COMBINING = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED = re.compile(f"({_COMBINING}{{3}}){_COMBINING}+")
_MEANT = re.compile(r"@(?=\S)|<(?=[!@#/A-Za-z])|(?<!\w)[#/$](?=\w)|:(?=//|[A-Za-z_+\-]\w*:)")
_LOOK_ALIKES = {"@": "＠", "<": "‹", "#": "＃", "/": "∕", "$": "＄", ":": "："}
_HOST_DOT = re.compile(r"(?<=\w)\.(?=\w*[^\W\d_]{2})")


def clean(text: str) -> str:
    """`text` in one line, without what is unseen or steers a terminal or a screen, nor marks piled upon each other."""
    seen = "".join(" " if mark.isspace() else mark for mark in text if mark.isspace() or not _harmful(mark))
    return _PILED.sub(r"\1", " ".join(_UNSEEN.sub("", seen).split()))


def calm(name: str) -> str:
    """A name from a headline that shouts, as *DEIR AL-ZOR*, in ordinary letters; short ones may be acronyms."""
    name = clean(name)
    loud = [word for word in name.split() if word.isupper() and len(word) > _LONGEST_ACRONYM]
    return name.title() if loud and name.isupper() else name


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, with a mark where something is missing."""
    return text if len(text) <= limit else text[: max(limit - len(CUT_MARK), 0)].rstrip() + CUT_MARK


def inert(text: str) -> str:
    """`text` with look-alikes for what chat clients act upon by themselves: names to ping, tags, commands, the codes of
    emoji, addresses with or without a scheme. It reads the same, and leads nowhere."""
    return _HOST_DOT.sub("․", _MEANT.sub(lambda found: _LOOK_ALIKES[found[0]], text))


def utf16(text: str) -> int:
    """Length as most services count it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def octets(text: str) -> int:
    """Length in bytes of UTF-8."""
    return len(text.encode())


def fit(text: str, limit: int, escape: Callable[[str], str] = str, width: Callable[[str], int] = len) -> str:
    """`text` escaped, in at most `limit` by `width`, cut with a mark and never within what escaping makes of a
    character."""
    whole = escape(text)
    if width(whole) <= limit:
        return whole
    low, high = 0, len(text) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(escape(cut(text, middle))) <= limit else (low, middle - 1)
    kept = escape(cut(text, low))
    return kept if width(kept) <= limit else ""


def _harmful(mark: str) -> bool:
    return unicodedata.category(mark) in _HARMFUL
