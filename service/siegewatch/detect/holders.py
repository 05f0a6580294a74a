"""Who holds the ground that is fought for, where the item says so beside it: "rebel-held town", "stronghold of X",
"base held by X". Whoever attacks that ground attacks them."""

from collections.abc import Iterator

from siegewatch.detect.candidate import Candidate
from siegewatch.detect.scene import ARMED, POSSESSIVE, STATE, Scene
from siegewatch.detect.words import WordClasses
from siegewatch.domain.taxonomy import Kind

_BARE = frozenset({"military", "air", "naval"})
"""A kind of site ("military airbase"), nobody's name."""
_REACH = 3
"""How many words may stand between "by" or "of" and who is named."""

_PAST = frozenset({"being", "been", "years", "months", "weeks", "days", "formerly", "previously"})

Bounds = tuple[int, int]


class HolderFinder:
    """Finds the holders that a scene names."""

    def __init__(self, classes: WordClasses) -> None:
        self._words = classes

    def find(self, candidate: Candidate) -> Iterator[Bounds]:
        """Tokens of each holder, in reading order."""
        scene = candidate.scene
        for i, word in enumerate(scene.words):
            if word in self._words.held:
                yield from self._held(scene, i)
            elif word == "besieged" and candidate.kind is Kind.OFFENSIVE:
                yield from self._behind(scene, i + 1, "by")
            elif word in self._words.strongholds:
                yield from self._of_stronghold(scene, i)
            elif word in ("control", "hands"):
                yield from self._rid_of(scene, i)

    def _held(self, scene: Scene, at: int) -> Iterator[Bounds]:
        """ "rebel-held", "rebel held town", "held by rebels"."""
        yield from self._behind(scene, at + 1, "by")
        if not at:
            return
        if scene.words[at - 1] == "-":
            yield from self._named_before(scene, at - 1)
        elif f"{scene.words[at - 1]}s" in self._words.armed and (ground := scene.phrase_at(at + 1)) and ground.ground:
            yield from self._named_before(scene, at)

    def _behind(self, scene: Scene, at: int, preposition: str) -> Iterator[Bounds]:
        if at < len(scene.words) and scene.words[at] == preposition:
            phrase = scene.phrase_from(at + 1, _REACH)
            if phrase and (phrase.strength == ARMED or (phrase.strength == STATE and not phrase.ground)):
                yield phrase.start, phrase.end

    def _of_stronghold(self, scene: Scene, at: int) -> Iterator[Bounds]:
        """ "Hamas stronghold", "separatists' last bastion", "stronghold of the rebels"."""
        yield from self._behind(scene, at + 1, "of")
        phrase = scene.phrase_at(at)
        if phrase is None:
            return
        if phrase.owned and (owner := scene.phrase_at(phrase.start - 2)) and owner.strength == ARMED:
            yield owner.start, owner.end
        elif phrase.start < at:
            yield from self._named_before(scene, at)

    def _rid_of(self, scene: Scene, at: int) -> Iterator[Bounds]:
        """ "after years under rebel control": not "falls under rebel control"."""
        for start, end in self._named_before(scene, at):
            before = scene.words[max(0, start - _REACH) : start]
            if before and (before[-1] == "from" or (before[-1] in ("under", "in") and not _PAST.isdisjoint(before))):
                yield start, end

    def _named_before(self, scene: Scene, end: int) -> Iterator[Bounds]:
        """The name that ends before a token: words that name who fights, and capitalised ones that say which."""
        start, armed = end, False
        while start and (word := scene.words[start - 1]) and self._names(scene, start - 1):
            armed = armed or word in self._words.armed or _is_name(scene, start - 1)
            start -= 1
        if start < end and scene.words[start] in ("-", *POSSESSIVE):
            start += 1
        if armed and not _BARE.issuperset(scene.words[start:end]):
            yield start, end

    def _names(self, scene: Scene, at: int) -> bool:
        if scene.words[at] == "-":
            return at > 0
        return scene.words[at] in self._words.armed or scene.words[at] in ("pro", "anti") or _is_name(scene, at)


def _is_name(scene: Scene, at: int) -> bool:
    return at > 0 and scene.tokens[at].text[0].isupper()
