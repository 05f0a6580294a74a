"""The stages of the English pipeline as spaCy components: each works on those items only which the ones before it left
open, and notes what it decided.

What goes through the pipeline is one empty document an item, which carries a `Case`. The texts themselves become
documents in `tokens`, title and summary apart: nothing before it needs them, and most items never get there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from spacy.tokens import Doc
from spacy.util import minibatch

from siegewatch.detect.encoder import Encoder, Sight
from siegewatch.detect.gate import Gate
from siegewatch.detect.glance import Glance
from siegewatch.detect.judging import Judge, Verdict, topic_of
from siegewatch.detect.reading import CutItem, Reader, ReadItem
from siegewatch.detect.scoring import probability
from siegewatch.detect.steps import trigger_step
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item

EXTENSION = "siegewatch"
"""Where a document carries its case: `doc._.siegewatch`."""
_BATCH = 64
Found = TypeVar("Found")


@dataclass(slots=True)
class Case:
    """An item on its way: what each stage found, `steps` why, and whether it is still `open` to the stages to come."""

    item: Item
    open: bool = True
    hit: tuple[str, ...] = ()
    cut: CutItem | None = None
    sight: Sight | None = None
    read: ReadItem | None = None
    verdicts: Sequence[Verdict] = ()
    events: tuple[Event, ...] = ()
    steps: list[str] = field(default_factory=list)

    def close(self, step: str) -> None:
        """Decided: it holds no event, for this reason."""
        self.open = False
        self.steps.append(step)


@dataclass(frozen=True)
class Parts:
    """What the stages work with. `classifier` is the name that events bear."""

    gate: Gate
    glance: Glance
    reader: Reader
    encoder: Encoder
    judge: Judge
    classifier: str


Work = Callable[[Parts, Sequence[Case]], None]


@dataclass(frozen=True)
class Component:
    """One stage, as spaCy calls it."""

    parts: Parts
    work: Work

    def __call__(self, doc: Doc) -> Doc:
        """One document."""
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Doc], *, batch_size: int = _BATCH) -> Iterator[Doc]:
        """All documents, in order."""
        for batch in minibatch(docs, batch_size):  # type: ignore[no-untyped-call]
            cases = [case for doc in batch if (case := _case(doc)).open]
            if cases:
                self.work(self.parts, cases)
            yield from batch


def _case(doc: Doc) -> Case:
    case: Case | None = doc._.get(EXTENSION)
    if case is None:
        raise ValueError("this pipeline reads items, not texts: give them to SiegewatchEn.judge")
    return case


def pass_gate(parts: Parts, cases: Sequence[Case]) -> None:
    """Closes what has no words of siege or offensive."""
    for case in cases:
        case.hit = parts.gate.hit(case.item.title, case.item.summary)
        if case.hit:
            case.steps.append(f"gate: passed by {', '.join(map(repr, case.hit))}")
        else:
            case.close("gate: no words of siege or offensive")


def glance(parts: Parts, cases: Sequence[Case]) -> None:
    """Closes that of which a small network is sure that it holds nothing, unless an operator's own words let it
    pass."""
    for case in cases:
        surplus = parts.glance.surplus(case.item.title, case.item.summary)
        if surplus < 0 and not parts.gate.is_own(case.hit):
            case.close(f"glance: no event ({-surplus:.1f} below the least that is read further)")


def cut_tokens(parts: Parts, cases: Sequence[Case]) -> None:
    """Prepares headline and lead, and cuts them into tokens."""
    for case, cut in zip(cases, parts.reader.cut([case.item for case in cases]), strict=True):
        case.cut = cut


def encode(parts: Parts, cases: Sequence[Case]) -> None:
    """Closes that in which the trained reader sees nothing at all, unless an operator's own words let it pass."""
    cut = [_made(case.cut, "tokens").docs for case in cases]
    for case, sight in zip(cases, parts.encoder.see([(docs["title"], docs["summary"]) for docs in cut]), strict=True):
        case.sight = sight
        if not sight.is_of_war and not parts.gate.is_own(case.hit):
            case.close(f"encoder: no event (surest {probability(max(sight.kinds.values())):.3f})")


def parse(parts: Parts, cases: Sequence[Case]) -> None:
    """Tags, parses and names entities, by the language model."""
    cut = [_made(case.cut, "tokens") for case in cases]
    for case, parsed in zip(cases, parts.reader.parse(cut), strict=True):
        case.cut = parsed


def find_frames(parts: Parts, cases: Sequence[Case]) -> None:
    """Triggers, each with how it is told (realis) and who does what to whom (roles), which hang on each other: a verb
    sets its noun's phase, and what it does it to says whether it tells of a fight."""
    for case in cases:
        case.read = parts.reader.lay_out(_made(case.cut, "parse"))
        case.steps += map(trigger_step, case.read.candidates)


def weigh(parts: Parts, cases: Sequence[Case]) -> None:
    """How surely there is an event of each kind; closes what is of another world than war."""
    for case in cases:
        read, sight = _made(case.read, "frames"), _made(case.sight, "encoder")
        if topic := topic_of(read, parts.judge.topics):
            case.close(f"topic: {topic}")
            continue
        case.verdicts, steps = parts.judge.weigh(read, sight)
        case.steps += steps


def tell_events(parts: Parts, cases: Sequence[Case]) -> None:
    """The events: phase, place and sides of what was found likely enough."""
    for case in cases:
        read, sight = _made(case.read, "frames"), _made(case.sight, "encoder")
        case.events, steps = parts.judge.told(read, sight, case.verdicts, parts.classifier)
        case.steps += steps


def _made(found: Found | None, stage: str) -> Found:
    if found is None:
        raise ValueError(f"the component {stage} is missing from the pipeline, or stands behind one that needs it")
    return found
