"""The actor lists as data: every id and name means one actor, and what is said of it can be so."""

import re
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest

from siegewatch.detect.actor_lexicon import Wording, actor_wordings, state_wordings
from siegewatch.detect.actors import ActorList
from siegewatch.detect.lexicon_files import LEXICON, load_lexicon
from siegewatch.settings.countries import COUNTRIES

ACTORS: dict[str, dict[str, Any]] = load_lexicon("actors.yaml")
STATES: dict[str, dict[str, Any]] = load_lexicon("states.yaml")
KINDS = {"armed-group", "army", "alliance"}
KEYS = {"name", "also", "unsure", "not_if", "kind", "of", "in", "since", "until"}
FIRST_YEAR = 1940
WARS = """
BA XK HR RU AO SL LR LK NP CO CD UG SD SS TD CF ET ER SO MZ ML BF NE NG LY SY IQ TR YE AF PK IN MM PH TH GE AZ UA IL
PS LB RW BI CI DZ ID TL TJ MK CM SN
"""
"""Countries of wars since 1990: somebody fights there."""


def kind_of(row: dict[str, Any]) -> str:
    return str(row.get("kind", "armed-group"))


def wordings() -> list[Wording]:
    groups = list(actor_wordings(ACTORS))
    return [*groups, *state_wordings(STATES, {wording.actor.id: wording.actor for wording in groups})]


@pytest.mark.parametrize("name", ["actors.yaml", "states.yaml"])
def test_every_id_stands_once(name: str) -> None:
    ids = re.findall(r"^'?([A-Za-z0-9-]+)'?: ", (LEXICON / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(ids) == len(set(ids)) == len(load_lexicon(name))


def test_no_id_of_a_group_is_that_of_a_state() -> None:
    assert not {code.lower() for code in STATES} & ACTORS.keys()


def test_every_name_means_one_actor() -> None:
    meant = defaultdict(set)
    for wording in wordings():
        meant[wording.folded].add(wording.actor.id)
    assert {" ".join(name): ids for name, ids in meant.items() if len(ids) > 1} == {}


def test_no_name_is_written_twice_for_one_actor() -> None:
    for number, row in ACTORS.items():
        names = [str(name) for name in (row["name"], *row.get("also", ()), *row.get("unsure", ()))]
        assert sorted(names) == sorted(set(names)), number


def test_rows_say_only_what_is_known() -> None:
    for number, row in ACTORS.items():
        assert row.keys() <= KEYS, number
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", number)
        assert kind_of(row) in KINDS, number
        assert {row.get("of", "SY"), *row["in"]} <= COUNTRIES, number


def test_armies_of_states_are_of_the_state_in_their_id() -> None:
    for number, row in ACTORS.items():
        if re.fullmatch(r"[a-z]{2}-army", number):
            assert (kind_of(row), row["of"]) == ("army", number[:2].upper())


def test_years_are_known_of_all_but_armies_and_can_be_so() -> None:
    this_year = datetime.now(UTC).year
    for number, row in ACTORS.items():
        assert "since" in row or kind_of(row) == "army", number
        since = row.get("since", row.get("until", this_year))
        assert FIRST_YEAR <= since <= row.get("until", this_year) <= this_year, number


@pytest.mark.parametrize("country", WARS.split())
def test_every_war_since_1990_has_its_sides(country: str) -> None:
    assert any(country in row["in"] for row in ACTORS.values() if kind_of(row) == "armed-group")
    assert ActorList.load().by_id.get(f"{country.lower()}-army") is not None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Bosnian Serb forces", "bosnian-serbs"),
        ("HVO", "bosnian-croats"),
        ("UNITA rebels", "unita"),
        ("NPFL rebels", "npfl"),
        ("Tamil Tigers", "ltte"),
        ("Nepalese Maoists", "np-maoists"),
        ("Interahamwe", "fdlr"),
        ("Wazalendo fighters", "mai-mai"),
        ("Izz ad-Din al-Qassam Brigades", "hamas"),
        ("Tehreek-e-Taliban Pakistan", "ttp"),
        ("Hayat Tahrir al-Sham", "hts"),
        ("Jama'at Nusrat al-Islam wal-Muslimin", "jnim"),
        ("Ta'ang National Liberation Army", "tnla"),
        ("Ansarullah", "houthis"),
        ("PMC Wagner", "wagner"),
        ("Pentagon", "us"),
        ("Russians", "ru"),
        ("Tudjman's forces", "hr-army"),
    ],
)
def test_names_and_transliterations_lead_to_their_actor(text: str, number: str) -> None:
    (mention,) = ActorList.load().find(f"{text} advance")
    assert mention.text == text
    assert mention.actor is not None
    assert mention.actor.id == number
