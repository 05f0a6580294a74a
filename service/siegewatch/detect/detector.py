"""The detect phase at work: batches of items become decisions, each stored in one step."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol, runtime_checkable

import structlog

from siegewatch.detect.corrections import takes_back
from siegewatch.detect.echoes import heard_again
from siegewatch.detect.finding import Finder
from siegewatch.detect.likeness import Comparer
from siegewatch.detect.placing import told_vaguer
from siegewatch.detect.ruling import Case, confident, is_plain, rule
from siegewatch.detect.stories import story_key
from siegewatch.domain.errors import StoreConflict, StoreError
from siegewatch.domain.event import Judgement
from siegewatch.domain.item import Item
from siegewatch.domain.lexicon import OwnLexicon
from siegewatch.domain.story import Alike, Decision, Known
from siegewatch.domain.taxonomy import Outcome
from siegewatch.store.archive import NOTHING_KEPT, Keeper
from siegewatch.store.items import ItemStore, queued_item
from siegewatch.store.recall import recall
from siegewatch.store.stories import Stored, StoryStore
from siegewatch.store.streams import RECLAIM_AFTER_SECONDS, Handed, is_poison

log = structlog.get_logger()

ROUNDS = 200
"""How often a batch is decided anew: each round stores one of its items on each story; other workers come between."""

RAREST = 4
"""Items of one batch that share one of so many rarest words, and another word, may be alike: the later waits."""

BATCH = 64
"""Items that spaCy reads at once: where its speed levels off, and a second's work at the most."""


class Classifier(Protocol):
    """What the entry-point group `siegewatch.classifiers` offers: made without arguments, cheap to make."""

    name: str

    def load(self) -> None:
        """Loads its models, if it has not yet."""

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        """One judgement an item, in order."""


@runtime_checkable
class Extensible(Protocol):
    """A classifier that takes in what operators add to its lists."""

    def extend(self, own: OwnLexicon) -> None:
        """Before `load`. Raises SettingsError, each fault with its line, where something does not fit its lists."""


@dataclass(frozen=True, slots=True)
class Detected:
    """What one batch came to: how many items were handed out, and what was decided of those still undecided."""

    handed: int = 0
    decisions: tuple[Decision, ...] = ()

    @property
    def outcomes(self) -> Counter[Outcome]:
        """How many items came to each outcome."""
        return Counter(decision.ruling.outcome for decision in self.decisions)


def in_turn(decided: Iterable[tuple[str, Decision]]) -> list[tuple[str, Decision]]:
    """The decisions that may be stored together: each but those that touch what an earlier one touches, which must
    be decided anew once that is stored."""
    touched: set[str] = set()
    rarest: defaultdict[str, list[Sequence[str]]] = defaultdict(list)
    first = []
    for entry, decision in decided:
        touches = {decision.headline, decision.item.root, *(story.key for story in decision.stories)}
        near = (words for word in decision.words[:RAREST] for words in rarest[word])
        if not touches & touched and not any(len(set(words).intersection(decision.words)) > 1 for words in near):
            first.append((entry, decision))
        touched |= touches
        for word in decision.words[:RAREST]:
            rarest[word].append(decision.words)
    return first


@dataclass(frozen=True)
class Detector:
    """Reads the queue of items and stores what each leads to."""

    items: ItemStore
    stories: StoryStore
    classifier: Classifier
    min_confidence: float
    remember: timedelta
    consumer: str
    archive: Keeper = NOTHING_KEPT
    corroborated_by: int = 0
    finder: Finder = field(default_factory=lambda: Finder(Comparer()))

    def step(self, block_seconds: float = 0) -> Detected:
        """Decides one batch of new items, waiting for the first up to `block_seconds`."""
        return self.decide(self.read(block_seconds))

    def read(self, block_seconds: float) -> Sequence[Handed]:
        """The next batch, to be decided by this detector or by one that takes its place meanwhile."""
        return self.items.queue.read(self.consumer, count=BATCH, block_seconds=block_seconds)

    def take_over(self, idle_seconds: float = RECLAIM_AFTER_SECONDS) -> Detected:
        """Decides items that a worker left behind. They are taken one at a time, so that one that brings the process
        down costs no other a delivery."""
        handed = 0
        decisions: list[Decision] = []
        for one in self.items.queue.left_behind(self.consumer, most=BATCH, idle_seconds=idle_seconds):
            handed += 1
            if is_poison(one):
                self.items.queue.bury(one, f"handed out {one.deliveries} times, never decided")
                log.error("item_buried", entry=one.entry, deliveries=one.deliveries)
            else:
                decisions += self._try(one).decisions
        return Detected(handed, tuple(decisions))

    def _try(self, handed: Handed) -> Detected:
        try:
            return self.decide([handed])
        except StoreConflict as error:
            log.warning("item_not_decided", entry=handed.entry, deliveries=handed.deliveries, reason=str(error))
        except StoreError:
            raise
        except Exception:
            # Whatever is wrong with it, it must not keep those behind it waiting: it is buried when its turns are over.
            log.exception("item_not_decided", entry=handed.entry, deliveries=handed.deliveries)
        return Detected()

    def decide(self, handed: Sequence[Handed]) -> Detected:
        """Decides what was handed out, and stores what each item leads to."""
        waiting = {one.entry: queued_item(one) for one in handed}
        judged: dict[str, Judgement] = {}
        done: list[Decision] = []
        kept = False
        for _ in range(ROUNDS):
            if not waiting:
                return Detected(len(handed), tuple(done))
            decided = self._rule(list(waiting.values()), judged)
            if not kept:
                # Before it is stored: whatever dies when, an item that led to something is in the archive.
                self.archive.keep(list(waiting.values()))
                kept = True
            pairs = in_turn(zip(waiting, decided, strict=True))
            for (entry, decision), stored in zip(pairs, self.stories.decide(pairs), strict=True):
                if stored is not Stored.CONFLICT:
                    del waiting[entry]
                if stored is Stored.DONE:
                    done.append(decision)
        raise StoreConflict(f"{len(waiting)} items were changed by others {ROUNDS} times over")

    def _rule(self, items: Sequence[Item], judged: dict[str, Judgement]) -> list[Decision]:
        cases, known = self._look_up(items)
        unread = [
            case.item
            for case, memory in zip(cases, known, strict=True)
            if case.item.id not in judged and not is_plain(case, memory, self.remember)
        ]
        if unread:
            judged.update(zip((item.id for item in unread), self.classifier.classify(unread), strict=True))
        return [
            self._rule_one(case, memory, judged.get(case.item.id)) for case, memory in zip(cases, known, strict=True)
        ]

    def _look_up(self, items: Sequence[Item]) -> tuple[list[Case], list[Known]]:
        """What each headline folds to, who said it first, and which report each item is like."""
        questions = [self.finder.question(item) for item in items]
        recalled = recall(self.stories.store, [one.asked for one in questions])
        found = [self.finder.known(one, answer) for one, answer in zip(questions, recalled, strict=True)]
        cases = [
            Case(one.item, headline, one.folded.tail, one.asked.words)
            for one, (headline, _) in zip(questions, found, strict=True)
        ]
        return cases, [known for _, known in found]

    def _rule_one(self, case: Case, known: Known, judgement: Judgement | None) -> Decision:
        again = heard_again(case.item, known)
        if judgement is None or is_plain(case, known, self.remember):
            return rule(case, self._with_story_of(again, known), self.remember, self.corroborated_by)
        case = replace(case, judgement=judgement, events=confident(judgement.events, self.min_confidence))
        if case.events:
            keys = {story_key(event, case.item) for event in case.events}
            facts = self.stories.facts(case.item.root) if case.item.edit_of else frozenset()
            known = replace(known, facts=facts, stories=self.stories.at(keys))
        said = takes_back(case.item, known) or (told_vaguer(case.item, known) if case.events else None) or again
        known = self._with_story_of(said, known)
        return rule(case, known, self.remember, self.corroborated_by)

    def _with_story_of(self, said: Alike | None, known: Known) -> Known:
        """What is known, and the running story of an earlier report, with that which it was merged into."""
        if said is None or said.story is None:
            return known
        found = self.stories.running(said.story)
        merged = [story.merged_into for story in found.values() if story and story.merged_into]
        others = self.stories.running(merged[0]) if merged else {}
        return replace(known, stories={**known.stories, **found, **others})
