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
        self._loops = [Loop("tell", self._turn, self.trouble)]
        for sender in self.senders:
            sender.begin()
            send = partial(self._send_one, sender)
            self._loops.append(Loop(f"send {sender.name}", send, self.trouble, idle_seconds=IDLE_SECONDS))
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        """Ends after the deliveries under way."""
        for loop in self._loops:
            loop.stop()

    def problem(self) -> str | None:
        """The store's trouble."""
        return self.trouble.now()

    def drain(self) -> None:
        """Tells all that waits now, and tries every delivery that is due once."""
        self._count(self.teller.take_over())
        batch = self._count(self.teller.step())
        while batch.handed:
            batch = self._count(self.teller.step())
        left = sum(self._send_due(sender) for sender in self.senders)
        if left:
            log.warning("deliveries_left", waiting=left)

    def _send_due(self, sender: Sender) -> int:
        """Sends what is due; returns how many must be tried again."""
        left = 0
        while done := self._send_one(sender):
            left += done.state is DeliveryState.PENDING
        return left

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
        return batch
