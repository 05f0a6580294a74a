"""The invented items of languages.jsonl, half of them of war and with English names, and English hard_cases.jsonl.

The last five of each language were written when all was settled, the others before. bench/languages.py measures on
headlines of newspapers.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from siegewatch.detect.language import Languages

HERE = Path(__file__).parent
TOLD = Languages.load()


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def told(row: dict) -> str:
    return TOLD.of(f"{row['title']} {row['summary']}")


ITEMS = rows("languages.jsonl")
CODES = sorted({row["language"] for row in ITEMS})


def test_items_in_many_languages_are_named_right() -> None:
    assert Counter(row["language"] for row in ITEMS) == dict.fromkeys(CODES, 20)
    assert len(CODES) == 17
    assert sum(told(row) == row["language"] for row in ITEMS) / len(ITEMS) >= 0.95


@pytest.mark.parametrize("code", CODES)
def test_items_in_a_language_are_named_right(code: str) -> None:
    of_code = [row for row in ITEMS if row["language"] == code]
    assert sum(told(row) == code for row in of_code) / len(of_code) >= 0.75


def test_nearly_no_item_in_another_language_is_taken_for_english() -> None:
    assert sum(told(row) == "en" for row in ITEMS) <= 7


def test_no_english_headline_is_called_foreign() -> None:
    assert [row["title"] for row in rows("hard_cases.jsonl") if told(row) != "en"] == []
