"""Frames, in which the service and its parsers speak over a socket: a length (four bytes, big-endian), then as many
bytes."""

import socket
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

_AT_ONCE = 1024 * 1024
_LENGTH = struct.Struct(">I")

Answer = TypeVar("Answer")


def ask(child: int, line: socket.socket, head: bytes, body: bytes) -> bytes | None:
    """The child's answer, None if it died before it was complete. Raises TimeoutError if it hangs."""
    try:
        _sent(child, line, _LENGTH.pack(len(head)) + head + _LENGTH.pack(len(body)))
        _sent(child, line, body)
        length = _received(child, line, _LENGTH.size)
        return length and _received(child, line, _LENGTH.unpack(length)[0])
    except TimeoutError:
        raise
    except OSError:
        return None


def _sent(child: int, line: socket.socket, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[_patiently(child, partial(line.send, left)) :]


def _received(child: int, line: socket.socket, length: int) -> bytes | None:
    """As many bytes, None where the other side ends before."""
    pieces = []
    while length:
        piece = _patiently(child, partial(line.recv, min(length, _AT_ONCE)))
        if not piece:
            return None
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _patiently(child: int, act: Callable[[], Answer]) -> Answer:
    """What comes of an act that may time out: done again as long as the child uses processor time meanwhile, for one
    that waits for its turn on a busy host does not hang."""
    used = None
    while True:
        try:
            return act()
        except TimeoutError:
            before, used = used, _ticks(child)
            if used == before:
                raise


def _ticks(process: int) -> int:
    """Of processor time used so far (proc(5)); always 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def send(pipe: IO[bytes], frame: bytes) -> None:
    """Writes one frame, on the child's side."""
    pipe.write(_LENGTH.pack(len(frame)))
    pipe.write(frame)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes | None:
    """The next frame, None at the end of the stream or of the other side's life."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    frame = pipe.read(length)
    return frame if len(frame) == length else None
