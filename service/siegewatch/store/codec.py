"""Domain shapes to stored bytes and back: JSON, typed on the way in."""

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from siegewatch.domain.errors import UnreadableRecord

T = TypeVar("T")


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def dump(value: object) -> bytes:
    """`value`, a domain dataclass, as JSON."""
    return _adapter(cast(Any, type(value))).dump_json(value)


def dump_short(value: object) -> bytes:
    """As `dump`, without what is as its shape has it anyway."""
    return _adapter(cast(Any, type(value))).dump_json(value, exclude_defaults=True)


def load(shape: type[T], raw: bytes | str) -> T:
    """The `shape` that `dump` wrote. Raises UnreadableRecord where it is something else."""
    try:
        result: T = _adapter(cast(Any, shape)).validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UnreadableRecord(
            f"the store holds a record of {shape.__name__} that this version cannot read ({where}: {first['msg']}): "
            "was it written by another version? Set store.prefix to begin anew"
        ) from error
    return result


def plain(value: object) -> Any:
    """`value` as JSON-ready dicts, lists and scalars, for pages and payloads."""
    return _adapter(cast(Any, type(value))).dump_python(value, mode="json")
