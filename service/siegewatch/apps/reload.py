"""Has the running service go on under what is written now, after a change of its files or SIGHUP."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Protocol

import structlog

from siegewatch.apps import logs
from siegewatch.apps.current import Current
from siegewatch.apps.roles.loop import Job
from siegewatch.domain.errors import SettingsError, StoreError, UsageError
from siegewatch.settings import Settings
from siegewatch.settings.changes import at_run_time, by_restart, changes
from siegewatch.settings.folder import ConfigFolder

log = structlog.get_logger()

LOOK = timedelta(seconds=2)
"""How often the files are looked at: a change takes effect after two looks."""


class Running(Protocol):
    """A service that can go on under other settings; where it raises UsageError or StoreError nothing has changed."""

    current: Current

    def take(self, settings: Settings) -> None:
        """Goes on under these."""


@dataclass
class Reload:
    """Follows one configuration folder."""

    folder: ConfigFolder
    service: Running
    _asked: Event = field(default_factory=Event)

    @property
    def jobs(self) -> Sequence[Job]:
        """Looking."""
        return (Job(self.look, LOOK),)

    def ask(self) -> None:
        """Has the files read at the next look, changed or not: secrets may stand outside of the folder."""
        self._asked.set()

    def look(self) -> None:
        """Reads the files where they changed, or where that is asked for."""
        changed = self.folder.changed()
        if self._asked.is_set() or changed:
            self._asked.clear()
            self._read()

    def _read(self) -> None:
        """Where anything is at fault nothing changes, and all of it is told: once, since the files are read once."""
        try:
            self._follow(self.folder.load())
        except UsageError as error:
            _refuse(error)
        except StoreError as error:
            log.warning("configuration_waits", reason=str(error))
            self.ask()

    def _follow(self, read: Settings) -> None:
        self.service.current.forget_roster()
        before = self.service.current.settings
        after = at_run_time(before, read)
        if waiting := by_restart(before, read):
            log.warning("configuration_waits", keys=list(waiting), reason="takes effect after a restart")
        if after == before:
            log.info("configuration_unchanged")
            return
        self.service.take(after)
        if after.log != before.log:
            logs.configure(after.log.format, after.log.level, sys.stderr)
        log.info("configuration_changed", **changes(before, after).told())
        for warning in after.warnings:
            if warning not in before.warnings:
                log.warning(str(warning))


def _refuse(error: UsageError) -> None:
    for fault in error.faults if isinstance(error, SettingsError) else (error,):
        log.error("configuration_refused", fault=str(fault))
