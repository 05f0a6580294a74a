"""The notify role: one thread that tells changes, and one a channel that sends, so that none waits for another."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import structlog

from siegewatch.apps.roles.loop import BLOCK_SECONDS, TAKE_OVER_SECONDS, Job, Loop, Trouble
from siegewatch.apps.web.metrics import Metrics
from siegewatch.domain.delivery import Delivery, DeliveryState
from siegewatch.notify.outbox import Sender, Teller, TellerBatch

log = structlog.get_logger()

IDLE_SECONDS = 0.25
"""How long a channel with nothing to send waits before it looks again."""


@dataclass
class Notify:
    """Tells and sends."""

    teller: Teller
    senders: Sequence[Sender]
    metrics: Metrics
    trouble: Trouble
    name: str = "notify"
    _looked_at: float = 0.0
    _loops: list[Loop] = field(default_factory=list)

    @property
    def jobs(self) -> Sequence[Job]:
        """None: its threads wait for input by themselves."""
        return ()

    def start(self) -> None:
        """Begins."""
        self._begin()
        self._loops = [Loop("tell", self._turn, self.trouble)]
        for sender in self.senders:
            send = partial(self._send_one, sender)
            self._loops.append(Loop(f"send {sender.name}", send, self.trouble, idle_seconds=IDLE_SECONDS))
        for loop in self._loops:
            loop.start()

    def ask_to_stop(self) -> None:
        """Lets the deliveries under way be the last."""
        for loop in self._loops:
            loop.ask_to_stop()

    def stop(self, deadline: float) -> None:
        """Waits for those deliveries."""
        for loop in self._loops:
            loop.stop(deadline)

    def problem(self) -> str | None:
        """The store's trouble."""
        return self.trouble.now()

    def drain(self) -> None:
        """Tells all that waits now, and tries every delivery once, also those that wait for their next attempt."""
        self._begin()
        handed = True
        while handed:
            left = self._count(self.teller.take_over(idle_seconds=0))
            handed = bool(left.handed + self._count(self.teller.step()).handed)
        tried = [done for sender in self.senders for done in sender.drain()]
        for done in tried:
            self.metrics.tried(done)
        if waiting := [done.id for done in tried if done.state is DeliveryState.PENDING]:
            log.warning("deliveries_left", waiting=len(waiting), deliveries=waiting[:10])

    def _begin(self) -> None:
        """Takes back what dead processes held; gives up what waits for channels that are no more."""
        for sender in self.senders:
            sender.begin()
        for channel, given_up in self.teller.give_up_unknown().items():
            log.error("deliveries_given_up", channel=channel, deliveries=given_up)

    def _send_one(self, sender: Sender) -> Delivery | None:
        done = sender.step()
        if done:
            self.metrics.tried(done)
        return done

    def _turn(self) -> bool:
        if monotonic() - self._looked_at > TAKE_OVER_SECONDS:
            self._count(self.teller.take_over())
            self._looked_at = monotonic()
        return bool(self._count(self.teller.step(BLOCK_SECONDS)).handed)

    def _count(self, batch: TellerBatch) -> TellerBatch:
        for alert in batch.alerts:
            self.metrics.told(alert)
        for told in batch.ops:
            self.metrics.told_ops(told)
        return batch
