"""The names under which sources, classifiers and channels are installed, built-in ones included."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points


@dataclass(frozen=True, slots=True)
class Installed:
    """What configuration may name. Nothing is imported to find out; a source is once a feed names it, a channel once
    one of its type is configured."""

    sources: Mapping[str, EntryPoint]
    classifiers: frozenset[str]
    channels: Mapping[str, EntryPoint]


def installed() -> Installed:
    """Read from the installed distributions' entry points."""
    groups = entry_points()

    def points(group: str) -> Mapping[str, EntryPoint]:
        return {point.name: point for point in groups.select(group=f"siegewatch.{group}")}

    return Installed(points("sources"), frozenset(points("classifiers")), points("channels"))
