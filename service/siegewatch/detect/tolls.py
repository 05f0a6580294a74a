"""Tolls: how many an item says were killed, wounded, trapped, displaced, missing or taken prisoner."""

import re
from collections.abc import Iterator

from siegewatch.domain.figures import FIGURE, READ, Range, read_figure
from siegewatch.domain.item import Item
from siegewatch.domain.story import Counted, Harm

_HARMED: dict[Harm, str] = {
    Harm.KILLED: r"dead|killed|slain|massacred|executed|die|died|dying|deaths|fatalities|martyred",
    Harm.WOUNDED: r"wounded|injured|hurt|injuries|casualties",
    Harm.TRAPPED: r"trapped|stranded|besieged|encircled|cut off|under siege",
    Harm.DISPLACED: r"displaced|uprooted|homeless|flee|fled|fleeing|evacuated|refugees",
    Harm.MISSING: r"missing|unaccounted for",
    Harm.CAPTURED: r"taken prisoner|taken captive|surrendered|surrender|captured(?= *[.,;:]|$)",
}
_HARMING: dict[Harm, str] = {
    Harm.KILLED: r"kill|kills|killed|killing|execute|executes|executed|executing|massacre|massacres|massacred",
    Harm.WOUNDED: r"wound|wounds|wounded|wounding|injure|injures|injured|injuring",
    Harm.TRAPPED: r"trap|traps|trapped|trapping|strand|strands|stranding",
    Harm.DISPLACED: r"displace|displaces|displaced|displacing|uproot|uproots|uprooting",
    Harm.CAPTURED: r"take prisoner|takes prisoner|took prisoner",
}
_LINKS = (
    r"to|are|is|were|was|have|has|had|been|be|being|left|lie|lay|remain|remained|reported|feared|believed|still|who|now"
)
_APART = r"in|at|on|of|by|as|and|but|from|near|with|after|when|while|into|for"
"""Words behind which somebody else is told of."""

_TOLL = r"(?:death )?toll[^.;:]{0,40}?\b(?:to|at|of|is|passes|passed|tops|topped|hits|hit|reaches|reached|exceeds)"
_AFTER = re.compile(
    rf"(?<![\w.,$£€-])(?<!one in )(?P<figure>{FIGURE})\b(?!\s*(?:%|percent|per cent))"
    rf"(?P<who>(?:\s+(?!(?:{FIGURE}|{_APART})\b)[a-z'’-]+){{0,3}}?)"
    rf"(?:\s+(?:{_LINKS})){{0,4}}\s+(?:(?P<harmed>{'|'.join(f'(?:{words})' for words in _HARMED.values())}))\b"
)
_BEFORE = re.compile(
    rf"\b(?P<harming>{'|'.join(f'(?:{words})' for words in _HARMING.values())}|{_TOLL}|forc(?:e|es|ed|ing))"
    rf"\s+(?P<figure>{FIGURE})\b(?!\s*(?:%|percent|per cent))(?P<next>(?:\s+[a-z'’-]+){{0,4}})"
)
_MEASURES = re.compile(
    r"\s*-?(?:miles?|km|kilomet\w+|met(?:er|re)s?|feet|days?|weeks?|months?|years?|hours?|minutes?|times?|year-olds?"
    r"|villages?|towns?|cities|tanks?|bodies|strikes?|attacks?|bombs?|rockets?|shells?|missiles?|drones?|th|st|nd|rd)\b"
)
_FLEEING = re.compile(r"\b(?:to flee|to evacuate|from|out of)\b")


def tolls_in(item: Item) -> tuple[Counted, ...]:
    """What the headline and the lead count, the highest figure for each harm."""
    counted = [*_counted(item.title), *_counted(item.summary)]
    return tuple(
        max((one for one in counted if one.harm is harm), key=lambda one: one.least)
        for harm in dict.fromkeys(one.harm for one in counted)
    )


def _counted(text: str) -> Iterator[Counted]:
    """Figures that stand before those harmed, then those that stand behind the deed where nothing else took them."""
    text = text[:READ]
    lower = text.lower()
    taken: list[tuple[int, int]] = []
    for found in _AFTER.finditer(lower):
        harm = _harm(_HARMED, found["harmed"])
        if harm and (counted := _read(harm, found, text)) and not _MEASURES.match(found["who"] or ""):
            taken.append(found.span("figure"))
            yield counted
    for found in _BEFORE.finditer(lower):
        start, end = found.span("figure")
        if any(start < other_end and other < end for other, other_end in taken):
            continue
        harm = _done(found)
        if harm and (counted := _read(harm, found, text)) and not _MEASURES.match(lower, end):
            yield counted


def _done(found: re.Match[str]) -> Harm | None:
    """What a deed does to those counted behind it."""
    if found["harming"].startswith("forc"):
        return Harm.DISPLACED if _FLEEING.search(found["next"]) else None
    return _harm(_HARMING, found["harming"]) or Harm.KILLED


def _harm(words: dict[Harm, str], word: str) -> Harm | None:
    return next((harm for harm, pattern in words.items() if re.fullmatch(pattern, word)), None)


def _read(harm: Harm, found: re.Match[str], text: str) -> Counted | None:
    figure: Range | None = read_figure(found["figure"])
    if figure is None or _is_a_year(found["figure"]) or _is_an_article(found):
        return None
    return Counted(harm, figure.least, figure.most, " ".join(text[found.start() : found.end()].split()))


def _is_an_article(found: re.Match[str]) -> bool:
    """Whether *a* or *an* counts nobody: *an ultimatum to surrender*."""
    return found["figure"] in ("a", "an") and re.search(r"\bto\b", found[0]) is not None


def _is_a_year(figure: str) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d", figure) is not None
