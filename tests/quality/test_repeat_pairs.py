"""Two hundred invented pairs of which one fact differs: none may be taken for a repeat. And copies in other dress, of
which all must be."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from siegewatch.detect.facts import Facts
from siegewatch.detect.likeness import Comparer
from siegewatch.detect.repeats import headline_digests, take_apart
from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import Likeness

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PAIRS = [json.loads(line) for line in (Path(__file__).parent / "repeat_pairs.jsonl").read_text("utf-8").splitlines()]
SAME = (Likeness.COPY, Likeness.REPEAT)


@pytest.fixture(scope="module")
def comparer() -> Comparer:
    return Comparer()


def facts(comparer: Comparer, report: dict[str, str]) -> Facts:
    return comparer.reader.read(take_apart(report["title"]).written, report["summary"])


def test_there_are_two_hundred_pairs():
    assert len({(pair["a"]["title"], pair["b"]["title"]) for pair in PAIRS}) == 200


@pytest.mark.parametrize("minutes", [1, 600])
def test_changed_fact_is_no_repeat(comparer, minutes):
    gap = timedelta(minutes=minutes)
    swallowed = [
        (pair["change"], pair["a"]["title"], pair["b"]["title"])
        for pair in PAIRS
        if comparer.compare(facts(comparer, pair["a"]), facts(comparer, pair["b"]), gap).likeness in SAME
    ]
    assert swallowed == []


def test_edit_that_changes_a_fact_is_no_repeat(comparer):
    swallowed = [
        (pair["change"], pair["a"]["title"], pair["b"]["title"])
        for pair in PAIRS
        if comparer.reworded(facts(comparer, pair["a"]), facts(comparer, pair["b"])).likeness in SAME
    ]
    assert swallowed == []


DRESSES: dict[str, Callable[[Item], Item]] = {
    "capitals": lambda item: replace(item, title=item.title.upper()),
    "title case": lambda item: replace(item, title=item.title.title()),
    "quotes": lambda item: replace(item, title=f"“{item.title}”"),
    "punctuation": lambda item: replace(item, title=item.title.replace(",", " –") + "…"),
    "outlet suffix": lambda item: replace(item, title=f"{item.title} | The Daily Herald"),
    "wire suffix": lambda item: replace(item, title=f"{item.title} - Reuters"),
    "prefix": lambda item: replace(item, title=f"BREAKING: {item.title}"),
    "wire prefix": lambda item: replace(item, title=f"UPDATE 3-{item.title}"),
    "tracking": lambda item: replace(item, link=f"{item.link}?utm_source=rss"),
    "new guid": lambda item: replace(item, id=item.id + "x"),
    "white space": lambda item: replace(item, title=item.title.replace(" ", "  ")),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_copy_in_other_dress_has_the_digest_of_the_plain_one(dress):
    for number, pair in enumerate(PAIRS):
        plain = Item(str(number), pair["b"]["title"], "", NOW, NOW, "https://a.example/1", "Courier", "Courier")
        copy = replace(DRESSES[dress](plain), outlet="The Daily Herald", feed="Herald")
        assert headline_digests(copy, take_apart(copy.title))[0] == headline_digests(plain, take_apart(plain.title))[0]
