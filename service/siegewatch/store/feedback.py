"""What desks said of alerts, kept with what was told: answers outlive alerts and items."""

from dataclasses import dataclass, replace
from typing import cast

from siegewatch.domain.alert import Alert
from siegewatch.domain.feedback import Feedback, Judged, unanswered
from siegewatch.store import codec
from siegewatch.store.client import Store, millis, told
from siegewatch.store.items import newest
from siegewatch.store.keys import FEEDBACK_LIFE, RECENT_KEPT

_TOLD = b"told"
"""The field that holds what was told; those of answers hold a space."""


@dataclass(frozen=True, slots=True)
class FeedbackStore:
    """Answers by alert."""

    store: Store

    def add(self, feedback: Feedback, alert: Alert) -> None:
        """Keeps an answer, in place of what the same person said before to the same point."""
        key, listing = self._key(alert.id), self.store.keys("feedback:recent")
        with told(), self.store.redis.pipeline() as pipe:
            pipe.hset(key, _TOLD.decode(), codec.dump(unanswered(alert)).decode())
            pipe.hset(key, feedback.place, codec.dump(feedback).decode())
            pipe.expire(key, FEEDBACK_LIFE)
            pipe.zadd(listing, {alert.id: millis(feedback.at)})
            pipe.zremrangebyrank(listing, 0, -RECENT_KEPT - 1)
            pipe.execute()

    def of(self, alert: str) -> tuple[Feedback, ...]:
        """What was said of an alert, oldest first."""
        judged = self.judged(alert)
        return judged.said if judged else ()

    def judged(self, alert: str) -> Judged | None:
        """An alert with what was said of it, None where nothing was."""
        return next(iter(self._read([alert])), None)

    def recent(self, limit: int = RECENT_KEPT) -> list[Judged]:
        """The alerts that something was said of last, newest answer first."""
        return self._read(newest(self.store, "feedback:recent", limit))

    def _read(self, alerts: list[str]) -> list[Judged]:
        with told(), self.store.redis.pipeline(transaction=False) as pipe:
            for alert in alerts:
                pipe.hgetall(self._key(alert))
            found = cast("list[dict[bytes, bytes]]", pipe.execute())
        return [_judged(fields) for fields in found if fields]

    def _key(self, alert: str) -> str:
        return self.store.keys("feedback:{alert}", alert=alert)


def _judged(fields: dict[bytes, bytes]) -> Judged:
    said = [codec.load(Feedback, raw) for field, raw in fields.items() if field != _TOLD]
    ordered = tuple(sorted(said, key=lambda one: (one.at, one.reply, one.by)))
    return replace(codec.load(Judged, fields[_TOLD]), said=ordered)
