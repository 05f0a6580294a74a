"""What an operator adds to triggers.yaml and actors.yaml, fitted to what stands there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from siegewatch.detect.actor_lexicon import Actor, Form, Wording, wording
from siegewatch.domain.errors import Fault
from siegewatch.domain.lexicon import OwnActor, OwnFrame, OwnLexicon

_USUAL: Mapping[str, Mapping[str, Any]] = {
    "verbs": {"subject": "attacker", "object": "ground", "weight": 0.5},
    "nouns": {"weight": 0.5},
}
_GOVERNED_AS = {"siege": "siege", "offensive": "offensive"}
"""The frame whose governors ("launches", "breaks") a new noun of the kind takes over."""
_NEW_ONLY = ("kind", "phase", "status", "taken", "subject", "object", "goal", "weight")


def extended(data: Mapping[str, Any], own: OwnLexicon) -> dict[str, Any]:
    """triggers.yaml with the operator's words in it."""
    added: dict[str, list[dict[str, Any]]] = {"verbs": [], "nouns": []}
    for frame in own.frames:
        section = _section(frame)
        known = _known(data, frame)
        added[section].append(_entry(frame, known if known else _new(data, frame)))
    return {
        **data,
        **{section: [*data[section], *entries] for section, entries in added.items()},
        "irregular": {**data["irregular"], **own.irregular},
        "doubled": [*data["doubled"], *own.doubled],
    }


def frame_faults(data: Mapping[str, Any], frames: Iterable[OwnFrame]) -> Iterator[Fault]:
    """Frames that do not fit: a name that is not known and says nothing of itself, a known one that says too much."""
    for frame in frames:
        known = _known(data, frame)
        if known is None and frame.kind is None:
            names = sorted({entry["frame"] for entry in data[_section(frame)]})
            yield frame.at.fault(f'no frame of {_section(frame)} is named "{frame.name}"', _meant(frame.name, names))
        if known and any(getattr(frame, name) is not None for name in _NEW_ONLY):
            what = f'"{frame.name}" is a frame that siegewatch has, and says more than its words'
            yield frame.at.fault(what, "leave kind, phase and the like out, or choose another name")


def actor_faults(known: Mapping[str, Actor], actors: Iterable[OwnActor]) -> Iterator[Fault]:
    """Actors of the list that say more than further names."""
    for actor in actors:
        if actor.id in known and (actor.kind or actor.country or actor.theatres):
            what = f'"{actor.id}" is an actor that siegewatch has, and says more than its names'
            yield actor.at.fault(what, "leave kind, of and in out, or choose another id")


def own_wordings(actors: Iterable[OwnActor], known: Mapping[str, Actor]) -> Iterator[Wording]:
    """All names of the operator's actors."""
    for own in actors:
        actor = known.get(own.id) or _actor(own)
        army = known.get(f"{own.id}-army") if actor.kind in ("state", "metonym") else None
        for name in own.names:
            yield wording(name, actor, Form.NAME, army)
        for name in own.unsure:
            yield wording(name, actor, Form.UNSURE, not_if=frozenset(own.not_if))


def _actor(own: OwnActor) -> Actor:
    name = (*own.names, *own.unsure)[0]
    return Actor(own.id, name, own.kind or "armed-group", own.country, own.theatres or _home(own))


def _home(own: OwnActor) -> tuple[str, ...]:
    return (own.country,) if own.country else ()


def _section(frame: OwnFrame) -> str:
    return "verbs" if frame.verbs else "nouns"


def _known(data: Mapping[str, Any], frame: OwnFrame) -> Mapping[str, Any] | None:
    """The entry of that frame, without its words."""
    entries: Sequence[Mapping[str, Any]] = data[_section(frame)]
    return next((entry for entry in entries if entry["frame"] == frame.name), None)


def _new(data: Mapping[str, Any], frame: OwnFrame) -> dict[str, Any]:
    """What a new frame says of itself, and what is usual."""
    said = {field.name: getattr(frame, field.name) for field in fields(frame) if field.name in _NEW_ONLY}
    entry = {"frame": frame.name, **_USUAL[_section(frame)]}
    entry |= {"to" if name == "goal" else name: value for name, value in said.items() if value is not None}
    if not frame.verbs and frame.kind:
        model = next(one for one in data["nouns"] if one["frame"] == _GOVERNED_AS[frame.kind])
        entry |= {"before": model["before"], "after": model["after"]}
    return entry


def _entry(frame: OwnFrame, about: Mapping[str, Any]) -> dict[str, Any]:
    """Hyphens stand as words of their own, as they do in a parsed text."""
    words = [" - ".join(word.split("-")) for word in frame.words]
    spoilt = {name: [*about.get(name, ()), *getattr(frame, name)] for name in ("not_after", "not_before")}
    return {**about, **spoilt, "own": True, _section(frame): words, "words": words}


def _meant(name: str, names: Sequence[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return (
        f'did you mean "{close[0]}"? A new frame needs kind and phase' if close else "a new frame needs kind and phase"
    )
