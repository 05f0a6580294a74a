"""What may change while the service runs: the settings in force, what they lead to, and the feeds there are."""

from dataclasses import dataclass, field

from siegewatch import wiring
from siegewatch.collect.roster import Roster
from siegewatch.collect.sources.base import Tools
from siegewatch.domain.feed import AddedFeed, Pause
from siegewatch.net.door import Door
from siegewatch.settings import Settings
from siegewatch.store.memory import Memory


@dataclass(frozen=True, slots=True)
class Means:
    """What the roles work with under one set of settings; for others it is made anew."""

    settings: Settings
    memory: Memory
    tools: Tools

    @property
    def door(self) -> Door:
        """The way out."""
        return self.tools.door


@dataclass
class Current:
    """The settings that hold at this moment; whoever must follow them asks here. Threads may share it."""

    settings: Settings
    memory: Memory
    _read: tuple[Settings, tuple[AddedFeed, ...], dict[str, Pause]] | None = field(default=None, repr=False)
    _roster: Roster = field(default_factory=lambda: Roster(()), repr=False)

    def forget_roster(self) -> None:
        """Has the entries of added feeds filled in anew: what they name may stand in files that changed."""
        self._read = None

    def roster(self) -> Roster:
        """The feeds there are, read anew where something about them changed. Raises StoreError."""
        settings = self.settings
        added, paused = self.memory.added.all(), self.memory.feeds.paused()
        if self._read is None or self._read[0] is not settings or self._read[1:] != (added, paused):
            self._roster = wiring.roster(settings, added, paused)
            self._read = settings, added, paused
        return self._roster
