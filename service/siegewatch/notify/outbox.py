"""Telling: a change, of a story or a trouble, becomes an alert with its deliveries."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

import structlog

from siegewatch.domain.alert import Alert, AlertType, Route, alert_severity
from siegewatch.domain.delivery import ChannelSpec, Delivery, DeliveryState, delivery_id
from siegewatch.domain.errors import StoreError
from siegewatch.domain.inhibition import Inhibition
from siegewatch.domain.ops import OpsAlert, OpsChange
from siegewatch.domain.silence import Hush, Hushed
from siegewatch.domain.story import StoryChange
from siegewatch.domain.taxonomy import Change, Severity
from siegewatch.notify.holding import Hold, hold
from siegewatch.notify.inhibition import source_marks, target_marks
from siegewatch.notify.matching import news_of
from siegewatch.notify.render import reason_for
from siegewatch.notify.routing import fit_to_tell, route, route_ops
from siegewatch.notify.silences import silenced_by, why
from siegewatch.store import codec
from siegewatch.store.alerts import AlertStore
from siegewatch.store.streams import RECLAIM_AFTER_SECONDS, Handed, is_poison

log = structlog.get_logger()

BATCH = 32


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
        digests=routed.digests,
    )


def ops_alert_for(change: OpsChange, routes: Sequence[Route]) -> OpsAlert:
    """The ops alert that a change of a trouble leads to, with the channels that the routes choose."""
    trouble = change.trouble
    identity = f"{change.type}\n{trouble.subject}\n{trouble.name}\n{change.at.isoformat()}".encode()
    channels = route_ops(trouble, routes).channels
    return OpsAlert(blake2b(identity, digest_size=8).hexdigest(), change.type, trouble, change.at, channels)


def deliveries_for(
    alert: Alert | OpsAlert, disabled: Mapping[str, str], holds: Mapping[str, Hold], now: datetime
) -> list[Delivery]:
    """One delivery a channel; one for a channel that asks for no more is a dead letter from the start, and one for
    which `holds` has an entry waits to be told together with others."""
    return [_delivery(alert, channel, disabled.get(channel), holds.get(channel), now) for channel in alert.channels]


def _delivery(alert: Alert | OpsAlert, channel: str, off: str | None, held: Hold | None, now: datetime) -> Delivery:
    delivery = Delivery(delivery_id(alert.id, channel), alert.id, channel, created_at=now, due_at=now)
    if off is not None:
        return replace(delivery, state=DeliveryState.DEAD, reason=f"the channel is off: {off}")
    if held is not None:
        # In no line: what is told at once must not wait for what is told in the evening.
        why, until = held
        return replace(delivery, gather=why, due_at=until)
    return replace(delivery, lines=(_line(alert),))


def _line(alert: Alert | OpsAlert) -> str:
    """What an alert must stay in order with."""
    return alert.story.id if isinstance(alert, Alert) else f"{alert.trouble.subject}:{alert.trouble.name}"


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
    time_zone: str = "UTC"
    inhibitions: Sequence[Inhibition] = ()

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
            elif alert := self._try(one, self.alerts.disabled()):
                told.append(alert)
        return _batch(handed, told)

    def give_up_unknown(self) -> dict[str, int]:
        """Makes dead letters of what waits for channels that are off or no longer configured; how many of each."""
        gone = [name for name in self.alerts.channels() if name not in self.channels]
        reason = "the channel is off or no longer configured"
        given_up = {name: self.alerts.outbox(name).give_up(reason, self.clock()) for name in gone}
        return {name: count for name, count in given_up.items() if count}

    def tell(self, handed: Sequence[Handed]) -> TellerBatch:
        """Tells the changes that were handed out."""
        batches = list(self.tell_each(handed))
        news = tuple(alert for one in batches for alert in one.alerts)
        return TellerBatch(len(handed), news, tuple(alert for one in batches for alert in one.ops))

    def tell_each(self, handed: Sequence[Handed]) -> Iterator[TellerBatch]:
        """The same one by one, so that the first of many can leave before the last is decided."""
        off = self.alerts.disabled() if handed else {}
        for one in handed:
            alert = self._try(one, off)
            yield _batch(1, [alert] if alert else [])

    def _try(self, handed: Handed, off: Mapping[str, str]) -> Alert | OpsAlert | None:
        try:
            return self._tell_ops(handed, off) if b"ops" in handed.fields else self._tell(handed, off)
        except StoreError:
            raise
        except Exception:
            # Whatever is wrong with it, it must not keep those behind it waiting: it is buried when its turns are over.
            log.exception("change_not_told", entry=handed.entry, deliveries=handed.deliveries)
            return None

    def _tell(self, handed: Handed, off: Mapping[str, str]) -> Alert | None:
        alert = alert_for(codec.load(StoryChange, handed.fields[b"change"]), self.routes)
        # Whoever heard what is taken back must hear that, whatever the routes say by now.
        chosen = self.alerts.told_of(alert.story.id) if alert.type is AlertType.CORRECTED else alert.channels
        on = tuple(name for name in chosen if name in self.channels)
        hushed = self._hushed(alert, on) if on and alert.type is not AlertType.CORRECTED else None
        alert = replace(alert, channels=() if hushed else on, hushed=hushed)
        if not self._store(handed, alert, off):
            return None
        if hushed:
            log.info("alert_hushed", alert=alert.id, severity=alert.severity, by=hushed.by, of=hushed.id)
            return None
        if alert.type is not AlertType.CORRECTED and (marks := source_marks(alert, self.inhibitions)):
            self.alerts.inhibits.note(marks, alert.id, alert.at)
        log.info(
            "alert", alert=alert.id, severity=alert.severity, channels=on, story=alert.story.id, reason=alert.reason
        )
        return alert

    def _hushed(self, alert: Alert, channels: tuple[str, ...]) -> Hushed | None:
        """Why the alert is kept but told nobody, None where it is told."""
        silence = silenced_by(news_of(alert), self.alerts.silences.active(self.clock()))
        if silence:
            return Hushed(Hush.SILENCE, silence.id, why(silence, self.time_zone), channels)
        graver = self.alerts.inhibits.first(target_marks(alert, self.inhibitions), alert.at)
        return Hushed(Hush.INHIBITION, graver, f"held back by the graver alert {graver}", channels) if graver else None

    def _tell_ops(self, handed: Handed, off: Mapping[str, str]) -> OpsAlert | None:
        alert = ops_alert_for(codec.load(OpsChange, handed.fields[b"ops"]), self.routes)
        on = tuple(name for name in alert.channels if name in self.channels)
        alert = replace(alert, channels=on or self._consoles(alert))
        if not self._store(handed, alert, off):
            return None
        trouble = alert.trouble
        facts = {"subject": trouble.subject, "name": trouble.name, "reason": trouble.reason}
        log.info("ops_alert", alert=alert.id, type=alert.type, channels=alert.channels, **facts)
        return alert

    def _consoles(self, alert: OpsAlert) -> tuple[str, ...]:
        """Who is told what no route takes."""
        consoles = (name for name, spec in self.channels.items() if spec.type == "console")
        return fit_to_tell(alert.trouble, consoles)

    def _store(self, handed: Handed, alert: Alert | OpsAlert, off: Mapping[str, str]) -> bool:
        """Whether it was stored: not where no channel takes it, nor where another worker told it."""
        now = self.clock()
        deliveries = deliveries_for(alert, off, self._holds(alert, now), now)
        is_kept = bool(alert.channels) or (isinstance(alert, Alert) and alert.hushed is not None)
        return self.alerts.tell(handed.entry, alert if is_kept else None, deliveries, now) and is_kept

    def _holds(self, alert: Alert | OpsAlert, now: datetime) -> dict[str, Hold]:
        """Which channels are told later, together with other things: quiet hours hold all but `flash`."""
        digests = alert.digests if isinstance(alert, Alert) else {}
        is_flash = isinstance(alert, Alert) and alert.severity is Severity.FLASH
        holds = {}
        for channel in alert.channels:
            quiet = None if is_flash else self.channels[channel].terms.quiet
            held = hold(digests.get(channel, ""), quiet, self.time_zone, now)
            if held:
                holds[channel] = held
        return holds


def _batch(handed: int, told: Sequence[Alert | OpsAlert]) -> TellerBatch:
    news = tuple(alert for alert in told if isinstance(alert, Alert))
    return TellerBatch(handed, news, tuple(alert for alert in told if isinstance(alert, OpsAlert)))
