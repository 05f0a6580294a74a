"""The table of codes in docs/commands.md is the cross-walk that events follow."""

from itertools import product
from pathlib import Path

from siegewatch.detect.codes import codes_for
from siegewatch.domain.taxonomy import PHASES, Kind, Status

COMMANDS = Path(__file__).parents[2] / "docs" / "commands.md"


def documented() -> set[tuple[str, str, str, str | None]]:
    """Kind, CAMEO, PLOVER and each ACLED type of every row; None where the type is none or not told."""
    found: set[tuple[str, str, str, str | None]] = set()
    for line in COMMANDS.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[1].isdigit():
            types = cells[3].split("; ") if cells[3] != "none" else []
            found |= {(cells[0].split()[0], cells[1], cells[2], one) for one in types}
            if len(types) != 1:
                found.add((cells[0].split()[0], cells[1], cells[2], None))
    return found


def test_every_code_that_an_event_can_bear_stands_in_the_table_and_no_other() -> None:
    borne = set()
    for kind, status, taken, by_deal, by_state in product(
        Kind, Status, (True, False), (True, False), (True, False, None)
    ):
        for phase in PHASES[kind]:
            codes = codes_for(kind, phase, status, taken=taken, by_deal=by_deal, by_state=by_state)
            borne.add((str(kind), codes.cameo, codes.plover, codes.acled))
    assert documented() == borne
