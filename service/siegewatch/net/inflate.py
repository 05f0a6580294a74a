"""Bodies decoded while they arrive, never further than a cap."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from siegewatch.domain.errors import TooLarge, Unreachable

_PIECE_BYTES = 65_536
_RATIO_FROM_BYTES = 1_000_000
_MAX_RATIO = 200
"""Feeds deflate 3 to 30 times; deflate itself can reach 1,032 (zlib's documentation), which only a bomb does."""

_MOST_MEMBERS = 1_000
"""Of one gzip body (RFC 1952 section 2.2): servers send one, a few at most where files are joined."""

_UNASKED = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})


class _Engine(Protocol):
    """What `zlib.decompressobj` returns: its type has no public name."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def decoded(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> Iterator[bytes]:
    """Undo `encoding` (a Content-Encoding). An unknown one, such as the charset that some servers put there,
    is taken as none.

    Raises TooLarge past `max_bytes` decoded, or for what swells like a bomb; Unreachable for what is cut or corrupt.
    """
    encoding = encoding.strip().lower()
    if encoding in _UNASKED or "," in encoding:
        raise Unreachable(f"the body is encoded as {encoding[:40]!r}, which was not asked for")
    pieces: Iterable[bytes] = chunks
    if encoding in ("gzip", "x-gzip"):
        pieces = _inflate(chunks, lambda _: zlib.decompressobj(wbits=31))
    elif encoding == "deflate":
        pieces = _inflate(chunks, _deflate_engine)
    room = max_bytes
    for piece in pieces:
        yield piece[:room]
        room -= len(piece)
        if room < 0:
            raise TooLarge(f"the body is over {max_bytes:,} bytes")


def _deflate_engine(start: bytes) -> _Engine:
    """Zlib's format as RFC 9110 section 8.4.1.2 demands, or the bare stream that some servers send: two header bytes
    tell (RFC 1950 section 2.2)."""
    zlib_header = len(start) > 1 and start[0] & 15 == 8 and (start[0] << 8 | start[1]) % 31 == 0
    return zlib.decompressobj(wbits=15 if zlib_header else -15)


def _inflate(chunks: Iterable[bytes], start: Callable[[bytes], _Engine]) -> Iterator[bytes]:
    engine: _Engine | None = None
    taken = given = members = 0
    for chunk in _small(chunks):
        taken += len(chunk)
        while chunk:
            if engine is None:
                engine = start(chunk)
            elif engine.eof:
                if not chunk.startswith(b"\x1f"):
                    break  # padding after the last member, harmless
                engine = start(chunk)
                members += 1
                if members > _MOST_MEMBERS:
                    raise TooLarge(f"the body is made of over {_MOST_MEMBERS:,} compressed parts")
            for piece in _pieces(engine, chunk):
                given += len(piece)
                if given > max(_RATIO_FROM_BYTES, taken * _MAX_RATIO):
                    raise TooLarge(f"the body swells over {_MAX_RATIO} times when decoded")
                yield piece
            chunk = engine.unused_data
    if engine is not None and not engine.eof:
        raise Unreachable("the compressed body is cut short")


def _small(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same in small parts: zlib copies what it has not used yet, and would do so again and again."""
    for chunk in chunks:
        for at in range(0, len(chunk), _PIECE_BYTES):
            yield chunk[at : at + _PIECE_BYTES]


def _pieces(engine: _Engine, data: bytes) -> Iterator[bytes]:
    try:
        while True:
            piece = engine.decompress(data, _PIECE_BYTES)
            if piece:
                yield piece
            data = engine.unconsumed_tail
            # An empty tail with a full piece can still have output waiting inside zlib.
            if engine.eof or (not data and len(piece) < _PIECE_BYTES):
                return
    except zlib.error:
        raise Unreachable("the compressed body is corrupt") from None
