"""Words cut into the encoder's pieces, and the way back to the words."""

import numpy as np
import pytest
import spacy

from siegewatch.detect.encoder import TAGS, by_token, model_input
from siegewatch.detect.pieces import LONGEST, LONGEST_TITLE, PieceCutter

NLP = spacy.blank("en")


@pytest.fixture(scope="module")
def cutter() -> PieceCutter:
    return PieceCutter.load()


def test_every_piece_knows_its_field_and_token(cutter):
    pieces = cutter.cut(NLP("Kunduz besieged"), NLP("Taliban ring it."))
    assert pieces.tokens[0] is None
    assert [token for token in pieces.tokens if token] == sorted(token for token in pieces.tokens if token)
    assert {token for token in pieces.tokens if token} == {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (1, 3)}
    assert len(pieces.ids) == len(pieces.segments) == len(pieces.tokens)
    assert pieces.segments[0] == 0
    assert pieces.segments[-1] == 1


def test_case_and_accents_do_not_matter(cutter):
    assert cutter.cut(NLP("GORAŽDE Besieged"), NLP("")).ids == cutter.cut(NLP("Gorazde besieged"), NLP("")).ids


def test_what_no_piece_covers_is_one_unknown_piece(cutter):
    known, unknown = cutter.cut(NLP("siege"), NLP("")), cutter.cut(NLP("🛡"), NLP(""))
    assert len(unknown.ids) == len(known.ids) == 3


def test_no_more_is_read_than_fits_and_the_headline_leaves_room_for_the_lead(cutter):
    pieces = cutter.cut(NLP("siege " * 500), NLP("army " * 500))
    assert len(pieces.ids) == LONGEST
    assert sum(token is not None and token[0] == 0 for token in pieces.tokens) == LONGEST_TITLE - 2


def test_batch_is_padded_to_its_longest(cutter):
    given = model_input([cutter.cut(NLP("siege"), NLP("")), cutter.cut(NLP("army lays siege"), NLP(""))])
    assert {name: array.shape for name, array in given.items()} == dict.fromkeys(("ids", "mask", "segments"), (2, 5))
    assert given["mask"].sum(1).tolist() == [3, 5]


def test_scores_of_pieces_become_means_of_tokens_and_unread_tokens_have_none(cutter):
    docs = NLP("Kunduz " + "siege " * 200), NLP("")
    pieces = cutter.cut(*docs)
    scores = np.zeros((len(pieces.ids), len(TAGS)), np.float32)
    words = by_token(scores, pieces, [len(doc) for doc in docs])
    assert words["title"].shape == (len(docs[0]), len(TAGS))
    assert words["title"][0].tolist() == [0.5] * len(TAGS)
    assert words["title"][-1].tolist() == [0.0] * len(TAGS)
    assert words["summary"].shape == (0, len(TAGS))
