"""What differs between two settings, by name and never by value, and which of it must wait for a restart."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from siegewatch.settings.environment import leaves
from siegewatch.settings.load import Settings
from siegewatch.settings.models import Main

BY_RESTART = ("data_dir", "store", "web")
"""What a running service is built upon: its store, and the address it serves."""

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of feeds, channels and keys of siegewatch.yaml; of routes (with
    inhibitions) and lexicon, whether they are others."""

    feeds_added: Names = ()
    feeds_removed: Names = ()
    feeds_changed: Names = ()
    channels_added: Names = ()
    channels_removed: Names = ()
    channels_changed: Names = ()
    routes: bool = False
    lexicon: bool = False
    keys: Names = ()

    def told(self) -> dict[str, Any]:
        """What there is, for a log line."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value if value is True else list(value) for name, value in found.items() if value}


def at_run_time(running: Settings, read: Settings) -> Settings:
    """The settings read, but for what a running service cannot change."""
    return replace(read, **{name: getattr(running, name) for name in BY_RESTART})


def by_restart(running: Settings, read: Settings) -> Names:
    """The keys that were changed and take effect after a restart."""
    return tuple(key for key in _keys(running, read) if key.split(".")[0] in BY_RESTART)


def changes(before: Settings, after: Settings) -> Changes:
    """What became different."""
    feeds = _compared({feed.id: feed for feed in before.feeds}, {feed.id: feed for feed in after.feeds})
    channels = _compared({one.name: one for one in before.channels}, {one.name: one for one in after.channels})
    others = _ways(before) != _ways(after), before.lexicon != after.lexicon
    return Changes(*feeds, *channels, *others, _keys(before, after))


def _ways(settings: Settings) -> Hashable:
    return repr((settings.routes, settings.inhibit))


def _compared(before: Mapping[Hashable, Any], after: Mapping[Hashable, Any]) -> tuple[Names, Names, Names]:
    """Names of what came, of what went, and of what stayed but is another."""
    came = tuple(one.name for key, one in after.items() if key not in before)
    went = tuple(one.name for key, one in before.items() if key not in after)
    other = tuple(one.name for key, one in after.items() if key in before and before[key] != one)
    return came, went, other


def _keys(before: Settings, after: Settings) -> Names:
    paths = [tuple(map(str, path)) for path in leaves(Main)]
    return tuple(".".join(path) for path in paths if _value(before, path) != _value(after, path))


def _value(settings: Settings, path: tuple[str, ...]) -> Any:
    value: Any = settings
    for name in path:
        value = getattr(value, name)
    return value
