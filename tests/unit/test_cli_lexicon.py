"""A lexicon in the configuration folder, as the commands use it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from siegewatch import wiring
from siegewatch.apps.cli import app
from siegewatch.domain.errors import UsageError
from siegewatch.domain.event import Judgement
from siegewatch.domain.item import Item
from siegewatch.settings import load

TITLE = "Zorblax Front snaffles Quuxville"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "triggers.yaml").write_text("verbs:\n  - {frame: capture, verbs: [snaffle]}\n")
    (tmp_path / "lexicon" / "actors.yaml").write_text("zorblax: {name: Zorblax Front, of: SS}\n")
    (tmp_path / "lexicon" / "places.yaml").write_text("SS:\n  - {name: Quuxville, at: [6.1, 31.2]}\n")
    return tmp_path


def test_classify_finds_what_the_folder_adds_and_nothing_without_it(
    config: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bare = tmp_path_factory.mktemp("bare")
    (bare / "feeds.yaml").write_text("feeds: []\n")
    found, missed = (
        json.loads(CliRunner().invoke(app, ["classify", "--config", str(folder), "--text", TITLE]).stdout)["events"]
        for folder in (config, bare)
    )
    assert missed == []
    (event,) = found
    assert (event["kind"], event["phase"], event["taken"]) == ("offensive", "advance", True)
    assert (event["attacker"], event["attacker_id"]) == ("Zorblax Front", "zorblax")
    assert (event["place"]["name"], event["place"]["lat"], event["country"]) == ("Quuxville", 6.1, "SS")


def test_check_tells_what_does_not_fit_the_lists_with_its_line(config: Path) -> None:
    (config / "lexicon" / "triggers.yaml").write_text("verbs:\n  - {frame: captur, verbs: [snaffle]}\n")
    result = CliRunner().invoke(app, ["check", "--config", str(config)])
    assert result.exit_code == 1
    assert 'triggers.yaml:2: no frame of verbs is named "captur", did you mean "capture"?' in result.stdout


def test_check_of_a_fitting_lexicon_is_good(config: Path) -> None:
    assert CliRunner().invoke(app, ["check", "--config", str(config)]).exit_code == 0


class Deaf:
    """A classifier that takes no words in."""

    name = "deaf.v1"

    def load(self) -> None:
        """Has nothing to load."""

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        return [Judgement("und") for _ in items]


def test_classifier_that_takes_no_words_is_refused_with_a_lexicon_and_serves_without(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "plugin", lambda group, name: Deaf)
    with pytest.raises(UsageError, match="takes no words from lexicon/"):
        wiring.classifier(load(config, {}))
    for file in (config / "lexicon").iterdir():
        file.unlink()
    assert wiring.classifier(load(config, {})).classify([]) == []
