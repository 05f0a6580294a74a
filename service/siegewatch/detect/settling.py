"""What candidates come to: phase and status as their clause tells them, and who drives out whom."""

from collections.abc import Sequence
from dataclasses import replace

from siegewatch.detect.candidate import Candidate
from siegewatch.detect.realis import Realis
from siegewatch.detect.scene import Phrase
from siegewatch.domain.taxonomy import Kind, Phase, Status

_UNREAL = frozenset({Realis.THREATENED, Realis.PURPOSE, Realis.DEMANDED})
_LEAVING = frozenset({"withdraw", "leave", "lose"})
_AS = frozenset({"as", "after", "while", "when"})


def settled_as(candidate: Candidate) -> Candidate | None:
    """Phase and status as the clause tells them; None where it tells of no event."""
    if candidate.kind is Kind.SIEGE:
        return _settle_siege(candidate)
    realis, phase = candidate.reading.realis, candidate.phase
    if realis is Realis.NEGATED or realis is Realis.OVER:
        stopped = candidate.shape == "governed" and phase in (Phase.ENDED, Phase.REPELLED)
        return replace(candidate, phase=Phase.ONGOING) if stopped else None
    if realis is Realis.FAILED:
        return replace(candidate, phase=Phase.REPELLED, taken=False)
    if realis is Realis.ATTEMPT or (realis is Realis.DEMANDED and phase is Phase.ENDED):
        return replace(candidate, phase=Phase.ONGOING, taken=False)
    if realis in _UNREAL:
        coming = phase if phase is Phase.ENDED or candidate.reading.near else Phase.LAUNCHED
        return replace(candidate, status=Status.THREATENED, phase=coming, taken=False)
    return candidate


def _settle_siege(candidate: Candidate) -> Candidate | None:
    realis, phase = candidate.reading.realis, candidate.phase
    if realis is Realis.OVER:
        return replace(candidate, phase=Phase.BROKEN)
    if phase is Phase.ONGOING:
        return None if realis is Realis.NEGATED else _about_to_close(candidate)
    if realis in (Realis.NEGATED, Realis.FAILED, Realis.DEMANDED):
        return replace(candidate, phase=Phase.ONGOING) if phase in (Phase.BROKEN, Phase.FALLEN) else None
    if realis in _UNREAL or realis is Realis.ATTEMPT:
        return replace(candidate, status=Status.THREATENED)
    goes_on = phase is Phase.IMPOSED and candidate.reading.lasting and candidate.shape != "governed"
    return replace(candidate, phase=Phase.ONGOING) if goes_on else candidate


def _about_to_close(candidate: Candidate) -> Candidate:
    """Of what is "almost encircled" or "could be encircled" the siege is about to begin."""
    reading, frame = candidate.reading, candidate.frame.name
    coming = reading.realis is Realis.THREATENED and (frame == "besiege" or (frame == "besieged" and reading.near))
    if not coming:
        return candidate
    return replace(candidate, phase=Phase.IMPOSED, status=Status.THREATENED)


def chased(found: Sequence[Candidate]) -> list[Candidate]:
    """Who leaves as others come is driven out by them: "army withdraws from Idlib as rebels enter"."""
    leaving = [(c, who) for c in found if (who := _leaver(c))]
    for left, who in leaving:
        if coming := next((c for c in found if _drives_out(c, left, who)), None):
            found = [_with_pair(c, coming, left, who) for c in found]
    return list(found)


def _leaver(candidate: Candidate) -> Phrase | None:
    """Who gives ground up, if they alone are named."""
    c = candidate
    if c.status is not Status.ACTUAL or c.frame.name not in _LEAVING:
        return None
    return c.defender if c.frame.subject == "defender" and not c.attacker else c.attacker if not c.defender else None


def _drives_out(coming: Candidate, left: Candidate, who: Phrase) -> bool:
    if (coming.kind, coming.phase, coming.status) != (Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL):
        return False
    if coming.attacker is None or coming.defender or coming.attacker == who or coming.frame.name in _LEAVING:
        return False
    first, last = sorted((coming.start, left.start))
    apart = coming.ground and left.ground and coming.ground.place and left.ground.place and coming.ground != left.ground
    return not apart and not _AS.isdisjoint(coming.scene.words[first:last])


def _with_pair(candidate: Candidate, coming: Candidate, left: Candidate, who: Phrase) -> Candidate:
    if candidate is coming:
        return replace(coming, defender=who)
    if candidate is left:
        return replace(left, attacker=coming.attacker, defender=who, phase=Phase.ADVANCE)
    return candidate
