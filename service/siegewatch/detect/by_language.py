"""Each item to the classifier of its language; an item in a language without one is marked and not judged."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from threading import Lock

from siegewatch.detect.cleaning import TITLE_CHARS, clean
from siegewatch.detect.detector import Classifier
from siegewatch.detect.gate import HEAD_CHARS
from siegewatch.detect.language import Languages
from siegewatch.domain.event import Judgement
from siegewatch.domain.item import Item


class ByLanguage:
    """A classifier made of others, by ISO 639-1 code; one may serve several languages."""

    name = "by-language"

    def __init__(self, classifiers: Mapping[str, Classifier]) -> None:
        self._classifiers = classifiers
        self._lock = Lock()
        self._languages: Languages | None = None

    def load(self) -> None:
        """Loads what languages are told by, and every classifier. Raises what these raise."""
        self._loaded()
        for classifier in {id(one): one for one in self._classifiers.values()}.values():
            classifier.load()

    def _loaded(self) -> Languages:
        with self._lock:
            if self._languages is None:
                self._languages = Languages.load()
            return self._languages

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        """One judgement for each item, in order."""
        languages = self._loaded()
        judgements = [_unread(languages.of(_text(item))) for item in items]
        for classifier, numbers in self._shares(judgements):
            judged = classifier.classify([items[number] for number in numbers])
            for number, judgement in zip(numbers, judged, strict=True):
                judgements[number] = judgement
        return judgements

    def _shares(self, marked: Sequence[Judgement]) -> list[tuple[Classifier, list[int]]]:
        """Each classifier and the numbers of the items in its languages."""
        shares = defaultdict[int, list[int]](list)
        for number, judgement in enumerate(marked):
            if classifier := self._classifiers.get(judgement.language):
                shares[id(classifier)].append(number)
        return [(self._classifiers[marked[numbers[0]].language], numbers) for numbers in shares.values()]


def _text(item: Item) -> str:
    return f"{clean(item.title, TITLE_CHARS).text} {clean(item.summary, HEAD_CHARS).text}"


def _unread(language: str) -> Judgement:
    return Judgement(language, steps=(f"language: {language}, for which no classifier is set",))
