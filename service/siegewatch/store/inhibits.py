"""What was told of late that holds less grave alerts back, by marks that say of what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from siegewatch.store.client import Store, millis, told


@dataclass(frozen=True, slots=True)
class Inhibits:
    """A mark is forgotten by itself."""

    store: Store

    def _key(self, mark: str) -> str:
        return self.store.keys("inhibits:{mark}", mark=mark)

    def note(self, marks: Mapping[str, timedelta], alert: str, at: datetime) -> None:
        """Remembers for each mark, for its time, that the alert was told."""
        with told(), self.store.redis.pipeline(transaction=False) as pipe:
            for mark, within in marks.items():
                pipe.set(self._key(mark), f"{millis(at)} {alert}", px=within)
            pipe.execute()

    def first(self, marks: Mapping[str, timedelta], at: datetime) -> str | None:
        """The alert that was told under the first of the marks that one was told under, no longer ago than its
        time."""
        if not marks:
            return None
        with told():
            found = cast("list[bytes | None]", self.store.redis.mget([self._key(mark) for mark in marks]))
        for raw, within in zip(found, marks.values(), strict=True):
            then, _, alert = (raw or b"").decode().partition(" ")
            # By the clock of what was decided, too: a rehearsal runs days in seconds.
            if then and millis(at) - int(then) <= within // timedelta(milliseconds=1):
                return alert
        return None
