"""The notify role: one thread that tells changes, and one a channel that sends, so that none waits for another."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from time import monotonic

import structlog

from siegewatch import wiring
from siegewatch.apps.current import Means
from siegewatch.apps.roles.loop import BLOCK_SECONDS, TAKE_OVER_SECONDS, Job, Loop, Trouble
from siegewatch.apps.web.metrics import Metrics
from siegewatch.domain.delivery import Delivery, DeliveryState
from siegewatch.domain.errors import StoreError
from siegewatch.notify.outbox import Teller, TellerBatch
from siegewatch.notify.rehearsal import rehearse
from siegewatch.notify.sender import Sender

log = structlog.get_logger()

IDLE_SECONDS = 0.25
"""How long a channel with nothing to send waits before it looks again."""


@dataclass
class Notify:
    """Tells and sends."""

    means: Means
    metrics: Metrics
    trouble: Trouble
    name: str = "notify"
    _looked_at: float = 0.0
    _tell: Loop | None = None
    _sends: dict[str, Loop] = field(default_factory=dict)
    _ending: list[Loop] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.teller, self.senders = _teller(self.means), _senders(self.means)

    @property
    def jobs(self) -> Sequence[Job]:
        """None: its threads wait for input by themselves."""
        return ()

    def start(self) -> None:
        """Begins."""
        self._begin(self.senders.values())
        self._give_up_unknown()
        self._tell = Loop("tell", self._turn, self.trouble)
        self._tell.start()
        self._start_sending()

    def _start_sending(self) -> None:
        """A thread for each channel that has none."""
        for name in self.senders.keys() - self._sends.keys():
            send = partial(self._send_one, name)
            self._sends[name] = Loop(f"send {name}", send, self.trouble, idle_seconds=IDLE_SECONDS)
            self._sends[name].start()

    def prepare(self, means: Means) -> Callable[[], None]:
        """Teller and senders for other settings. A channel that stays keeps its thread, so that its deliveries go on
        one after another; one that is no more ends with the delivery under way, and what waits for it is given up."""
        teller, senders = _teller(means), _senders(means)

        def adopt() -> None:
            came, went = senders.keys() - self.senders.keys(), self.senders.keys() - senders.keys()
            self.means, self.teller, self.senders = means, teller, senders
            ending = [self._sends.pop(name) for name in went]
            self._ending = [*self._ending, *ending]
            for loop in ending:
                loop.ask_to_stop()
            self._start_sending()
            try:
                self._begin(senders[name] for name in came)
            except StoreError as error:
                self.trouble.met(error)

        return adopt

    @property
    def _loops(self) -> list[Loop]:
        return [*filter(None, (self._tell,)), *self._sends.values(), *self._ending]

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
        self._begin(self.senders.values())
        self._give_up_unknown()
        handed = True
        while handed:
            left = self._count(self.teller.take_over(idle_seconds=0))
            handed = bool(left.handed + self._count(self.teller.step()).handed)
        tried = [done for sender in self.senders.values() for done in sender.drain()]
        for done in tried:
            self.metrics.tried(done)
        if waiting := [done.id for done in tried if done.state is DeliveryState.PENDING]:
            log.warning("deliveries_left", waiting=len(waiting), deliveries=waiting[:10])

    def _begin(self, senders: Iterable[Sender]) -> None:
        """Takes back what dead processes held."""
        for sender in senders:
            sender.begin()

    def _give_up_unknown(self) -> None:
        """Gives up what waits for channels that are no more."""
        for channel, given_up in self.teller.give_up_unknown().items():
            log.error("deliveries_given_up", channel=channel, deliveries=given_up)

    def _send_one(self, channel: str) -> Delivery | None:
        sender = self.senders.get(channel)
        done = sender.step() if sender else None
        if done:
            self.metrics.tried(done)
        return done

    def _turn(self) -> bool:
        if not self._looked_at:
            rehearse(self.means.door, wiring.now())
        if monotonic() - self._looked_at > TAKE_OVER_SECONDS:
            self._count(self.teller.take_over())
            self.teller.alerts.expire_dead(wiring.now())
            self._bid_farewell()
            self._looked_at = monotonic()
        # Other settings may come while it waits: what comes then is told under these.
        handed = self.teller.read(BLOCK_SECONDS)
        for told in self.teller.tell_each(handed):
            self._count(told)
        return bool(handed)

    def _bid_farewell(self) -> None:
        """Gives up what is left for removed channels once their threads are done; this one tells them nothing more."""
        if self._ending and not any(loop.is_alive for loop in self._ending):
            self._ending = []
            self._give_up_unknown()

    def _count(self, batch: TellerBatch) -> TellerBatch:
        for alert in batch.alerts:
            self.metrics.told(alert)
        for told in batch.ops:
            self.metrics.told_ops(told)
        told_to = [*(alert.channels for alert in batch.alerts), *(alert.channels for alert in batch.ops)]
        for channel in set(chain.from_iterable(told_to)):
            if loop := self._sends.get(channel):
                loop.wake()
        return batch


def _teller(means: Means) -> Teller:
    return wiring.teller(means.settings, means.memory)


def _senders(means: Means) -> dict[str, Sender]:
    return {sender.name: sender for sender in wiring.senders(means.settings, means.memory, means.door)}
