"""The names under which sources, classifiers and channels are installed, built-in ones included."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points


@dataclass(frozen=True, slots=True)
class Installed:
    """What configuration may name. Nothing is imported to find out; a source is once a feed names it."""

    sources: Mapping[str, EntryPoint]
    classifiers: frozenset[str]
    channels: frozenset[str]


def installed() -> Installed:
    """Read from the installed distributions' entry points."""
    groups = entry_points()

    def names(group: str) -> Iterable[str]:
        return (point.name for point in groups.select(group=f"siegewatch.{group}"))

    sources = {point.name: point for point in groups.select(group="siegewatch.sources")}
    return Installed(sources, frozenset(names("classifiers")), frozenset(names("channels")))
