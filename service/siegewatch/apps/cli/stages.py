"""The steps of a judgement by the stage that took them: what `explain` and the report of `evaluate` show."""

import re
from collections.abc import Iterable

_STAGE = re.compile(r"([a-z]+): (?=\S)")
OTHER = "decision"
"""The stage of a step that names none, as those of repeats and stories do."""
HEADINGS = {
    OTHER: "Decision: what became of it",
    "language": "Language: which is it, and is there a classifier for it?",
    "gate": "Gate: has it words of siege or offensive?",
    "glance": "Glance: is it plainly of something else?",
    "trigger": "Triggers: which frames hold, and is it told as real?",
    "encoder": "Encoder: does the trained reader see an event?",
    "topic": "Topic: is it of another world than war?",
    "place": "Places: which place, and why not the others?",
    "score": "Score: how likely is it, and what weighed most?",
    "toll": "Tolls: whom does it count?",
    "role": "Roles: who attacks, who defends, and who says so?",
}


def by_stage(steps: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Steps such as `gate: passed by 'siege'`, put under their first word; stages in the order of their first step."""
    stages: dict[str, list[str]] = {}
    for step in steps:
        named = _STAGE.match(step)
        stages.setdefault(named[1] if named else OTHER, []).append(step[named.end() :] if named else step)
    return list(stages.items())


def headed(steps: Iterable[str]) -> list[tuple[str, list[str]]]:
    """The stages with headings that say what each asks; one that is not known keeps its name."""
    return [(HEADINGS.get(stage, stage), lines) for stage, lines in by_stage(steps)]


def plain(steps: Iterable[str]) -> list[dict[str, object]]:
    """The stages for programs."""
    return [{"stage": stage, "steps": lines} for stage, lines in by_stage(steps)]
