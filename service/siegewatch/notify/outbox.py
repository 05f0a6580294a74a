"""The notify phase at work: a change, of a story or a trouble, becomes an alert, and its deliveries are sent."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Protocol

import structlog

from siegewatch.domain.alert import Alert, AlertType, Route, alert_severity
from siegewatch.domain.delivery import (
    Accepted,
    Attempt,
    ChannelSpec,
    Delivery,
    DeliveryState,
    Message,
    Rejected,
    Retry,
    Verdict,
)
from siegewatch.domain.errors import StoreError
from siegewatch.domain.ops import OpsAlert, OpsChange
from siegewatch.domain.story import StoryChange
from siegewatch.domain.taxonomy import Change
from siegewatch.notify.render import reason_for
from siegewatch.notify.retry import next_attempt_at
from siegewatch.notify.routing import fit_to_tell, route, route_ops
from siegewatch.store import codec
from siegewatch.store.alerts import AlertStore
from siegewatch.store.claims import Claim, Worker
from siegewatch.store.streams import RECLAIM_AFTER_SECONDS, Handed, is_poison

log = structlog.get_logger()

BATCH = 32
LEASE = timedelta(minutes=2)
"""Longer than the longest request to a channel may take."""

DRAIN_LEASE = timedelta(hours=1)

ANSWER_KEPT = 500
"""Characters of an answer that an attempt keeps."""


class Channel(Protocol):
    """What the entry-point group `siegewatch.channels` offers: made with a spec and the door out."""

    needs_url: bool

    def send(self, message: Message) -> Verdict:
        """Tries once; raises nothing that the other side can cause."""


def alert_for(change: StoryChange, routes: Sequence[Route]) -> Alert:
    """The alert that a change leads to, with the channels the routes choose (none: it is not told)."""
    identity = f"{change.story.id}\n{change.story.version}\n{change.item.id}".encode()
    severity = alert_severity(change.events, change.change)
    routed = route(change.events, severity, change.change, change.item, routes)
    kind = AlertType.OPENED if change.change is Change.OPENED else AlertType.UPDATED
    return Alert(
        id=blake2b(identity, digest_size=8).hexdigest(),
        type=AlertType.CORRECTED if change.change is Change.CORRECTED else kind,
        severity=severity,
        reason=reason_for(change),
        change=change.change,
        events=change.events,
        story=change.story,
        item=change.item,
        at=change.at,
        channels=routed.channels,
    )


def ops_alert_for(change: OpsChange, routes: Sequence[Route]) -> OpsAlert:
    """The ops alert that a change of a trouble leads to, with the channels that the routes choose."""
    trouble = change.trouble
    identity = f"{change.type}\n{trouble.subject}\n{trouble.name}\n{change.at.isoformat()}".encode()
    channels = route_ops(trouble, routes).channels
    return OpsAlert(blake2b(identity, digest_size=8).hexdigest(), change.type, trouble, change.at, channels)


def deliveries_for(alert: Alert | OpsAlert, disabled: Mapping[str, str], now: datetime) -> list[Delivery]:
    """One delivery a channel; one for a channel that asks for no more is a dead letter from the start."""
    return [_delivery(alert, channel, disabled.get(channel), now) for channel in alert.channels]


def delivery_id(alert: str, channel: str) -> str:
    """The id of the alert's delivery to the channel, the same for every attempt: a digest, since a channel's name
    may hold a dot, which Standard Webhooks keeps for itself in what is signed."""
    return "msg_" + blake2b(f"{alert}\n{channel}".encode(), digest_size=12).hexdigest()


def _delivery(alert: Alert | OpsAlert, channel: str, off: str | None, now: datetime) -> Delivery:
    delivery = Delivery(delivery_id(alert.id, channel), alert.id, channel, created_at=now, due_at=now)
    if off is None:
        return delivery
    return replace(delivery, state=DeliveryState.DEAD, reason=f"the channel is off: {off}")


def after_attempt(delivery: Delivery, verdict: Verdict, now: datetime, jitter: float) -> Delivery:
    """The delivery after one more attempt; `jitter` is between -1 and 1."""
    reason = "" if isinstance(verdict, Accepted) else verdict.reason
    answer = verdict.answer if isinstance(verdict, Accepted) else reason
    attempt = Attempt(now, isinstance(verdict, Accepted), verdict.status, answer[:ANSWER_KEPT])
    tried = replace(delivery, attempts=(*delivery.attempts, attempt))
    match verdict:
        case Accepted():
            return replace(tried, state=DeliveryState.DELIVERED)
        case Rejected():
            return replace(tried, state=DeliveryState.DEAD, reason=verdict.reason)
        case Retry():
            due_at = next_attempt_at(len(tried.attempts), now, verdict, jitter)
            if due_at is None:
                return replace(tried, state=DeliveryState.DEAD, reason=f"given up: {verdict.reason}")
            return replace(tried, due_at=due_at, reason=verdict.reason)


@dataclass(frozen=True, slots=True)
class TellerBatch:
    """How many changes were handed out, and the alerts that some of them led to: of news, and of ourselves."""

    handed: int
    alerts: tuple[Alert, ...]
    ops: tuple[OpsAlert, ...] = ()


@dataclass(frozen=True)
class Teller:
    """Turns changes into alerts."""

    alerts: AlertStore
    routes: Sequence[Route]
    channels: Mapping[str, ChannelSpec]
    consumer: str
    clock: Callable[[], datetime]

    def step(self, block_seconds: float = 0) -> TellerBatch:
        """Tells one batch of changes, waiting for the first up to `block_seconds`."""
        return self.tell(self.read(block_seconds))

    def read(self, block_seconds: float) -> Sequence[Handed]:
        """The next batch, to be told by this teller or by one that takes its place meanwhile."""
        return self.alerts.changes.read(self.consumer, count=BATCH, block_seconds=block_seconds)

    def take_over(self, idle_seconds: float = RECLAIM_AFTER_SECONDS) -> TellerBatch:
        """Tells changes that a worker left behind, one at a time; buries those that cannot be told."""
        handed, told = 0, []
        for one in self.alerts.changes.left_behind(self.consumer, most=BATCH, idle_seconds=idle_seconds):
            handed += 1
            if is_poison(one):
                self.alerts.changes.bury(one, f"handed out {one.deliveries} times, never told")
                log.error("change_buried", entry=one.entry, deliveries=one.deliveries)
            elif alert := self._try(one):
                told.append(alert)
        return _batch(handed, told)

    def give_up_unknown(self) -> dict[str, int]:
        """Makes dead letters of what waits for channels that are off or no longer configured; how many of each."""
        gone = [name for name in self.alerts.channels() if name not in self.channels]
        reason = "the channel is off or no longer configured"
        given_up = {name: self.alerts.give_up(name, reason, self.clock()) for name in gone}
        return {name: count for name, count in given_up.items() if count}

    def tell(self, handed: Sequence[Handed]) -> TellerBatch:
        """Tells the changes that were handed out."""
        return _batch(len(handed), [alert for alert in map(self._try, handed) if alert])

    def _try(self, handed: Handed) -> Alert | OpsAlert | None:
        try:
            return self._tell_ops(handed) if b"ops" in handed.fields else self._tell(handed)
        except StoreError:
            raise
        except Exception:
            # Whatever is wrong with it, it must not keep those behind it waiting: it is buried when its turns are over.
            log.exception("change_not_told", entry=handed.entry, deliveries=handed.deliveries)
            return None

    def _tell(self, handed: Handed) -> Alert | None:
        alert = alert_for(codec.load(StoryChange, handed.fields[b"change"]), self.routes)
        # Whoever heard what is taken back must hear that, whatever the routes say by now.
        chosen = self.alerts.told_of(alert.story.id) if alert.type is AlertType.CORRECTED else alert.channels
        on = tuple(name for name in chosen if name in self.channels)
        alert = replace(alert, channels=on)
        if not self._store(handed, alert):
            return None
        log.info(
            "alert", alert=alert.id, severity=alert.severity, channels=on, story=alert.story.id, reason=alert.reason
        )
        return alert

    def _tell_ops(self, handed: Handed) -> OpsAlert | None:
        alert = ops_alert_for(codec.load(OpsChange, handed.fields[b"ops"]), self.routes)
        on = tuple(name for name in alert.channels if name in self.channels)
        alert = replace(alert, channels=on or self._consoles(alert))
        if not self._store(handed, alert):
            return None
        trouble = alert.trouble
        facts = {"subject": trouble.subject, "name": trouble.name, "reason": trouble.reason}
        log.info("ops_alert", alert=alert.id, type=alert.type, channels=alert.channels, **facts)
        return alert

    def _consoles(self, alert: OpsAlert) -> tuple[str, ...]:
        """Who is told what no route takes."""
        consoles = (name for name, spec in self.channels.items() if spec.type == "console")
        return fit_to_tell(alert.trouble, consoles)

    def _store(self, handed: Handed, alert: Alert | OpsAlert) -> bool:
        """Whether it was stored to be told: not where no channel takes it, nor where another worker told it."""
        now = self.clock()
        deliveries = deliveries_for(alert, self.alerts.disabled(), now)
        stored = self.alerts.tell(handed.entry, alert if alert.channels else None, deliveries, now)
        return stored and bool(alert.channels)


@dataclass(frozen=True)
class Sender:
    """Sends the deliveries of one channel, one after another, so that their order is kept."""

    alerts: AlertStore
    name: str
    channel: Channel
    public_url: str
    time_zone: str
    clock: Callable[[], datetime]
    worker: Worker

    def begin(self) -> None:
        """Takes back what was being sent by a process that is gone."""
        self.alerts.release(self.name, self.worker, self.clock())

    def step(self) -> Delivery | None:
        """Sends the delivery that is due longest; None where none is due."""
        claimed = self.alerts.claim(self.name, self.worker, self.clock(), lease=LEASE, limit=1)
        return self._send(claimed[0]) if claimed else None

    def drain(self) -> list[Delivery]:
        """Tries everything that waits once, due or not."""
        claimed = self.alerts.claim_all(self.name, self.worker, self.clock(), lease=DRAIN_LEASE)
        return [done for done in map(self._send, claimed) if done]

    def _send(self, claim: Claim) -> Delivery | None:
        delivery = self.alerts.delivery(claim.id)
        alert = self._alert(delivery.alert) if delivery else None
        if delivery is None:
            self.alerts.forget(self.name, claim)
            return None
        verdict = self._attempt(delivery, alert) if alert else Rejected("the alert is older than alerts are kept")
        now = self.clock()
        done = after_attempt(delivery, verdict, now, random.uniform(-1, 1))  # noqa: S311 - spreads load
        if isinstance(verdict, Rejected) and verdict.disable:
            self.alerts.disable(self.name, verdict.reason)
            given_up = self.alerts.give_up(self.name, f"the channel is off: {verdict.reason}", now)
            log.error("channel_off", channel=self.name, reason=verdict.reason, given_up=given_up)
        self.alerts.settle(claim, done, now)
        _report(done, verdict)
        return done

    def _alert(self, alert: str) -> Alert | OpsAlert | None:
        return self.alerts.alert(alert) or self.alerts.ops_alert(alert)

    def _attempt(self, delivery: Delivery, alert: Alert | OpsAlert) -> Verdict:
        try:
            return self.channel.send(Message(delivery.id, alert, self.public_url, self.time_zone))
        except Exception as error:
            # A plugin's bug costs its own deliveries, not the line; the trace is for whoever wrote it.
            log.exception("channel_broken", channel=self.name, delivery=delivery.id)
            return Retry(f"the channel failed: {type(error).__name__}")


def _batch(handed: int, told: Sequence[Alert | OpsAlert]) -> TellerBatch:
    news = tuple(alert for alert in told if isinstance(alert, Alert))
    return TellerBatch(handed, news, tuple(alert for alert in told if isinstance(alert, OpsAlert)))


def _report(delivery: Delivery, verdict: Verdict) -> None:
    facts = {"delivery": delivery.id, "channel": delivery.channel, "attempt": len(delivery.attempts)}
    if isinstance(verdict, Accepted):
        log.info("delivered", **facts)
    elif delivery.state is DeliveryState.DEAD:
        log.error("delivery_dead", reason=delivery.reason, **facts)
    else:
        log.warning("delivery_retry", reason=verdict.reason, due_at=delivery.due_at.isoformat(), **facts)
