"""The English classifier: gate, reading, scoring, events."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Lock

from siegewatch.detect.candidates import Candidate
from siegewatch.detect.events import EventBuilder, cross_filled
from siegewatch.detect.features import is_plain, item_features, kind_features
from siegewatch.detect.gate import HEAD_CHARS, Gate
from siegewatch.detect.language import Languages
from siegewatch.detect.own_lexicon import misfits
from siegewatch.detect.reading import Reader, ReadItem
from siegewatch.detect.scoring import Scorer
from siegewatch.detect.topics import Topics, foreign_topic
from siegewatch.domain.errors import SettingsError
from siegewatch.domain.event import Event, Judgement
from siegewatch.domain.item import Item
from siegewatch.domain.lexicon import NOTHING_OWN, OwnLexicon
from siegewatch.domain.taxonomy import Kind, Phase, Status

LEAST_CONFIDENCE = 0.3
"""Events below are not told at all; above, the reader of events cuts where they like."""

PLAIN_CONFIDENCE = 0.6
"""At least this for a headline that says it outright: nine in ten of those are events (train.jsonl)."""


class EnglishClassifier:
    """Says which sieges and offensives English items report. One caller at a time is served; others wait."""

    name = "siegewatch-en.v1"

    def __init__(self) -> None:
        self._lock = Lock()
        self._parts: _Parts | None = None
        self._own = NOTHING_OWN

    def extend(self, own: OwnLexicon) -> None:
        """Takes an operator's words, actors and places in, before anything is loaded. Raises SettingsError where they
        do not fit those that siegewatch has."""
        if faults := tuple(misfits(own)):
            raise SettingsError(faults)
        self._own = own

    def load(self) -> None:
        """Loads model and lists now, not with the first item. Raises OSError if no English model is installed."""
        with self._lock:
            self._loaded()

    def _loaded(self) -> "_Parts":
        if self._parts is None:
            self._parts = _Parts(self._own)
        return self._parts

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        """One judgement for each item, in order."""
        with self._lock:
            return self._loaded().classify(items, self.name)


class _Parts:
    """What a loaded classifier holds."""

    def __init__(self, own: OwnLexicon) -> None:
        self._gate = Gate.load(own)
        self._languages = Languages.load()
        self._reader = Reader.load(own)
        self._topics = Topics.load(own)
        self._scorer = Scorer.load()
        self._builder = EventBuilder(self._reader.gazetteer, self._reader.actors, self._reader.roles)

    def classify(self, items: Sequence[Item], classifier: str) -> list[Judgement]:
        judgements: list[Judgement | None] = [None] * len(items)
        passed: list[int] = []
        hits: list[tuple[str, ...]] = []
        for i, item in enumerate(items):
            hit = self._gate.hit(item.title, item.summary)
            language = self._languages.of(f"{item.title} {item.summary[:HEAD_CHARS]}")
            if hit and language == "en":
                passed.append(i)
                hits.append(hit)
            else:
                judgements[i] = Judgement(language, steps=(_gate_step(hit, language),))
        for i, hit, read in zip(passed, hits, self._reader.read([items[i] for i in passed]), strict=True):
            judgements[i] = self._judge(read, _gate_step(hit, "en"), classifier)
        return [judgement for judgement in judgements if judgement is not None]

    def _judge(self, read: ReadItem, gate_step: str, classifier: str) -> Judgement:
        steps = [gate_step, *map(_trigger_step, read.candidates)]
        whole = f"{read.title.text} . {read.summary.text}"
        if topic := foreign_topic(read.title.text, whole, read.scenes, self._topics):
            return Judgement("en", (), (*steps, f"topic: {topic}"))
        item = item_features(read.title.text, read.summary.text, read.scenes, self._topics, read.item.published_at)
        events = [event for kind in Kind for event in self._events(read, kind, item, steps, classifier)]
        return Judgement("en", tuple(sorted(cross_filled(events), key=lambda event: -event.confidence)), tuple(steps))

    def _events(self, read: ReadItem, kind: Kind, item: set[str], steps: list[str], classifier: str) -> Iterator[Event]:
        if not any(candidate.kind is kind for candidate in read.candidates):
            return
        features = item | kind_features(kind, read.candidates)
        scores = {status: self._scorer.models[kind, status].probability(features) for status in Status}
        own = [candidate for candidate in read.candidates if candidate.kind is kind]
        status, score = _status(scores, {candidate.status for candidate in _news(own)})
        if any(is_plain(candidate) and candidate.status is status for candidate in own):
            score = max(score, PLAIN_CONFIDENCE)
        reasons = ", ".join(self._scorer.models[kind, status].reasons(features))
        steps.append(f"score: {kind} {status} {score:.2f} ({reasons})")
        if score >= LEAST_CONFIDENCE:
            for event in self._builder.build(read, kind, status):
                yield replace(event, confidence=round(score, 3), classifier=classifier)


def _news(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """What the headline tells, where the lead adds only that it goes on, or how the siege to be broken began; else
    all."""
    headline = [c for c in candidates if c.scene.field == "title"]
    known = {Phase.ONGOING} | ({Phase.IMPOSED} if any(c.phase is Phase.BROKEN for c in headline) else set())
    lead = [c for c in candidates if c.scene.field != "title" and c.status is Status.ACTUAL]
    return headline if headline and all(c.phase in known for c in lead) else candidates


def _status(scores: Mapping[Status, float], told: Collection[Status]) -> tuple[Status, float]:
    """The likelier status and its score; if every trigger is told as a threat, so is the event, however likely."""
    status = max(scores, key=lambda status: scores[status])
    if told == {Status.THREATENED}:
        return Status.THREATENED, scores[status]
    return status, scores[status]


def _trigger_step(candidate: Candidate) -> str:
    c = candidate
    told = f"{c.reading.realis} {c.reading.cue}".strip()
    return f"trigger: {c.frame.name} “{c.words}” in {c.scene.field}: {c.kind} {c.phase}, {c.status} ({told})"


def _gate_step(hit: Sequence[str], language: str) -> str:
    if language != "en":
        return f"language: {language}, not English"
    return f"gate: passed by {', '.join(map(repr, hit))}" if hit else "gate: no words of siege or offensive"
