"""How like two reports are: copy, repeat, update, related or nothing, decided by what they tell.

A report repeats another where a small model finds it like enough and no fact has changed; the facts have the last
word. The model is two logistic scores over a dozen measures, written by `training/train_likeness.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from importlib.resources import files
from operator import attrgetter
from typing import Any

from siegewatch.detect.differences import DifferenceFinder
from siegewatch.detect.facts import FactReader, Facts
from siegewatch.detect.measuring import Measurer, Measures
from siegewatch.detect.report_words import ReportWords
from siegewatch.domain.taxonomy import Likeness

_VALUES = attrgetter(*(field.name for field in fields(Measures)))

_RELATED = -2.0
"""A report that scores more than this for being of the same happening is at least of the same war."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How like the later report is to the earlier, None for not at all; `why` names what decided it. `firm`: the later
    headline names nothing that the earlier report does not, no turn of the fight and nobody. `denies`: it says that
    what the earlier one tells is not so."""

    likeness: Likeness | None
    why: str
    firm: bool = False
    denies: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """One logistic score: its weights in the order of `Measures`, and what is added."""

    weights: Sequence[float]
    bias: float

    def of(self, measures: Measures) -> float:
        """Above 0 for yes."""
        values: tuple[float, ...] = _VALUES(measures)
        return self.bias + sum(w * x for w, x in zip(self.weights, values, strict=True))


class Comparer:
    """Compares reports; safe to share between threads."""

    def __init__(self, model: Mapping[str, Any] | None = None) -> None:
        meanings = ReportWords()
        self.reader = FactReader(meanings)
        self.measurer = Measurer(meanings)
        self._differences = DifferenceFinder(meanings, self.measurer)
        raw = model or json.loads((files("siegewatch.detect") / "model" / "likeness.json").read_text("utf-8"))
        self._same, self._again = (Score(raw[name]["weights"], raw[name]["bias"]) for name in ("same", "again"))

    def compare(self, earlier: Facts, later: Facts, gap: timedelta) -> Verdict:
        """How like `later`, published `gap` after, is to `earlier`."""
        measures = self.measurer.measures(earlier, later, gap)
        same = self._same.of(measures)
        if same < 0:
            return Verdict(Likeness.RELATED if same > _RELATED else None, "tells of something else")
        if self._differences.is_another(earlier, later):
            return Verdict(None, "another in the same words")
        if changed := self._differences.changed(earlier, later):
            return Verdict(Likeness.UPDATE, changed, denies=self._differences.denies(earlier, later))
        if self.measurer.is_copy(earlier, later):
            return Verdict(Likeness.COPY, "the same words")
        if self._again.of(measures) < 0:
            return Verdict(Likeness.UPDATE, "tells more of the same")
        return Verdict(Likeness.REPEAT, "tells no other fact", firm=not self._differences.is_adding(earlier, later))

    def reworded(self, earlier: Facts, later: Facts) -> Verdict:
        """How like one wording of an item is to an earlier one: what it adds is no news unless a fact has changed."""
        changed = self._differences.changed(earlier, later)
        if changed:
            return Verdict(Likeness.UPDATE, changed, denies=self._differences.denies(earlier, later))
        return Verdict(Likeness.REPEAT, "an edit that changes no fact")
