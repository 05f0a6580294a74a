"""Finding place names in free text: the longest names of the index, with their sides and sites, where the text supports it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from siegewatch.detect.gazetteer import PlaceIndex, Strength
from siegewatch.detect.names import Casing, Word, casing_of, key_of, without_article, words_of
from siegewatch.domain.taxonomy import Precision

_LONGEST = 6
"""Words in the longest name worth trying."""

_SIDES = frozenset(
    ["north", "south", "east", "west", "northern", "southern", "eastern", "western", "northeast", "northwest", "southeast", "southwest", "northeastern", "northwestern", "southeastern", "southwestern", "central"]
)
_REGION_HEADS = frozenset(
    ["region", "regions", "province", "provinces", "governorate", "oblast", "raion", "district", "districts", "county", "state", "countryside", "valley", "peninsula", "mountains", "highlands", "heights", "desert", "coast", "coastline", "border", "front", "frontline", "territory", "area"]
)
_SITE_HEADS = frozenset(
    ["airport", "airbase", "airfield", "airstrip", "base", "hospital", "hospitals", "steelworks", "plant", "complex", "mill", "factory", "dam", "prison", "jail", "port", "ports", "harbour", "harbor", "camp", "bridge", "crossing", "university", "garrison", "barracks", "citadel", "refinery", "junction", "headquarters", "compound", "suburb", "suburbs", "enclave", "pocket", "oilfield", "terminal", "monastery", "palace"]
)
_SITE_WORDS = frozenset(
    ["international", "military", "air", "nuclear", "power", "steel", "iron", "works", "industrial", "oil", "gas", "refugee", "border", "old", "main", "naval", "army", "chemical", "old", "central", "seaport", "thermal"]
)
_CITY_HEADS = frozenset(["city", "town", "village"])
_KINDS_OF_PLACE = (
    _REGION_HEADS | _CITY_HEADS | frozenset(["port", "island", "capital", "suburb", "neighbourhood", "siege", "battle", "fall"])
)
_PLACE_CUES = frozenset(
    ["in", "near", "at", "from", "outside", "around", "inside", "into", "toward", "towards", "across", "through", "to", "of", "on", "over", "around", "between", "capture", "captures", "captured", "capturing", "seize", "seizes", "seized", "seizing", "retake", "retakes", "retook", "retaking", "recapture", "recaptures", "recaptured", "take", "takes", "took", "taking", "enter", "enters", "entered", "entering", "besiege", "besieges", "besieged", "besieging", "encircle", "encircles", "encircled", "encircling", "storm", "storms", "stormed", "storming", "attack", "attacks", "attacked", "attacking", "shell", "shells", "shelled", "bomb", "bombs", "bombed", "liberate", "liberates", "liberated", "overrun", "overruns", "overran", "blockade", "blockades", "blockaded", "surround", "surrounds", "surrounded", "reach", "reaches", "reached", "leave", "leaves", "left", "lose", "loses", "lost", "hold", "holds", "defend", "defends", "defended", "reclaim", "reclaims", "reclaimed", "regain", "regains", "control", "controls", "controlled", "assault", "assaults"]
)
_NOT_OF = frozenset(["backed", "led", "allied", "aligned", "born", "made", "style", "based", "funded", "sponsored", "trained", "supported", "loyal"])
_PAPERS = frozenset(["post", "times", "tribune", "herald", "independent", "gazette", "journal", "university"])


@dataclass(frozen=True, slots=True)
class Toponym:
    """A place name as worded: code points `start` to `end` of the text."""

    start: int
    end: int
    text: str


def plain_forms(words: Sequence[Word]) -> Iterator[tuple[str, Precision | None]]:
    """The keys under which a worded place may be known, exact first, each with the precision that the rest implies.

    "northern Gaza Strip" itself, then "Gaza Strip", a region; "Aleppo International Airport", then "Aleppo", a site.
    """
    folded = [word.folded for word in words]
    precision: Precision | None = None
    yield from _with_article(folded, None)
    while len(folded) > 1 and folded[-1] in _REGION_HEADS | _SITE_HEADS | _SITE_WORDS | _CITY_HEADS | _SIDES:
        precision = _implied(folded.pop(), precision)
        yield from _with_article(folded, precision)
    while len(folded) > 1 and folded[0] in _SIDES | {"the"}:
        precision = precision if folded.pop(0) == "the" else precision or Precision.REGION
        yield from _with_article(folded, precision)


def _implied(head: str, precision: Precision | None) -> Precision | None:
    if head in _SITE_HEADS:
        return Precision.SITE
    return precision or (Precision.REGION if head in _REGION_HEADS | _SIDES else None)


def _with_article(folded: list[str], precision: Precision | None) -> Iterator[tuple[str, Precision | None]]:
    key = key_of(folded)
    yield key, precision
    if without_article(key) != key:
        yield without_article(key), precision


class Spotter:
    """Finds the place names of a text."""

    def __init__(self, index: PlaceIndex) -> None:
        self._index = index

    def find(self, text: str) -> list[Toponym]:
        words = words_of(text)
        casing = casing_of(words)
        found: list[Toponym] = []
        at = 0
        while at < len(words):
            size = self._name_size(words, at, casing)
            if size:
                first, last = _extended(words, at, at + size - 1)
                start, end = words[first].start, words[last].end
                found.append(Toponym(start, end, text[start:end]))
                at = last + 1
            else:
                at += 1
        return found

    def _name_size(self, words: Sequence[Word], at: int, casing: Casing) -> int:
        """How many words from `at` on name a place; 0 if none."""
        if not _may_begin(words, at, casing):
            return 0
        for size in range(_joined(words, at), 0, -1):
            if not words[at + size - 1].capital and casing is not Casing.LOWER:
                continue
            key = key_of([word.folded for word in words[at : at + size]])
            strength = self._index.strength(key)
            if strength is None and size > 1:
                strength = self._index.strength(without_article(key))
            if strength is not None and _supported(words, at, size, strength, casing):
                return size
        return 0


def _may_begin(words: Sequence[Word], at: int, casing: Casing) -> bool:
    word = words[at]
    if casing is Casing.LOWER or word.capital:
        return True
    return (
        key_of([word.folded, ""]) == "al "
        and at + 1 < len(words)
        and words[at + 1].capital
        and words[at + 1].gap in "- "
    )


def _joined(words: Sequence[Word], at: int) -> int:
    """How many words from `at` on stand together, parted by a blank or a hyphen only."""
    size = 1
    while size < _LONGEST and at + size < len(words) and words[at + size].gap in (" ", "-", ". "):
        size += 1
    return size


def _supported(words: Sequence[Word], at: int, size: int, strength: Strength, casing: Casing) -> bool:
    """Whether the text lets the words be a place, by how sure the name itself is."""
    after = words[at + size] if at + size < len(words) else None
    if after and ((after.gap == "-" and after.folded in _NOT_OF) or (after.gap == " " and after.folded in _PAPERS)):
        return False
    if strength is Strength.STRONG:
        return True
    if casing is Casing.LOWER:
        return False
    before = words[at - 1] if at else None
    if strength is Strength.WEAK:
        return casing is Casing.SENTENCE and _after_kind(words, at)
    if casing is not Casing.SENTENCE:
        return _after_cue(before)
    return _after_cue(before) or not _part_of_longer_name(before, words[at], after)


def _after_cue(before: Word | None) -> bool:
    return before is not None and before.folded in _PLACE_CUES


def _after_kind(words: Sequence[Word], at: int) -> bool:
    """After "the town of"."""
    return at > 1 and words[at - 1].folded == "of" and words[at - 2].folded in _KINDS_OF_PLACE


def _part_of_longer_name(before: Word | None, word: Word, after: Word | None) -> bool:
    """Whether a neighbour with a capital makes it a person's or an organisation's name."""
    if before is not None and before.capital and word.gap == " " and before.folded not in _SIDES:
        return True
    heads = _REGION_HEADS | _SITE_HEADS | _SITE_WORDS | _CITY_HEADS
    return after is not None and after.capital and after.gap == " " and after.folded not in heads


def _extended(words: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """The name with the side before it ("northern") and the site or kind after it ("International Airport")."""
    while first and words[first - 1].folded in _SIDES and words[first].gap in " -":
        first -= 1
    end = last
    for at in range(last + 1, min(last + 5, len(words))):
        word = words[at]
        if (
            word.gap.lstrip("'’sS") not in ("", " ", "-")
            or word.folded not in _SITE_WORDS | _SITE_HEADS | _REGION_HEADS | _SIDES
        ):
            break
        if word.folded not in _SITE_WORDS:
            end = at
    return first, end
