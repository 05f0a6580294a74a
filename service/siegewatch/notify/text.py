"""Words from feeds, made harmless before anyone shows them."""

import unicodedata

CUT_MARK = "…"
_LONGEST_ACRONYM = 4

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of what is unseen or steers: controls, bidirectional overrides, zero-width marks, surrogates."""


def clean(text: str) -> str:
    """`text` in one line, without what is unseen or steers a terminal or a screen."""
    seen = "".join(" " if mark.isspace() else mark for mark in text if mark.isspace() or not _harmful(mark))
    return " ".join(seen.split())


def calm(name: str) -> str:
    """A name from a headline that shouts, as *DEIR AL-ZOR*, in ordinary letters; short ones may be acronyms."""
    name = clean(name)
    loud = [word for word in name.split() if word.isupper() and len(word) > _LONGEST_ACRONYM]
    return name.title() if loud and name.isupper() else name


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, with a mark where something is missing."""
    return text if len(text) <= limit else text[: max(limit - len(CUT_MARK), 0)].rstrip() + CUT_MARK


def _harmful(mark: str) -> bool:
    return unicodedata.category(mark) in _HARMFUL
