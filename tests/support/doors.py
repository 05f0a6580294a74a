"""Both transports as tests ask them: one GET, waited for."""

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue

from siegewatch.domain.errors import FetchError
from siegewatch.net.door import Door
from siegewatch.net.messages import Answer, Arrival, Ask, Limits
from siegewatch.net.multi import MultiDoor
from siegewatch.net.policy import Network
from siegewatch.net.resolve import Endpoint, Resolver

TRANSPORTS = ("requests", "curl")
AGENT = "siegewatch/test"


class WaitingMulti:
    """A `MultiDoor` that is asked one thing at a time."""

    def __init__(self, multi: MultiDoor) -> None:
        self._multi = multi

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits,
        allow: Sequence[Network] = (),
        proxy: str = "",
    ) -> Answer:
        assert not proxy, "what goes through a proxy goes by the other transport"
        outcome: SimpleQueue[Arrival | FetchError] = SimpleQueue()
        self._multi.get([(Ask(url, headers or {}, limits, tuple(allow)), outcome.put)])
        found = outcome.get(timeout=30)
        if isinstance(found, FetchError):
            raise found
        return found.opened()

    def close(self) -> None:
        self._multi.close()


def endpoints(addresses: Callable[[str], Sequence[str]]) -> Resolver:
    """The same answers as the door's resolver gives them."""
    return lambda host, port, _seconds: tuple(
        Endpoint(socket.AF_INET6, (address, port, 0, 0))
        if ":" in address
        else Endpoint(socket.AF_INET, (address, port))
        for address in addresses(host)
    )


def opened(
    transport: str,
    allow: Sequence[Network],
    *,
    ca_file: Path | None = None,
    addresses: Callable[[str], Sequence[str]] | None = None,
) -> Door | WaitingMulti:
    """A door with that transport, which trusts `ca_file` and resolves names by `addresses` where given."""
    if transport == "curl":
        trusted = str(ca_file) if ca_file else None
        return WaitingMulti(MultiDoor(allow=allow, user_agent=AGENT, at_once=64, ca_file=trusted, addresses=addresses))
    tls = ssl.create_default_context(cafile=ca_file) if ca_file else None
    known = {"resolve": endpoints(addresses)} if addresses else {}
    return Door(allow=allow, user_agent=AGENT, tls=tls, **known)
