"""Whose words a report is: those of the wire that it came over, else of its outlet. Copies of one wire story over many
outlets are one source."""

import re
from dataclasses import replace

from siegewatch.detect.repeats import fold, take_apart
from siegewatch.domain.item import Item
from siegewatch.domain.story import Alike, Source

_WIRES = {
    "reuters": "Reuters",
    "by reuters": "Reuters",
    "thomson reuters": "Reuters",
    "ap": "AP",
    "ap news": "AP",
    "associated press": "AP",
    "the associated press": "AP",
    "afp": "AFP",
    "agence france presse": "AFP",
    "dpa": "dpa",
    "upi": "UPI",
    "united press international": "UPI",
    "ani": "ANI",
    "pti": "PTI",
    "ians": "IANS",
    "xinhua": "Xinhua",
    "tass": "TASS",
    "interfax": "Interfax",
    "anadolu": "Anadolu",
    "anadolu agency": "Anadolu",
    "aa": "Anadolu",
    "bloomberg": "Bloomberg",
    "efe": "EFE",
    "ansa": "ANSA",
    "kyodo": "Kyodo",
    "kyodo news": "Kyodo",
    "yonhap": "Yonhap",
}
_DATELINE = re.compile(r"^[^()]{0,80}\((?P<wire>[^()]{2,30})\)\s*[-–—:]")
"""*MARSA, March 1 (Reuters) -*"""

_DATELINE_SLASH = re.compile(r"^[A-Z][^/]{0,60}/(?P<wire>[A-Z]{2,6})/")
_CREDIT = re.compile(r"(?:[-–—(]|\b(?i:source|by|via):?)\s*(?P<wire>[A-Z][\w ]{1,28}?)\)?\.?\s*$")
_READ = 400
MOST_OUTLETS_A_SOURCE = 100


def source_of(item: Item, alike: Alike | None = None) -> Source | None:
    """Who tells it: the wire that the item names, that of the report whose text it shares, else the outlet itself."""
    outlet = item.outlet or item.feed
    wire = _wire(item)
    if wire is None and alike and alike.shares_text:
        wire = _wire(alike.item) or alike.item.outlet or alike.item.feed
    name = wire or outlet
    return Source(name, (outlet or name,)) if name else None


def with_source(known: tuple[Source, ...], told_by: Source | None) -> tuple[Source, ...]:
    """The sources with one more report; an outlet that told it in its own words and prints a wire as well is two."""
    if told_by is None:
        return known
    if told_by.name not in [one.name for one in known]:
        return (*known, told_by)
    return tuple(_joined(one, told_by) if one.name == told_by.name else one for one in known)


def _joined(known: Source, told_by: Source) -> Source:
    fresh = tuple(outlet for outlet in told_by.outlets if outlet not in known.outlets)
    return replace(known, outlets=(*known.outlets, *fresh)[:MOST_OUTLETS_A_SOURCE]) if fresh else known


def _wire(item: Item) -> str | None:
    """The wire that an item says it is from: it is one itself, signs its headline or its dateline, or gives credit."""
    lead = item.summary
    named = [item.outlet or "", take_apart(item.title).tail]
    for pattern, text in ((_DATELINE, lead[:_READ]), (_DATELINE_SLASH, lead[:_READ]), (_CREDIT, lead[-_READ:])):
        if found := pattern.search(text):
            named.append(found["wire"])
    return next((_WIRES[fold(name)] for name in named if fold(name) in _WIRES), None)
