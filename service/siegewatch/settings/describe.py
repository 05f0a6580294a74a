"""All keys of the files with defaults and meaning, for the documentation and its tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from siegewatch.settings.channels import ChannelEntry
from siegewatch.settings.environment import variable
from siegewatch.settings.feeds import FeedEntry
from siegewatch.settings.inhibit import InhibitEntry
from siegewatch.settings.lexicon import (
    ACTORS,
    PLACES,
    TRIGGERS,
    ActorEntry,
    NounEntry,
    PlaceEntry,
    TriggersFile,
    VerbEntry,
)
from siegewatch.settings.models import Main
from siegewatch.settings.quantities import duration_text, size_text
from siegewatch.settings.routes import RouteEntry

_SIZES = frozenset({"max_bytes"})


@dataclass(frozen=True, slots=True)
class Key:
    """One key an operator can write. `default` is as YAML writes it, None where the key must be written;
    `variable` is the environment's name for it, None where it has none."""

    file: str
    name: str
    default: str | None
    variable: str | None
    meaning: str


def describe() -> tuple[Key, ...]:
    """Every key, file by file, in the order of the files."""
    return (
        *_keys("siegewatch.yaml", Main),
        *_keys("feeds.yaml", FeedEntry, "feeds[]."),
        *_keys("alerts.yaml", ChannelEntry, "channels[]."),
        *_keys("alerts.yaml", RouteEntry, "routes[]."),
        *_keys("alerts.yaml", InhibitEntry, "inhibit[]."),
        *_keys(TRIGGERS, VerbEntry, "verbs[]."),
        *_keys(TRIGGERS, NounEntry, "nouns[]."),
        *(key for key in _keys(TRIGGERS, TriggersFile) if key.name in ("irregular", "doubled")),
        *_keys(ACTORS, ActorEntry, "ID."),
        *_keys(PLACES, PlaceEntry, "COUNTRY[]."),
    )


def _keys(file: str, model: type[BaseModel], prefix: str = "") -> Iterator[Key]:
    for name, field in model.model_fields.items():
        key = prefix + (field.alias or name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(file, field.annotation, f"{key}.")
        else:
            overriding = variable(tuple(key.split("."))) if file == "siegewatch.yaml" else None
            yield Key(file, key, _default(name, field), overriding, field.description or "")


def _default(name: str, field: FieldInfo) -> str | None:
    return None if field.is_required() else _written(name, field.default)


def _written(name: str, value: Any) -> str:
    """A default as an operator would write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, Path):
        return f"./{value}"
    if name in _SIZES:
        return size_text(value)
    if value and type(value) is tuple:
        return f"[{', '.join(value)}]"
    empty = {(): "[]", None: '""', "": '""'}
    return "{}" if isinstance(value, dict) else empty.get(value, str(value))
