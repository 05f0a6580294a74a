"""The canary: an item of our own that goes down the line, to see that the line works and how long it takes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from siegewatch.apps.current import Current
from siegewatch.domain.item import CANARY, Item
from siegewatch.domain.ops import Flight, Subject, Trouble
from siegewatch.store import codec
from siegewatch.store.items import Candidate
from siegewatch.store.memory import Memory

PATIENCE = timedelta(minutes=5)
"""After which one that was not decided counts as lost."""

NAME = "canary"


def is_lost(flight: Flight, now: datetime) -> bool:
    """Whether the line has swallowed it, or one before it."""
    return flight.arrived_at is None and (flight.lost_since is not None or now - flight.sent_at > PATIENCE)


def is_next_due(last: Flight, every: timedelta, now: datetime) -> bool:
    """Whether to send another: not while the last one is still under way."""
    under_way = last.arrived_at is None and now - last.sent_at <= PATIENCE
    return not under_way and now - last.sent_at >= every


def next_flight(last: Flight | None, now: datetime) -> Flight:
    """The canary after `last`."""
    if last is None:
        return Flight(_id(now), now)
    lost_since = None if last.arrived_at else last.lost_since or last.sent_at
    return Flight(_id(now), now, seconds=last.seconds, lost_since=lost_since)


def canary_item(flight: Flight) -> Item:
    """What the line is given: a headline that passes every stage of detection, which knows by the id not to tell it."""
    title = f"Canary of siegewatch: rebels besiege Exampleton, {flight.sent_at:%d %B %Y %H:%M:%S}"
    return Item(flight.id, title, "", flight.sent_at, flight.sent_at, outlet="siegewatch", feed="canary of siegewatch")


def canary_trouble(flight: Flight, now: datetime) -> Trouble | None:
    """That nothing is decided any more, or too late."""
    if not is_lost(flight, now):
        return None
    minutes = PATIENCE.total_seconds() / 60
    reason = (
        f"An item of our own was admitted and not decided within {minutes:.0f} min: detection stands still or lags."
    )
    return Trouble(Subject.CANARY, NAME, reason, flight.lost_since or flight.sent_at)


def _id(now: datetime) -> str:
    return f"{CANARY}{now:%Y%m%dT%H%M%S}"


@dataclass(frozen=True)
class Canary:
    """Sends canaries and sees them arrive; any number of processes may, one is under way at a time."""

    current: Current

    @property
    def every(self) -> timedelta:
        """How often one is sent; zero: none."""
        return self.current.settings.watch.canary

    @property
    def memory(self) -> Memory:
        """What the store remembers."""
        return self.current.memory

    def turn(self, now: datetime) -> Trouble | None:
        """Sends the next one if it is due; what is wrong with the last one."""
        if not self.every:
            return None
        flight = self._looked_after(now)
        if flight.arrived_at:
            return None
        # Admitted anew at each turn until it arrives: known by its id, it is queued once, whoever died in between.
        item = canary_item(flight)
        self.memory.items.admit([Candidate((item.id,), item.id, item)])
        return canary_trouble(flight, now)

    def arrived(self, item: Item, now: datetime) -> None:
        """Notes that a canary was decided just now."""
        raw, flight = self._held()
        if flight and flight.id == item.id and flight.arrived_at is None:
            self._note(raw, _landed(flight, now))

    def flight(self) -> Flight | None:
        """The canary sent last; None where none are sent."""
        return self._held()[1] if self.every else None

    def _looked_after(self, now: datetime) -> Flight:
        """The canary under way, or the next one if it is due."""
        raw, flight = self._held()
        if flight and is_lost(flight, now) and self.memory.items.record(flight.id):
            # Decided by a process that died before it could say so.
            return self._note(raw, _landed(flight, now))
        if flight is None or is_next_due(flight, self.every, now):
            return self._note(raw, next_flight(flight, now))
        return flight

    def _held(self) -> tuple[str, Flight | None]:
        raw = self.memory.ops.sign(NAME)
        return raw, codec.load(Flight, raw) if raw else None

    def _note(self, was: str, flight: Flight) -> Flight:
        """The flight as noted; where another process noted one first, that."""
        noted = self.memory.ops.note(NAME, was, codec.dump(flight).decode())
        return flight if noted else self._held()[1] or flight


def _landed(flight: Flight, now: datetime) -> Flight:
    seconds = max((now - flight.sent_at).total_seconds(), 0.0)
    return replace(flight, arrived_at=now, seconds=seconds, lost_since=None)
