"""Inhibition: while something graver was told of late, what is less grave of the same thing is held back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

EQUAL = ("story", "place", "country")
"""What two alerts may have to share."""


@dataclass(frozen=True, slots=True)
class Inhibition:
    """For `within` after an alert that `source` takes, a less grave one that `target` takes is held back, where both
    share everything in `equal`. Hours and days are those of `zone`."""

    source: Mapping[str, tuple[str, ...]]
    target: Mapping[str, tuple[str, ...]]
    equal: tuple[str, ...] = ("story",)
    within: timedelta = timedelta(hours=1)
    zone: str = "UTC"
