"""Which classifiers may be made after the first poll: those that nothing can refuse."""

from dataclasses import replace
from pathlib import Path

from siegewatch import wiring
from siegewatch.domain.lexicon import OwnLexicon
from siegewatch.settings import load


def test_classifier_that_could_be_refused_is_made_before_anything_begins(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    settings = load(tmp_path, {})
    assert wiring.is_sure(settings)
    assert not wiring.is_sure(replace(settings, lexicon=OwnLexicon(doubled=("besiege",))))
    assert not wiring.is_sure(replace(settings, detect=settings.detect.model_copy(update={"classifier": "another"})))
