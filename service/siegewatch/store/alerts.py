"""Alerts and their deliveries: told in one step, sent under claims, kept with every attempt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Delivery, DeliveryState
from siegewatch.domain.ops import OpsAlert
from siegewatch.store import codec
from siegewatch.store.claims import Claim, Worker, claim_due, release
from siegewatch.store.client import Store, millis, told
from siegewatch.store.items import found, listed_since, newest
from siegewatch.store.keys import ALERT_LIFE, DELIVERY_LIFE, RECENT_KEPT, STORY_LIFE
from siegewatch.store.streams import Stream


@dataclass(frozen=True, slots=True)
class AlertStore:
    """What was said, and what still has to be."""

    store: Store

    @property
    def changes(self) -> Stream:
        """The stream of changes, of stories and of troubles, that waits to be told."""
        return Stream(self.store, "changes", "notify")

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
            names += [self._key(delivery.id), self._queue(delivery.channel)]
            # To the microsecond: alerts of one batch must leave in the order in which they were decided.
            due = delivery.due_at.timestamp() * 1000 if delivery.state is DeliveryState.PENDING else ""
            args += [delivery.id, delivery.channel, codec.dump(delivery), due]
        with told():
            return cast("int", self.store.script("tell")(keys=names, args=args)) == 1

    def told_of(self, story: str) -> tuple[str, ...]:
        """The channels that a story was told on, by name."""
        with told():
            names = cast("set[bytes]", self.store.redis.smembers(self.store.keys("told:{story}", story=story)))
        return tuple(sorted(name.decode() for name in names))

    def _key(self, delivery: str) -> str:
        return self.store.keys("delivery:{id}", id=delivery)

    def _queue(self, channel: str) -> str:
        return self.store.keys("due:{channel}", channel=channel)

    def _claims(self, channel: str) -> str:
        return self.store.keys("claims:{channel}", channel=channel)

    def claim(self, channel: str, worker: Worker, now: datetime, *, lease: timedelta, limit: int) -> list[Claim]:
        """Claims deliveries of one channel that are due, the longest due first."""
        due, claims = self._queue(channel), self._claims(channel)
        return claim_due(self.store, "claim", [due, claims], worker=worker, now=now, lease=lease, limit=limit)

    def claim_all(self, channel: str, worker: Worker, now: datetime, *, lease: timedelta) -> list[Claim]:
        """Claims all deliveries of one channel that nobody holds, also those not due yet."""
        due, claims = self._queue(channel), self._claims(channel)
        with told():
            held = set(cast("list[bytes]", self.store.redis.hkeys(claims)))
            waiting = cast("list[bytes]", self.store.redis.zrange(due, 0, -1))
            free = [member for member in waiting if member not in held]
            if free:
                # In the order in which they were due, which a shared score would lose.
                first = millis(now) - len(free)
                self.store.redis.zadd(due, {member: first + place for place, member in enumerate(free)}, xx=True)
        return claim_due(self.store, "claim", [due, claims], worker=worker, now=now, lease=lease, limit=len(free))

    def channels(self) -> list[str]:
        """The channels that ever had a delivery to wait for."""
        with told():
            names = cast("set[bytes]", self.store.redis.smembers(self.store.keys("channels")))
        return sorted(name.decode() for name in names)

    def give_up(self, channel: str, reason: str, now: datetime) -> int:
        """Makes dead letters of all that waits for a channel, but for what is being sent; returns how many."""
        with told():
            held = set(cast("list[bytes]", self.store.redis.hkeys(self._claims(channel))))
            waiting = cast("list[bytes]", self.store.redis.zrange(self._queue(channel), 0, -1))
        ids = [member.decode() for member in waiting if member not in held]
        for delivery in filter(None, map(self.delivery, ids)):
            self._bury(replace(delivery, state=DeliveryState.DEAD, reason=reason), now)
        return len(ids)

    def _bury(self, delivery: Delivery, now: datetime) -> None:
        with told(), self.store.redis.pipeline() as pipe:
            pipe.set(self._key(delivery.id), codec.dump(delivery), ex=DELIVERY_LIFE)
            pipe.zrem(self._queue(delivery.channel), delivery.id)
            pipe.zadd(self.store.keys("deliveries:dead"), {delivery.id: millis(now)})
            pipe.execute()

    def release(self, channel: str, worker: Worker, now: datetime) -> None:
        """Takes back the deliveries that workers claimed that are gone."""
        release(self.store, self._queue(channel), self._claims(channel), worker=worker, now=now)

    def settle(self, claim: Claim, delivery: Delivery, now: datetime) -> bool:
        """Stores how an attempt went. False where the lease ran out meanwhile."""
        pending = delivery.state is DeliveryState.PENDING
        names = [
            self._queue(delivery.channel),
            self._claims(delivery.channel),
            self._key(delivery.id),
            self.store.keys("deliveries:dead"),
        ]
        args: list[Any] = [claim.id, claim.token, codec.dump(delivery), millis(delivery.due_at) if pending else ""]
        args += [int(delivery.state is DeliveryState.DEAD), millis(now), RECENT_KEPT]
        args.append(int(DELIVERY_LIFE.total_seconds()))
        with told():
            return bool(self.store.script("settle_delivery")(keys=names, args=args))

    def forget(self, channel: str, claim: Claim) -> None:
        """Takes a claimed id off a channel's queue that stands for no delivery."""
        with told(), self.store.redis.pipeline() as pipe:
            pipe.zrem(self._queue(channel), claim.id)
            pipe.hdel(self._claims(channel), claim.id)
            pipe.execute()

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

    def delivery(self, delivery: str) -> Delivery | None:
        """The delivery with this id, None where it is not (or no longer) known."""
        with told():
            raw = cast("bytes | None", self.store.redis.get(self._key(delivery)))
        return codec.load(Delivery, raw) if raw else None

    def recent(self, limit: int, skip: int = 0) -> list[Alert]:
        """The alerts decided last, newest first, after the first `skip`."""
        ids = newest(self.store, "alerts:recent", limit, skip)
        return found(self.store, Alert, [self.store.keys("alert:{id}", id=alert) for alert in ids])

    def told_since(self, since: datetime) -> int:
        """How many alerts were told of news from `since` on, RECENT_KEPT at most."""
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
                pipe.zcard(self._queue(channel))
            return dict(zip(channels, pipe.execute(), strict=True))

    def dead_letters(self) -> int:
        """How many dead letters there are."""
        with told():
            return self.store.redis.zcard(self.store.keys("deliveries:dead"))

    def send_again(self, delivery: Delivery, now: datetime) -> None:
        """Puts a delivery back into its channel's queue, due now, its attempts forgotten, its id kept."""
        fresh = replace(delivery, state=DeliveryState.PENDING, due_at=now, attempts=(), reason=None)
        with told(), self.store.redis.pipeline() as pipe:
            pipe.set(self._key(fresh.id), codec.dump(fresh))
            pipe.zadd(self._queue(fresh.channel), {fresh.id: millis(now)})
            pipe.zadd(self.store.keys("deliveries:recent"), {fresh.id: millis(now)})
            pipe.zrem(self.store.keys("deliveries:dead"), fresh.id)
            pipe.execute()

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
        """Takes a channel back into service."""
        with told():
            self.store.redis.hdel(self.store.keys("channels:off"), channel)

    def disabled(self) -> dict[str, str]:
        """The channels that ask for no more, with the reason."""
        with told():
            off = cast("dict[bytes, bytes]", self.store.redis.hgetall(self.store.keys("channels:off")))
        return {channel.decode(): reason.decode() for channel, reason in off.items()}
