"""What is agreed with hubs, and what they pushed that waits to be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from siegewatch.domain.subscription import Subscription
from siegewatch.store import codec
from siegewatch.store.client import Store, told
from siegewatch.store.keys import FEED_LIFE
from siegewatch.store.streams import Handed, Stream

MOST_WAITING = 100
"""Pushed documents kept until they are read: what no more fits is refused, and a hub sends it again."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A document as a hub sent it for a feed; `topic` is the address that its links are relative to."""

    feed: str
    topic: str
    content_type: str | None
    body: bytes


def pushed_document(handed: Handed) -> Pushed:
    """The document in a stream entry."""
    fields = handed.fields
    content_type = fields[b"content_type"].decode() or None
    return Pushed(fields[b"feed"].decode(), fields[b"topic"].decode(), content_type, fields[b"body"])


@dataclass(frozen=True, slots=True)
class SubscriptionStore:
    """Subscriptions by feed, and the queue of documents."""

    store: Store

    @property
    def queue(self) -> Stream:
        """The stream of pushed documents that waits for a collector."""
        return Stream(self.store, "pushes", "collect")

    def _key(self, feed: str) -> str:
        return self.store.keys("subscription:{feed}", feed=feed)

    def known(self, feeds: Sequence[str]) -> list[Subscription | None]:
        """The subscription of each feed, None where there is none."""
        if not feeds:
            return []
        with told():
            raw = cast("list[bytes | None]", self.store.redis.mget([self._key(feed) for feed in feeds]))
        return [codec.load(Subscription, found) if found else None for found in raw]

    def change(self, feed: str, changed: Callable[[Subscription | None], Subscription | None]) -> Subscription | None:
        """Replaces a feed's subscription by what `changed`, a pure function, makes of it, and returns that. Where
        another process was faster, the function is asked again, about what that one left."""
        key = self._key(feed)

        def attempt(pipe: Any) -> Subscription | None:
            raw = cast("bytes | None", pipe.get(key))
            before = codec.load(Subscription, raw) if raw else None
            after = changed(before)
            pipe.multi()
            if after is not None and after != before:
                pipe.set(key, codec.dump(after), ex=int(FEED_LIFE.total_seconds()))
            return after

        with told():
            return cast(
                "Subscription | None", self.store.redis.transaction(cast("Any", attempt), key, value_from_callable=True)
            )

    def push(self, pushed: Pushed) -> bool:
        """Queues a document; False where too many wait already."""
        if self.queue.length() >= MOST_WAITING:
            return False
        fields = {
            "feed": pushed.feed,
            "topic": pushed.topic,
            "content_type": pushed.content_type or "",
            "body": pushed.body,
        }
        with told():
            self.store.redis.xadd(self.queue.key, cast("Any", fields))
        return True
