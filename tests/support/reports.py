"""Invented reports, decided by a classifier that knows them by heart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from siegewatch.detect.detector import Detector
from siegewatch.domain.event import Event, Judgement, Place
from siegewatch.domain.item import Item
from siegewatch.domain.story import StoryChange
from siegewatch.domain.taxonomy import Kind, Phase, Status
from siegewatch.store import codec
from siegewatch.store.items import Candidate, ItemStore
from siegewatch.store.stories import StoryStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
TOWN = Place("Tal Rumman", 35.1, 40.2, 999_001)
ENTERED = Event(Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, attacker="army", place=TOWN, country="SY")
TAKEN = replace(ENTERED, taken=True)
BESIEGED = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, place=TOWN, country="SY")


class Table:
    """A classifier that knows its few titles by heart, and counts how often it is asked."""

    name = "table.v1"

    def __init__(self, events: Mapping[str, tuple[Event, ...]]) -> None:
        self.events = events
        self.asked: list[str] = []

    def load(self) -> None:
        """Nothing to load."""

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        self.asked += [item.title for item in items]
        return [Judgement("en", self.events.get(item.title, self.events.get(item.summary, ()))) for item in items]


def detector(items: ItemStore, table: Table, consumer: str = "one") -> Detector:
    return Detector(items, StoryStore(items.store, MONTH), table, 0.5, MONTH, consumer)


def item(title: str, minutes: int = 0, **more) -> Item:
    at = NOW + timedelta(minutes=minutes)
    facts = {"outlet": "Courier", "feed": "Courier"} | more
    return Item(f"{abs(hash((title, minutes, tuple(facts.items()))))}", title, "", at, at, **facts)


def admit(items: ItemStore, *batch: Item) -> None:
    items.admit([Candidate((one.id,), one.title, one) for one in batch])


def changes(items: ItemStore) -> list[StoryChange]:
    stream = StoryStore(items.store, MONTH).changes
    return [codec.load(StoryChange, one.fields[b"change"]) for one in stream.read("t", count=100, block_seconds=0)]
