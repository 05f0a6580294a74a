"""What the scorer is told of an item: the frames that hold in it and how, its topic, and its words without names.

Names of places, states and groups are replaced by what they are, so that what is learnt of one war holds for the next.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from siegewatch.detect.candidate import Candidate
from siegewatch.detect.scene import ARMED, STATE, Phrase, Scene
from siegewatch.detect.topics import Topics
from siegewatch.domain.taxonomy import Kind, Status

_YEAR = re.compile(r"(?<![\w-])(1[0-9]{3}|20[0-9]{2})(?!\w)")
_NAME_LABELS = frozenset(
    {
        "PERSON",
        "ORG",
        "GPE",
        "NORP",
        "LOC",
        "FAC",
        "DATE",
        "CARDINAL",
        "TIME",
        "PERCENT",
        "ORDINAL",
        "MONEY",
        "QUANTITY",
        "EVENT",
        "WORK_OF_ART",
        "PRODUCT",
        "LAW",
    }
)
_MANY = 4
_SURE = 0.35
_OUTRIGHT = frozenset(
    {"enter", "approach", "offensive", "advance", "siege", "dislodge", "repel", "lose", "storm", "take"}
)
_OF_WAR = frozenset({"nuclear", "airbase", "airfield", "base", "bases", "barracks", "island", "islands", "outpost"})
"""Of the sites that a state seizes, those that it seizes by force."""


def item_features(
    title: str, summary: str, scenes: Sequence[Scene], topics: Topics, published_at: datetime | None
) -> set[str]:
    """Features that hold of the item whatever the candidate."""
    found = {
        f"{where}:{topic}:{min(count, 2)}"
        for where, text in (("title", title), ("all", f"{title} . {summary}"))
        for topic, count in topics.of(text.lower()).items()
    }
    if published_at and any(int(year) < published_at.year - 1 for year in _YEAR.findall(title)):
        found.add("title:old-year")
    if title.rstrip().endswith("?"):
        found.add("title:question")
    if not summary:
        found.add("no-summary")
    for scene in scenes:
        found |= {f"{'t' if scene.field == 'title' else 's'}:{gram}" for gram in _grams(masked_words(scene))}
    return found


def masked_words(scene: Scene) -> list[str]:
    """The words of a scene, names replaced by what they name."""
    masks = {
        i: f"<{span.label_.lower()}>"
        for span in scene.tokens.ents
        if span.label_ in _NAME_LABELS
        for i in range(span.start - scene.tokens.start, span.end - scene.tokens.start)
    }
    for phrase in scene.phrases:
        masks.update(_phrase_masks(phrase))
    words: list[str] = []
    for i, word in enumerate(scene.words):
        mask = (
            masks.get(i)
            or ("<num>" if word[0].isdigit() else None)
            or ("<name>" if i and scene.tokens[i].text[0].isupper() else word)
        )
        if not (mask.startswith("<") and words and words[-1] == mask):
            words.append(mask)
    return words


def _phrase_masks(phrase: Phrase) -> Iterable[tuple[int, str]]:
    if phrase.place:
        yield from ((i, "<place>") for i in range(*phrase.place))
    if phrase.strength == ARMED:
        yield from (
            (i, "<force>") for i in range(phrase.start, phrase.end) if not (phrase.place and i in range(*phrase.place))
        )


def _grams(words: Sequence[str]) -> Iterable[str]:
    padded = [w for w in words if w[0].isalpha() or w[0] in "<?'"]
    yield from padded
    yield from (f"{a} {b}" for a, b in pairwise(padded))


def kind_features(kind: Kind, candidates: Sequence[Candidate]) -> set[str]:
    """Features of all candidates of a kind together."""
    own = [c for c in candidates if c.kind is kind]
    found = {feature for candidate in own for feature in candidate_features(candidate)}
    title = [c for c in own if c.scene.field == "title"]
    found |= {f"n:{min(len(own), _MANY)}", f"title-n:{min(len(title), _MANY)}"}
    found.add(f"best:{max((strength_of(c) for c in own), default=0)}")
    found.add(f"title-best:{max((strength_of(c) for c in title), default=0)}")
    found.add(f"other-kind:{any(c.kind is not kind for c in candidates)}")
    found |= {
        f"actual:{sum(c.status is Status.ACTUAL for c in own) and 1}",
        f"threat:{sum(c.status is Status.THREATENED for c in own) and 1}",
    }
    return found


def candidate_features(candidate: Candidate) -> Iterable[str]:
    """One candidate, in words of the lexicon alone."""
    c = candidate
    where = "t" if c.scene.field == "title" else "s"
    ground = "named" if c.ground and c.ground.place else "ground" if c.ground else "none"
    actor = max((p.strength for p in (c.attacker, c.defender) if p), default=0)
    frame = f"{where}:{c.frame.name}"
    yield frame
    yield f"{frame}:{c.shape}"
    yield f"{frame}:{c.phase}:{c.status}"
    yield f"{frame}:{ground}:{actor}"
    yield f"{where}:shape:{ground}:{actor}:{c.reading.realis}"
    yield f"{where}:word:{c.words.lower()}"
    yield f"{where}:realis:{c.reading.realis}"
    if c.reading.cue:
        yield f"{where}:cue:{c.reading.cue}"


def is_plain(candidate: Candidate) -> bool:
    """Whether a headline says it outright: an armed actor, a verb or noun that means it, and the ground it is about."""
    c = candidate
    if c.scene.field != "title" or not c.ground or c.frame.weight < _SURE or c.shape == "odd-subject":
        return False
    armed = any(side and side.strength == ARMED for side in (c.attacker, c.defender))
    named = c.ground.place is not None
    if c.frame.name in ("capture", "besiege") or c.frame.own:
        return armed or _takes_site(c)
    return named and (armed or c.frame.name == "offensive") and c.frame.name in _OUTRIGHT


def _takes_site(candidate: Candidate) -> bool:
    """Whether a state takes what only an army takes, and that bears the name of a place: "Russia seizes Ukraine nuclear
    plant". States seize other plants and ports as well, from companies."""
    attacker, ground = candidate.attacker, candidate.ground
    if attacker is None or attacker.strength != STATE or candidate.shape != "active":
        return False
    if ground is None or ground.place is None or not ground.site:
        return False
    return not _OF_WAR.isdisjoint(candidate.scene.words[ground.start : ground.end])


def strength_of(candidate: Candidate) -> int:
    """0 to 9: how much of a frame is filled, by the lexicon's weight."""
    c = candidate
    filled = (
        (c.ground is not None)
        + (c.ground is not None and c.ground.place is not None)
        + any(p and p.strength == ARMED for p in (c.attacker, c.defender))
    )
    return min(9, round(10 * c.frame.weight * (0.4 + 0.2 * filled)))
