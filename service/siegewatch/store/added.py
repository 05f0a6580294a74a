"""The feeds added at run time, as they were written."""

from dataclasses import dataclass
from typing import cast

from siegewatch.domain.feed import AddedFeed
from siegewatch.store import codec
from siegewatch.store.client import Store, told


@dataclass(frozen=True, slots=True)
class AddedFeeds:
    """What `siegewatch feeds add` and `import` keep; the order is that of adding."""

    store: Store

    @property
    def _key(self) -> str:
        return self.store.keys("feeds:added")

    def all(self) -> tuple[AddedFeed, ...]:
        """Every one, the first added first."""
        with told():
            found = cast("list[bytes]", self.store.redis.hvals(self._key))
        return tuple(sorted((codec.load(AddedFeed, raw) for raw in found), key=lambda one: (one.at, one.id)))

    def put(self, feed: AddedFeed) -> bool:
        """Keeps one more. False where one with its id is kept already."""
        with told():
            return bool(self.store.redis.hsetnx(self._key, feed.id, codec.dump(feed).decode()))

    def remove(self, feed: AddedFeed) -> bool:
        """Keeps it no more. False where it was gone already."""
        with told():
            return bool(self.store.redis.hdel(self._key, feed.id))
