"""Actors: the words of a text that name who fights, as a person would copy them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from siegewatch.detect.actor_lexicon import Actor, ForceWords, Form, Wording, actor_wordings, state_wordings
from siegewatch.detect.lexicon_files import LEXICON, load_lexicon
from siegewatch.detect.names import Casing, Word, casing_of, words_of
from siegewatch.detect.own_words import own_wordings
from siegewatch.domain.lexicon import OwnActor

__all__ = ["Actor", "ActorList", "ActorMention"]


_NOT_THEMSELVES = frozenset({"metonym", "people"})
"""Kinds of mention that name a state by its capital, its leader or its people: all have the state's id."""


@dataclass(frozen=True, slots=True)
class ActorMention:
    """Code points `start` to `end` of a text name an actor; `actor` is None if the words name no one ("rebels")."""

    start: int
    end: int
    text: str
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class _Span:
    """Words `first` to `last` of a text."""

    first: int
    last: int
    actor: Actor | None


class ActorList:
    """The states and armed groups of the wars since 2000. Safe to share between threads."""

    def __init__(self, wordings: Iterable[Wording], lexicon: ForceWords) -> None:
        self._lexicon = lexicon
        self._by_first: dict[str, list[Wording]] = defaultdict(list)
        self.by_id: dict[str, Actor] = {}
        for wording in wordings:
            self._by_first[wording.folded[0]].append(wording)
            for actor in (wording.actor, wording.army):
                if actor and actor.kind not in _NOT_THEMSELVES:
                    self.by_id[actor.id] = actor
                elif actor:
                    self.by_id.setdefault(actor.id, actor)
        for same_start in self._by_first.values():
            same_start.sort(key=lambda wording: -len(wording.folded))

    @classmethod
    def load(cls, path: Path | None = None, own: Sequence[OwnActor] = ()) -> "ActorList":
        """The lists of the package, or of a folder of such files, with the operator's names before them."""
        folder = path or LEXICON
        groups = list(actor_wordings(load_lexicon("actors.yaml", folder)))
        armies = {wording.actor.id: wording.actor for wording in groups}
        states = list(state_wordings(load_lexicon("states.yaml", folder), armies))
        listed = cls([*groups, *states], ForceWords.load(folder))
        if not own:
            return listed
        return cls([*own_wordings(own, listed.by_id), *groups, *states], ForceWords.load(folder))

    def find(self, text: str) -> list[ActorMention]:
        """The actors a text names, in order, not overlapping, the longest wording of each."""
        words = words_of(text)
        casing = casing_of(words)
        mentions: list[ActorMention] = []
        at = 0
        while at < len(words):
            span = self._mention_at(words, at, casing)
            if span:
                start, end = words[span.first].start, words[span.last].end
                mentions.append(ActorMention(start, end, text[start:end], span.actor))
                at = span.last + 1
            else:
                at += 1
        return mentions

    def named(self, text: str) -> Actor | None:
        """Who is meant by nothing but a name or its adjective: "Russian"."""
        words = words_of(text)
        wording = self._wording_at(words, 0, casing_of(words)) if words else None
        return wording.actor if wording and len(wording.folded) == len(words) else None

    def is_of_state(self, text: str, actor: Actor | None) -> bool | None:
        """Whether who is worded so is a state, its forces or an alliance of states; None where neither the list nor
        the words tell."""
        if actor:
            return actor.kind != "armed-group"
        words = {word.folded for word in words_of(text)}
        if words & self._lexicon.rebels - self._lexicon.forces:
            return False
        return True if words & self._lexicon.of_state else None

    def countries(self, text: str) -> tuple[str, ...]:
        """Countries that a text hints at by its actors and adjectives, the most often named first."""
        words = words_of(text)
        casing = casing_of(words)
        votes: dict[str, float] = defaultdict(float)
        for at in range(len(words)):
            wording = self._wording_at(words, at, casing)
            for rank, country in enumerate(wording.actor.theatres if wording else ()):
                votes[country] += 1 / (rank + 1)
        return tuple(sorted(votes, key=lambda country: -votes[country]))

    def _mention_at(self, words: Sequence[Word], at: int, casing: Casing) -> _Span | None:
        wording = self._wording_at(words, at, casing)
        span = self._worded(words, at, wording, casing) if wording else None
        return span or self._generic(words, at, casing)

    def _wording_at(self, words: Sequence[Word], at: int, casing: Casing) -> Wording | None:
        """The longest name of the lists that begins at a word."""
        for wording in self._by_first.get(words[at].folded, ()):
            if self._matches(wording, words, at, casing):
                return wording
        return None

    def _worded(self, words: Sequence[Word], at: int, wording: Wording, casing: Casing) -> _Span | None:
        last = at + len(wording.folded) - 1
        if _follows(words, last, "-", self._lexicon.ties):
            return self._tied(words, at, last)
        if wording.army is None:
            return _Span(at, self._last_head(words, last, self._lexicon.group_heads) or last, wording.actor)
        head = self._last_head(words, last, self._lexicon.forces)
        if head and self._names_group(words, last + 1, head, casing):
            return None
        if head:
            return _Span(at, head, wording.army)
        rebels = self._last_head(words, last, self._lexicon.rebels)
        if rebels:
            return _Span(at, rebels, None)
        return self._state_alone(words, at, last, wording, casing)

    def _names_group(self, words: Sequence[Word], first: int, last: int, casing: Casing) -> bool:
        """Whether a group of the lists stands there: "Sudan's paramilitary Rapid Support Forces" are no army."""
        named = (self._wording_at(words, at, casing) for at in range(first, min(last + 2, len(words))))
        return any(wording is not None and wording.actor.kind == "armed-group" for wording in named)

    def _state_alone(self, words: Sequence[Word], at: int, last: int, wording: Wording, casing: Casing) -> _Span | None:
        if wording.form is Form.ADJECTIVE and not _is_name_too(wording):
            if _follows(words, last, " ", self._lexicon.attacks):
                return _Span(at, last, wording.actor)
            if _follows(words, last, " ", {"government", "regime", "junta"}):
                return _Span(at, last + 1, wording.actor)
            return self._shared_head(words, at, last, wording, casing)
        if at and words[at].gap.strip() == "" and words[at - 1].folded in self._lexicon.place_cues:
            return None
        return _Span(at, last, wording.actor)

    def _shared_head(self, words: Sequence[Word], at: int, last: int, wording: Wording, casing: Casing) -> _Span | None:
        """ "Iraqi and Kurdish forces": the first shares the second's word for forces."""
        if last + 2 >= len(words) or words[last + 1].folded != "and":
            return None
        other = self._mention_at(words, last + 2, casing)
        shared = other is not None and other.last > last + 2 and words[other.last].folded in self._lexicon.forces
        return _Span(at, last, wording.army) if shared else None

    def _generic(self, words: Sequence[Word], at: int, casing: Casing) -> _Span | None:
        """ "Islamist rebels", "pro-government forces", "the army", "forces loyal to Muammar Gaddafi"."""
        first = at
        if words[at].folded in ("pro", "anti") and at + 1 < len(words) and words[at + 1].gap == "-":
            head = self._last_head(words, at + 1, self._lexicon.heads)
            return _Span(at, head, None) if head else None
        if _follows(words, at, "-", self._lexicon.ties):
            return self._tied(words, at, at)
        if words[at].folded in self._lexicon.modifiers:
            head = self._last_head(words, at, self._lexicon.heads)
            if head:
                return _Span(first, self._loyal(words, head, casing), None)
        if words[at].folded in self._lexicon.alone or (
            words[at].folded in self._lexicon.heads and self._loyal(words, at, casing) > at
        ):
            return _Span(first, self._loyal(words, at, casing), None)
        return None

    def _loyal(self, words: Sequence[Word], head: int, casing: Casing) -> int:
        """The last word of "forces loyal to X", else of the forces alone."""
        if head + 3 < len(words) and (words[head + 1].folded, words[head + 2].folded) == ("loyal", "to"):
            wording = self._wording_at(words, head + 3, casing)
            if wording:
                return head + 2 + len(wording.folded)
        return head

    def _matches(self, wording: Wording, words: Sequence[Word], at: int, casing: Casing) -> bool:
        size = len(wording.folded)
        here = words[at : at + size]
        if len(here) < size or any(word.folded != folded for word, folded in zip(here, wording.folded, strict=True)):
            return False
        if any(word.gap not in (" ", "-", ". ", "/") and not word.gap.startswith(("'", "’")) for word in here[1:]):
            return False
        return _case_fits(wording, here, casing) and (
            wording.form is not Form.UNSURE or self._fighting(wording, words, at, casing)
        )

    def _fighting(self, wording: Wording, words: Sequence[Word], at: int, casing: Casing) -> bool:
        """Whether a text with an unsure acronym speaks of fighting, and not of what else the letters mean."""
        if self._last_head(words, at, self._lexicon.heads):
            return True
        if casing is Casing.CAPS:
            return (
                at > 0
                and words[at - 1].folded in ("from", "by", "against")
                and not _follows(words, at, " ", {"the", "a"})
            )
        said = {word.folded for number, word in enumerate(words) if number != at}
        return (
            bool(said & self._lexicon.signs)
            and not said & wording.not_if
            and not (at == 0 and wording.folded == ("is",))
        )

    def _last_head(self, words: Sequence[Word], last: int, heads: Iterable[str]) -> int | None:
        """Where a word for forces ends what begins before it: "'s special forces", "-backed government troops"."""
        found = None
        for at in range(last + 1, min(last + 5, len(words))):
            word = words[at]
            if word.gap.lstrip("'’sS") not in (" ", "-", ""):
                break
            if word.folded in heads:
                found = at
            elif word.folded not in self._lexicon.modifiers:
                break
        return found

    def _tied(self, words: Sequence[Word], at: int, last: int) -> _Span | None:
        """ "Iran-backed militias", "US-led forces": unnamed, whoever backs them."""
        head = self._last_head(words, last + 1, self._lexicon.group_heads)
        return _Span(at, head, None) if head else None


def _is_name_too(wording: Wording) -> bool:
    """ "US", "UK", "Saudi": the adjective is also what the state is called."""
    return wording.shout


def _case_fits(wording: Wording, here: Sequence[Word], casing: Casing) -> bool:
    if wording.shout:
        shouted = here[0].text.isupper()
        return shouted if casing is not Casing.LOWER else len(here[0].folded) > 2 and wording.form is Form.NAME
    if casing is Casing.LOWER:
        return True
    return all(word.capital or not capital for word, capital in zip(here, wording.capitals, strict=True))


def _follows(words: Sequence[Word], last: int, gap: str, among: Iterable[str]) -> bool:
    return last + 1 < len(words) and words[last + 1].gap == gap and words[last + 1].folded in among
