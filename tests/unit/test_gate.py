"""The gate lets through what may be an event, and little else."""

import pytest

from siegewatch.detect.gate import HEAD_CHARS, Gate, _stems


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate.load()


@pytest.mark.parametrize(
    "title",
    [
        "Army thrusts east to break siege of river town",
        "REBELS CAPTURE BORDER POST",
        "Houthis expelled from port city",
        "IS driven from desert town",
        "Noose closes on northern capital",
        "Troops told to take the hill by dawn",
    ],
)
def test_gate_passes_headlines_of_sieges_and_offensives(gate: Gate, title: str) -> None:
    assert gate.hit(title, "")


@pytest.mark.parametrize(
    "title",
    [
        "Ten recipes for a rainy weekend",
        "Phone maker cuts prices",
        "Is this the end of the office?",
        "Singer tops charts",
    ],
)
def test_gate_stops_what_cannot_be_an_event(gate: Gate, title: str) -> None:
    assert gate.hit(title, "") == ()


def test_gate_reads_the_summary_but_only_its_head(gate: Gate) -> None:
    assert gate.hit("A day in the hills", "Rebels seized the town.")
    assert not gate.hit("A day in the hills", "x" * HEAD_CHARS + " besieged")


def test_gate_tells_the_words_that_let_an_item_pass(gate: Gate) -> None:
    assert gate.hit("Soldiers enter the town", "") == ("soldier", "enter")


def test_of_stems_that_begin_alike_the_shortest_is_told_and_a_marked_end_holds() -> None:
    stems = _stems(["tanks", "tank$", "cut off", "cutthroat", "c.i"])
    found = [stems.search(text) for text in ("a tank here", "two tanks", "tanker", "cut offs", "cut", "c.i", "cxi")]
    assert [one and one.group() for one in found] == ["tank", "tanks", None, "cut off", None, "c.i", None]
