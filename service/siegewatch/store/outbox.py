"""What waits for one channel: sent under claims one at a time, in the order of each story, or told together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, cast

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Delivery, DeliveryState
from siegewatch.domain.digest import Digest
from siegewatch.domain.ops import OpsAlert
from siegewatch.domain.standing import Standing
from siegewatch.store import codec
from siegewatch.store.claims import Claim, Worker, release
from siegewatch.store.client import Store, millis, told
from siegewatch.store.items import found
from siegewatch.store.keys import ALERT_LIFE, DELIVERY_LIFE, RECENT_KEPT, STORY_LIFE

FINE_MILLISECONDS = 1000.0

_TOLD: tuple[tuple[str, type[Alert | OpsAlert | Digest]], ...] = (
    ("alert:{id}", Alert),
    ("ops:{id}", OpsAlert),
    ("digest:{id}", Digest),
)
"""What a delivery may tell: the key of each, and its shape."""


@dataclass(frozen=True, slots=True)
class Next:
    """How much waits, since when the first of it is due, and whether something is due that waited to be gathered."""

    length: int
    first_due_at: datetime | None
    gathered: bool


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many may wait, and none that was due by then."""

    number: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What was claimed, as it stands, how its channel does, and what it tells; `delivery` and `told` are None where
    they are not known any more."""

    claim: Claim
    delivery: Delivery | None
    standing: Standing
    told: Alert | OpsAlert | Digest | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What an attempt came to: the delivery, how the channel stands after it and before when it is left alone.
    `unsure`: the channel may have taken it. `leaves`: those behind it in its lines need not wait for it."""

    delivery: Delivery
    standing: Standing = field(default_factory=Standing)
    opens_at: datetime | None = None
    unsure: bool = False
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Outbox:
    """One channel's part of the store."""

    store: Store
    channel: str

    def _key(self, row: str, **parts: str) -> str:
        return self.store.keys(row, channel=self.channel, **parts)

    @property
    def queue(self) -> str:
        """The key of what is due."""
        return self._key("due:{channel}")

    @property
    def gathering(self) -> str:
        """The key of what waits to be told together."""
        return self._key("gathering:{channel}")

    @property
    def claims(self) -> str:
        """The key of what is being sent."""
        return self._key("claims:{channel}")

    @property
    def _unsure(self) -> str:
        return self._key("unsure:{channel}")

    @property
    def _standing(self) -> str:
        return self._key("standing:{channel}")

    def line(self, name: str) -> str:
        """The key of one line: what of a story waits for the channel, in its order."""
        return self._key("line:{channel}:{line}", line=name)

    def _delivery(self, delivery: str) -> str:
        return self.store.keys("delivery:{id}", id=delivery)

    def next(self, now: datetime) -> Next:
        """What waits, at a glance."""
        with told(), self.store.redis.pipeline(transaction=False) as pipe:
            pipe.zcard(self.queue)
            pipe.zrange(self.queue, 0, 0, withscores=True)
            pipe.zcount(self.gathering, "-inf", millis(now))
            length, first, gathered = pipe.execute()
        due = datetime.fromtimestamp(first[0][1] / 1000, now.tzinfo) if first else None
        return Next(length, due, bool(gathered))

    def waiting(self, now: datetime, most: int) -> list[Delivery]:
        """What waits, in its order, and what is to be gathered by now."""
        with told(), self.store.redis.pipeline(transaction=False) as pipe:
            pipe.zrangebyscore(self.gathering, "-inf", millis(now), start=0, num=most)
            pipe.zrange(self.queue, 0, most - 1)
            ids = [member.decode() for part in pipe.execute() for member in part]
        waits = found(self.store, Delivery, list(map(self._delivery, ids)))
        return sorted(waits, key=lambda delivery: delivery.created_at)

    def unsure(self) -> list[Delivery]:
        """Deliveries that wait and that the channel may have taken."""
        with told():
            ids = cast("set[bytes]", self.store.redis.smembers(self._unsure))
        return found(self.store, Delivery, [self._delivery(member.decode()) for member in ids])

    def standing(self) -> Standing:
        """How the channel stands."""
        with told():
            raw = cast("bytes | None", self.store.redis.hget(self._standing, "state"))
        return codec.load(Standing, raw) if raw else Standing()

    def claim(
        self, worker: Worker, now: datetime, *, lease: timedelta, anyway: bool = False, most: Crowd | None = None
    ) -> Taken | Crowd | None:
        """Claims what is due longest; None where nothing is, where something is being sent, or where the channel is to
        be left alone, unless it is to be asked `anyway`. Where more waits than `most`, or something is to be gathered,
        nothing is claimed, and `most` comes back."""
        token = f"{worker.name}/{token_hex(8)}"
        keys = [self.queue, self.claims, self._unsure, self._standing, self.gathering]
        args: list[Any] = [_fine(now), int(lease.total_seconds() * 1000), token]
        args += [self._delivery(""), self.line(""), int(anyway)]
        args += [most.number, _fine(most.due_at)] if most else ["", ""]
        args += [self.store.keys(row, id="") for row, _ in _TOLD]
        with told():
            answer = cast("list[Any]", self.store.run("claim_delivery", keys, args))
        if not answer or answer == [b"look"]:
            return most if answer else None
        return _taken(answer, token)

    def settle(self, claim: Claim, after: Settled, now: datetime) -> bool:
        """Stores how an attempt went. False where the lease ran out meanwhile."""
        delivery = after.delivery
        keys = [self.queue, self.claims, self._delivery(delivery.id), self.store.keys("deliveries:dead")]
        keys += [self._unsure, self._standing, *map(self.line, delivery.lines)]
        kept = replace(delivery, lines=()) if after.leaves else delivery
        pending = delivery.state is DeliveryState.PENDING
        args: list[Any] = [claim.id, claim.token, codec.dump(kept), _fine(delivery.due_at) if pending else ""]
        args += [int(delivery.state is DeliveryState.DEAD), millis(now), RECENT_KEPT]
        args += [int(DELIVERY_LIFE.total_seconds()), int(after.unsure), codec.dump(after.standing)]
        args += [_fine(after.opens_at) if after.opens_at else 0, int(after.leaves)]
        with told():
            return bool(self.store.run("settle_delivery", keys, args))

    def gather(self, digest: Digest, delivery: Delivery, told_in_it: Sequence[Delivery], now: datetime) -> bool:
        """Puts the delivery of a digest in the place of those that it tells. False where one was taken meanwhile."""
        keys = [self.queue, self.gathering, self.claims, self._unsure]
        keys += [self.store.keys("digest:{id}", id=digest.id), self._delivery(delivery.id)]
        keys.append(self.store.keys("deliveries:recent"))
        args: list[Any] = [millis(now), int(ALERT_LIFE.total_seconds()), int(DELIVERY_LIFE.total_seconds())]
        args += [RECENT_KEPT, self._delivery(""), self.line(""), codec.dump(digest), delivery.id]
        args += [codec.dump(delivery), _fine(delivery.due_at)]
        for one in told_in_it:
            args += [one.id, codec.dump(replace(one, state=DeliveryState.DIGESTED, digest=delivery.id))]
        with told():
            return bool(self.store.run("gather", keys, args))

    def release(self, worker: Worker, now: datetime) -> None:
        """Takes back the deliveries that workers claimed that are gone; what they had sent of them nobody knows."""
        left = release(self.store, self.queue, self.claims, worker=worker, now=now)
        if left:
            with told():
                self.store.redis.sadd(self._unsure, *left)

    def hasten(self, now: datetime) -> int:
        """Makes due at once, in its order, all that waits and is not being sent; returns how much that is."""
        with told():
            held = set(cast("list[bytes]", self.store.redis.hkeys(self.claims)))
            waiting = cast("list[tuple[bytes, float]]", self.store.redis.zrange(self.queue, 0, -1, withscores=True))
            free = [(member, due) for member, due in waiting if member not in held]
            if free:
                # In the order in which they were due, which a shared score would lose.
                latest = now.timestamp() * FINE_MILLISECONDS
                later = {
                    member: latest - (len(free) - place) / 1000
                    for place, (member, due) in enumerate(free)
                    if due > latest
                }
                if later:
                    self.store.redis.zadd(self.queue, later, xx=True)
        return len(free)

    def thread(self, story: str) -> tuple[str, str] | None:
        """Where the channel was first told of a story, and by which alert; None where it was not."""
        with told():
            kept = cast("bytes | None", self.store.redis.get(self._key("thread:{channel}:{story}", story=story)))
        if kept is None:
            return None
        receipt, _, alert = kept.decode().rpartition("\n")
        return receipt, alert

    def keep_thread(self, story: str, receipt: str, alert: str) -> None:
        """Notes where the channel was first told of a story."""
        with told():
            self.store.redis.set(
                self._key("thread:{channel}:{story}", story=story), f"{receipt}\n{alert}", ex=STORY_LIFE
            )

    def forget(self, claim: Claim) -> None:
        """Takes a claimed id off the queue that stands for no delivery."""
        with told(), self.store.redis.pipeline() as pipe:
            pipe.zrem(self.queue, claim.id)
            pipe.hdel(self.claims, claim.id)
            pipe.execute()

    def give_up(self, reason: str, now: datetime) -> int:
        """Makes dead letters of all that waits, but for what is being sent; returns how many."""
        with told():
            held = set(cast("list[bytes]", self.store.redis.hkeys(self.claims)))
            waiting = cast("list[bytes]", self.store.redis.zrange(self.queue, 0, -1))
            waiting += cast("list[bytes]", self.store.redis.zrange(self.gathering, 0, -1))
        keys = [self._delivery(member.decode()) for member in waiting if member not in held]
        given_up = found(self.store, Delivery, keys)
        for delivery in given_up:
            self.bury(delivery, reason, now)
        return len(given_up)

    def bury(self, delivery: Delivery, reason: str, now: datetime) -> None:
        """Makes a dead letter of a delivery that waits and is not being sent."""
        dead = replace(delivery, state=DeliveryState.DEAD, reason=reason)
        with told(), self.store.redis.pipeline() as pipe:
            self._unqueue(pipe, delivery)
            pipe.set(self._delivery(dead.id), codec.dump(dead), ex=DELIVERY_LIFE)
            pipe.zadd(self.store.keys("deliveries:dead"), {dead.id: millis(now)})
            pipe.execute()

    def send_again(self, delivery: Delivery, now: datetime) -> None:
        """Puts a delivery back into the queue, due now, the last in its lines, its attempts forgotten, its id kept."""
        fresh = replace(
            delivery,
            state=DeliveryState.PENDING,
            created_at=now,
            due_at=now,
            attempts=(),
            reason=None,
            gather=None,
            digest=None,
        )
        with told(), self.store.redis.pipeline() as pipe:
            self._unqueue(pipe, delivery)
            pipe.set(self._delivery(fresh.id), codec.dump(fresh))
            pipe.zadd(self.queue, {fresh.id: _fine(now)})
            if delivery.attempts:
                # Sent before, it may have been taken: it must go under its own id, never within a digest.
                pipe.sadd(self._unsure, fresh.id)
            for name in fresh.lines:
                pipe.rpush(self.line(name), fresh.id)
            pipe.sadd(self.store.keys("channels"), self.channel)
            pipe.zadd(self.store.keys("deliveries:recent"), {fresh.id: millis(now)})
            pipe.zrem(self.store.keys("deliveries:dead"), fresh.id)
            pipe.execute()

    def _unqueue(self, pipe: Any, delivery: Delivery) -> None:
        pipe.zrem(self.queue, delivery.id)
        pipe.zrem(self.gathering, delivery.id)
        pipe.srem(self._unsure, delivery.id)
        for name in delivery.lines:
            pipe.lrem(self.line(name), 0, delivery.id)


def _taken(answer: Sequence[Any], token: str) -> Taken:
    member, delivery, standing, said, kind = answer
    return Taken(
        Claim(member.decode(), token),
        codec.load(Delivery, delivery) if delivery else None,
        codec.load(Standing, standing) if standing else Standing(),
        codec.load(_TOLD[kind - 1][1], said) if kind else None,
    )


def _fine(at: datetime) -> float:
    """Milliseconds to the microsecond: what was decided in one batch leaves in the order in which it was decided."""
    return at.timestamp() * FINE_MILLISECONDS
