"""Ids, digests and records as small as the store keeps them."""

import re
import struct
import zlib
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any, TypeVar

from siegewatch.domain.errors import UnreadableRecord
from siegewatch.domain.item import Said
from siegewatch.store import codec

T = TypeVar("T")

DIGEST_BYTES = 8
"""Two of ten million ids meet with a chance of three in a million."""

_WORDING_BYTES = 6
"""Compared within one item alone."""

_HEX = re.compile(rf"[0-9a-f]{{{2 * DIGEST_BYTES}}}")
_TEXT = b"\0"
_SAID = struct.Struct(">IB")
_LATE, _TOLD = 1, 2
_WINDOW_BITS, _MEMORY_LEVEL, _LEVEL = -13, 5, 6
"""Little memory to clear for each of many short texts."""


def packed_id(text: str) -> bytes:
    """An id: digests as their bytes; any other text, which tests and other people's files hold, behind a mark."""
    if raw := _bytes_of(text):
        return raw
    mark = _TEXT if len(text.encode()) + 1 != DIGEST_BYTES else 2 * _TEXT
    return mark + text.encode()


def unpacked_id(raw: bytes) -> str:
    """The id that `packed_id` took."""
    return raw.hex() if len(raw) == DIGEST_BYTES else raw.lstrip(_TEXT).decode()


def packed_wording(digest: str) -> bytes:
    """What tells the wordings of one item apart."""
    return (_bytes_of(digest) or blake2b(digest.encode()).digest())[:_WORDING_BYTES]


def _bytes_of(digest: str) -> bytes | None:
    return bytes.fromhex(digest) if len(digest) == 2 * DIGEST_BYTES and _HEX.fullmatch(digest) else None


def packed_edit(text: str) -> bytes:
    """What the record of a further wording is found by."""
    return blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()


def packed_said(said: Said) -> bytes:
    """Who said a headline, to the second."""
    seconds = min(max(int(said.at.timestamp()), 0), 2**32 - 1)
    return _SAID.pack(seconds, _LATE * said.late + _TOLD * said.told) + packed_id(said.root)


def unpacked_said(raw: bytes) -> Said:
    """What `packed_said` took."""
    seconds, flags = _SAID.unpack_from(raw)
    at = datetime.fromtimestamp(seconds, UTC)
    return Said(unpacked_id(raw[_SAID.size :]), at, bool(flags & _LATE), bool(flags & _TOLD))


def packed_record(value: object) -> bytes:
    """A domain dataclass as JSON without what is as usual, compressed with the words of news before it."""
    squeeze = _squeeze().copy()
    return bytes(squeeze.compress(codec.dump_short(value)) + squeeze.flush())


def unpacked_record(shape: type[T], raw: bytes) -> T:
    """The `shape` that `packed_record` took. Raises UnreadableRecord where it is something else."""
    try:
        text = _swell().copy().decompress(raw)
    except zlib.error as error:
        raise UnreadableRecord(
            f"the store holds a record of {shape.__name__} that this version cannot unpack ({error}): "
            "was it written by another version? Set store.prefix to begin anew"
        ) from error
    return codec.load(shape, text)


# To copy one that has read the words costs a third less than to make one.
@cache
def _squeeze() -> Any:
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL, zdict=_words())


@cache
def _swell() -> Any:
    return zlib.decompressobj(_WINDOW_BITS, zdict=_words())


@cache
def _words() -> bytes:
    """What records are full of, the commonest last. Other words make older records unreadable."""
    return (files("siegewatch.store") / "record_words.txt").read_bytes()
