"""Sending: the deliveries of one channel, one after another, each attempt noted before the next begins."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import (
    Accepted,
    Attempt,
    Delivery,
    DeliveryState,
    Message,
    Rejected,
    Retry,
    Thread,
    Verdict,
    delivery_id,
)
from siegewatch.domain.digest import Digest
from siegewatch.domain.ops import OpsAlert
from siegewatch.domain.standing import Standing, Terms
from siegewatch.notify import pacing
from siegewatch.notify.asking import Asking
from siegewatch.notify.gathering import digest_of
from siegewatch.notify.retry import next_attempt_at
from siegewatch.store.alerts import AlertStore
from siegewatch.store.claims import Claim, Worker
from siegewatch.store.feedback import FeedbackStore
from siegewatch.store.outbox import Crowd, Outbox, Settled, Taken

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
"""Longer than the longest request to a channel may take."""

DRAIN_LEASE = timedelta(hours=1)

MOST_ALONE = 1
ANY_NUMBER = 2**31
"""How many may wait, with a budget and without one, before it is looked at whether to tell them together."""

ANSWER_KEPT = 500
"""Characters of an answer that an attempt keeps."""

PROBES_KEPT = 50
"""Attempts that did not count are kept so many for each delivery, the latest."""


class Channel(Protocol):
    """What the entry-point group `siegewatch.channels` offers: made with a spec and the door out."""

    needs_url: bool

    def send(self, message: Message) -> Verdict:
        """Tries once; raises nothing that the other side can cause."""


def after_attempt(
    delivery: Delivery, verdict: Verdict, now: datetime, jitter: float, *, paused: bool = False
) -> Delivery:
    """The delivery after one more attempt; `jitter` is between -1 and 1. While the channel is busy or `paused`, what it
    refuses stays first in its queue, and that does not count towards giving up."""
    reason = "" if isinstance(verdict, Accepted) else verdict.reason
    answer = verdict.answer if isinstance(verdict, Accepted) else reason
    counts = not isinstance(verdict, Retry) or not (paused or verdict.is_busy)
    attempt = Attempt(now, isinstance(verdict, Accepted), verdict.status, answer[:ANSWER_KEPT], counts)
    tried = replace(delivery, attempts=_kept((*delivery.attempts, attempt)))
    match verdict:
        case Accepted():
            return replace(tried, state=DeliveryState.DELIVERED, reason=None)
        case Rejected():
            return replace(tried, state=DeliveryState.DEAD, reason=verdict.reason)
        case Retry() if not counts:
            return replace(tried, due_at=min(delivery.due_at, now), reason=verdict.reason)
        case Retry():
            tries = sum(attempt.counts for attempt in tried.attempts)
            due_at = next_attempt_at(tries, now, verdict, jitter)
            if due_at is None:
                return replace(tried, state=DeliveryState.DEAD, reason=f"given up: {verdict.reason}")
            return replace(tried, due_at=due_at, reason=verdict.reason)


def _kept(attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    probes = [attempt for attempt in attempts if not attempt.counts]
    too_many = probes[:-PROBES_KEPT]
    return tuple(attempt for attempt in attempts if attempt not in too_many) if too_many else attempts


@dataclass(frozen=True)
class Sender:
    """Sends the deliveries of one channel, one after another, so that their order is kept. Any number of processes may
    do so for one channel: while one sends, the others wait."""

    alerts: AlertStore
    name: str
    channel: Channel
    public_url: str
    time_zone: str
    clock: Callable[[], datetime]
    worker: Worker
    terms: Terms = field(default_factory=Terms)
    sleep: Callable[[float], None] = time.sleep
    asking: Asking = field(default_factory=Asking)

    @property
    def _outbox(self) -> Outbox:
        return self.alerts.outbox(self.name)

    def begin(self) -> None:
        """Takes back what was being sent by a process that is gone."""
        self._outbox.release(self.worker, self.clock())

    def step(self) -> Delivery | None:
        """Sends what is due longest; None where nothing is, or the channel is to be left alone."""
        now = self.clock()
        most = Crowd(MOST_ALONE if self.terms.budget else ANY_NUMBER, now - pacing.LATE)
        taken = self._outbox.claim(self.worker, now, lease=LEASE, most=most)
        if isinstance(taken, Crowd):
            self._gather(now)
            taken = self._outbox.claim(self.worker, now, lease=LEASE)
        return self._send(taken) if isinstance(taken, Taken) else None

    def drain(self) -> list[Delivery]:
        """Tries everything that waits once, due or not, at the pace of the channel's budget; ends early where the
        channel asks to be left alone."""
        began = self.clock()
        self._outbox.hasten(began)
        tried: list[Delivery] = []
        while self._may_go_on(tried, began):
            self._gather(self.clock())
            taken = self._outbox.claim(self.worker, began, lease=DRAIN_LEASE, anyway=True)
            if not isinstance(taken, Taken):
                break
            if done := self._send(taken):
                tried.append(done)
        return tried

    def _may_go_on(self, tried: list[Delivery], began: datetime) -> bool:
        """Waits for the budget; False where the channel does not want more for now."""
        if not tried:
            return True
        last = tried[-1]
        if last.state is DeliveryState.PENDING and last.due_at <= began:
            return False
        standing = self._outbox.standing()
        opens = pacing.opens_at(replace(standing, held_until=None), self.terms.budget)
        seconds = (opens - self.clock()).total_seconds() if opens else 0
        if seconds > pacing.PATIENCE.total_seconds():
            return False
        if seconds > 0:
            self.sleep(seconds)
        return True

    def _gather(self, now: datetime) -> None:
        """Makes a digest of what is to be told together."""
        outbox, budget = self._outbox, self.terms.budget
        waits = outbox.next(now)
        if not waits.gathered and waits.length < 2:
            return
        standing = outbox.standing()
        single = pacing.room(standing, budget, now)
        late = waits.first_due_at is not None and now - waits.first_due_at > pacing.LATE
        many = single is not None and waits.length > single
        opens = pacing.opens_at(standing, budget)
        if not (waits.gathered or late or many) or (opens and opens > now):
            return
        waiting = self._worth_telling(now)
        if found := pacing.to_gather(waiting, outbox.unsure(), single, now, self.terms.together):
            why, chosen = found
            digest = digest_of(why, self.name, chosen, self._told)
            stored = outbox.gather(digest, _delivery(digest, self.name, chosen), chosen, now)
            log.info("digest", channel=self.name, why=why, alerts=len(digest.entries), stored=stored)

    def _worth_telling(self, now: datetime) -> list[Delivery]:
        """What waits; what has waited for too long becomes dead letters."""
        waiting = self._outbox.waiting(now, pacing.MOST_LATE)
        for one in waiting:
            if pacing.expired(one, self.terms, now):
                self._outbox.bury(one, self._too_old(), now)
        return [one for one in waiting if not pacing.expired(one, self.terms, now)]

    def _too_old(self) -> str:
        return f"expired: not accepted within {self.terms.expire_after}"

    def _told(self, alert: str) -> Alert | OpsAlert | Digest | None:
        return self.alerts.alert(alert) or self.alerts.ops_alert(alert) or self.alerts.digest(alert)

    def _send(self, taken: Taken) -> Delivery | None:
        claim, delivery, standing = taken.claim, taken.delivery, taken.standing
        if delivery is None:
            self._outbox.forget(claim)
            return None
        if pacing.expired(delivery, self.terms, self.clock()):
            return self._expire(claim, delivery, standing)
        told = taken.told
        verdict = self._attempt(delivery, told) if told else Rejected("the alert is older than alerts are kept")
        if isinstance(told, Alert) and isinstance(verdict, Accepted) and verdict.receipt and self._threads:
            # Before anything else is noted: sent again after a crash, it is then edited and not told twice.
            self._outbox.keep_thread(told.story.id, verdict.receipt, told.id)
        return self._settle(claim, delivery, standing, verdict)

    def _expire(self, claim: Claim, delivery: Delivery, standing: Standing) -> Delivery:
        done = replace(delivery, state=DeliveryState.DEAD, reason=self._too_old())
        opens = pacing.opens_at(standing, self.terms.budget)
        self._outbox.settle(claim, Settled(done, standing, opens), self.clock())
        log.error("delivery_dead", reason=done.reason, delivery=done.id, channel=self.name)
        return done

    def _settle(self, claim: Claim, delivery: Delivery, before: Standing, verdict: Verdict) -> Delivery:
        now, budget = self.clock(), self.terms.budget
        spread = random.uniform(-1, 1)  # noqa: S311 - spreads load
        done = after_attempt(delivery, verdict, now, spread, paused=pacing.is_paused(before, now))
        if isinstance(verdict, Rejected) and verdict.disable:
            self._switch_off(verdict.reason, now)
        standing = pacing.after(before, verdict, now, budget)
        unsure = pacing.is_unsure(verdict)
        leaves = unsure and pacing.yields(done)
        self._outbox.settle(claim, Settled(done, standing, pacing.opens_at(standing, budget), unsure, leaves), now)
        if isinstance(verdict, Accepted) and pacing.was_out(before, now):
            waiting = self._outbox.hasten(now)
            log.info("channel_back", channel=self.name, failures=before.failures, waiting=waiting)
        if pacing.is_paused(standing, now) and not pacing.is_paused(before, now):
            log.error("channel_paused", channel=self.name, failures=standing.failures, reason=standing.reason)
        _report(done, verdict)
        return done

    def _switch_off(self, reason: str, now: datetime) -> None:
        self.alerts.disable(self.name, reason)
        given_up = self._outbox.give_up(f"the channel is off: {reason}", now)
        log.error("channel_off", channel=self.name, reason=reason, given_up=given_up)

    def _attempt(self, delivery: Delivery, told: Alert | OpsAlert | Digest) -> Verdict:
        try:
            return self.channel.send(self._message(delivery, told))
        except Exception as error:
            # A plugin's bug costs its own deliveries, not the line; the trace is for whoever wrote it.
            log.exception("channel_broken", channel=self.name, delivery=delivery.id)
            return Retry(f"the channel failed: {type(error).__name__}")

    def _message(self, delivery: Delivery, told: Alert | OpsAlert | Digest) -> Message:
        message = Message(delivery.id, told, self.public_url, self.time_zone)
        if not isinstance(told, Alert):
            return message
        thread = self._thread(told.story.id) if self._threads else None
        return replace(message, answer_url=self.asking.link(told), thread=thread)

    @property
    def _threads(self) -> bool:
        return getattr(self.channel, "threads", False)

    def _thread(self, story: str) -> Thread | None:
        kept = self._outbox.thread(story)
        if kept is None:
            return None
        receipt, alert = kept
        first = self.alerts.alert(alert)
        said = FeedbackStore(self.alerts.store).of(alert)
        return Thread(receipt, first, said, self.asking.link(first) if first else "")


def _delivery(digest: Digest, channel: str, chosen: tuple[Delivery, ...]) -> Delivery:
    """The delivery of a digest stands where the first of those stood that it tells; it is as new as the last."""
    lines = tuple(dict.fromkeys(line for one in chosen for line in one.lines))
    created_at, due_at = max(one.created_at for one in chosen), min(one.due_at for one in chosen)
    return Delivery(
        delivery_id(digest.id, channel), digest.id, channel, created_at, due_at, lines=lines, tells=len(digest.entries)
    )


def _report(delivery: Delivery, verdict: Verdict) -> None:
    facts = {"delivery": delivery.id, "channel": delivery.channel, "attempt": len(delivery.attempts)}
    if isinstance(verdict, Accepted):
        log.info("delivered", **facts)
    elif delivery.state is DeliveryState.DEAD:
        log.error("delivery_dead", reason=delivery.reason, **facts)
    else:
        log.warning("delivery_retry", reason=verdict.reason, due_at=delivery.due_at.isoformat(), **facts)
