"""The gate: whether a text can hold an event at all, asked of plain text before anything is parsed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from re import Pattern

import yaml

from siegewatch.detect.actor_lexicon import one_word_groups
from siegewatch.detect.frames import own_triggers
from siegewatch.detect.lexicon_files import LEXICON, load_lexicon
from siegewatch.domain.lexicon import NOTHING_OWN, OwnLexicon

HEAD_CHARS = 600
"""How much of a summary is read: events stand in the lead."""


def _stems(stems: Sequence[str]) -> Pattern[str]:
    """Any of the stems at the start of a word, the shortest that fits; "$" at the end of a stem ends the word there."""
    letters = [(*stem.removesuffix("$"), *["\\b"] * stem.endswith("$"), "") for stem in stems]
    return re.compile(r"\b" + _branched(sorted(set(letters))))


def _branched(stems: Sequence[Sequence[str]]) -> str:
    """A pattern of stems by their letters, each ended by an empty one. What they begin with alike is written, and so
    compared, once: four times as fast as one after the other."""
    if not stems[0][0]:
        return ""
    branches = [
        (re.escape(first) if len(first) == 1 else first) + _branched([stem[1:] for stem in same])
        for first, same in groupby(stems, key=itemgetter(0))
    ]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


@dataclass(frozen=True, slots=True)
class Gate:
    """Word classes of lexicon/gate.yaml, compiled; `own` are an operator's triggers, if there are any."""

    alone: Pattern[str]
    force: Pattern[str]
    cased: Pattern[str]
    action: Pattern[str]
    own: Pattern[str] | None = None

    @classmethod
    def load(cls, own: OwnLexicon = NOTHING_OWN) -> "Gate":
        """Reads the lexicon that ships with the package, and opens for the operator's words: a trigger of theirs
        passes alone, a name of theirs beside a word of `action`."""
        words = yaml.safe_load(files("siegewatch.detect").joinpath("lexicon/gate.yaml").read_text("utf-8"))
        words["cased"] += [f"{name}$" for name in one_word_groups(load_lexicon("actors.yaml", LEXICON))]
        triggers = [f"{trigger}$" for trigger in own_triggers(own)]
        names = [name for actor in own.actors for name in (*actor.names, *actor.unsure)]
        words["force"] += [f"{name.lower()}$" for name in names if not name.isupper()]
        words["cased"] += [f"{name}$" for name in names if name.isupper()]
        alone, force, cased, action = (_stems(words[name]) for name in ("alone", "force", "cased", "action"))
        return cls(alone, force, cased, action, _stems(triggers) if triggers else None)

    def hit(self, title: str, summary: str) -> tuple[str, ...]:
        """The words that let the item pass; empty if it cannot hold an event."""
        text = f"{title} . {summary[:HEAD_CHARS]}"
        lowered = text.lower()
        if alone := (self.own and self.own.search(lowered)) or self.alone.search(lowered):
            return (alone.group(),)
        force = self.force.search(lowered) or self.cased.search(text)
        action = self.action.search(lowered) if force else None
        return (force.group(), action.group()) if force and action else ()

    def is_own(self, hit: Sequence[str]) -> bool:
        """Whether it was a trigger of the operator's that let the item pass."""
        return self.own is not None and self.own.fullmatch(hit[0]) is not None
