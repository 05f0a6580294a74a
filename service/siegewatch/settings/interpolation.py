"""`${NAME}`, `${NAME:-default}` and `${file:/run/secrets/name}` in values.

It works on values after YAML has been parsed, once and not on its own result: whatever a secret holds, it stays one
value. As in a shell, the default of `:-` also stands in for an empty variable. `$${` is a literal `${`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from siegewatch.domain.errors import Fault
from siegewatch.settings.document import Document, Path

_FORM = re.compile(
    r"\$\$\{|\$\{(?:file:(?P<file>[^}]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<or>:-(?P<default>[^}]*))?)\}"
)
_STRAY = re.compile(r"(?<!\$)\$\{")
_LONGEST_SECRET_BYTES = 65_536


class Undefined(Exception):
    """A `${…}` that cannot be filled in: `what` and `instead` as in `Fault`, without any value."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(what)
        self.what = what
        self.instead = instead


def interpolate(document: Document, environ: Mapping[str, str]) -> tuple[Document, list[Fault]]:
    """Fill in every value of a document. A value that cannot be filled in becomes empty, faulty, and is told."""
    faults: dict[Path, Fault] = {}

    def fill(text: str, path: Path) -> str:
        try:
            return expand(text, environ)
        except Undefined as error:
            faults[path] = document.fault(path, error.what, error.instead)
            return ""

    data: dict[str, Any] = _mapped(document.data, (), fill)
    return replace(document, data=data, faulty=frozenset(faults)), list(faults.values())


def expand(text: str, environ: Mapping[str, str]) -> str:
    """One value filled in. Raises `Undefined`."""
    if "${" not in text:
        return text
    if _STRAY.search(_FORM.sub("", text)):
        raise Undefined(
            "a ${ here is in no known form", "write ${NAME}, ${NAME:-default}, ${file:/path}, or $${ for ${"
        )
    return _FORM.sub(lambda match: _one(match, environ), text)


def _mapped(value: Any, path: Path, fill: Callable[[str, Path], str]) -> Any:
    if isinstance(value, dict):
        return {key: _mapped(inner, (*path, key), fill) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, (*path, position), fill) for position, inner in enumerate(value)]
    return None if value is None else fill(value, path)


def _one(match: re.Match[str], environ: Mapping[str, str]) -> str:
    if match["file"]:
        return _secret(match["file"])
    name = match["name"]
    if name is None:
        return "${"
    if match["or"]:
        return environ.get(name) or match["default"]
    if name not in environ:
        raise Undefined(f"variable {name} is not set", f"set it, or write ${{{name}:-}} for empty")
    return environ[name]


def _secret(path: str) -> str:
    """A secret file's text without the line end that editors and `echo` put there."""
    try:
        with FilePath(path).open("rb") as file:
            raw = file.read(_LONGEST_SECRET_BYTES + 1)
        text = raw.decode()
    except UnicodeDecodeError:
        raise Undefined(f"secret file {path} is not UTF-8 text", "save it as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise Undefined(f"secret file {path} cannot be read ({reason})", "create it, readable for this user") from None
    if len(raw) > _LONGEST_SECRET_BYTES:
        raise Undefined(f"secret file {path} is over 64 KiB", "name the file that holds only the secret")
    return text.rstrip("\r\n")
