"""The HTTP server: bound in the caller's thread, where a taken address can still end the start; served by another."""

import errno
import socket
from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

import structlog
import uvicorn

from siegewatch.domain.errors import UsageError
from siegewatch.settings.quantities import Listen

if TYPE_CHECKING:
    from fastapi import FastAPI

log = structlog.get_logger()

_STOP_SECONDS = 3.0
_FINISH_SECONDS = 2
"""How long requests under way may take to end when the server stops."""

_CONNECTIONS = 256
"""Connections at once; those beyond are told 503, so that a crowd costs the service neither memory nor descriptors."""

_BACKLOG = 128

_WHY = {
    errno.EADDRINUSE: "is taken by another process",
    errno.EACCES: "may not be listened on by this user",
    errno.EADDRNOTAVAIL: "is no address of this machine",
}


class WebServer:
    """Serves an app on one address, or what `app` makes, `later`, in the server's own thread. Bound and started once,
    stopped once."""

    def __init__(self, app: "FastAPI | Callable[[], FastAPI]", listen: Listen, *, later: bool = False) -> None:
        self._listen = listen
        self._address = listen
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                factory=later,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                limit_concurrency=_CONNECTIONS,
                timeout_graceful_shutdown=_FINISH_SECONDS,
            )
        )
        self._socket: socket.socket | None = None
        # A daemon, as are the threads it makes for requests: none of them keeps the process from ending.
        self._thread = Thread(target=self._serve, name="web", daemon=True)

    @property
    def address(self) -> Listen:
        """Where it listens; once started, with the real port."""
        return self._address

    def bind(self) -> None:
        """Takes the address. Raises UsageError where it is taken or cannot be had."""
        self._socket = _bound(self._listen)
        self._address = Listen(*self._socket.getsockname()[:2])

    def start(self) -> None:
        """Serves the address from a thread of its own; binds it where that was not done. Raises as `bind` does."""
        if self._socket is None:
            self.bind()
        self._thread.start()
        log.info("web_listening", address=f"http://{self.address}")

    def stop(self) -> None:
        """Lets requests under way end, for at most three seconds, and closes every connection."""
        if self._socket is None:
            return
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket] if self._socket else None)


def _bound(listen: Listen) -> socket.socket:
    """A listening socket: connections wait in its queue until the thread takes them."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise _unusable(listen, "is no address that can be looked up") from error
    # With its protocol named, asyncio sets TCP_NODELAY on its connections: without, each answer takes 40 ms.
    made = socket.socket(family, kind, protocol)
    try:
        # Connections of a server that has just ended must not keep the next one from starting.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        raise _unusable(listen, _WHY.get(error.errno or 0, f"cannot be listened on ({error.strerror})")) from error
    return made


def _unusable(listen: Listen, why: str) -> UsageError:
    return UsageError(f"web.listen: {listen} {why}: set SIEGEWATCH_WEB__LISTEN to another host:port, or to nothing")
