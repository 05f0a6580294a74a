"""An item as it is read: no remains of markup, nothing unseen, at most so many characters; and the way back.

Feeds are cleaned where they are collected; items from files and from other programs come as they are. No pattern scans
a text twice, and no more of it is looked at than could be wanted, so that no item takes long whatever it holds.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from siegewatch.detect.gate import HEAD_CHARS
from siegewatch.domain.event import Evidence, Judgement
from siegewatch.domain.item import Item
from siegewatch.domain.unseen import UNSEEN

TITLE_CHARS = 600
"""How much of a headline is read: of 311,734 real ones 7 are longer."""
_RAW_FACTOR = 10
"""Characters looked at for each one read: enough for the links and classes around the words."""

_WIDE = "\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff\u2460-\u24ff"
_ACCENTS = "\u0300-\u036f"
_BLANKS = "\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SUSPECT = re.compile(f"[<&{UNSEEN}{_BLANKS}{_WIDE}{_ACCENTS}]")
_INLINE = "a|abbr|b|big|cite|code|em|font|i|mark|q|s|small|span|strong|sub|sup|u|wbr"
_REST_OF_TAG = r"[^<>&]{0,1000}(?:>|&gt;)"
_ODD = re.compile(
    rf"(?P<inline>(?:<|&lt;)/?(?:{_INLINE})(?![\w:.-]){_REST_OF_TAG})"
    rf"|(?P<block>(?:<|&lt;)(?:/?[a-zA-Z]|!){_REST_OF_TAG}|<(?:a|img|p|div|span|figure|iframe)\s[^<>]{{0,1000}}\Z)"
    r"|(?P<entity>&(?:amp;){0,3}(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});)"
    rf"|(?P<unseen>[{UNSEEN}]+)"
    r"|(?P<space>\s+)"
    rf"|(?P<wide>[{_WIDE}])"
    rf"|(?P<accented>\w[{_ACCENTS}]{{1,8}})"
)
_ENTITY = re.compile("&(?:amp;)*")
_MIXED = re.compile(r"[A-Za-z]+[\u0370-\u052f][A-Za-z\u0370-\u052f]*|[\u0370-\u052f]+[A-Za-z][A-Za-z\u0370-\u052f]*")
_TWINS = str.maketrans("АВЕКМНОРСТУХаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTYXaeopcyxijsdqwABEZHIKMNOPTYXo")
"""Cyrillic and Greek letters, and the Latin ones that look the same."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text to read: its code point i stood from `starts[i]` to `ends[i]` in the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True, slots=True)
class CleanItem:
    """An item as it came, and as it is read."""

    original: Item
    item: Item
    title: Cleaned
    summary: Cleaned

    def restored(self, judgement: Judgement) -> Judgement:
        """What was said of the item as read, with its evidence as code points of the item as it came."""
        if self.item is self.original:
            return judgement
        events = [replace(e, evidence=tuple(map(self._original, e.evidence))) for e in judgement.events]
        return replace(judgement, events=tuple(events))

    def _original(self, words: Evidence) -> Evidence:
        field: Cleaned = getattr(self, words.field)
        if words.start == words.end:
            return Evidence(words.field, 0, 0, "")
        start, end = field.starts[words.start], field.ends[words.end - 1]
        return Evidence(words.field, start, end, getattr(self.original, words.field)[start:end])


def clean_item(item: Item) -> CleanItem:
    """The item with as much of its title and summary as is read, cleaned."""
    title, summary = clean(item.title, TITLE_CHARS), clean(item.summary, HEAD_CHARS)
    same = (title.text, summary.text) == (item.title, item.summary)
    return CleanItem(item, item if same else replace(item, title=title.text, summary=summary.text), title, summary)


def clean(text: str, limit: int) -> Cleaned:
    """At most `limit` characters of a text without markup, entities, unseen characters and runs of white space, its
    letters those of ordinary print."""
    raw = text[: limit * _RAW_FACTOR]
    if not _is_suspect(raw) and "  " not in raw and not raw.startswith(" "):
        kept = raw[:limit].rstrip()
        return Cleaned(_untwinned(kept), range(len(kept)), range(1, len(kept) + 1))
    kept_characters = list(islice(_single_spaced(_characters(raw)), limit))
    if kept_characters and kept_characters[-1][0] == " ":
        kept_characters.pop()
    kept = "".join(character for character, _, _ in kept_characters)
    return Cleaned(_untwinned(kept), [start for _, start, _ in kept_characters], [end for *_, end in kept_characters])


def _is_suspect(raw: str) -> bool:
    """Whether anything in it may have to go. Most texts are printable ASCII, of which that is quickly told."""
    if raw.isascii() and raw.isprintable():
        return "<" in raw or "&" in raw
    return _SUSPECT.search(raw) is not None


def _characters(raw: str) -> Iterator[tuple[str, int, int]]:
    """Each character that is meant, and from where to where its like stands."""
    last = 0
    for odd in _ODD.finditer(raw):
        yield from ((raw[i], i, i + 1) for i in range(last, odd.start()))
        yield from ((character, *odd.span()) for character in _meant(odd))
        last = odd.end()
    yield from ((raw[i], i, i + 1) for i in range(last, len(raw)))


def _meant(odd: re.Match[str]) -> str:
    match odd.lastgroup:
        case "block" | "space":
            return " "
        case "entity":
            meant = html.unescape(_ENTITY.sub("&", odd.group()))
            return "" if re.fullmatch(f"[{UNSEEN}]", meant) else meant
        case "wide" | "accented":
            return unicodedata.normalize("NFKC", odd.group())
    return ""


def _single_spaced(characters: Iterator[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    before = " "
    for character, start, end in characters:
        written = " " if character.isspace() else character
        if written != " " or before != " ":
            yield written, start, end
        before = written


def _untwinned(text: str) -> str:
    """Words of Latin letters and others that look the same, in Latin letters alone."""
    return text if text.isascii() else _MIXED.sub(lambda word: _latin(word.group()), text)


def _latin(word: str) -> str:
    latin = word.translate(_TWINS)
    return latin if latin.isascii() else word
