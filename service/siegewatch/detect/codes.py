"""An event in CAMEO, PLOVER and ACLED codes: the cross-walk of docs and contract."""

from siegewatch.domain.event import Codes
from siegewatch.domain.taxonomy import Kind, Phase, Status

_TERRITORY = {True: "Government regains territory", False: "Non-state actor overtakes territory", None: None}
"""ACLED's type of a place taken by force, by whether a state took it."""


def codes_for(kind: Kind, phase: Phase, status: Status, *, taken: bool, by_deal: bool, by_state: bool | None) -> Codes:
    """`by_deal`: a deal, truce or order, not force; `by_state`: the attacker is a state or its army, None where the
    item does not tell."""
    if status is Status.THREATENED:
        return Codes("1381" if kind is Kind.SIEGE else "1384", "THREATEN", None)
    if kind is Kind.SIEGE:
        return _siege(phase, by_deal=by_deal, by_state=by_state)
    if phase is Phase.ENDED:
        return Codes("0871" if by_deal else "0874", "RETREAT", None)
    if phase is Phase.ADVANCE and taken:
        return Codes("192", "COERCE", _TERRITORY[by_state])
    return Codes("190", "ASSAULT", "Armed clash")


def _siege(phase: Phase, *, by_deal: bool, by_state: bool | None) -> Codes:
    if phase is Phase.BROKEN:
        return Codes("0872", "RETREAT", "Agreement") if by_deal else Codes("190", "ASSAULT", "Armed clash")
    if phase is Phase.FALLEN:
        if by_deal:
            return Codes("0874", "RETREAT", "Non-violent transfer of territory")
        return Codes("192", "COERCE", _TERRITORY[by_state])
    return Codes("191", "COERCE", None)
