"""Troubles that were raised and not yet cleared, and signs of life: each told once whoever notices it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from siegewatch.domain.ops import OpsChange, OpsType, Trouble
from siegewatch.store import codec
from siegewatch.store.client import Store, told


@dataclass(frozen=True, slots=True)
class OpsStore:
    """What is in trouble. What changes is handed to notify by the stream of changes."""

    store: Store

    @property
    def _troubles(self) -> str:
        return self.store.keys("troubles")

    def troubles(self) -> list[Trouble]:
        """All that is raised, the longest standing first."""
        with told():
            raised = cast("dict[bytes, bytes]", self.store.redis.hgetall(self._troubles))
        found = [codec.load(Trouble, raw) for raw in raised.values()]
        return sorted(found, key=lambda trouble: (trouble.since, trouble.subject, trouble.name))

    def begin(self, trouble: Trouble, now: datetime) -> bool:
        """Raises a trouble. False where it was raised before, with whatever reason."""
        return self._turn(_field(trouble), b"", codec.dump(trouble), OpsChange(OpsType.RAISED, trouble, now))

    def end(self, trouble: Trouble, reason: str, now: datetime) -> bool:
        """Clears a trouble that `troubles` gave; `reason` says how it ended. False where another cleared it."""
        with told():
            raised = cast("bytes | None", self.store.redis.hget(self._troubles, _field(trouble)))
        if raised is None:
            return False
        change = OpsChange(OpsType.CLEARED, replace(trouble, reason=reason), now)
        return self._turn(_field(trouble), raised, b"", change)

    def sign(self, name: str) -> str:
        """What is noted of a sign of life, empty where nothing is."""
        with told():
            noted = cast("bytes | None", self.store.redis.hget(self.store.keys("signs"), name))
        return noted.decode() if noted else ""

    def note(self, name: str, was: str, now: str, change: OpsChange | None = None) -> bool:
        """Notes a sign of life, and hands over what is to be told of it. False where another noted it first."""
        return self._turn(name, was.encode(), now.encode(), change, states=self.store.keys("signs"))

    def _turn(self, field: str, was: bytes, now: bytes, change: OpsChange | None, *, states: str = "") -> bool:
        keys = [states or self._troubles, self.store.keys("changes")]
        args: list[str | bytes] = [field, was, now, codec.dump(change) if change else b""]
        with told():
            return cast("int", self.store.script("turn")(keys=keys, args=args)) == 1


def _field(trouble: Trouble) -> str:
    return f"{trouble.subject}:{trouble.name}"
