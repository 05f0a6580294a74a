"""What a report says, cheaply: its telling words, what it counts, where a fight stands, whether it says no.

No grammar is read: every item passes here, and two reports are only ever compared with each other.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

from siegewatch.detect.report_words import ReportWord, ReportWords

LEAD_CHARS = 260
"""How much of a summary is compared: what is new stands in the lead, the rest retells."""

_TITLE_CHARS = 300
_UNIT_REACH = 4
"""A number counts the dead or hurt where such a word stands so many words before or behind it."""

_TOKEN = re.compile(r"[$€£]?\d[\d.,]*(?:st|nd|rd|th|[kmKM](?![a-zA-Z]))?|[^\W\d_][^\W_]*(?:['’ʼ.][^\W\d_]+)*")
_HYPHEN = re.compile(r"(?<=\w)[-‐‑](?=\w)")
_SECOND_PART = re.compile(r"[-‐‑ ](?=(?:offensive|attack|fire|strike|out|take|port)s?\b)", re.I)
_FIRST_PART = re.compile(r"\b(?:counter|cease|air|pull|re|sea|multi)$", re.I)
_LONGEST_FIRST_PART = 8
_TITLE_CASE = 0.7
"""A headline with so many of its longer words in capitals is set so, and its capitals mark no names."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many of `what`, from `low` to `high`: an exact number has both the same, *dozens* has not."""

    what: str
    low: float
    high: float

    def agrees_with(self, other: "Count") -> bool:
        """Whether both can be true of one thing."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True, slots=True)
class Told:
    """What a headline or a lead tells: stems in their order, those written as names, counts, turns of a fight."""

    words: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    counts: tuple[Count, ...] = ()
    turns: frozenset[str] = frozenset()
    negated: bool = False
    passive: bool = False


@dataclass(frozen=True, eq=False)
class Facts:
    """A report taken apart. `live`: it is a running report, of which each turn tells other facts. The lead is read when
    it is asked for: most reports are like no other, and are found by their headlines."""

    head: Told
    read_lead: Callable[[], Told]
    live: bool = False

    @cached_property
    def lead(self) -> Told:
        """What the lead tells."""
        return self.read_lead()

    @cached_property
    def words(self) -> frozenset[str]:
        """All telling words."""
        return frozenset(self.head.words) | frozenset(self.lead.words)

    @property
    def counts(self) -> tuple[Count, ...]:
        """All counts, those of the headline first."""
        return self.head.counts + self.lead.counts


class FactReader:
    """Reads the facts of reports, remembering those it read last."""

    def __init__(self, meanings: ReportWords) -> None:
        self.meanings = meanings
        self.read = lru_cache(maxsize=20_000)(self._read)

    def _read(self, title: str, summary: str) -> Facts:
        lowered = title[:_TITLE_CHARS].lower()
        live = any(phrase in lowered for phrase in self.meanings.live)
        return Facts(self._told(title[:_TITLE_CHARS]), partial(self._told, summary[:LEAD_CHARS]), live)

    def _told(self, text: str) -> Told:
        tokens = _TOKEN.findall(_HYPHEN.sub(" ", _SECOND_PART.sub(_without_gap, text)))
        read = list(map(self.meanings.of, tokens))
        return Told(
            words=tuple(dict.fromkeys([meaning.stem for meaning in read if meaning.stem])),
            names=frozenset(_names(tokens, read)),
            counts=tuple(self._counts(read, [place for place, meaning in enumerate(read) if meaning.number])),
            turns=frozenset([meaning.turn for meaning in read if meaning.turn]),
            negated=True in [meaning.negates for meaning in read],
            passive="by" in tokens,
        )

    def _counts(self, read: Sequence[ReportWord], places: Iterable[int]) -> Iterator[Count]:
        for place in places:
            meaning = read[place]
            if meaning.number is None or (place and read[place - 1].stem in self.meanings.series):
                continue
            low, high = meaning.number
            follow = place + 1
            while follow < len(read) and read[follow].scale:
                low, high, follow = low * read[follow].scale, high * read[follow].scale, follow + 1
            yield Count(_counted(read, place, follow), low, high)


def _without_gap(found: re.Match[str]) -> str:
    """*Cease-fire* and *cease fire* are one word."""
    before = found.string[max(0, found.start() - _LONGEST_FIRST_PART) : found.start()]
    return "" if _FIRST_PART.search(before) else found.group()


def _names(tokens: Sequence[str], read: Sequence[ReportWord]) -> Iterator[str]:
    """Stems with a capital where capitals mark names: not in headlines set in capitals, nor at the beginning."""
    capital = [place for place, token in enumerate(tokens) if token[0].isupper()]
    if not capital:
        return
    longer = sum(len(token) > 3 and token[0].isalpha() for token in tokens)
    if sum(len(tokens[place]) > 3 for place in capital) > _TITLE_CASE * longer:
        return
    for place in capital:
        stem = read[place].stem
        if stem and (place or stem.startswith("@")):
            yield stem


def _counted(read: Sequence[ReportWord], place: int, follow: int) -> str:
    """What the number at `place` counts: the dead or hurt nearby, else the word behind it."""
    for reach in range(_UNIT_REACH):
        for beside in (follow + reach, place - 1 - reach):
            if 0 <= beside < len(read) and (toll := read[beside].toll):
                return toll
    return next((one.stem for one in read[follow : follow + 2] if one.stem), "")
