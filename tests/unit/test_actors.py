"""Actors: states, armies, armed groups and forces without a name, found as a person would copy them."""

import pytest

from siegewatch.detect.actors import ActorList


@pytest.fixture(scope="module")
def actors() -> ActorList:
    return ActorList.load()


def found(actors: ActorList, text: str) -> list[tuple[str, str | None]]:
    return [(mention.text, mention.actor.id if mention.actor else None) for mention in actors.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Syrian army thrusts east", [("Syrian army", "sy-army")]),
        ("SYRIAN ARMY THRUSTS EAST", [("SYRIAN ARMY", "sy-army")]),
        ("syrian army thrusts east", [("syrian army", "sy-army")]),
        ("Ethiopian troops enter the town", [("Ethiopian troops", "et-army")]),
        ("US troops leave", [("US troops", "us-army")]),
        ("Syrian government forces retreat", [("Syrian government forces", "sy-army")]),
        ("Kyiv's forces hold on", [("Kyiv's forces", "ua-army")]),
        ("Israel's military enters", [("Israel's military", "il-army")]),
        ("Islamic State militants overrun base", [("Islamic State militants", "islamic-state")]),
        ("Houthi rebels fire", [("Houthi rebels", "houthis")]),
        ("Turkish-backed rebels take the town", [("Turkish-backed rebels", "sna")]),
        ("Iran-backed militias attack", [("Iran-backed militias", None)]),
        ("Islamist insurgents strike", [("Islamist insurgents", None)]),
        ("pro-government forces enter", [("pro-government forces", None)]),
        ("forces loyal to Muammar Gaddafi shell the port", [("forces loyal to Muammar Gaddafi", None)]),
        ("Army retakes the town from IS", [("Army", None), ("IS", "islamic-state")]),
        ("Army retakes the town from rebels", [("Army", None), ("rebels", None)]),
        ("Russian offensive stalls", [("Russian", "ru")]),
        ("Iraqi and Kurdish forces attack", [("Iraqi", "iq-army"), ("Kurdish forces", "kurdish-forces")]),
        ("RSF shells the city as army advances", [("RSF", "rsf"), ("army", None)]),
        ("M23 rebels and FARDC clash", [("M23 rebels", "m23"), ("FARDC", "cd-army")]),
        ("RSF besieges El Obeid", [("RSF", "rsf")]),
        ("RSF encircles the garrison", [("RSF", "rsf")]),
        ("Putin orders a halt", [("Putin", "ru")]),
    ],
)
def test_find_copies_who_fights(actors: ActorList, text: str, expected: list[tuple[str, str | None]]) -> None:
    assert found(actors, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Syrian refugees storm the fence",
        "A Syrian town is quiet",
        "RSF condemns siege of newsroom",
        "RSF says press freedom is under siege",
        "WHY IS IT SO COLD",
        "Tell us what it is",
        "Fighting goes on in Ukraine",
        "The AA warns drivers of attack on the M25 by thieves",
        "",
    ],
)
def test_find_takes_no_one_else_for_an_actor(actors: ActorList, text: str) -> None:
    assert found(actors, text) == []


def test_people_of_a_state_are_not_its_army(actors: ActorList) -> None:
    (mention,) = actors.find("Israelis flee the border towns")
    assert mention.actor is not None
    assert mention.actor.kind == "people"


@pytest.mark.parametrize("text", ["Moscow claims the town", "Kremlin claims the town"])
def test_capital_that_stands_for_a_government_is_marked(actors: ActorList, text: str) -> None:
    (mention,) = actors.find(text)
    assert mention.actor is not None
    assert (mention.actor.kind, mention.actor.country) == ("metonym", "RU")


def test_get_gives_the_actor_of_an_id(actors: ActorList) -> None:
    group = actors.by_id.get("m23")
    assert group is not None
    assert (group.name, group.kind, group.theatres) == ("M23", "armed-group", ("CD",))
    assert actors.by_id.get("nobody") is None


def test_every_state_has_an_army(actors: ActorList) -> None:
    assert all(actors.by_id.get(f"{code}-army") for code in ("et", "fj", "no", "xk", "zw"))


def test_countries_come_from_all_that_hints_at_them(actors: ActorList) -> None:
    assert actors.countries("Houthis and Yemeni troops clash")[0] == "YE"
    assert actors.countries("Nothing of the kind") == ()


@pytest.mark.parametrize(
    ("text", "of_state"),
    [
        ("Syrian army", True),
        ("Damascus", True),
        ("Russians", True),
        ("NATO", True),
        ("M23 rebels", False),
        ("army", True),
        ("government troops", True),
        ("rebel troops", False),
        ("separatist army", False),
        ("fighters", None),
        ("unknown forces", None),
    ],
)
def test_words_or_list_tell_whether_a_side_is_of_a_state(actors: ActorList, text: str, of_state: bool | None) -> None:
    actor = next((mention.actor for mention in actors.find(text)), None)
    assert actors.is_of_state(text, actor) is of_state
