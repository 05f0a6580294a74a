"""The words that the encoder marks, as spans."""

import numpy as np
import pytest
import spacy

from siegewatch.detect.encoder import TAGS, Sight
from siegewatch.detect.marked import HINTED, MARKED, marked
from siegewatch.domain.taxonomy import Kind

NLP = spacy.blank("en")


def spans(
    text: str, scores: list[float], kind: Kind = Kind.SIEGE, role: str = "place", least: float = MARKED
) -> list[tuple[str, float]]:
    doc = NLP(text)
    words = np.zeros((len(doc), len(TAGS)), np.float32)
    words[:, TAGS.index((Kind.SIEGE, "place"))] = scores
    sight = Sight({}, {}, {"title": words, "summary": np.zeros((0, len(TAGS)), np.float32)})
    found = marked({"title": doc, "summary": NLP("")}, sight, kind, role, least)
    return [(one.span.text, round(one.score, 2)) for one in found]


def test_neighbouring_marked_words_are_one_span():
    assert spans("Siege of Deir Zor ends", [0, 0, 0.9, 0.7, 0]) == [("Deir Zor", 0.8)]


def test_word_between_two_marked_ones_belongs_to_them_unless_it_is_surely_none():
    assert spans("Deir al Zor", [0.9, 0.3, 0.9]) == [("Deir al Zor", 0.7)]
    assert spans("Homs then Hama", [0.9, 0.1, 0.9]) == [("Homs", 0.9), ("Hama", 0.9)]


def test_words_of_a_role_that_nothing_else_names_are_spans_when_only_hinted_at():
    assert spans("Homs falls", [0.35, 0]) == []
    assert spans("Deir al Zor falls", [0.4, 0.15, 0.35, 0], least=HINTED) == [("Deir al Zor", 0.3)]


@pytest.mark.parametrize(("text", "found"), [('"Homs"', "Homs"), ("( Homs )", "Homs")])
def test_span_neither_begins_nor_ends_with_punctuation(text, found):
    assert [name for name, _ in spans(text, [0.8] * len(NLP(text)))] == [found]


def test_other_roles_and_kinds_are_not_mixed_up():
    assert spans("Homs falls", [0.9, 0], kind=Kind.OFFENSIVE) == []
    assert spans("Homs falls", [0.9, 0], role="attacker") == []
