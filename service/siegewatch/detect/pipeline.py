"""The English classifier: gate, reading, encoder, judging."""

from collections.abc import Sequence
from threading import Lock

from siegewatch.detect.cleaning import clean_item
from siegewatch.detect.encoder import Encoder, Sight
from siegewatch.detect.events import EventBuilder
from siegewatch.detect.gate import Gate
from siegewatch.detect.judging import Judge
from siegewatch.detect.own_lexicon import misfits
from siegewatch.detect.reading import Reader
from siegewatch.detect.scoring import load_models, probability
from siegewatch.detect.topics import Topics
from siegewatch.domain.errors import SettingsError
from siegewatch.domain.event import Judgement
from siegewatch.domain.item import Item
from siegewatch.domain.lexicon import NOTHING_OWN, OwnLexicon


class EnglishClassifier:
    """Says which sieges and offensives English items report; every item is taken to be English. One caller at a time is
    served; others wait."""

    name = "siegewatch-en.v2"

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
        """Loads models and lists now, not with the first item. Raises OSError if no English model is installed."""
        with self._lock:
            self._loaded()

    def _loaded(self) -> "_Parts":
        if self._parts is None:
            self._parts = _Parts(self._own)
        return self._parts

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        """One judgement for each item, in order."""
        read = [clean_item(item) for item in items]
        with self._lock:
            judgements = self._loaded().classify([one.item for one in read], self.name)
        return [one.restored(judgement) for one, judgement in zip(read, judgements, strict=True)]


class _Parts:
    """What a loaded classifier holds."""

    def __init__(self, own: OwnLexicon) -> None:
        self._gate = Gate.load(own)
        self._reader = Reader.load(own)
        self._encoder = Encoder.load()
        builder = EventBuilder(self._reader.gazetteer, self._reader.actors, self._reader.roles)
        self._judge = Judge(Topics.load(own), load_models("frames.json"), load_models("judging.json"), builder)

    def classify(self, items: Sequence[Item], classifier: str) -> list[Judgement]:
        judgements: list[Judgement | None] = [None] * len(items)
        passed: list[int] = []
        hits: list[tuple[str, ...]] = []
        for i, item in enumerate(items):
            hit = self._gate.hit(item.title, item.summary)
            if hit:
                passed.append(i)
                hits.append(hit)
            else:
                judgements[i] = Judgement("en", steps=(_gate_step(hit),))
        cut = self._reader.cut([items[i] for i in passed])
        sights = self._encoder.see([(one.docs["title"], one.docs["summary"]) for one in cut])
        for i, hit, sight in zip(passed, hits, sights, strict=True):
            judgements[i] = Judgement("en", (), (_gate_step(hit), _faint_step(sight)))
        heard = [number for number, sight in enumerate(sights) if sight.is_of_war or self._gate.is_own(hits[number])]
        readings = self._reader.read([cut[number] for number in heard])
        for number, read in zip(heard, readings, strict=True):
            events, steps = self._judge.judge(read, sights[number], classifier)
            judgements[passed[number]] = Judgement("en", events, (_gate_step(hits[number]), *steps))
        return [judgement for judgement in judgements if judgement is not None]


def _faint_step(sight: Sight) -> str:
    surest = max(sight.kinds.values())
    return f"encoder: no event (surest {probability(surest):.3f})"


def _gate_step(hit: Sequence[str]) -> str:
    return f"gate: passed by {', '.join(map(repr, hit))}" if hit else "gate: no words of siege or offensive"
