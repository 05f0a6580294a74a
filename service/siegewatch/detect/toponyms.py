"""Finding place names in text: the longest names of the index, with sides and sites, where the text supports them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from siegewatch.detect.gazetteer import Strength
from siegewatch.detect.lexicon_files import load_lexicon
from siegewatch.detect.names import Casing, Word, casing_of, key_of, without_article, words_of
from siegewatch.detect.own_places import Places
from siegewatch.domain.taxonomy import Precision

_LONGEST = 6
"""Words in the longest name worth trying."""


@dataclass(frozen=True, slots=True)
class Toponym:
    """A place name as worded: code points `start` to `end` of the text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """Words that go with place names, as `lexicon/place_words.yaml` explains them."""

    sides: frozenset[str]
    regions: frozenset[str]
    sites: frozenset[str]
    between: frozenset[str]
    towns: frozenset[str]
    fates: frozenset[str]
    cues: frozenset[str]
    not_places: frozenset[str]

    @classmethod
    def load(cls) -> "PlaceWords":
        rows = load_lexicon("place_words.yaml")
        return cls(**{field.name: frozenset(rows[field.name].split()) for field in fields(cls)})

    @property
    def heads(self) -> frozenset[str]:
        """Kinds of region and site."""
        return self.regions | self.sites

    def plain_forms(self, words: Sequence[Word]) -> Iterator[tuple[str, Precision | None]]:
        """The keys under which a worded place may be known, exact first, each with what precision the rest implies.

        "northern Gaza Strip", then "Gaza Strip", a region; "Aleppo International Airport", then "Aleppo", a site.
        """
        folded = [word.folded for word in words]
        precision: Precision | None = None
        yield from _with_article(folded, None)
        while len(folded) > 1 and folded[-1] in self.heads | self.between | self.towns | self.sides:
            precision = self._implied(folded.pop(), precision)
            yield from _with_article(folded, precision)
        while len(folded) > 1 and (folded[0] in self.sides or folded[0] in ("the", "of")):
            side = folded.pop(0) in self.sides
            precision = precision or (Precision.REGION if side else None)
            yield from _with_article(folded, precision)

    def _implied(self, head: str, precision: Precision | None) -> Precision | None:
        if head in self.sites:
            return Precision.SITE
        return precision or (Precision.REGION if head in self.regions | self.sides else None)


def _with_article(folded: list[str], precision: Precision | None) -> Iterator[tuple[str, Precision | None]]:
    key = key_of(folded)
    yield key, precision
    if without_article(key) != key:
        yield without_article(key), precision


@dataclass(frozen=True, slots=True)
class _Span:
    """Words `first` to `last` of a text."""

    first: int
    last: int


class Spotter:
    """Finds the place names of a text."""

    def __init__(self, index: Places, lexicon: PlaceWords) -> None:
        self._index = index
        self._lexicon = lexicon
        self._signs = lexicon.heads | lexicon.between | lexicon.towns

    def find(self, text: str) -> list[Toponym]:
        """The place names in order, not overlapping."""
        words = words_of(text)
        casing = casing_of(words)
        spans: list[_Span] = []
        at = 0
        while at < len(words):
            span = self._span_at(words, at, casing)
            if span and spans and self._within(words, spans[-1], span):
                spans[-1] = _Span(spans[-1].first, span.last)
            elif span:
                spans.append(span)
            at = max(at, span.last if span else at) + 1
        return [_toponym(text, words, span) for span in spans]

    def _span_at(self, words: Sequence[Word], at: int, casing: Casing) -> _Span | None:
        size = self._known(words, at, casing)
        if size:
            return self._extended(words, at, at + size - 1 + self._rest(words, at, size, casing))
        size = self._unknown(words, at) if casing is Casing.SENTENCE else 0
        return self._extended(words, at, at + size - 1) if size else None

    def _within(self, words: Sequence[Word], inner: _Span, outer: _Span) -> bool:
        """Whether "X, Y" names an X in Y that is not the X that comes to mind: "Lebanon, Pennsylvania"."""
        if outer.first != inner.last + 1 or words[outer.first].gap != ", ":
            return False
        keys = [key_of([word.folded for word in words[span.first : span.last + 1]]) for span in (inner, outer)]
        first = self._index.rows(keys[0])[:1]
        within = self._index.rows_within(*keys)
        return bool(first and within) and first[0].country != within[0].country

    def _known(self, words: Sequence[Word], at: int, casing: Casing) -> int:
        """How many words from `at` on are a name of the index that the text lets be a place; 0 if none."""
        if not _may_begin(words, at, casing):
            return 0
        for size in range(_joined(words, at), 0, -1):
            if (
                not words[at + size - 1].capital
                and casing is Casing.SENTENCE
                and not self._is_head(words, at + size - 1)
            ):
                continue
            key = key_of([word.folded for word in words[at : at + size]])
            strength = self._index.strength(key)
            if strength is None and size > 1:
                strength = self._index.strength(without_article(key))
            if strength is not None and self._supported(words, at, size, strength, casing):
                return size
        return 0

    def _rest(self, words: Sequence[Word], at: int, size: int, casing: Casing) -> int:
        """1 if a small place's name is but the first half of another's that no list has: "Mala Ivanivka"."""
        after = words[at + size] if at + size < len(words) else None
        if (
            casing is not Casing.SENTENCE
            or after is None
            or not after.capital
            or after.gap != " "
            or after.folded in self._signs
        ):
            return 0
        return int(self._index.strength(key_of([word.folded for word in words[at : at + size]])) is Strength.PLAIN)

    def _is_head(self, words: Sequence[Word], at: int) -> bool:
        return words[at].folded in self._signs

    def _unknown(self, words: Sequence[Word], at: int) -> int:
        """How many words with a capital are plainly a place, in a list or not: "village of Hroza", "Nirkh District"."""
        size = 0
        while (
            size < 3 and at + size < len(words) and words[at + size].capital and (not size or _near(words[at + size]))
        ):
            if (
                self._index.strength(words[at + size].folded) is Strength.ADJECTIVE
                or words[at + size].folded in self._signs
            ):
                break
            size += 1
        if not size or len(words[at].text) < 3:
            return 0
        named_so = (
            at > 1
            and words[at - 1].folded == "of"
            and words[at - 2].folded in self._lexicon.towns | self._lexicon.regions
        )
        after = words[at + size] if at + size < len(words) else None
        kind = (
            after is not None
            and after.gap == " "
            and (after.folded in ("district", "village", "airbase") or after.capital)
        )
        return size if named_so or (at > 0 and kind and after is not None and after.folded in self._signs) else 0

    def _supported(self, words: Sequence[Word], at: int, size: int, strength: Strength, casing: Casing) -> bool:
        """Whether the text lets the words be a place, by how sure the name itself is."""
        before = words[at - 1] if at else None
        after = words[at + size] if at + size < len(words) else None
        if after and after.gap in (" ", "-") and after.folded in self._lexicon.not_places:
            return False
        if strength is Strength.ADJECTIVE:
            return (
                after is not None
                and after.gap == " "
                and after.folded in ("port", "ports", "coast", "waters", "border")
            )
        if strength is Strength.STRONG:
            return True
        if casing is Casing.LOWER or (strength is Strength.WEAK and casing is not Casing.SENTENCE):
            return False
        if self._after_kind(words, at):
            return True
        if strength is Strength.WEAK:
            return False
        cue = before is not None and before.folded in self._lexicon.cues
        return cue or (casing is Casing.SENTENCE and not self._part_of_longer_name(before, words[at], after))

    def _after_kind(self, words: Sequence[Word], at: int) -> bool:
        """After "the town of", "the siege of"."""
        kinds = self._lexicon.towns | self._lexicon.regions | self._lexicon.fates
        return at > 1 and words[at - 1].folded == "of" and words[at - 2].folded in kinds

    def _part_of_longer_name(self, before: Word | None, word: Word, after: Word | None) -> bool:
        """Whether a neighbour with a capital makes it a person's or an organisation's name."""
        if before is not None and before.capital and word.gap == " " and before.folded not in self._lexicon.sides:
            return True
        return after is not None and after.capital and after.gap == " " and after.folded not in self._signs

    def _extended(self, words: Sequence[Word], first: int, last: int) -> _Span:
        """The name with the side before it ("northern") and the site or kind after it ("International Airport")."""
        lexicon = self._lexicon
        while first and words[first - 1].folded in lexicon.sides and _near(words[first]):
            first -= 1
        end = last
        for at in range(last + 1, min(last + 5, len(words))):
            word = words[at]
            if not _near(word) or word.folded not in lexicon.between | lexicon.heads | lexicon.sides:
                break
            if word.folded in lexicon.heads or (word.folded in lexicon.sides and self._is_side(words, at)):
                end = at
        return _Span(first, end)

    def _is_side(self, words: Sequence[Word], at: int) -> bool:
        """ "Ukraine's East", but not the "South" of "Congo's South Kivu"."""
        after = words[at + 1] if at + 1 < len(words) else None
        joined = after is not None and words[at].capital and after.capital and after.gap == " "
        return words[at - 1].possessive and not joined


def _toponym(text: str, words: Sequence[Word], span: _Span) -> Toponym:
    start, end = words[span.first].start, words[span.last].end
    return Toponym(start, end, text[start:end])


def _near(word: Word) -> bool:
    """Whether nothing but a blank, a hyphen or a possessive ending parts a word from the one before."""
    return word.gap in (" ", "-") or (word.gap[:1] in "'’" and word.gap[1:] in ("s ", "S ", " "))


def _may_begin(words: Sequence[Word], at: int, casing: Casing) -> bool:
    word = words[at]
    if casing is Casing.LOWER or word.capital:
        return True
    following = words[at + 1] if at + 1 < len(words) else None
    return key_of([word.folded, ""]) == "al " and following is not None and following.capital and _near(following)


def _joined(words: Sequence[Word], at: int) -> int:
    """How many words from `at` on stand together, parted by a blank, a hyphen or an ending only."""
    size = 1
    while size < _LONGEST and at + size < len(words) and (words[at + size].gap == ". " or _near(words[at + size])):
        size += 1
    return size
