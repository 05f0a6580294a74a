"""Names into addresses, within a time limit."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from siegewatch.domain.errors import NameUnknown, TimedOut, Unreachable

_UNKNOWN = frozenset({socket.EAI_NONAME, socket.EAI_NODATA})
"""What a name server says of names; other errors are its own troubles."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address to connect to: `sockaddr` as the socket module takes it, its first field the address as text."""

    family: int
    sockaddr: tuple[Any, ...]

    @property
    def address(self) -> str:
        return str(self.sockaddr[0])


Resolver = Callable[[str, int, float], Sequence[Endpoint]]
"""(host, port, seconds) to every endpoint of that name, best first. Raises Unreachable (NameUnknown) and TimedOut."""


def system_resolve(host: str, port: int, seconds: float) -> Sequence[Endpoint]:
    """Ask the system. `getaddrinfo` knows no time limit, so it waits in a thread that is left behind if it hangs."""
    answer: SimpleQueue[Sequence[Endpoint] | OSError | UnicodeError] = SimpleQueue()
    Thread(target=_look_up, args=(host, port, answer), name=f"resolve-{host}", daemon=True).start()
    try:
        found = answer.get(timeout=max(seconds, 0))
    except Empty:
        raise TimedOut(f"{host}: the name server did not answer in time") from None
    if isinstance(found, OSError):
        unknown = isinstance(found, socket.gaierror) and found.errno in _UNKNOWN
        raise (NameUnknown if unknown else Unreachable)(
            f"{host}: {(found.strerror or 'the name cannot be resolved').lower()}"
        )
    if isinstance(found, UnicodeError):
        raise Unreachable(f"{host}: not a host name")
    return found


def literal_endpoints(host: str) -> Sequence[Endpoint]:
    """What `host` means without asking anyone: an address in any of the ways to write one (as `127.1`), or
    `localhost` and the names below it (RFC 6761). Empty for every other name."""
    if host == "localhost" or host.endswith(".localhost"):
        host = "127.0.0.1"
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return ()
    return tuple(Endpoint(family, sockaddr) for family, _, _, _, sockaddr in found)


def _look_up(host: str, port: int, answer: "SimpleQueue[Sequence[Endpoint] | OSError | UnicodeError]") -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        answer.put(error)
    else:
        answer.put(tuple(dict.fromkeys(Endpoint(family, sockaddr) for family, _, _, _, sockaddr in found)))
