"""What was decided on triggers and sides, in lines for whoever asks why."""

from collections.abc import Sequence

from siegewatch.detect.candidate import Candidate
from siegewatch.detect.scene import Phrase
from siegewatch.domain.event import Event


def trigger_step(candidate: Candidate) -> str:
    """A frame that holds: by which words, what it tells, and whether that is told as real."""
    c = candidate
    told = f"{c.reading.realis} {c.reading.cue}".strip()
    return f"trigger: {c.frame.name} “{c.words}” in {c.scene.field}: {c.kind} {c.phase}, {c.status} ({told})"


def role_step(event: Event, candidates: Sequence[Candidate]) -> str:
    """Both sides of an event: in whose words, who that is in the actor list, and whether a frame or the encoder tells
    it."""
    own = [candidate for candidate in candidates if candidate.kind is event.kind]
    attacker = _side("attacker", event.attacker, event.attacker_id, [(c, c.attacker) for c in own])
    defender = _side("defender", event.defender, event.defender_id, [(c, c.defender) for c in own])
    where = f" at {event.place.name}" if event.place else ""
    return f"role: {event.kind} {event.phase}{where}: {attacker}; {defender}"


def _side(role: str, words: str | None, actor: str | None, told: Sequence[tuple[Candidate, Phrase | None]]) -> str:
    if words is None:
        return f"no {role} named"
    frame = next((c.frame.name for c, phrase in told if phrase and _shares(words, c, phrase)), None)
    source = f"frame {frame}" if frame else "encoder or other names in the item"
    return f"{role} “{words}” ({actor or 'in no list'}; {source})"


def _shares(words: str, candidate: Candidate, phrase: Phrase) -> bool:
    text = candidate.scene.text(phrase.start, phrase.end).casefold()
    return words.casefold() in text or text in words.casefold()
