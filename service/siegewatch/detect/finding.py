"""Which remembered report an item is like: what to ask the store for, and what to make of its answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from siegewatch.detect.facts import Facts
from siegewatch.detect.likeness import Comparer, Verdict
from siegewatch.detect.repeats import TAIL_LEARNED, Folded, headline_digests, take_apart
from siegewatch.domain.item import Item
from siegewatch.domain.story import Alike, Known
from siegewatch.domain.taxonomy import Likeness
from siegewatch.store.items import ItemRecord
from siegewatch.store.recall import Asked, Recalled

MOST_WORDS = 8
"""Words that a report is found by: the rarest it tells."""


@dataclass(frozen=True, slots=True)
class Question:
    """An item, its headline taken apart, and what the store is asked of it."""

    item: Item
    folded: Folded
    asked: Asked


@dataclass(frozen=True, slots=True)
class Finder:
    """Asks for like reports, and compares those found."""

    comparer: Comparer

    def question(self, item: Item) -> Question:
        """Both digests a signed headline may be known by are asked for: which of them counts depends on the answer."""
        folded = take_apart(item.title)
        digests = dict.fromkeys((*headline_digests(item, folded), *headline_digests(item, folded, TAIL_LEARNED)))
        facts = self.comparer.reader.read(folded.undressed(item, 0), item.summary)
        # A canary is like nothing, and nothing is like it: no news may count as its copy.
        words = [] if item.is_canary else self.comparer.measurer.telling(facts, MOST_WORDS)
        asked = Asked(item.feed or "", folded.tail, tuple(digests), tuple(words), item.edit_of or "")
        return Question(item, folded, asked)

    def known(self, question: Question, recalled: Recalled) -> tuple[str, Known]:
        """The digest that the headline is to be known by, and what is known of it."""
        digests = headline_digests(question.item, question.folded, recalled.times)
        said = dict(zip(question.asked.digests, recalled.said, strict=True))
        first = next((said[digest] for digest in digests if said[digest]), None)
        owner = said[digests[0]]
        alike = self._likest(question.item, recalled.reports) if first is None or question.item.edit_of else None
        told = self._first(question, recalled.first)
        return digests[0], Known(first, owner.root if owner else None, alike=alike, first=told)

    def _first(self, question: Question, wordings: Sequence[ItemRecord]) -> Alike | None:
        """The wording with the item's own headline, where it was told."""
        asked = set(question.asked.digests)
        return next((self._copy(question.item, one) for one in wordings if one.events and asked & _digests(one)), None)

    def _copy(self, item: Item, report: ItemRecord) -> Alike:
        shares = self._shares_text(item, report.item)
        return Alike(
            Likeness.COPY, "same headline", report.item, report.ruling.story, report.events, shares_text=shares
        )

    def _likest(self, item: Item, reports: Sequence[ItemRecord]) -> Alike | None:
        """The report that the item is likest; of several one that was told, as the others silence nothing, and that
        with most of its words."""
        others = (report for report in reports if report.item.id != item.id)
        found = [self._alike(item, one) for one in others if not item.edit_of or one.item.root == item.root]
        order = list(Likeness)
        return min(
            (one for one in found if one),
            key=lambda one: (
                order.index(one.likeness),
                one.item.late,
                not one.is_told,
                -self._shared(one.item, item),
            ),
            default=None,
        )

    def _shared(self, earlier: Item, item: Item) -> float:
        return self.comparer.measurer.alike(self._facts(earlier).head.words, self._facts(item).head.words)

    def _alike(self, item: Item, report: ItemRecord) -> Alike | None:
        verdict = self._verdict(item, report.item)
        if verdict.likeness is None:
            return None
        story, events = report.ruling.story, report.events
        return Alike(
            verdict.likeness,
            verdict.why,
            report.item,
            story,
            events,
            verdict.firm,
            verdict.denies,
            self._shares_text(item, report.item),
        )

    def _shares_text(self, item: Item, earlier: Item) -> bool:
        return self.comparer.measurer.is_of_one_text(self._facts(earlier), self._facts(item))

    def _verdict(self, item: Item, earlier: Item) -> Verdict:
        before, after = self._facts(earlier), self._facts(item)
        if item.edit_of:
            return self.comparer.reworded(before, after)
        return self.comparer.compare(before, after, item.published_at - earlier.published_at)

    def _facts(self, item: Item) -> Facts:
        return self.comparer.reader.read(take_apart(item.title).undressed(item, 0), item.summary)


def _digests(report: ItemRecord) -> set[str]:
    """What the headline of a report may be known by."""
    folded = take_apart(report.item.title)
    return {*headline_digests(report.item, folded), *headline_digests(report.item, folded, TAIL_LEARNED)}
