"""A classifier for another language is a package: installed, named in the settings, and asked for its items alone."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from siegewatch import wiring
from siegewatch.detect.by_language import ByLanguage
from siegewatch.domain.event import Judgement
from siegewatch.domain.item import Item
from siegewatch.settings import load

AT = datetime(2026, 3, 1, tzinfo=UTC)
ENGLISH, FRENCH, ARABIC = (
    "Rebels storm the town hall",
    "Les rebelles prennent la mairie de la ville",
    "الجيش يدخل المدينة",
)
PACKAGE = """
from siegewatch.domain.event import Event, Judgement
from siegewatch.domain.taxonomy import Kind, Phase, Status


class TinyClassifier:
    name = "tiny-fr.v1"

    def load(self):
        self.loaded = True

    def classify(self, items):
        taken = Event(Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, classifier=self.name)
        return [Judgement("fr", (taken,) if "prennent" in item.title else ()) for item in items]
"""


class Listed:
    """Says nothing, and lists what it was asked."""

    name = "listed.v1"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.loads = 0

    def load(self) -> None:
        self.loads += 1

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        self.asked += [item.title for item in items]
        return [Judgement("en", steps=(item.title,)) for item in items]


def items(*titles: str) -> list[Item]:
    return [Item(str(number), title, "", AT, AT) for number, title in enumerate(titles)]


@pytest.fixture
def tiny_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution as pip would install it."""
    (tmp_path / "tiny_fr.py").write_text(PACKAGE, encoding="utf-8")
    facts = tmp_path / "tiny_fr-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-fr\nVersion: 1.0\n", encoding="utf-8")
    (facts / "entry_points.txt").write_text(
        "[siegewatch.classifiers]\ntiny-fr = tiny_fr:TinyClassifier\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert "tiny-fr" in entry_points(group="siegewatch.classifiers").names
    yield
    sys.modules.pop("tiny_fr", None)


@pytest.mark.usefixtures("tiny_package")
def test_an_installed_classifier_reads_the_language_it_is_set_for(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "feeds.yaml").write_text("feeds: []\n", encoding="utf-8")
    (config / "siegewatch.yaml").write_text("detect:\n  languages: {fr: tiny-fr}\n", encoding="utf-8")
    settings = load(config, {})
    french, arabic = wiring.classifier(settings).classify(items(FRENCH, ARABIC))
    assert [event.classifier for event in french.events] == ["tiny-fr.v1"]
    assert (arabic.language, arabic.events) == ("ar", ())


def test_each_item_goes_to_the_classifier_of_its_language_in_order() -> None:
    english, french = Listed(), Listed()
    judged = ByLanguage({"en": english, "fr": french}).classify(items(FRENCH, ENGLISH, ARABIC, FRENCH))
    assert english.asked == [ENGLISH]
    assert french.asked == [FRENCH, FRENCH]
    assert [one.steps[0] for one in judged] == [
        FRENCH,
        ENGLISH,
        "language: ar, for which no classifier is set",
        FRENCH,
    ]


def test_an_item_without_a_classifier_is_marked_and_not_judged() -> None:
    english = Listed()
    judged = ByLanguage({"en": english}).classify(items(ARABIC, FRENCH, "2–1", ""))
    assert [one.language for one in judged] == ["ar", "fr", "und", "und"]
    assert english.asked == []


def test_one_classifier_of_two_languages_is_loaded_and_asked_once() -> None:
    both = Listed()
    router = ByLanguage({"en": both, "fr": both})
    router.load()
    router.classify(items(FRENCH, ENGLISH))
    assert both.loads == 1
    assert both.asked == [FRENCH, ENGLISH]


def test_markup_and_unseen_characters_are_no_part_of_a_language() -> None:
    english = Listed()
    title = '<span class="headline" data-where="top"><a href="https://news.example/the-war-in-the-city">Бои</a></span>'
    (judged,) = ByLanguage({"en": english}).classify(items(title))
    assert judged.language in {"ru", "bg", "uk", "mk"}
