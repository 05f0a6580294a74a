"""Who stands where around a trigger: subject, object, agent, and the ground that is fought for."""

from collections.abc import Iterator

from spacy.tokens import Token

from siegewatch.detect.frames import Hit
from siegewatch.detect.scene import ARMED, POSSESSIVE, STATE, Phrase, Scene
from siegewatch.detect.words import WordClasses

_HOPS = 3
_PERFECT = frozenset({"has", "have", "had", "having", "'ve", "’ve"})
_POINTING = frozenset({"its", "his", "their", "her"})
_VERBAL = frozenset({"VERB", "AUX", "NOUN", "PROPN"})
_LENGTHS = frozenset({"km", "kms", "kilometres", "kilometers", "miles", "metres", "meters"})


class Roles:
    """Finds the phrases around a trigger in a scene."""

    def __init__(self, classes: WordClasses) -> None:
        self._words = classes

    @property
    def words(self) -> WordClasses:
        """The word classes that roles are found by."""
        return self._words

    @property
    def civil(self) -> frozenset[str]:
        """Heads of phrases that hold no ground: what they flee is not lost."""
        return self._words.civil

    def subject(self, scene: Scene, hit: Hit) -> Phrase | None:
        """The phrase that acts: as parsed, or else the nearest actor to the left in the clause."""
        parsed = self._parsed_subject(scene, scene.tokens[hit.start])
        if parsed and (parsed.strength or parsed.ground):
            return parsed
        return self._left_actor(scene, hit.start) or parsed

    def _parsed_subject(self, scene: Scene, token: Token) -> Phrase | None:
        for _ in range(_HOPS):
            for child in token.children:
                if (
                    child.dep_ in ("nsubj", "nsubjpass")
                    and child.i < token.i
                    and (found := self._phrase_of(scene, child))
                ):
                    return found
            if token.dep_ == "relcl" and (found := self._phrase_of(scene, token.head)):
                return found
            if token.dep_ not in ("conj", "xcomp", "advcl", "acl", "ccomp", "amod") or token.head.i >= token.i:
                return None
            token = token.head
        return None

    def _phrase_of(self, scene: Scene, token: Token) -> Phrase | None:
        return scene.phrase_at(token.i - scene.tokens.start) if token.i >= scene.tokens.start else None

    def _left_actor(self, scene: Scene, at: int) -> Phrase | None:
        start, _ = scene.clause(at)
        candidates = [p for p in scene.phrases if start <= p.start and p.end <= at]
        acting = [p for p in candidates if p.strength >= STATE and not self.is_governed(scene, p)]
        if acting:
            return acting[-1]
        free = [p for p in candidates if not self.is_governed(scene, p)]
        return free[-1] if free else None

    def is_governed(self, scene: Scene, phrase: Phrase) -> bool:
        """Whether a preposition governs the phrase."""
        i = phrase.start - 1
        while i >= 0 and scene.words[i] in self._words.fillers:
            i -= 1
        return i >= 0 and scene.words[i] in self._words.prepositions

    def is_passive(self, scene: Scene, hit: Hit) -> bool:
        """Whether a participle tells what is done to its subject: "was taken", "city captured, rebels say"."""
        if not hit.participle:
            return False
        before, after = scene.words[max(0, hit.start - 3) : hit.start], scene.words[hit.end : hit.end + 1]
        if after == ("by",) or self._has_auxiliary(scene, hit.start):
            return True
        if any(word in ("has", "have", "had", "having") for word in before):
            return False
        left = scene.phrase_at(hit.start - 1) if hit.start else None
        if left is None:
            return False
        target = self.object(scene, hit)
        if hit.frame.object == "force":
            return left.strength > 0 and (target is None or not target.strength or target.ground)
        held = left.strength == ARMED and hit.frame.name == "besiege"
        return target is None and (held or (left.ground and left.strength < ARMED))

    def _has_auxiliary(self, scene: Scene, at: int) -> bool:
        """Whether a form of "be" or "get" stands shortly before the word; "IS" may be who fights."""
        close = range(max(0, at - 3), at)
        return any(scene.words[i] in self._words.auxiliaries and not scene.phrase_at(i) for i in close)

    def qualified(self, scene: Scene, hit: Hit) -> Phrase | None:
        """What a participle without an auxiliary qualifies: "the city, besieged by rebels for years"."""
        if self._has_auxiliary(scene, hit.start):
            return None
        at = hit.start - 1 - (hit.start > 0 and scene.words[hit.start - 1] == ",")
        return scene.phrase_at(at) if at >= 0 else None

    def is_attributive(self, scene: Scene, hit: Hit) -> bool:
        """Whether a participle only qualifies the noun behind it: "the besieged town", "seized Congo town"."""
        if not hit.participle or hit.end - hit.start > 1:
            return False
        follows = scene.phrase_at(hit.end)
        if follows is None or follows.start != hit.end:
            return False
        before = scene.words[hit.start - 1] if hit.start else ""
        return (
            (scene.tokens[hit.start].dep_ == "amod" and before != "to")
            or (before in self._words.prepositions | POSSESSIVE | self._words.determiners and before != "to")
            or not before
            or self._has_verb_before(scene, hit.start)
        )

    def _has_verb_before(self, scene: Scene, at: int) -> bool:
        """ "flee besieged Mariupol": another verb, though headlines mislead the tagger, and no auxiliary."""
        auxiliary = scene.words[at - 1] in self._words.auxiliaries | _PERFECT
        return not auxiliary and scene.phrase_at(at - 1) is None and scene.tokens[at - 1].pos_ in _VERBAL

    def is_owner(self, scene: Scene, phrase: Phrase) -> bool:
        """Whether a phrase before a noun tells whose it is ("Israel's siege"), not where ("Gaza siege")."""
        if phrase.strength == ARMED:
            return True
        possessive = phrase.end < len(scene.words) and scene.words[phrase.end] in POSSESSIVE
        return phrase.strength == STATE and (
            possessive or scene.tokens[phrase.end - 1].pos_ == "ADJ" or not phrase.place
        )

    def agent(self, scene: Scene, hit: Hit) -> Phrase | None:
        """The phrase after "by"."""
        return self.after_preposition(scene, hit.end, ("by",))

    def object(self, scene: Scene, hit: Hit) -> Phrase | None:
        """What directly follows the trigger; of "part of the town", the town."""
        inside = next((p for p in scene.phrases if p.start > hit.start and p.end < hit.end), None)
        phrase = inside or scene.phrase_from(hit.end, 2)
        return self._unwrapped(scene, phrase) if phrase and self._adjacent(scene, hit.end, phrase) else inside

    def fronted_object(self, scene: Scene, hit: Hit) -> Phrase | None:
        """What an active verb without an object has before it: "the town that rebels have besieged"."""
        token = scene.tokens[hit.start]
        subject = next((c for c in token.children if c.dep_ == "nsubj" and c.i < token.i), None)
        if subject is None or subject.tag_ in ("WP", "WDT"):
            return None
        fronted = next((c for c in token.children if c.dep_ == "dobj" and c.i < subject.i), None)
        if fronted is not None and fronted.tag_ not in ("WP", "WDT"):
            return self._phrase_of(scene, fronted)
        return self._phrase_of(scene, token.head) if token.dep_ == "relcl" else None

    def _adjacent(self, scene: Scene, end: int, phrase: Phrase) -> bool:
        return phrase.start < end or not any(
            self._is_preposition(scene, i) or i in scene.boundaries for i in range(end, phrase.start)
        )

    def _is_preposition(self, scene: Scene, i: int) -> bool:
        return scene.words[i] in self._words.prepositions

    def _unwrapped(self, scene: Scene, phrase: Phrase) -> Phrase:
        """ "most of the city": the city; "Gaza's biggest hospital": the hospital."""
        for _ in range(_HOPS):
            nxt = phrase.end
            if nxt >= len(scene.words):
                break
            if scene.words[nxt] in POSSESSIVE:
                owned = scene.phrase_at(nxt + 1)
            elif scene.words[nxt] == "of" and (phrase.head in self._words.partitives or phrase.head.isdigit()):
                owned = scene.phrase_from(nxt + 1, 2)
            else:
                owned = None
            if not owned:
                break
            phrase = owned
        return phrase

    def after_preposition(
        self, scene: Scene, start: int, prepositions: tuple[str, ...], reach: int = 9
    ) -> Phrase | None:
        """The phrase after the first of the prepositions within reach, in the same clause."""
        _, end = scene.clause(max(0, start - 1))
        for i in range(start, min(end, start + reach)):
            if scene.words[i] in prepositions and (phrase := scene.phrase_from(i + 1, 3)):
                return self._unwrapped(scene, phrase)
        return None

    def grounds_after(self, scene: Scene, start: int, reach: int = 12) -> Iterator[Phrase]:
        """Pieces of ground and places that locative prepositions name behind a word of the clause."""
        _, end = scene.clause(max(0, start - 1))
        for i in range(start, min(end, start + reach)):
            if scene.words[i] in self._words.locative and (phrase := scene.phrase_from(i + 1, 3)):
                phrase = self._unwrapped(scene, phrase)
                if phrase.ground or phrase.place:
                    yield phrase

    def opponent(self, scene: Scene, start: int, *, fought_with: bool = False) -> Phrase | None:
        """The actor after "against", or "from" if that tells no distance; after "with" if one fights with someone."""
        phrase = self.after_preposition(
            scene, start, ("against", "from", "with") if fought_with else ("against", "from")
        )
        if phrase and any(word in _LENGTHS for word in scene.words[max(0, phrase.start - 4) : phrase.start]):
            return None
        return phrase if phrase and phrase.strength else None

    def coordinated(self, scene: Scene, phrase: Phrase) -> list[Phrase]:
        """The phrase and those joined to it by commas and "and"."""
        joined, at = [*self._joined_before(scene, phrase), phrase], phrase
        for nxt in scene.phrases:
            if nxt.start <= at.end - 1:
                continue
            between = scene.words[at.end : nxt.start]
            if (
                between
                and set(between) <= {",", "and", "&", "the"}
                and (nxt.strength > 0) == (phrase.strength > 0)
                and nxt.ground == phrase.ground
                and not self._says(scene, nxt)
            ):
                joined.append(nxt)
                at = nxt
            elif nxt.start > at.end + 3:
                break
        return joined

    def _joined_before(self, scene: Scene, phrase: Phrase) -> list[Phrase]:
        """The actor that "and" joins to this one from the left: "the army and Hezbollah"."""
        i = phrase.start - 1
        while i >= 0 and scene.words[i] == "the":
            i -= 1
        before = scene.phrase_at(i - 1) if i > 0 and scene.words[i] in ("and", "&") else None
        alike = (
            before is not None and phrase.strength >= STATE <= before.strength and not (before.ground or phrase.ground)
        )
        return [before] if before is not None and alike else []

    def _says(self, scene: Scene, phrase: Phrase) -> bool:
        """Whether it is who tells of it: "…, Mogadishu says"."""
        return phrase.end < len(scene.words) and scene.words[phrase.end] in self._words.saying

    def whose(self, scene: Scene, phrase: Phrase) -> Phrase:
        """The actor that a possessive points back to, where the phrase says no more: "Israel says its troops"."""
        owned = phrase.start > 0 and scene.words[phrase.start - 1] in _POINTING
        if not owned or phrase.end - phrase.start > 1:
            return phrase
        before = [p for p in scene.phrases if p.end < phrase.start and p.strength >= STATE and not p.ground]
        named = [p for p in before if not self.is_governed(scene, p)]
        return named[-1] if named else phrase

    def whole_name(self, scene: Scene, phrase: Phrase) -> int:
        """The end of the phrase with what says whose men they are: "forces loyal to X", "fighters of X"."""
        for tie in self._words.allegiance:
            after = tuple(tie.split())
            at = phrase.end + len(after)
            if scene.words[phrase.end : at] != after:
                continue
            whom = scene.phrase_from(at, 2)
            if whom and (whom.strength >= STATE or (len(after) > 1 and whom.proper)) and not whom.ground:
                return whom.end
        return phrase.end

    def place_span(self, scene: Scene, phrase: Phrase, *, follow: bool = True) -> tuple[int, int] | None:
        """Tokens of the name of a piece of ground: its own, its owner's, or that of the place it lies in or near."""
        if phrase.place:
            return self._widened(scene, phrase)
        if phrase.ground and phrase.owned and (owner := scene.phrase_at(phrase.start - 2)) and owner.place:
            return owner.place
        if is_unknown_name(phrase):
            return phrase.start, phrase.end
        if follow:
            for other in self.grounds_after(scene, phrase.end, 6):
                if other.place:
                    return self._widened(scene, other)
        return None

    def _widened(self, scene: Scene, phrase: Phrase) -> tuple[int, int]:
        """The name with what belongs to it: "northern Hama", "Kirkuk airfield"."""
        start, end = phrase.place or (phrase.start, phrase.end)
        if start > phrase.start and scene.words[start - 1] in self._words.directions:
            start -= 1
        if end < phrase.end and phrase.site:
            end = phrase.end
        return start, end


def is_unknown_name(phrase: Phrase) -> bool:
    """A capitalised name that no list knows: in the right place of a frame, it may be a small town."""
    return phrase.proper and not phrase.ground and not phrase.strength and phrase.start > 0
