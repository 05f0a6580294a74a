"""Alerts and their deliveries: told in one step, sent under claims, kept with every attempt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Delivery, DeliveryState
from siegewatch.domain.digest import Digest
from siegewatch.domain.ops import OpsAlert
from siegewatch.store import codec
from siegewatch.store.client import Store, millis, told
from siegewatch.store.inhibits import Inhibits
from siegewatch.store.items import found, listed_since, newest
from siegewatch.store.keys import ALERT_LIFE, DELIVERY_LIFE, RECENT_KEPT, STORY_LIFE
from siegewatch.store.outbox import Outbox
from siegewatch.store.silences import SilenceStore
from siegewatch.store.streams import Stream


@dataclass(frozen=True, slots=True)
class AlertStore:
    """What was said, and what still has to be."""

    store: Store

    @property
    def changes(self) -> Stream:
        """The stream of changes, of stories and of troubles, that waits to be told."""
        return Stream(self.store, "changes", "notify")

    @property
    def silences(self) -> SilenceStore:
        """What is not to be told."""
        return SilenceStore(self.store)

    @property
    def inhibits(self) -> Inhibits:
        """What holds less grave alerts back."""
        return Inhibits(self.store)

    def tell(self, entry: str, alert: Alert | OpsAlert | None, deliveries: Sequence[Delivery], now: datetime) -> bool:
        """Stores the alert (None: nothing to tell) with its deliveries and takes the change off the queue.
        False where another worker had told it."""
        keys = self.store.keys
        alert_id = alert.id if alert else ""
        noun, listing = ("ops:{id}", "ops:recent") if isinstance(alert, OpsAlert) else ("alert:{id}", "alerts:recent")
        names = [keys("changes"), keys(noun, id=alert_id), keys(listing)]
        names += [keys("deliveries:recent"), keys("deliveries:dead"), keys("channels")]
        story = alert.story.id if isinstance(alert, Alert) else ""
        names.append(keys("told:{story}", story=story))
        lives = [int(life.total_seconds()) for life in (ALERT_LIFE, DELIVERY_LIFE, STORY_LIFE)]
        args: list[Any] = ["notify", entry, millis(now), RECENT_KEPT, *lives, story, alert_id]
        args.append(codec.dump(alert) if alert else "")
        for delivery in deliveries:
            outbox = self.outbox(delivery.channel)
            line = outbox.line("".join(delivery.lines))
            names += [self._key(delivery.id), outbox.gathering if delivery.gather else outbox.queue, line]
            # To the microsecond: alerts of one batch must leave in the order in which they were decided.
            due = delivery.due_at.timestamp() * 1000 if delivery.state is DeliveryState.PENDING else ""
            args += [delivery.id, delivery.channel, codec.dump(delivery), due, int(bool(delivery.lines))]
        with told():
            return cast("int", self.store.run("tell", names, args)) == 1

    def told_of(self, story: str) -> tuple[str, ...]:
        """The channels that a story was told on, by name."""
        with told():
            names = cast("set[bytes]", self.store.redis.smembers(self.store.keys("told:{story}", story=story)))
        return tuple(sorted(name.decode() for name in names))

    def _key(self, delivery: str) -> str:
        return self.store.keys("delivery:{id}", id=delivery)

    def outbox(self, channel: str) -> Outbox:
        """What waits for one channel."""
        return Outbox(self.store, channel)

    def channels(self) -> list[str]:
        """The channels that ever had a delivery to wait for."""
        with told():
            names = cast("set[bytes]", self.store.redis.smembers(self.store.keys("channels")))
        return sorted(name.decode() for name in names)

    def alert(self, alert: str) -> Alert | None:
        """The alert with this id, None where it is not (or no longer) known."""
        with told():
            raw = cast("bytes | None", self.store.redis.get(self.store.keys("alert:{id}", id=alert)))
        return codec.load(Alert, raw) if raw else None

    def ops_alert(self, alert: str) -> OpsAlert | None:
        """The ops alert with this id, None where it is not (or no longer) known."""
        with told():
            raw = cast("bytes | None", self.store.redis.get(self.store.keys("ops:{id}", id=alert)))
        return codec.load(OpsAlert, raw) if raw else None

    def digest(self, digest: str) -> Digest | None:
        """The digest with this id, None where it is not (or no longer) known."""
        with told():
            raw = cast("bytes | None", self.store.redis.get(self.store.keys("digest:{id}", id=digest)))
        return codec.load(Digest, raw) if raw else None

    def delivery(self, delivery: str) -> Delivery | None:
        """The delivery with this id, None where it is not (or no longer) known."""
        with told():
            raw = cast("bytes | None", self.store.redis.get(self._key(delivery)))
        return codec.load(Delivery, raw) if raw else None

    def recent(self, limit: int, skip: int = 0) -> list[Alert]:
        """The alerts decided last, newest first, after the first `skip`."""
        ids = newest(self.store, "alerts:recent", limit, skip)
        return found(self.store, Alert, [self.store.keys("alert:{id}", id=alert) for alert in ids])

    def since(self, since: datetime) -> list[Alert]:
        """The alerts told from `since` on, newest first."""
        number = self.told_since(since)
        return self.recent(number) if number else []

    def told_since(self, since: datetime) -> int:
        """How many alerts were decided of news from `since` on, RECENT_KEPT at most."""
        return listed_since(self.store, "alerts:recent", since)

    def recent_ops(self, limit: int, skip: int = 0) -> list[OpsAlert]:
        """The ops alerts told last, newest first, after the first `skip`."""
        ids = newest(self.store, "ops:recent", limit, skip)
        return found(self.store, OpsAlert, [self.store.keys("ops:{id}", id=alert) for alert in ids])

    def recent_deliveries(self, limit: int, skip: int = 0, *, dead: bool = False) -> list[Delivery]:
        """The deliveries (or the dead letters) of late, newest first, after the first `skip`."""
        ids = newest(self.store, "deliveries:dead" if dead else "deliveries:recent", limit, skip)
        return found(self.store, Delivery, [self._key(delivery) for delivery in ids])

    def waiting(self, channels: Sequence[str]) -> dict[str, int]:
        """How many deliveries of each channel are not yet accepted, those under way among them."""
        with told(), self.store.redis.pipeline(transaction=False) as pipe:
            for channel in channels:
                pipe.zcard(self.outbox(channel).queue)
                pipe.zcard(self.outbox(channel).gathering)
            counts = pipe.execute()
        return {channel: sum(counts[2 * place : 2 * place + 2]) for place, channel in enumerate(channels)}

    def dead_letters(self) -> int:
        """How many dead letters there are."""
        with told():
            return self.store.redis.zcard(self.store.keys("deliveries:dead"))

    def expire_dead(self, now: datetime) -> int:
        """Takes dead letters off their listing that are older than deliveries are kept; returns how many."""
        with told():
            oldest = millis(now - DELIVERY_LIFE)
            return self.store.redis.zremrangebyscore(self.store.keys("deliveries:dead"), "-inf", oldest)

    def send_again(self, delivery: Delivery, now: datetime) -> None:
        """Puts a delivery back into its channel's queue, due now, its attempts forgotten, its id kept."""
        self.outbox(delivery.channel).send_again(delivery, now)

    def drop(self, delivery: Delivery) -> None:
        """Forgets a dead letter."""
        with told(), self.store.redis.pipeline() as pipe:
            pipe.zrem(self.store.keys("deliveries:dead"), delivery.id)
            pipe.zrem(self.store.keys("deliveries:recent"), delivery.id)
            pipe.delete(self._key(delivery.id))
            pipe.execute()

    def disable(self, channel: str, reason: str) -> None:
        """Notes that a channel asks for no more (HTTP 410)."""
        with told():
            self.store.redis.hset(self.store.keys("channels:off"), channel, reason)

    def enable(self, channel: str) -> None:
        """Takes a channel back into service, as one that answers."""
        with told():
            self.store.redis.hdel(self.store.keys("channels:off"), channel)
            self.store.redis.delete(self.store.keys("standing:{channel}", channel=channel))

    def disabled(self) -> dict[str, str]:
        """The channels that ask for no more, with the reason."""
        with told():
            off = cast("dict[bytes, bytes]", self.store.redis.hgetall(self.store.keys("channels:off")))
        return {channel.decode(): reason.decode() for channel, reason in off.items()}
