"""Markup to clean plain text, in time linear in the input whatever the input is.

Every pattern stops at the next "<" or eats to the end, so none can be made to scan the same text twice.
"""

import html
import re

from siegewatch.domain.unseen import UNSEEN

_RAW_FACTOR = 10
"""Markup read for each character of text wanted: enough for links and classes around the words."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>", re.DOTALL)
_SILENT = re.compile(r"<(script|style|template|svg)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_REST_OF_TAG = r"""(?:(?:"[^"<]*"|'[^'<]*'|[^<>"'])*+>|[^<>]*>)"""
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|"
    r"sub|sup|time|tt|u|var|wbr)(?![\w:.-])" + _REST_OF_TAG,
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z]" + _REST_OF_TAG + r"|<[!?][^<>]*>")
_BROKEN_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*\Z")
_LOOKS_LIKE_HTML = re.compile(
    r"</[a-zA-Z][a-zA-Z0-9]{0,15}\s*>|<(?:br|p|img|hr|a)\b[^<>]{0,500}>|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"
)
# html.unescape hands any run of digits to int(), which refuses more than 4,300 of them.
_ABSURD_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")
_UNSEEN = re.compile(f"[{UNSEEN}]+")
_SENTENCE = re.compile(r".{15,300}?[.!?…](?=\s|\Z)")


def fold(text: str) -> str:
    """Without unseen characters; every run of white space is one space."""
    # ASCII that can be printed holds none of them, which is found out a good deal faster.
    if text.isascii() and "\v" not in text and (folded := " ".join(text.split())).isprintable():
        return folded
    return " ".join(_UNSEEN.sub("", text).split())


def plain(text: str, limit: int) -> str:
    """Text that is no markup, cleaned and cut to `limit` characters."""
    return _cut(fold(text[: limit * _RAW_FACTOR]), limit)


def from_html(markup: str, limit: int) -> str:
    """The words of an HTML fragment, entities decoded once, cleaned and cut to `limit` characters.

    Scripts, styles and comments are dropped; block elements part words, inline ones do not.
    """
    return _cut(fold(_words(markup[: limit * _RAW_FACTOR])), limit)


def from_any(text: str, limit: int) -> str:
    """Text that may be markup, cleaned and cut to `limit` characters."""
    return from_html(text, limit) if looks_like_html(text) else plain(text, limit)


def looks_like_html(text: str) -> bool:
    """Whether text that was declared plain holds an end tag, a common tag or an entity after all."""
    return _LOOKS_LIKE_HTML.search(text) is not None


def first_sentence(text: str, limit: int = 200) -> str:
    """The first sentence of clean text, or its first words where no sentence ends within `limit` characters."""
    found = _SENTENCE.match(text[: limit + 1])
    return found.group() if found and found.end() <= limit else _cut(text, limit)


def _words(markup: str) -> str:
    if "<" in markup:
        markup = _SILENT.sub(" ", _COMMENT.sub("", markup))
        markup = _BROKEN_TAG.sub("", _TAG.sub(" ", _INLINE_TAG.sub("", markup)))
    return html.unescape(_ABSURD_REFERENCE.sub("", markup)) if "&" in markup else markup


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where there is a space in the last fifth."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ", limit * 4 // 5)
    return (head[:space] if space > 0 else head).rstrip() + "…"
