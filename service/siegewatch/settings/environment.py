"""Environment variables that override keys of `siegewatch.yaml`: `SIEGEWATCH_POLL__EVERY=2m` for `poll.every`.

An unknown `SIEGEWATCH_…` variable is a fault: it would be a setting that does nothing. Left alone are those that
Kubernetes and Docker links set for a service of that name (`SIEGEWATCH_SERVICE_HOST`, `SIEGEWATCH_PORT_8350_TCP`, …).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from siegewatch.domain.errors import Fault
from siegewatch.settings.complaints import meant
from siegewatch.settings.document import Document, Path, Where

PREFIX = "SIEGEWATCH_"
FILE = "environment"

_SERVICE_LINK = re.compile(r"SIEGEWATCH_(?:\w+_)?(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT_[0-9]+_(?:TCP|UDP)(?:_\w+)?)")
_PORT_LINK = re.compile(r"SIEGEWATCH_(?:\w+_)?PORT")


def variable(path: Path) -> str:
    """`SIEGEWATCH_POLL__EVERY` for (poll, every)."""
    return PREFIX + "__".join(str(part).upper() for part in path)


def leaves(model: type[BaseModel], path: Path = ()) -> Iterator[Path]:
    """The paths of all keys that hold a value and not a section."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, (*path, name))
        else:
            yield (*path, name)


def overridden(document: Document, model: type[BaseModel], environ: Mapping[str, str]) -> tuple[Document, list[Fault]]:
    """The document with what the environment sets, and a fault for each variable that names no key."""
    known = {variable(path): path for path in leaves(model)}
    data, where = dict(document.data), dict(document.where)
    faults = []
    for name in sorted(environ):
        if name in known:
            _put(data, known[name], environ[name])
            where[known[name]] = Where(FILE, 0, environ[name])
        elif name.startswith(PREFIX) and not _is_link(name, environ[name]):
            faults.append(Fault(FILE, 0, f"unknown variable {name}", meant(name, known, "remove it")))
    return replace(document, data=data, where=where), faults


def _is_link(name: str, value: str) -> bool:
    return bool(_SERVICE_LINK.fullmatch(name)) or bool(_PORT_LINK.fullmatch(name) and value.startswith("tcp://"))


def _put(data: dict[str, Any], path: Path, value: str) -> None:
    """Set one value; a section that is not one in the file is left for the model to complain of."""
    *sections, key = map(str, path)
    for section in sections:
        inner = data.get(section) or {}
        if not isinstance(inner, dict):
            return
        data[section] = data = dict(inner)
    data[key] = value
