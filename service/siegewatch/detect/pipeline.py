"""The English classifier: the spaCy pipeline `siegewatch-en`, from gate to events."""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from spacy.lang.en import English
from spacy.language import Language
from spacy.tokens import Doc

from siegewatch.detect import components
from siegewatch.detect.cleaning import clean_item
from siegewatch.detect.components import EXTENSION, Case, Component, Parts, Work
from siegewatch.detect.encoder import Encoder
from siegewatch.detect.events import EventBuilder
from siegewatch.detect.gate import Gate
from siegewatch.detect.glance import Glance
from siegewatch.detect.judging import Judge
from siegewatch.detect.own_lexicon import misfits
from siegewatch.detect.reading import Reader
from siegewatch.detect.scoring import load_models
from siegewatch.detect.topics import Topics
from siegewatch.domain.errors import SettingsError
from siegewatch.domain.event import Judgement
from siegewatch.domain.item import Item
from siegewatch.domain.lexicon import NOTHING_OWN, OwnLexicon

VERSION = 2
STAGES: Mapping[str, Work] = {
    "gate": components.pass_gate,
    "glance": components.glance,
    "tokens": components.cut_tokens,
    "encoder": components.encode,
    "parse": components.parse,
    "frames": components.find_frames,
    "confidence": components.weigh,
    "events": components.tell_events,
}
"""The components by name, in their order."""


class SiegewatchEn(English):  # type: ignore[no-untyped-call]
    """The pipeline: `pipe_names` lists its components, each made by the factory `siegewatch_NAME_vN`."""

    def __init__(self, own: OwnLexicon = NOTHING_OWN) -> None:
        """Loads models and lists, with what the operator adds. Raises OSError if no English model is installed."""
        super().__init__(meta={"name": "siegewatch", "version": f"{VERSION}.0.0"})
        reader = Reader.load(own)
        builder = EventBuilder(reader.gazetteer, reader.actors, reader.roles)
        judge = Judge(Topics.load(own), load_models("frames.json"), load_models("judging.json"), builder)
        encoder = Encoder.load()
        glance = Glance.load(encoder.cutter)
        self.parts = Parts(Gate.load(own), glance, reader, encoder, judge, EnglishClassifier.name)
        for name in STAGES:
            self.add_pipe(_factory(name), name=name)

    def judge(self, items: Sequence[Item]) -> list[Judgement]:
        """One judgement for each item, cleaned before, in order."""
        return [_judgement(doc._.get(EXTENSION)) for doc in self.pipe([self._document(item) for item in items])]

    def _document(self, item: Item) -> Doc:
        doc = Doc(self.vocab)
        doc._.set(EXTENSION, Case(item))
        return doc


def _judgement(case: Case) -> Judgement:
    return Judgement("en", case.events, tuple(case.steps))


def _factory(name: str) -> str:
    return f"siegewatch_{name}_v{VERSION}"


def _maker(work: Work) -> Callable[[SiegewatchEn, str], Component]:
    def make(nlp: SiegewatchEn, name: str) -> Component:  # noqa: ARG001 - what spaCy calls it with
        return Component(nlp.parts, work)

    return make


Doc.set_extension(EXTENSION, default=None, force=True)
for _name, _work in STAGES.items():
    Language.factory(_factory(_name), func=_maker(_work))


class EnglishClassifier:
    """Says which sieges and offensives English items report; every item is taken to be English. One caller at a time is
    served; others wait."""

    name = f"siegewatch-en.v{VERSION}"

    def __init__(self) -> None:
        self._lock = Lock()
        self._pipeline: SiegewatchEn | None = None
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

    def _loaded(self) -> SiegewatchEn:
        if self._pipeline is None:
            self._pipeline = SiegewatchEn(self._own)
        return self._pipeline

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        """One judgement for each item, in order."""
        read = [clean_item(item) for item in items]
        with self._lock:
            judgements = self._loaded().judge([one.item for one in read])
        return [one.restored(judgement) for one, judgement in zip(read, judgements, strict=True)]
