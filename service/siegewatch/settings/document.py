"""A YAML file as plain mappings, lists and text, with the line on which each value stands.

Every scalar stays the text that was written: `NO` is Norway and not false, `10:30` no number. What a value means is
for the models to say. Anchors, aliases and tags are refused: no file of ours needs them, and without them a small
file cannot grow into a large one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from siegewatch.domain.errors import Fault

Path = tuple[str | int, ...]
"""Where a value stands inside a file: keys and, in lists, positions from 0. The same shape as pydantic's `loc`."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_DEEPEST = 12
_WITHHELD = "(withheld: it may be secret)"
_DEFAULT_TAGS = frozenset({None, "!"})


class Where(NamedTuple):
    """The file and line of a value, and its text as the operator wrote it (None for a mapping or list)."""

    file: str
    line: int
    written: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """`faulty` holds the paths whose value is already known to be wrong: models need not complain again."""

    file: str
    data: dict[str, Any]
    where: Mapping[Path, Where] = field(default_factory=dict)
    faulty: frozenset[Path] = frozenset()

    def at(self, path: Path) -> Where:
        """Where `path` stands; for a key that is missing, where the mapping does that lacks it."""
        while path and path not in self.where:
            path = path[:-1]
        return self.where.get(path, Where(self.file, 0))

    def fault(self, path: Path, what: str, instead: str) -> Fault:
        """A fault on the line of `path`."""
        place = self.at(path)
        return Fault(place.file, place.line, what, instead)


class Broken(Exception):
    """The text is no YAML that we read; carries the one fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def parse(raw: bytes, file: str) -> tuple[Document, list[Fault]]:
    """Read one file's bytes (UTF-8, with or without a mark). Faults are keys that stand twice.

    A file of comments alone is an empty mapping. Raises `Broken` for anything that is not one YAML mapping.
    """
    text = _decode(raw, file)
    if not text.strip():
        raise Broken(Fault(file, 1, "the file is empty", "write its keys or remove it"))
    reader = _Reader(file)
    try:
        data = reader.read(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        raise Broken(_yaml_fault(error, text, file)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Broken(Fault(file, line, "a control character stands here", "remove it")) from None
    return Document(file, data, reader.where), reader.faults


def shown(text: str) -> str:
    """What an operator wrote, fit to be quoted in one line: an address or a key that slipped in is withheld."""
    plain = len(text) <= 60 and text.isprintable() and "://" not in text and "whsec_" not in text
    return f'"{text}"' if plain else _WITHHELD


def shown_key(key: str) -> str:
    """The same for a key, quoted unless it is no word."""
    return f'"{key}"' if is_word(key) else _WITHHELD


def is_word(key: str) -> bool:
    """Whether a key looks like one: whatever is longer or has digits may be a secret that slipped in."""
    return len(key) <= 30 and key.replace("_", "").replace("-", "").isalpha()


def _decode(raw: bytes, file: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Broken(Fault(file, 1, "the file is UTF-16", "save it as UTF-8"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Broken(Fault(file, line, "a byte here is not UTF-8", "save the file as UTF-8")) from None


def _yaml_fault(error: yaml.MarkedYAMLError, text: str, file: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    number = mark.line if mark else 0
    lines = text.splitlines() or [""]
    line = lines[min(number, len(lines) - 1)]
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Fault(file, number + 1, "a tab stands in the indentation", "indent with spaces")
    if "${" in line:
        return Fault(file, number + 1, "this is not YAML", "put values with ${…} in double quotes")
    context = f" {error.context}" if error.context else ""
    begun = f" (begun on line {error.context_mark.line + 1})" if error.context_mark else ""
    what = f"this is not YAML: {error.problem}{context}{begun}"
    return Fault(file, number + 1, what, "check quotes, colons, brackets and indentation here and on the line before")


class _Reader:
    """Builds the plain tree from the parser's events; one for each file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.where: dict[Path, Where] = {}
        self.faults: list[Fault] = []

    def read(self, events: Iterator[yaml.Event]) -> dict[str, Any]:
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            return {}
        first = next(events)
        if not isinstance(first, yaml.MappingStartEvent):
            if isinstance(first, yaml.ScalarEvent) and _is_null(first):
                return {}
            kind = "a list" if isinstance(first, yaml.SequenceStartEvent) else "one bare value"
            raise self._broken(first, f"the file is {kind}", "write keys with values, as in the shipped file")
        data: dict[str, Any] = self._value(first, events, ())
        next(events)
        extra = next(events)
        if not isinstance(extra, yaml.StreamEndEvent):
            raise self._broken(extra, "a second document begins here", 'keep one, without "---" in between')
        return data

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> Any:
        self._refuse(event, path)
        line = _line(event)
        if isinstance(event, yaml.ScalarEvent):
            text = None if _is_null(event) else event.value
            self.where[path] = Where(self.file, line, text)
            return text
        self.where[path] = Where(self.file, line)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        return self._sequence(events, path)

    def _mapping(self, events: Iterator[yaml.Event], path: Path) -> dict[str, Any]:
        """A key without a value holds None."""
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._key(event)
            line = _line(event)
            if key in lines:
                self.faults.append(
                    Fault(self.file, line, f"key {shown_key(key)} stands already on line {lines[key]}", "keep one")
                )
            lines[key] = line
            value = self._value(next(events), events, (*path, key))
            self.where[(*path, key)] = self.where[(*path, key)]._replace(line=line)
            found[key] = value
        return found

    def _sequence(self, events: Iterator[yaml.Event], path: Path) -> list[Any]:
        """An empty entry stays as empty text, so that positions keep their lines."""
        found: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            value = self._value(event, events, (*path, len(found)))
            found.append("" if value is None else value)
        return found

    def _key(self, event: yaml.Event) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._broken(event, "a key must be one word", "put values with ${…} or brackets in double quotes")
        self._refuse(event, ())
        return str(event.value)

    def _refuse(self, event: yaml.Event, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._broken(event, "anchors and aliases (&, *) are not read", "quote the value, or write it out")
        if getattr(event, "tag", None) not in _DEFAULT_TAGS:
            raise self._broken(event, "tags (!) are not read", "quote the value, or remove the tag")
        if len(path) > _DEEPEST:
            raise self._broken(event, f"brackets or indentation go over {_DEEPEST} levels deep", "close them before")

    def _broken(self, event: yaml.Event, what: str, instead: str) -> Broken:
        return Broken(Fault(self.file, _line(event), what, instead))


def _line(event: yaml.Event) -> int:
    """Counted from 1; every event that a parser makes has a mark."""
    return event.start_mark.line + 1 if event.start_mark else 0


def _is_null(event: yaml.ScalarEvent) -> bool:
    return bool(event.implicit[0]) and event.value in _NULLS
