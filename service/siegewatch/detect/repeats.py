"""Whether a report is the same again: headlines folded until only what they say is left."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b

from siegewatch.domain.item import Item
from siegewatch.domain.story import Known

TAIL_LEARNED = 3
"""A feed whose headlines ended so this often signs them so."""

_SHORT_WORDS = 4
"""Headlines of fewer words ("Live updates") say too little to be known by: their summary counts too."""

_SHORT_LETTERS = 3
"""Words as short as *of* and *the* are written small in names and titles too."""

_BARS = frozenset({"|", "»", "::"})
_PREFIX = re.compile(
    r"^\W*(?:(?:update|wrapup|exclusive|refile|correct|rpt|insight|analysis|factbox)\s*\d*\s*-"
    r"|(?:breaking(?: news)?|just in|urgent|exclusive|live|watch|video|updated?|developing|flash|news alert)"
    r"\s*[:|\-–—])\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(r"^(?P<head>.+\S)\s+(?P<mark>[-–—|»]|::)\s+(?P<tail>[^-–—|»]{2,60})$", re.DOTALL)
_MARK = re.compile(r"\s(?:[-–—|»]|::)\s")
_WITHIN_A_WORD = re.compile(r"['’‘`ʼ]|[.,](?<=\d.)(?=\d)")
_WORD = re.compile(r"\w+")
_WIRES = frozenset(
    {"reuters", "by reuters", "ap", "ap news", "associated press", "the associated press", "afp", "dpa", "upi", "ani"}
    | {"agence france presse", "bbc", "bbc news", "cnn", "xinhua", "tass", "anadolu", "anadolu agency", "bloomberg"}
    | {"al jazeera", "aljazeera", "the guardian", "the new york times"}
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A headline taken apart: `head` and `tail` as words in lower case without marks; `signed` says that the tail
    looks like a name put behind a bar. `written` is all but the prefixes, `written_head` that without the tail."""

    head: str
    tail: str = ""
    signed: bool = False
    written: str = ""
    written_head: str = ""

    def undressed(self, item: Item, times_seen: int) -> str:
        """The headline as written, without prefixes and signature."""
        return self.written_head if is_signature(self, item, times_seen) else self.written


def fold(text: str) -> str:
    """Words in lower case without accents, quotes and punctuation; figures keep their points and commas joined."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(mark for mark in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(mark))
    return " ".join(_WORD.findall(_WITHIN_A_WORD.sub("", plain)))


@lru_cache(maxsize=2_000)
def take_apart(title: str) -> Folded:
    """The headline without prefixes such as *UPDATE 2-*, its last part apart where it may be a signature."""
    rest = _PREFIX.sub("", title)
    while rest != title:
        title, rest = rest, _PREFIX.sub("", rest)
    found = _TAIL.match(title) if _MARK.search(title) else None
    if not found or any(digit.isdigit() for digit in found["tail"]):
        return Folded(fold(title), written=title)
    signed = found["mark"] in _BARS and _is_a_name(found["tail"]) and not _is_a_name(found["head"])
    return Folded(fold(found["head"]), fold(found["tail"]), signed, title, found["head"])


def _is_a_name(text: str) -> bool:
    """Whether every word begins with a capital, as in *Muslim Global*, and in headlines set in capitals."""
    words = re.findall(r"[^\W\d_]+", text)
    return len(words) > 1 and all(word[0].isupper() for word in words if len(word) > _SHORT_LETTERS)


def is_signature(folded: Folded, item: Item, times_seen: int) -> bool:
    """Whether the tail names who publishes: the outlet, the feed, a wire, how this feed always ends, or a name
    behind a bar under a headline that is no name itself."""
    if not folded.tail or len(folded.head.split()) < _SHORT_WORDS - 1:
        return False
    own = {fold(name) for name in (item.outlet, item.feed) if name}
    named = folded.tail in own | _WIRES or any(_is_part(folded.tail, name) for name in own)
    return named or times_seen >= TAIL_LEARNED or folded.signed


def _is_part(tail: str, name: str) -> bool:
    """Whether one of the two begins or ends with the other, by at least two whole words: *Marsa Gazette* and *The
    Marsa Gazette*. A single word may be a place."""
    shorter, longer = sorted((tail.split(), name.split()), key=len)
    size = len(shorter)
    return size > 1 and shorter in (longer[:size], longer[-size:])


def headline_digests(item: Item, folded: Folded, times_seen: int = 0) -> tuple[str, ...]:
    """Sixteen hex digits, equal for headlines that say the same in other dress: that to be known by, and for a signed
    headline that of its whole, which it was known by before the signature was learned."""
    whole = f"{folded.head} {folded.tail}".strip()
    said = (folded.head, whole) if is_signature(folded, item, times_seen) else (whole,)
    return tuple(_digest(words, item) for words in said)


def _digest(words: str, item: Item) -> str:
    if len(words.split()) < _SHORT_WORDS:
        words += "\n" + fold(item.summary)
    return blake2b(words.encode(), digest_size=8).hexdigest()


def repeat_of(item: Item, known: Known, remember: timedelta) -> str | None:
    """The root id of the item that `item` repeats by its headline, None where it says something of its own.

    What was too old to ring is not repeated by what is fresh: the fresh report must be heard. Nor does an edit repeat
    its own item, unless that was too old: under the same headline its lead may tell something new.
    """
    said = known.said
    if said is None or item.seen_at - said.at > remember:
        return None
    own = said.root == item.root
    heard = said.late if own and item.edit_of else not said.late or item.late
    return said.root if heard else None
