"""Candidates: every place in a scene where a frame holds, with who and where, before anyone decides between them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from siegewatch.detect.candidate import Candidate
from siegewatch.detect.frames import Frame, Hit, Lexicon
from siegewatch.detect.realis import RealisReader
from siegewatch.detect.roles import Roles, is_unknown_name
from siegewatch.detect.scene import ARMED, POSSESSIVE, Phrase, Scene
from siegewatch.detect.settling import chased, settled_as
from siegewatch.domain.taxonomy import Kind, Phase

_WAYS = frozenset({"on", "to", "toward", "towards", "advance", "advances", "advancing"})
_OF = frozenset({"of", "for", "the", "a", "any", "no"})
_TWO = 2
_LENGTHS = (4, 3, 2, 1)
"""Words that a phrase may have which sets the phase of a noun: the longest counts."""
_GOVERNOR_REACH = 9
"""How many words before or behind a noun may set its phase."""


class CandidateFinder:
    """Finds the candidates of a scene."""

    def __init__(self, lexicon: Lexicon, roles: Roles, realis: RealisReader) -> None:
        self._lexicon = lexicon
        self._roles = roles
        self._realis = realis

    def find(self, scene: Scene) -> list[Candidate]:
        """Every candidate, in the order of the words."""
        found = [
            candidate
            for i in range(len(scene.words))
            for hit in self._lexicon.hits(scene.words, i)
            for candidate in self._of_hit(scene, hit)
        ]
        return chased(_distinct(found)) + list(self._idioms(scene))

    def _of_hit(self, scene: Scene, hit: Hit) -> Iterator[Candidate]:
        if hit.frame.is_spoilt(scene.words, hit.start, hit.end):
            return
        found = self._verb(scene, hit) if hit.verb else self._noun(scene, hit)
        if found and (settled := settled_as(found)):
            yield settled

    def _base(self, scene: Scene, hit: Hit, phase: Phase) -> Candidate:
        return Candidate(hit.frame, scene, hit.start, hit.end, phase, hit.frame.status, self._realis.read(scene, hit))

    def _verb(self, scene: Scene, hit: Hit) -> Candidate | None:
        frame, roles = hit.frame, self._roles
        if roles.is_attributive(scene, hit) or _leads_elsewhere(scene, hit) or _is_noun(scene, hit):
            return None
        passive = roles.is_passive(scene, hit)
        subject = roles.subject(scene, hit)
        if passive:
            target = roles.qualified(scene, hit) or subject
        else:
            target = roles.object(scene, hit) or roles.fronted_object(scene, hit)
        actor = roles.agent(scene, hit) if passive else subject
        if frame.name == "lose" and actor and actor.head in roles.civil:
            return None
        if frame.subject == "ground":
            return self._falling(scene, hit, subject)
        held_in = frame.kind is Kind.SIEGE and target and actor and actor.strength == ARMED
        if not held_in and not _fits(frame.object, target):
            return None
        candidate = replace(self._base(scene, hit, frame.phase), shape="passive" if passive else "active")
        if passive and frame.participle and not _is_told(scene, hit):
            candidate = replace(candidate, phase=frame.participle)
        return self._with_roles(candidate, actor, target)

    def _falling(self, scene: Scene, hit: Hit, subject: Phrase | None) -> Candidate | None:
        if not subject or not (subject.ground or subject.place):
            return None
        goal = self._roles.after_preposition(scene, hit.end - 1, ("to",), 3)
        return replace(
            self._base(scene, hit, hit.frame.phase), ground=subject, attacker=_actor(goal), taken=True, shape="falling"
        )

    def _with_roles(self, candidate: Candidate, actor: Phrase | None, target: Phrase | None) -> Candidate:
        """`actor` does what the frame tells, `target` has it done to it."""
        frame, scene, roles = candidate.frame, candidate.scene, self._roles
        if actor and not actor.strength and not actor.ground and candidate.shape == "active":
            candidate = replace(candidate, shape="odd-subject")
        ground = target if target and frame.object in ("ground", "area", "target") and _is_ground(target) else None
        held = frame.name == "besiege" and target is not None and target.strength == ARMED and not target.ground
        faced = held or _is_fight(frame) or (frame.object in ("force", "target") and not ground)
        force = _actor(target) if faced else None
        ground = (None if held else ground) or next(roles.grounds_after(scene, candidate.end - 1), ground)
        doer = _actor(actor) if frame.subject != "reliever" else None
        other = (
            _actor(self._goal(candidate)) or force or roles.opponent(scene, candidate.end, fought_with=_is_fight(frame))
        )
        other = None if frame.phase is Phase.ENDED else other
        attacker, defender = (other, doer) if frame.subject == "defender" else (doer, other)
        taken = frame.taken and ground is not None
        found = replace(candidate, attacker=attacker, defender=defender, ground=ground, taken=taken)
        return self._fought_by(found, doer) if _is_fight(frame) and not other else found

    def _fought_by(self, candidate: Candidate, together: Phrase | None) -> Candidate:
        """Who fights whom, where both are named in one breath: "army and rebels clash", "clashes between them"."""
        named = self._roles.after_preposition(candidate.scene, candidate.end, ("between",)) or together
        sides = self._roles.coordinated(candidate.scene, named) if named else []
        if len(sides) != _TWO or not all(side.strength for side in sides):
            return candidate
        return replace(candidate, attacker=sides[0], defender=sides[1], paired=True)

    def _goal(self, candidate: Candidate) -> Phrase | None:
        """To whom the ground is lost."""
        if not candidate.frame.goal:
            return None
        return self._roles.after_preposition(candidate.scene, candidate.end, ("to",), 4)

    def _noun(self, scene: Scene, hit: Hit) -> Candidate:
        frame, roles = hit.frame, self._roles
        phase, governor = self._governed_phase(scene, hit)
        left = self._left_of(scene, hit)
        ground = self._ground_of(scene, hit, left)
        found = replace(self._base(scene, hit, phase or frame.phase), shape="noun" if governor is None else "governed")
        verb = Hit(frame, governor, governor + 1, verb=True) if governor is not None and governor < hit.start else None
        if verb:
            found = replace(found, reading=self._realis.read(scene, verb))
        owner = left if left and left is not ground and roles.is_owner(scene, left) else None
        authors = ("by", "from") if frame.kind is Kind.SIEGE or frame.name == "assault" else ("by",)
        author = _actor(roles.after_preposition(scene, hit.end, authors))
        beaten = phase is Phase.REPELLED and governor is not None and governor >= hit.end
        attacker = owner if beaten else author or owner
        defender = None if frame.kind is Kind.SIEGE else roles.opponent(scene, hit.end, fought_with=_is_fight(frame))
        if attacker is None and phase is Phase.LAUNCHED:
            attacker = _actor(roles.subject(scene, hit))
        if verb and phase is Phase.REPELLED:
            defender = _actor(roles.subject(scene, verb)) or defender
        if beaten:
            defender = author or defender
        if frame.name == "besieged" and attacker and attacker is owner and scene.words[hit.start - 1] != "-":
            attacker, defender = None, owner
        defender = None if defender == attacker else defender
        found = replace(found, attacker=attacker, defender=defender, ground=ground, taken=frame.taken)
        return self._fought_by(found, None) if _is_fight(frame) and not (attacker and defender) else found

    def _left_of(self, scene: Scene, hit: Hit) -> Phrase | None:
        """The phrase before a noun, over a possessive ending if there is one."""
        at = hit.start - 1
        if at > 0 and scene.words[at] in POSSESSIVE:
            at -= 1
        return scene.phrase_at(at) if at >= 0 else None

    def _ground_of(self, scene: Scene, hit: Hit, left: Phrase | None) -> Phrase | None:
        """The ground behind a noun ("siege of Taiz"), else before it ("Gaza blockade")."""
        if right := next(self._roles.grounds_after(scene, hit.end), None):
            return right
        follows = scene.phrase_from(hit.end, 0)
        if follows and follows.ground:
            return follows
        return left if left and (left.place or left.ground) else None

    def _governed_phase(self, scene: Scene, hit: Hit) -> tuple[Phase | None, int | None]:
        start, end = scene.clause(hit.start)
        before = scene.words[max(start, hit.start - _GOVERNOR_REACH) : hit.start]
        for table, words, offset in (
            (hit.frame.before or {}, before, hit.start - len(before)),
            (hit.frame.after or {}, scene.words[hit.end : min(end, hit.end + _GOVERNOR_REACH)], hit.end),
        ):
            for i in range(len(words)):
                if _is_attribute(scene, offset + i, hit):
                    continue
                spoken = (" ".join(words[i : i + length]) for length in _LENGTHS)
                if phase := next((table[phrase] for phrase in spoken if phrase in table), None):
                    return phase, offset + i
        return None, None

    def _idioms(self, scene: Scene) -> Iterator[Candidate]:
        text = scene.tokens.text.lower()
        for pattern, frame in self._lexicon.idioms:
            match = pattern.search(text)
            span = scene.tokens.char_span(*match.span(), alignment_mode="expand") if match else None
            if span is None:
                continue
            hit = Hit(frame, span.start - scene.tokens.start, span.end - scene.tokens.start, verb=False)
            found = replace(
                self._base(scene, hit, frame.phase),
                attacker=_actor(self._roles.subject(scene, hit)),
                ground=next(self._roles.grounds_after(scene, hit.start), None),
                taken=frame.taken,
                shape="idiom",
            )
            if settled := settled_as(found):
                yield settled


def _distinct(found: Sequence[Candidate]) -> list[Candidate]:
    """Without those that take one word for what it is not: a noun that a verb governs ("repels Russian advances") is no
    verb, and what an active verb tells ("have surrounded the town") is no attribute."""
    governed = {(c.kind, c.start) for c in found if c.shape == "governed"}
    active = {(c.kind, c.start) for c in found if c.shape == "active" and c.kind is Kind.SIEGE}
    return [
        c
        for c in found
        if not (c.shape == "active" and (c.kind, c.start) in governed)
        and not (c.shape == "noun" and (c.kind, c.start) in active)
    ]


def _is_noun(scene: Scene, hit: Hit) -> bool:
    """Whether a giving up is only spoken of: "no question of surrender"."""
    return scene.words[hit.start] == "surrender" and hit.start > 0 and scene.words[hit.start - 1] in _OF


def _leads_elsewhere(scene: Scene, hit: Hit) -> bool:
    """Whether a way leads to what is neither ground nor a force: "closing in on a win", "advance a bill"."""
    if hit.frame.object != "none" or scene.words[hit.end - 1] not in _WAYS:
        return False
    goal = scene.phrase_from(hit.end, 1)
    if goal is None or scene.words[goal.start][0].isdigit():
        return False
    return not (goal.ground or goal.place or goal.strength or goal.proper)


def _is_attribute(scene: Scene, at: int, hit: Hit) -> bool:
    """Whether a word right before a noun only describes it: in "their slow advance" nobody slows it."""
    return at == hit.start - 1 and scene.words[at] == "slow" and scene.tokens[at].tag_ == "JJ"


def _is_fight(frame: Frame) -> bool:
    return frame.name in ("fight", "battle")


def _is_told(scene: Scene, hit: Hit) -> bool:
    """Whether a participle is told as news ("town surrounded, residents flee"), not as a standing attribute."""
    return hit.end >= len(scene.words) or scene.words[hit.end] in (",", "by", ".", ";")


def _fits(wanted: str, phrase: Phrase | None) -> bool:
    if wanted == "none":
        return True
    if phrase is None:
        return False
    if wanted == "area":
        return phrase.ground or phrase.place is not None
    return (wanted != "force" and _is_ground(phrase)) or (wanted != "ground" and phrase.strength > 0)


def _is_ground(phrase: Phrase) -> bool:
    return phrase.ground or phrase.place is not None or is_unknown_name(phrase)


def _actor(phrase: Phrase | None) -> Phrase | None:
    return phrase if phrase and phrase.strength else None
