"""An event in headline English, whatever of it is known."""

import re
from collections.abc import Mapping

from siegewatch.domain.event import Event
from siegewatch.domain.taxonomy import Kind, Phase, Precision, Status
from siegewatch.notify.text import calm

_ACTUAL: Mapping[Phase, tuple[str, ...]] = {
    Phase.IMPOSED: (
        "{attacker} besiege[s] {target}",
        "siege of {target} begins",
        "{attacker} lay[s] siege",
        "siege begins",
    ),
    Phase.BROKEN: ("siege of {target} broken", "siege broken"),
    Phase.FALLEN: (
        "besieged {place} falls to {attacker}",
        "besieged {place} falls",
        "besieged {defender} fall[s] to {attacker}",
        "besieged {defender} fall[s]",
        "{attacker} take[s] besieged position",
        "besieged position falls",
    ),
    Phase.LAUNCHED: (
        "{attacker} launch[es] offensive {on}",
        "offensive {on} begins",
        "{attacker} launch[es] offensive",
        "offensive begins",
    ),
    Phase.ADVANCE: (
        "{attacker} advance[s] {on}",
        "offensive {on} gains ground",
        "{attacker} advance[s]",
        "offensive gains ground",
    ),
    Phase.REPELLED: (
        "{defender} repel[s] {attacker} at {place}",
        "{defender} repel[s] offensive on {place}",
        "offensive by {attacker} on {place} repelled",
        "offensive on {place} repelled",
        "{defender} repel[s] {attacker}",
        "{defender} repel[s] offensive",
        "offensive by {attacker} repelled",
        "offensive repelled",
    ),
    Phase.ENDED: (
        "offensive by {attacker} {on} ends",
        "offensive {on} ends",
        "offensive by {attacker} ends",
        "offensive ends",
    ),
}

_SIEGE_GOES_ON = (
    "siege of {target} by {attacker} goes on",
    "siege of {target} goes on",
    "siege by {attacker} goes on",
    "siege goes on",
)
_OFFENSIVE_GOES_ON = (
    "{attacker} press[es] offensive {on}",
    "offensive {on} goes on",
    "{attacker} press[es] offensive",
    "offensive goes on",
)
_TAKEN = (
    "{attacker} take[s] {place}",
    "{place} taken",
    "{attacker} take[s] ground from {defender}",
    "{attacker} take[s] ground",
    "ground taken",
)

_THREATENED: Mapping[Phase, tuple[str, ...]] = {
    Phase.IMPOSED: (
        "{attacker} poised to besiege {target}",
        "siege of {target} looms",
        "{attacker} poised to lay siege",
        "siege looms",
    ),
    Phase.BROKEN: ("siege of {target} about to be broken", "siege about to be broken"),
    Phase.FALLEN: (
        "besieged {place} about to fall to {attacker}",
        "besieged {target} about to fall",
        "besieged position about to fall",
    ),
    Phase.LAUNCHED: (
        "{attacker} poised to launch offensive {on}",
        "offensive {on} looms",
        "{attacker} poised to launch offensive",
        "offensive looms",
    ),
    Phase.ADVANCE: (
        "{attacker} poised to advance {on}",
        "advance {on} looms",
        "{attacker} poised to advance",
        "advance looms",
    ),
    Phase.REPELLED: ("offensive {on} about to be repelled", "offensive about to be repelled"),
    Phase.ENDED: ("offensive {on} about to end", "offensive about to end"),
}
_SIEGE_TO_GO_ON = ("siege of {target} set to go on", "siege set to go on")
_OFFENSIVE_TO_GO_ON = ("offensive {on} set to go on", "offensive set to go on")
_TO_BE_TAKEN = ("{attacker} about to take {place}", "{place} about to fall", "ground about to be taken")

_UNNAMED = frozenset({Phase.IMPOSED, Phase.ONGOING, Phase.BROKEN})
"""Phases of a siege that read well without the place, where the sentence before has named it."""

_PLURAL_WORDS = frozenset({"taliban", "peshmerga", "police", "people", "mujahideen", "fedayeen"})
_SINGULAR_WORDS = frozenset({"hamas", "isis", "states", "nations", "emirates", "philippines", "netherlands", "yemen"})
_SLOT = re.compile(r"\{(\w+)\}")
_ENDING = re.compile(r"\[(e?s)\]")


def phrase(event: Event, *, place_known: bool = False) -> str:
    """What happens, in words that fit one headline; `place_known` if the words before have named the place."""
    known = _known(event, place_known)
    for template in _templates(event):
        slots = _SLOT.findall(template)
        if known.keys() >= set(slots):
            ending = "" if slots and is_plural(known[slots[0]]) else r"\1"
            return _ENDING.sub(ending, template).format_map(known)
    raise ValueError(f"no words for a {event.kind} that is {event.phase}")


def is_plural(name: str) -> bool:
    """Whether verbs after `name` take the plural: *rebels advance*, *army advances*, *US advances*."""
    last = name.split()[-1]
    word = last.casefold()
    if " and " in name or word in _PLURAL_WORDS:
        return True
    if word in _SINGULAR_WORDS or last.isupper():
        return False
    return (word.endswith("s") and not word.endswith(("ss", "'s", "’s"))) or word.endswith("men")


def _templates(event: Event) -> tuple[str, ...]:
    actual = event.status is Status.ACTUAL
    if event.phase is Phase.ONGOING and event.kind is Kind.SIEGE:
        return _SIEGE_GOES_ON if actual else _SIEGE_TO_GO_ON
    if event.phase is Phase.ONGOING:
        return _OFFENSIVE_GOES_ON if actual else _OFFENSIVE_TO_GO_ON
    if event.phase is Phase.ADVANCE and event.taken:
        return _TAKEN if actual else _TO_BE_TAKEN
    return (_ACTUAL if actual else _THREATENED)[event.phase]


def _known(event: Event, place_known: bool) -> dict[str, str]:
    """The slots that this event can fill."""
    place = calm(event.place.name) if event.place else ""
    attacker, defender = calm(event.attacker or ""), calm(event.defender or "")
    target = place or defender
    if place_known and event.kind is Kind.SIEGE and event.phase in _UNNAMED:
        target = ""
    slots = {"attacker": attacker, "defender": defender, "place": place, "target": target}
    slots["on"] = f"{_preposition(event)} {place}" if place else f"against {defender}" if defender else ""
    return {name: value for name, value in slots.items() if value}


def _preposition(event: Event) -> str:
    wide = event.place and event.place.precision in (Precision.REGION, Precision.COUNTRY)
    return "in" if wide else "on"
