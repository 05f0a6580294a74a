"""Paths into JSON documents: `data.articles[0].tags[*]`, keys with dots, places in a list, and all of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from siegewatch.collect.text import plain

ALL = None
"""The step `[*]`: every value of a list or object."""

Path = tuple[str | int | None, ...]

_STEP = re.compile(r"(?:^|\.)(?P<key>[^.\[\]{}\s][^.\[\]{}]*)|\[(?:(?P<place>[0-9]{1,6})|\*)\]")
_HOLE = re.compile(r"\{([^{}]*)\}")
_SHOWN_KEYS = 8
_SHOWN = 40


def read_path(text: str) -> Path:
    """The steps of a path; empty text is the document itself. Raises ValueError where it is none."""
    steps: list[str | int | None] = []
    at, text = 0, text.strip()
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            raise ValueError(f"no step at {at}")
        place = step["place"]
        steps.append(step["key"] or (ALL if place is None else int(place)))
        at = step.end()
    return tuple(steps)


def read_template(text: str) -> list[str | Path]:
    """Parts of `https://host/{path}`: texts, and paths to what stands between them. Raises ValueError."""
    parts = _HOLE.split(text)
    if len(parts) == 1 or any(mark in part for part in parts[::2] for mark in "{}"):
        raise ValueError("no {path}")
    return [read_path(part) if place % 2 else part for place, part in enumerate(parts)]


def find(value: object, path: Path) -> Iterator[object]:
    """All values that a path leads to."""
    if not path:
        yield value
        return
    for inner in _inner(value, path[0]):
        yield from find(inner, path[1:])


def find_text(value: object, path: Path) -> str:
    """The first text that a path leads to; empty where there is none."""
    return next((found for found in find(value, path) if isinstance(found, str) and found.strip()), "")


def filled(value: object, template: Sequence[str | Path]) -> str:
    """The template with what its paths lead to, percent-encoded but for slashes; empty where one leads to nothing."""
    parts = [part if isinstance(part, str) else quote(find_text(value, part), safe="/") for part in template]
    return "".join(parts) if all(parts[1::2]) else ""


def dead_end(value: object, path: Path, begin: str) -> str | None:
    """Where a path that finds nothing ends, and what stands there; None where that is a list or object without
    anything, so that nothing is wrong with the path. `begin` names where the path begins."""
    walked: list[str] = []
    for step in path:
        if step is ALL and isinstance(value, list | dict) and not value:
            return None
        inner = next(iter(_inner(value, step)), _inner)
        if inner is _inner:
            break
        value = inner
        walked.append(f".{step}" if isinstance(step, str) else f"[{'*' if step is ALL else step}]")
    return f"{''.join(walked).removeprefix('.') or begin} {content(value)}"


def content(value: object) -> str:
    """What a value is, in words: the first keys of an object, the length of a list."""
    if isinstance(value, dict):
        keys = ", ".join(plain(key, _SHOWN) for key in list(value)[:_SHOWN_KEYS])
        more = " and others" if len(value) > _SHOWN_KEYS else ""
        return f"holds {keys}{more}" if keys else "is empty"
    if isinstance(value, list):
        return f"is a list of {len(value)}"
    return "is a text" if isinstance(value, str) else "is no text, list or object"


def _inner(value: object, step: str | int | None) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values() if step is ALL else [value[step]] if step in value else []
    if isinstance(value, list):
        return value if step is ALL else [value[step]] if isinstance(step, int) and step < len(value) else []
    return []
