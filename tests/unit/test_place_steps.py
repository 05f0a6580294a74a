"""Why each place of a text was taken, and the others were not."""

import pytest

from siegewatch.detect.place_steps import place_steps
from siegewatch.detect.places import Context, Gazetteer
from siegewatch.domain.event import Event, Place
from siegewatch.domain.taxonomy import Kind, Phase, Status


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


def event_at(name: str) -> Event:
    return Event(Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, place=Place(name))


def test_steps_tell_the_place_taken_first_then_those_that_lost_with_what_spoke_for_each(gazetteer: Gazetteer) -> None:
    taken, *lost = place_steps(gazetteer, "Rebels storm Tripoli", Context(("LB",)), [event_at("Tripoli")])
    assert taken.startswith("place: “Tripoli” is the city in LB at 34.4")
    assert "in a country that the item names +4.0" in taken
    assert lost[0].startswith("place: “Tripoli” is less likely the city in LY at 32.8")
    assert "inhabitants" in lost[0]
    assert any("less likely no place that is known" in step for step in lost)


def test_steps_follow_what_the_item_names(gazetteer: Gazetteer) -> None:
    [taken, *_] = place_steps(gazetteer, "Rebels storm Tripoli", Context(("LY",)), [event_at("Tripoli")])
    assert taken.startswith("place: “Tripoli” is the city in LY")


def test_steps_say_where_no_event_is_told(gazetteer: Gazetteer) -> None:
    steps = place_steps(gazetteer, "Tripoli awaits help from Cairo", Context(), [event_at("tripoli")])
    silent = [step.split("”")[0] for step in steps if step.endswith("; no event is told there")]
    assert silent == ["place: “Cairo"]


def test_steps_count_those_of_a_common_name_that_they_leave_out(gazetteer: Gazetteer) -> None:
    steps = place_steps(gazetteer, "Army takes the town of Santa Rosa", Context(), [])
    assert sum("less likely" in step for step in steps) == 4
    assert steps[-1].startswith("place: “Santa Rosa” is none of ")


def test_steps_of_a_text_without_places_are_none(gazetteer: Gazetteer) -> None:
    assert place_steps(gazetteer, "rebels storm the barracks", Context(), []) == []
