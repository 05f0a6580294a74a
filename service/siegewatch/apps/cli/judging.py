"""Items through the classifier in batches, without store or network."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from siegewatch.apps.cli.items import ItemLine, plain_item
from siegewatch.detect.detector import Classifier
from siegewatch.detect.ruling import confident
from siegewatch.domain.event import Event, Judgement
from siegewatch.store import codec

BATCH = 256
"""Items that are read, judged and printed at once: large enough for spaCy, small enough to see results flow."""

T = TypeVar("T")


def batched(things: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Lists of at most `size`, in order."""
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch


def judge(lines: Sequence[ItemLine], classifier: Classifier, least: float) -> list[tuple[Judgement, tuple[Event, ...]]]:
    """What the classifier says of each item, and the events that it is sure enough of."""
    judgements = classifier.classify([plain_item(line) for line in lines])
    return [(judgement, confident(judgement.events, least)) for judgement in judgements]


def plain_events(events: Iterable[Event]) -> list[Any]:
    """Events as the contract writes them."""
    return [codec.plain(event) for event in events]
