"""Judging: whether an item that was read holds an event of each kind, how surely, and why.

Frames and encoder are weighed against each other by logistic models over a few numbers, fitted on items that neither
the encoder nor the frames' own model had learnt from (training/train_scorer.py), so that a confidence can be read as a
probability.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from siegewatch.detect.candidate import Candidate
from siegewatch.detect.encoder import Sight
from siegewatch.detect.events import EventBuilder, cross_filled
from siegewatch.detect.features import is_plain, item_features, kind_features
from siegewatch.detect.reading import ReadItem
from siegewatch.detect.scoring import Logistic, probability
from siegewatch.detect.steps import role_step
from siegewatch.detect.topics import NO_WORD_OF_WAR, Topics, foreign_topic
from siegewatch.domain.event import Event
from siegewatch.domain.taxonomy import Kind, Phase, Status

OWN_CONFIDENCE = 0.6
"""At least this for a headline that says it outright in an operator's words: no model has learnt from those."""
LEAST_CONFIDENCE = 0.3
"""Events below are not told at all; above, the reader of events cuts where they like."""

_MODALS = frozenset({"could", "may", "might", "would"})
"""Cues of what is only thought possible."""
_DENIES = re.compile(
    r"^(?!.*\b(?:claim|alleg))(?=.*\b(?:deny|denies)\b(?! (?:access|entry|permission|reports?)\b))", re.IGNORECASE
)
"""A denial of what happened; not of a claim, which stands as one beside it, nor of access."""
_TELLING = 0.45
"""A frame believed so far is a word of war itself, where it is of a named place."""
_FAR = 6.0
"""Log-odds beyond which nothing more is learnt."""

Models = Mapping[tuple[Kind, Status], Logistic]


@dataclass(frozen=True, slots=True)
class Verdict:
    """That an item holds an event of a kind, as fact or threat, and how surely: 0 to 1."""

    kind: Kind
    status: Status
    confidence: float


@dataclass(frozen=True, slots=True)
class Judge:
    """Weighs frames and encoder. `frames`: what the frames' features say; `weigher`: what both say together."""

    topics: Topics
    frames: Models
    weigher: Models
    builder: EventBuilder

    def judge(self, read: ReadItem, sight: Sight, classifier: str) -> tuple[Event, ...]:
        """The events of an item, the surest first."""
        if topic_of(read, self.topics):
            return ()
        verdicts, _ = self.weigh(read, sight)
        return self.told(read, sight, verdicts, classifier)[0]

    def weigh(self, read: ReadItem, sight: Sight) -> tuple[list[Verdict], list[str]]:
        """What is likely enough to be told, and a line for each kind that anything speaks for."""
        verdicts, steps = [], []
        for kind in Kind:
            if _is_denied(read, kind):
                steps.append(f"denied: no {kind}")
                continue
            status, score, reasons = self._weighed(read, sight, kind)
            if score >= LEAST_CONFIDENCE or any(candidate.kind is kind for candidate in read.candidates):
                steps.append(f"score: {kind} {status} {score:.2f} ({', '.join(reasons)})")
            if score >= LEAST_CONFIDENCE:
                verdicts.append(Verdict(kind, status, round(score, 3)))
        return verdicts, steps

    def told(
        self, read: ReadItem, sight: Sight, verdicts: Sequence[Verdict], classifier: str
    ) -> tuple[tuple[Event, ...], list[str]]:
        """The events of the verdicts, the surest first, and a line on the sides of each."""
        events = [
            replace(event, confidence=verdict.confidence, classifier=classifier)
            for verdict in verdicts
            for event in self.builder.build(read, sight, verdict.kind, verdict.status)
        ]
        events = sorted(cross_filled(events), key=lambda event: -event.confidence)
        return tuple(events), [role_step(event, read.candidates) for event in events]

    def evidence(self, read: ReadItem, sight: Sight, kind: Kind) -> Iterator[tuple[Status, dict[str, float]]]:
        """What is weighed for each status."""
        own = [candidate for candidate in read.candidates if candidate.kind is kind]
        features = dict.fromkeys(features_of(read, kind, self.topics), 1.0) if own else {}
        for status in Status:
            frames = self.frames[kind, status].log_odds(features) if own else None
            yield status, evidence_for(status, kind, sight, frames, own)

    def _weighed(self, read: ReadItem, sight: Sight, kind: Kind) -> tuple[Status, float, list[str]]:
        """The status of the events of a kind, how surely there are any, and what weighed most."""
        evidence = dict(self.evidence(read, sight, kind))
        scores = {status: probability(self.weigher[kind, status].log_odds(found)) for status, found in evidence.items()}
        own = [candidate for candidate in read.candidates if candidate.kind is kind]
        likeliest = max(scores, key=lambda status: scores[status])
        news = _news(own)
        # If every trigger is told as a threat, so is the event, however likely; unless it is only what could be.
        status = Status.THREATENED if {c.status for c in news} == {Status.THREATENED} else likeliest
        asked = status if all(c.reading.cue in _MODALS for c in news) else likeliest
        scores[status] = scores[asked]
        reasons = self.weigher[kind, asked].reasons(evidence[asked])
        if status is not asked:
            reasons.append("told as a threat")
        if scores[status] < OWN_CONFIDENCE and any(c.frame.own and c.status is status and is_plain(c) for c in own):
            reasons.append(f"said outright in words of your own: at least {OWN_CONFIDENCE}")
            scores[status] = OWN_CONFIDENCE
        return status, scores[status], reasons


def topic_of(read: ReadItem, topics: Topics) -> str | None:
    """The other world that an item belongs to (sport, business, history …), None if it may be of a war."""
    whole = f"{read.title.text} . {read.summary.text}"
    topic = foreign_topic(read.title.text, whole, read.scenes, topics)
    return None if topic == NO_WORD_OF_WAR and any(map(_tells_of_war, read.candidates)) else topic


def _tells_of_war(candidate: Candidate) -> bool:
    """Whether a headline tells of a fight for a named place without a word that only wars have: "Fall of X"."""
    c = candidate
    named = c.ground is not None and c.ground.place is not None
    sided = c.attacker is not None or c.defender is not None
    fought = sided or (c.shape != "active" and c.frame.name not in ("besiege", "besieged"))
    return c.scene.field == "title" and named and fought and c.frame.weight >= _TELLING and c.shape != "odd-subject"


def features_of(read: ReadItem, kind: Kind, topics: Topics) -> set[str]:
    """What the frames' model is told of an item."""
    common = item_features(read.title.text, read.summary.text, read.scenes, topics, read.item.published_at)
    return common | kind_features(kind, read.candidates)


def _is_denied(read: ReadItem, kind: Kind) -> bool:
    """Whether the headline denies something, and no frame tells that anything of the kind is so all the same: the
    encoder hears the words, not the no."""
    return _DENIES.search(read.title.text) is not None and not any(c.kind is kind for c in read.candidates)


def _news(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """What the headline tells, where the lead adds only that it goes on, or how the siege to be broken began; else
    all."""
    headline = [c for c in candidates if c.scene.field == "title"]
    known = {Phase.ONGOING} | ({Phase.IMPOSED} if any(c.phase is Phase.BROKEN for c in headline) else set())
    lead = [c for c in candidates if c.scene.field != "title" and c.status is Status.ACTUAL]
    return headline if headline and all(c.phase in known for c in lead) else candidates


def evidence_for(
    status: Status, kind: Kind, sight: Sight, frames: float | None, own: Sequence[Candidate]
) -> dict[str, float]:
    """What speaks for and against, by name. `frames`: log-odds by the frames' own model, None if no frame of the kind
    holds."""
    other = Status.THREATENED if status is Status.ACTUAL else Status.ACTUAL
    return {
        "encoder": _clipped(sight.kinds[kind, status]),
        "encoder, other status": _clipped(sight.kinds[kind, other]),
        "frames": _clipped(frames) if frames is not None else 0.0,
        "no frame": float(frames is None),
        "said outright": float(any(is_plain(c) and c.status is status for c in own)),
    }


def _clipped(value: float) -> float:
    return max(-_FAR, min(_FAR, value))
