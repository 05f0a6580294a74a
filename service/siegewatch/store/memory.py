"""The store by what it remembers."""

from dataclasses import dataclass
from datetime import timedelta

from siegewatch.store.added import AddedFeeds
from siegewatch.store.alerts import AlertStore
from siegewatch.store.alive import Heartbeats
from siegewatch.store.client import Store
from siegewatch.store.feedback import FeedbackStore
from siegewatch.store.feeds import FeedStore
from siegewatch.store.items import ItemStore
from siegewatch.store.ops import OpsStore
from siegewatch.store.stories import StoryStore
from siegewatch.store.subscriptions import SubscriptionStore


@dataclass(frozen=True, slots=True)
class Memory:
    """One object for each noun."""

    store: Store
    feeds: FeedStore
    added: AddedFeeds
    items: ItemStore
    stories: StoryStore
    alerts: AlertStore
    ops: OpsStore
    heartbeats: Heartbeats
    subscriptions: SubscriptionStore
    feedback: FeedbackStore

    def open(self) -> None:
        """Makes the streams and their groups where they are missing."""
        self.items.queue.open()
        self.subscriptions.queue.open()
        self.alerts.changes.open()


def memory_of(store: Store, remember: timedelta) -> Memory:
    """What a store remembers; repeats are known as such for as long as `remember`."""
    return Memory(
        store,
        FeedStore(store),
        AddedFeeds(store),
        ItemStore(store, remember),
        StoryStore(store, remember),
        AlertStore(store),
        OpsStore(store),
        Heartbeats(store),
        SubscriptionStore(store),
        FeedbackStore(store),
    )
