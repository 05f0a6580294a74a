"""The glance spares the encoder what is plainly of something else."""

import pytest

from siegewatch.detect.glance import BLANK, Glance, glance_input
from siegewatch.detect.pieces import LONGEST, PieceCutter


@pytest.fixture(scope="module")
def glance() -> Glance:
    return Glance.load(PieceCutter.load())


@pytest.mark.parametrize(
    "title",
    [
        "Rebels besiege Homs",
        "REBELS CAPTURE BORDER POST",
        "Army lifts siege of river town after nine weeks",
        "Russian troops take the village of Robotyne",
        "Fall of Goma: M23 fighters enter the city",
    ],
)
def test_sieges_and_offensives_are_read_further(glance: Glance, title: str) -> None:
    assert glance.surplus(title, "") > 0


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("How to retreat from a bad investment", "Shares in technology companies have lost a tenth of their value."),
        ("Task force to review school meals", "The council will strike a deal with caterers next year."),
        ("Five of the best spa retreats in Scotland", "Our writers pick their favourites for autumn."),
    ],
)
def test_what_is_plainly_of_something_else_is_not(glance: Glance, title: str, summary: str) -> None:
    assert glance.surplus(title, summary) < 0


def test_headline_and_lead_are_kept_apart_and_short_items_padded() -> None:
    given = glance_input([([7, 8], [9]), ([5], [])])
    assert given["pieces"].tolist() == [[7, 8, BLANK, 9], [5, BLANK, BLANK, BLANK]]
    assert given["in_title"].tolist() == [[1, 1, 0, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize("text", ["", " ", "\u202e", "🔴" * 600, "a" * 600, "(" * 600])
def test_odd_texts_have_an_answer(glance: Glance, text: str) -> None:
    assert glance.surplus(text, text) == pytest.approx(glance.surplus(text, text))


def test_no_more_is_looked_at_than_the_encoder_reads(glance: Glance) -> None:
    end = " Rebels besiege Homs"
    assert glance.surplus("siege", "army " * LONGEST) == glance.surplus("siege", "army " * LONGEST + end)
