"""What of a feed's own words is shown, and which of them say it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from siegewatch.domain.event import Event, Evidence
from siegewatch.domain.item import Item
from siegewatch.notify.text import CUT_MARK, clean, cut

QUOTE_LIMIT = 500
"""Characters of a feed's own words that are shown: an agency's lead sentence is half as long."""

SAYS_IT = "▸"
_STOPS = (". ", "! ", "? ", "\n")


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence, clean: `said` are the words of it on which an event rests, empty where none does."""

    before: str
    said: str
    after: str

    @property
    def text(self) -> str:
        """The whole in quotation marks, after a mark where it is the one that says it."""
        return f"{SAYS_IT} {self.bare}" if self.said else self.bare

    @property
    def bare(self) -> str:
        """The whole in quotation marks."""
        return f"“{self.before}{self.said}{self.after}”"


def quotes(item: Item, events: Sequence[Event]) -> tuple[Quote, ...]:
    """The headline, then those sentences of the summary on which an event rests; each once."""
    title = next(_spots("title", events), None)
    shown: dict[str, Quote] = {}
    for quote in (_title(item, title), *_sentences(item, events)):
        if quote.before or quote.said or quote.after:
            shown.setdefault(quote.before + quote.said + quote.after, quote)
    return tuple(shown.values())


def _title(item: Item, spot: Evidence | None) -> Quote:
    return _quote(item.title, spot.start, spot.end) if spot else _quote(item.title, 0, 0)


def _sentences(item: Item, events: Sequence[Event]) -> Iterator[Quote]:
    text = item.summary
    for spot in _spots("summary", events):
        begin = max(text.rfind(stop, 0, spot.start) for stop in _STOPS) + 1
        closes = [at for stop in _STOPS if (at := text.find(stop, max(spot.end - 1, 0))) >= 0]
        sentence = text[begin : min(closes) + 1 if closes else len(text)]
        yield _quote(sentence, spot.start - begin, spot.end - begin)


def _spots(field: str, events: Sequence[Event]) -> Iterator[Evidence]:
    return (spot for event in events for spot in event.evidence if spot.field == field)


def _quote(text: str, start: int, end: int) -> Quote:
    """`text` with the words from `start` to `end` set apart: in full where they fit, else cut around them."""
    parts = text[:start], text[start:end], text[end:]
    before, said, after = (_clean_part(part) for part in parts)
    before, after = before.lstrip(), after.rstrip() if said.strip() else after.strip()
    if len(before + said + after) <= QUOTE_LIMIT:
        return Quote(before, said, after)
    said = cut(said, QUOTE_LIMIT // 2)
    room = (QUOTE_LIMIT - len(said)) // 2
    if len(before) > room:
        before = CUT_MARK + before[len(before) - room + 1 :] if said else cut(before, room)
    return Quote(before, said, cut(after, QUOTE_LIMIT - len(before) - len(said)))


def _clean_part(text: str) -> str:
    """Clean, with the white space at either end as one space, so that parts still make one sentence."""
    words = clean(text)
    if not words:
        return " " if text and text.isspace() else ""
    return f"{' ' * text[:1].isspace()}{words}{' ' * text[-1:].isspace()}"
