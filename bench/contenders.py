"""What bench/detect.py sets side by side, and the news that it reads."""

import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NATURAL = frozenset({"newsapi_2022_multi", "bbc_homepage_2021_23", "googlenews_us_2025_26"})
KEYWORDS = {
    ("siege", "ongoing"): re.compile(r"\b(sieges?|besieg\w*|blockad\w*|encircl\w*|surround\w*)\b", re.IGNORECASE),
    ("offensive", "advance"): re.compile(
        r"\b(offensives?|counter-?offensives?|assaults?|advanc\w+|invasions?|invad\w+|captur\w+|recaptur\w+|seiz\w+|"
        r"retak\w+|retook|storm\w*|incursions?|repel\w*|withdr\w+)\b",
        re.IGNORECASE,
    ),
}
Row = dict[str, Any]
Labels = dict[str, Any]
"""By item: what is told of it; items of which nothing is told are left out."""
Contender = tuple[Callable[[Sequence[Any]], Any], Callable[[Any], Labels]]
"""What is made ready outside the clock, and what is run against it."""


def item_of(row: Row) -> Any:
    from siegewatch.domain.item import Item

    at = datetime.fromisoformat(row["published"]) if row.get("published") else datetime(2022, 1, 1, tzinfo=UTC)
    return Item(row["id"], row["title"], row.get("summary") or "", at, at, outlet=row.get("outlet"))


def natural_rows(data: Path) -> Iterator[Row]:
    with gzip.open(data / "background.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from (row for row in map(json.loads, lines) if row["source"] in NATURAL)


def labelled_rows(folder: Path, *names: str) -> list[Row]:
    return [json.loads(line) for name in names for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]


def least_confidence() -> float:
    from siegewatch.apps.cli.options import settings_if_any

    return settings_if_any(None).detect.min_confidence


def shipped() -> Any:
    """The classifier that the settings name, loaded."""
    from siegewatch import wiring
    from siegewatch.apps.cli.options import settings_if_any

    classifier = wiring.classifier(settings_if_any(None))
    classifier.load()
    return classifier


def judged(classifier: Any, items: Sequence[Any]) -> Labels:
    """What is told of each item, in batches as the service reads them."""
    from siegewatch.apps.cli.judging import batched
    from siegewatch.detect.detector import BATCH
    from siegewatch.detect.ruling import confident

    least, told = least_confidence(), {}
    for batch in batched(items, BATCH):
        for item, judgement in zip(batch, classifier.classify(batch), strict=True):
            if events := confident(judgement.events, least):
                told[item.id] = [repr(event) for event in events]
    return told


def keyword_list() -> Contender:
    return list, lambda items: {
        item.id: kinds
        for item in items
        if (kinds := [kind for (kind, _), words in KEYWORDS.items() if words.search(f"{item.title} {item.summary}")])
    }


def gate_alone() -> Contender:
    from siegewatch.detect.gate import Gate

    gate = Gate.load()
    return list, lambda items: {item.id: hit for item in items if (hit := gate.hit(item.title, item.summary))}


def gate_and_glance() -> Contender:
    from siegewatch.detect.gate import Gate
    from siegewatch.detect.glance import Glance
    from siegewatch.detect.pieces import PieceCutter

    gate, glance = Gate.load(), Glance.load(PieceCutter.load())
    return list, lambda items: {
        item.id: hit
        for item in items
        if (hit := gate.hit(item.title, item.summary)) and glance.surplus(item.title, item.summary) >= 0
    }


def plain_spacy() -> Contender:
    """The model that detection uses, with all its parts, over the texts that detection would read."""
    import spacy
    from spacy.util import is_package

    from siegewatch.detect.detector import BATCH
    from siegewatch.detect.gate import HEAD_CHARS
    from siegewatch.detect.reading import MODELS

    nlp = spacy.load(next(filter(is_package, MODELS)))

    def run(items: Sequence[Any]) -> Labels:
        texts = (text for item in items for text in (item.title, item.summary[:HEAD_CHARS]))
        return {"tokens": sum(len(doc) for doc in nlp.pipe(texts, batch_size=BATCH))}

    return list, run


def trained_part() -> Contender:
    """The encoder over everything, without the frames: items are cut into words outside the clock."""
    from siegewatch.detect.encoder import Encoder
    from siegewatch.detect.reading import Reader
    from siegewatch.detect.scoring import probability
    from siegewatch.domain.taxonomy import Kind, Status

    reader, encoder, least = Reader.load(), Encoder.load(), least_confidence()

    def run(cut: Sequence[Any]) -> Labels:
        sights = encoder.see([(one.docs["title"], one.docs["summary"]) for one in cut])
        surest = (max(probability(sight.kinds[kind, Status.ACTUAL]) for kind in Kind) for sight in sights)
        return {one.item.id: score for one, score in zip(cut, surest, strict=True) if score >= least}

    return reader.cut, run


def without_gate() -> Contender:
    """Neither gate nor glance: all goes to the encoder."""
    from siegewatch.detect.gate import Gate
    from siegewatch.detect.glance import Glance

    class Open:
        def __init__(self, *_: object) -> None:
            """Needs no words."""

        def hit(self, *_: str) -> tuple[str, ...]:
            return ("whatever it says",)

        def is_own(self, _: object) -> bool:
            return False

    Gate.load = Open  # type: ignore[assignment,method-assign]
    Glance.surplus = lambda *_: 0.0  # type: ignore[assignment,method-assign]
    return as_shipped()


def as_shipped() -> Contender:
    classifier = shipped()
    return list, lambda items: judged(classifier, items)


CONTENDERS: dict[str, Callable[[], Contender]] = {
    "plain nlp.pipe": plain_spacy,
    "all, no gate": without_gate,
    "as shipped": as_shipped,
    "trained part alone": trained_part,
    "gate and glance": gate_and_glance,
    "gate alone": gate_alone,
    "keyword list": keyword_list,
}
WITHOUT_SPACY = frozenset({"gate alone", "keyword list"})
