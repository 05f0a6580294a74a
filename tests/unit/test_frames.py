"""What the frames say of a headline by themselves: how it is told, who attacks whom, and who holds the ground."""

from datetime import UTC, datetime

import pytest

from siegewatch.detect.candidate import Candidate
from siegewatch.detect.holders import HolderFinder
from siegewatch.detect.judging import topic_of
from siegewatch.detect.reading import Reader, ReadItem
from siegewatch.detect.topics import NO_WORD_OF_WAR, Topics
from siegewatch.domain.item import Item

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def read(reader: Reader, title: str) -> ReadItem:
    (one,) = reader.read(reader.cut([Item("i", title, "", AT, AT)]))
    return one


def told(reader: Reader, title: str) -> set[str]:
    return {f"{c.kind} {c.phase} {c.status}" for c in read(reader, title).candidates}


def sides(candidate: Candidate) -> tuple[str | None, str | None]:
    both = (candidate.attacker, candidate.defender)
    attacker, defender = (candidate.scene.text(side.start, side.end) if side else None for side in both)
    return attacker, defender


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Guerrillas try to seize barracks at Kasese", "offensive ongoing actual"),
        ("Troops close to retaking Baiji", "offensive advance threatened"),
        ("Avdiivka 'nearly encircled', soldiers say", "siege imposed threatened"),
        ("Garrison town no longer under siege, mayor says", "siege broken actual"),
        ("Dozens flee as army tightens siege of Bor", "siege imposed actual"),
        ("Paris condemns offensive in Kordofan", "offensive ongoing actual"),
        ("Rebel offensive at Hajjah runs out of steam", "offensive repelled actual"),
    ],
)
def test_how_it_is_told(reader: Reader, title: str, expected: str) -> None:
    assert expected in told(reader, title)


@pytest.mark.parametrize(
    "title",
    [
        "Ground offensive in Jenin has not begun, general says",
        "No ground operation in Baalbek, army says",
        "Rebels have yet to enter Bor, monitors say",
    ],
)
def test_what_is_denied_is_not_told(reader: Reader, title: str) -> None:
    assert told(reader, title) == set()


def test_no_food_is_no_denial_of_a_siege(reader: Reader) -> None:
    assert "siege ongoing actual" in told(reader, "No food for weeks in besieged Bor")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Heavy fighting between army and insurgents in Bor", ("army", "insurgents")),
        ("Militia and soldiers clash in Bor", ("Militia", "soldiers")),
        ("Insurgents battle government troops in Bor", ("Insurgents", "government troops")),
        ("Rebels enter Bor as government troops withdraw", ("Rebels", "government troops")),
    ],
)
def test_both_sides_are_named(reader: Reader, title: str, expected: tuple[str, str]) -> None:
    assert expected in {sides(candidate) for candidate in read(reader, title).candidates}


def test_who_withdraws_elsewhere_is_not_driven_out(reader: Reader) -> None:
    title = "Rebels enter Goma as government troops withdraw from Bunia"
    assert ("Rebels", "government troops") not in {sides(candidate) for candidate in read(reader, title).candidates}


@pytest.mark.parametrize(
    ("title", "holder"),
    [
        ("Army enters rebel-held town of Bor", "rebel"),
        ("Army enters rebel held town", "rebel"),
        ("Army storms base held by insurgents near Bor", "insurgents"),
        ("Army captures last stronghold of the rebels", "rebels"),
        ("Army takes Bor after years under rebel control", "rebel"),
    ],
)
def test_who_holds_the_ground_is_told_beside_it(reader: Reader, title: str, holder: str) -> None:
    finder = HolderFinder(reader.roles.words)
    found = {c.scene.text(*bounds) for c in read(reader, title).candidates for bounds in finder.find(c)}
    assert holder in found


def test_who_takes_control_holds_nothing_yet(reader: Reader) -> None:
    finder = HolderFinder(reader.roles.words)
    candidates = read(reader, "Bor falls under rebel control").candidates
    assert [bounds for candidate in candidates for bounds in finder.find(candidate)] == []


def test_forces_are_named_with_whose_they_are(reader: Reader) -> None:
    (candidate, *_) = read(reader, "Troops loyal to General Okello capture Bor").candidates
    assert candidate.attacker is not None
    end = reader.roles.whole_name(candidate.scene, candidate.attacker)
    assert candidate.scene.text(candidate.attacker.start, end) == "Troops loyal to General Okello"


def test_who_tells_it_is_not_where_it_is(reader: Reader) -> None:
    (candidate, *_) = read(reader, "Soldiers driven from Afmadow, Mogadishu says").candidates
    assert candidate.ground is not None
    grounds = reader.roles.coordinated(candidate.scene, candidate.ground)
    assert [candidate.scene.text(ground.start, ground.end) for ground in grounds] == ["Afmadow"]


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Fall of Kunduz stuns Berlin", None),
        ("Noose closes on Kunduz", None),
        ("Rain front advances on Kunduz", NO_WORD_OF_WAR),
    ],
)
def test_frame_for_a_named_place_is_a_word_of_war(reader: Reader, title: str, topic: str | None) -> None:
    assert topic_of(read(reader, title), Topics.load()) == topic
