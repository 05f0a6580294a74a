"""Silences, and why an alert was held back that routes would have told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Silence:
    """From `since` to `until` nothing is told of news that its matchers take; hours and days are those of `zone`."""

    id: str
    match: Mapping[str, tuple[str, ...]]
    author: str
    reason: str
    since: datetime
    until: datetime
    zone: str = "UTC"


class Hush(StrEnum):
    SILENCE = "silence"
    INHIBITION = "inhibition"


@dataclass(frozen=True, slots=True)
class Hushed:
    """An alert that is kept, but was told nobody: `id` is the silence, or the graver alert that stands for it, `why`
    one line, `channels` those that would have been told."""

    by: Hush
    id: str
    why: str
    channels: tuple[str, ...]
