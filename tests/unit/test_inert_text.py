"""Words of feeds, disarmed and fitted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siegewatch.notify.text import clean, fit, inert, octets, utf16


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@everyone and @here", "＠everyone and ＠here"),
        ("<!channel> <@U1> a < b", "‹!channel> ‹＠U1> a < b"),
        ("see http://evil.example/x", "see http：/∕evil․example/x"),
        ("www.evil.example", "www․evil․example"),
        ("desk@heretic.example", "desk＠heretic․example"),
        ("#breaking $TSLA /start", "＃breaking ＄TSLA ∕start"),
        (":fire: at 5:30", "：fire: at 5:30"),
        ("The U.S. took 3.5 km at 5 a.m. on/off", "The U.S. took 3.5 km at 5 a.m. on/off"),
    ],
)
def test_what_clients_act_upon_is_written_with_look_alikes(text: str, told: str) -> None:
    assert inert(text) == told
    assert inert(told) == told


def test_unseen_marks_and_piles_of_marks_are_gone() -> None:
    assert clean("a\u115fb\u3164c\ufe0fd\u034fe") == "abcde"
    assert clean("a" + "\u0301" * 40) == "a" + "\u0301" * 3


@given(st.text(), st.integers(1, 40), st.sampled_from([len, utf16, octets]))
def test_a_fitted_text_is_never_wider_and_whole_where_it_fits(text: str, limit: int, width: object) -> None:
    text = clean(text)
    measured = width
    assert callable(measured)
    told = fit(text, limit, lambda part: part.replace("&", "&amp;"), measured)
    assert measured(told) <= limit
    assert "&" not in told.replace("&amp;", "")
    if measured(text.replace("&", "&amp;")) <= limit:
        assert told == text.replace("&", "&amp;")
