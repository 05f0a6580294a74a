"""From what a model says is wrong to a fault with file, line, and what to write instead.

No value ever comes out of pydantic: a fault quotes the text as the operator wrote it (`${NAME}`, not what stands
behind it), and of keys that may hold a secret not even that.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from siegewatch.domain.errors import Fault
from siegewatch.settings.document import Document, Path, is_word, shown, shown_key

Model = TypeVar("Model", bound=BaseModel)
Value = TypeVar("Value", int, float, timedelta)

SECRET_KEYS = frozenset({"url", "public_url", "secret", "token", "options", "headers", "auth", "cookies", "proxy"})
"""Keys whose values no fault quotes: an address may carry a key as well as a token does."""

_KEYS_WANTED = frozenset({"model_type", "dict_type"})
_SHAPES: Mapping[str, tuple[str, str]] = {
    "model_type": ("must hold keys of its own", "write {key: value} or indented keys"),
    "dict_type": ("must hold keys of its own", "write {key: value} or indented keys"),
    "tuple_type": ("must be a list", "write [a, b] or lines with -"),
    "string_type": ("must be one value", "write plain text"),
    "bool_parsing": ("is neither true nor false", "write true or false"),
    "bool_type": ("is neither true nor false", "write true or false"),
    "int_parsing": ("is no whole number", "write digits only"),
    "int_type": ("is no whole number", "write digits only"),
    "int_parsing_size": ("is no whole number", "write digits only"),
    "float_parsing": ("is no number", "write a number such as 0.5"),
    "float_type": ("is no number", "write a number such as 0.5"),
    "path_type": ("is no path", "write a folder such as ./data"),
    "missing": ("is missing", "write it"),
}


def complaint(what: str, instead: str) -> PydanticCustomError:
    """What a validator raises: `what` goes on from the key and its value, as in `is under 60 s`."""
    return PydanticCustomError("complaint", "{what}, {instead}", {"what": what, "instead": instead})


def meant(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean "x"?` where something known is close; else `otherwise`, or the list of what is known."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1)
    if close:
        return f'did you mean "{close[0]}"?'
    return otherwise or f"write one of: {', '.join(names) or 'none is known'}"


def quoted(document: Document, path: Path) -> str:
    """The value at `path` as written, in quotes, after a space; nothing where it is secret or no scalar."""
    written = document.at(path).written
    secret = not SECRET_KEYS.isdisjoint(map(str, path))
    return "" if secret or written is None else f" {shown(written)}"


def named(path: Path) -> str:
    """`poll.every` for (poll, every); `match.severity` for (routes, 3, match, severity, 0)."""
    inner = path[2:] if len(path) > 2 and isinstance(path[1], int) else path
    words = [part for part in inner if isinstance(part, str) and is_word(part)]
    return ".".join(words) or str(path[0])


def checked(
    model: type[Model], data: object, document: Document, prefix: Path = ()
) -> tuple[Model | None, list[Fault]]:
    """`data`, which stands at `prefix` in the document, as a model; or None with every fault."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, _faults(error, model, document, prefix)


def checked_each(
    model: type[Model], listed: tuple[object, ...], document: Document, key: str
) -> tuple[dict[Path, Model], list[Fault]]:
    """The entries of the list under `key` that are well, by path, and the faults of all others."""
    entries: dict[Path, Model] = {}
    faults: list[Fault] = []
    for position, data in enumerate(listed):
        entry, wrong = checked(model, data, document, (key, position))
        faults += wrong
        if entry is not None:
            entries[(key, position)] = entry
    return entries, faults


def _faults(error: ValidationError, model: type[BaseModel], document: Document, prefix: Path) -> list[Fault]:
    details = error.errors(include_url=False, include_input=False)
    placed = ((*prefix, *detail["loc"]) for detail in details)
    return [
        _fault(detail, path, model, document)
        for detail, path in zip(details, placed, strict=True)
        if path not in document.faulty
    ]


def _fault(detail: ErrorDetails, path: Path, model: type[BaseModel], document: Document) -> Fault:
    if detail["type"] == "extra_forbidden":
        key = str(detail["loc"][-1])
        return document.fault(path, f"unknown key {shown_key(key)}", meant(key, _known(model, detail["loc"][:-1])))
    what, instead = _words(detail)
    # A bare value in place of keys may well be the address that one of the keys should hold.
    value = "" if detail["type"] in _KEYS_WANTED else quoted(document, path)
    return document.fault(path, f"{named(path)}{value} {what}", instead)


def _words(detail: ErrorDetails) -> tuple[str, str]:
    context = detail.get("ctx", {})
    if detail["type"] == "complaint":
        return context["what"], context["instead"]
    if detail["type"] in ("literal_error", "enum"):
        return "is not known", f"write {context['expected']}".replace("'", "")
    return _SHAPES[detail["type"]]


def _known(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that a model, or the section of it at `path`, takes."""
    for part in path:
        if isinstance(part, str):
            model = _section(model.model_fields[part].annotation)
    return [field.alias or name for name, field in model.model_fields.items()]


def _section(annotation: Any) -> type[BaseModel]:
    if get_origin(annotation) in (tuple, Union, UnionType):
        return _section(get_args(annotation)[0])
    section: type[BaseModel] = annotation
    return section


def within(low: Value, high: Value, text: Callable[[Value], str] = str) -> Callable[[Value], Value]:
    """A validator for values from `low` to `high`, both allowed; `text` writes a bound as an operator would."""

    def check(value: Value) -> Value:
        if not low <= value:  # also true of NaN
            raise complaint(f"is under {text(low)}", f"write {text(low)} or more")
        if not value <= high:
            raise complaint(f"is over {text(high)}", f"write {text(high)} or less")
        return value

    return check
