"""requests and urllib3, held to an address policy and a clock.

The one place that knows their insides: connections go only to checked addresses, and every read of the socket is
measured against the deadline of the whole request, which `timeout=` of requests (one wait at a time) is not.
"""

import io
import re
import socket
import ssl
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, parse_headers
from time import monotonic
from typing import Any, cast

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_auth_from_url
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import BaseSSLError, HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.poolmanager import PoolManager
from urllib3.response import BaseHTTPResponse
from urllib3.util.timeout import Timeout

from siegewatch.domain.credentials import basic
from siegewatch.domain.errors import FetchError, TimedOut, TooLarge, Unreachable
from siegewatch.net.dial import Terms, dial, fault, refuse_literal

_HOSTS_KEPT = 128
_CONNECTIONS_KEPT_PER_HOST = 8
"""Idle connections hold a file descriptor each; most servers close theirs long before the next poll anyway."""

_READ_AHEAD_BYTES = 8_192
_TUNNEL_STATUS = re.compile(r"Tunnel connection failed: (\d{3})")


class TermsTimeout(Timeout):
    """`Terms` in the only argument that urllib3 hands from a request down to its connection."""

    def __init__(self, terms: Terms) -> None:
        super().__init__(connect=terms.connect_seconds, read=terms.first_byte_seconds)
        self.terms = terms

    def clone(self) -> "TermsTimeout":
        return TermsTimeout(self.terms)


class _Metered(io.RawIOBase):
    """The bytes of a socket, until the deadline, and no more of them as headers than allowed.

    Headers are counted as they are read from the socket, so up to one read-ahead of body goes unnoticed.
    """

    def __init__(self, peer: socket.socket, host: str, terms: Terms) -> None:
        self._peer, self._host, self._terms = peer, host, terms
        self._raw = cast("io.RawIOBase", peer.makefile("rb", buffering=0))
        self._until = min(terms.until, monotonic() + terms.first_byte_seconds)
        self._header_room: float = terms.max_header_bytes + _READ_AHEAD_BYTES
        self._begun = False

    def headers_done(self) -> None:
        self._header_room = float("inf")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._peer.settimeout(self._left())
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError:
            raise TimedOut(f"{self._host}: no answer in time") from None
        self._account(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _account(self, count: int) -> None:
        if not count and self._begun and self._header_room < float("inf"):
            # http.client would take what has come as all headers.
            raise Unreachable(f"{self._host}: the answer broke off in its headers")
        self._begun = True
        self._until = self._terms.until
        self._header_room -= count
        if self._header_room < 0:
            raise TooLarge(f"{self._host}: the headers are over {self._terms.max_header_bytes:,} bytes")

    def _left(self) -> float:
        left = self._until - monotonic()
        if left <= 0:
            raise TimedOut(f"{self._host}: no answer in time")
        return left


class _Peer:
    """The one method of a socket that http.client asks of it when it reads an answer."""

    def __init__(self, metered: _Metered) -> None:
        self._metered = metered

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._metered, _READ_AHEAD_BYTES)


class _MeteredResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, host: str, terms: Terms, **kwargs: Any) -> None:
        self._metered = _Metered(sock, host, terms)
        super().__init__(cast("socket.socket", _Peer(self._metered)), *args, **kwargs)

    def begin(self) -> None:
        super().begin()
        self._metered.headers_done()

    def _read_status(self) -> tuple[str, int, str]:
        """The final status: http.client passes over 100 alone, and would take an early hint (103) for the answer."""
        version, status, reason = super()._read_status()  # type: ignore[misc]
        while HTTPStatus.SWITCHING_PROTOCOLS < status < HTTPStatus.OK:
            parse_headers(self.fp)
            version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, status, reason

    def _read_next_chunk_size(self) -> int:
        """http.client would read a chunk of -1 bytes to the end of the stream, wherever that is."""
        size = int(super()._read_next_chunk_size())  # type: ignore[misc]
        if size < 0:
            raise HTTPException("a chunk of less than nothing")
        return size


class GuardedConnection(HTTPConnection):
    """`terms` are those of the request under way: the pool sets them before each."""

    terms: Terms

    def _new_conn(self) -> socket.socket:
        try:
            return dial(self._dns_host, self.port, self.terms)
        except FetchError as error:
            raise (type(error)(f"the proxy {error}") if self.proxy else error) from None

    def _tunnel(self) -> None:
        """CONNECT, within the time that connecting may take."""
        terms = replace(self.terms, first_byte_seconds=self.terms.connect_seconds)
        self.response_class = cast("Any", partial(_MeteredResponse, host=f"the proxy {self.host}", terms=terms))
        try:
            super()._tunnel()
        except (OSError, HTTPException) as error:
            raise _refused_tunnel(self.host, error) from None
        # What a TLS handshake may still take.
        self.sock.settimeout(max(min(terms.connect_seconds, terms.until - monotonic()), 0.001))

    def getresponse(self) -> Any:
        host = self._tunnel_host or self.host
        self.response_class = cast("Any", partial(_MeteredResponse, host=host, terms=self.terms))
        return super().getresponse()


class GuardedTlsConnection(GuardedConnection, HTTPSConnection):
    """TLS names and checks the host of the address, whichever checked address it is connected to."""


def _refused_tunnel(proxy: str, error: BaseException) -> FetchError:
    """http.client tells the status only inside a text, with words of the proxy's own."""
    status = _TUNNEL_STATUS.match(str(error))
    if status is None:
        return fault(f"the proxy {proxy}", error)
    hint = ": check its user and password" if status[1] == "407" else ""
    return Unreachable(f"the proxy {proxy} answers {status[1]} to CONNECT{hint}")


class GuardedPool(HTTPConnectionPool):
    ConnectionCls = GuardedConnection

    def _make_request(self, conn: Any, method: str, url: str, *args: Any, **kwargs: Any) -> BaseHTTPResponse:
        conn.terms = kwargs["timeout"].terms
        reused = not conn.is_closed
        try:
            try:
                return super()._make_request(conn, method, url, *args, **kwargs)
            except ConnectionError:
                # A kept connection that the server closed as we wrote: only a GET may be said twice.
                if not reused or method != "GET":
                    raise
                conn.close()
                if self.proxy:
                    self._prepare_proxy(conn)
                return super()._make_request(conn, method, url, *args, **kwargs)
        except (OSError, HTTPException, HTTPError, BaseSSLError) as error:
            # `from None`: the causes hold the path, which may be a webhook's secret.
            raise fault(self.host, error) from None


class GuardedTlsPool(GuardedPool, HTTPSConnectionPool):
    ConnectionCls = GuardedTlsConnection

    def _prepare_proxy(self, conn: Any) -> None:
        """Says where the tunnel leads. It is dug when the request is made, under that request's terms."""
        conn.set_tunnel(self._tunnel_host, self.port, self.proxy_headers)


_POOLS = {"http": GuardedPool, "https": GuardedTlsPool}


class GuardedAdapter(HTTPAdapter):
    """Connections made under one policy: what was opened under a wider one is never reused under a narrower."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        super().__init__(pool_connections=_HOSTS_KEPT, pool_maxsize=_CONNECTIONS_KEPT_PER_HOST)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, ssl_context=self._tls, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Connections by way of `proxy`, guarded as all are: the policy holds for the proxy's own address."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._tls, **proxy_kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """The user and password of the proxy's address as its header; requests would write them in latin-1."""
        user, password = get_auth_from_url(proxy)
        return {"Proxy-Authorization": basic(user, password)} if user else {}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the shared context verifies; requests would load the whole bundle for each connection."""

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}

    def fetch(self, request: PreparedRequest, terms: Terms) -> Response:
        """The answer with its body unread. Raises FetchError; the caller closes what it is given."""
        timeout = cast("Any", TermsTimeout(terms))
        if not terms.proxy:
            return self.send(request, stream=True, timeout=timeout)
        refuse_literal(str(request.url), terms.policy)
        proxies = {"http": terms.proxy, "https": terms.proxy}
        return self.send(request, stream=True, timeout=timeout, proxies=proxies)


def trusted_roots() -> ssl.SSLContext:
    """What the system trusts (or SSL_CERT_FILE and SSL_CERT_DIR name), and certifi's list where it lacks one."""
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


def trusted_roots_pem() -> str:
    """The same for who wants them as text. Those that only a folder of the system holds are not among them."""
    return "".join(map(ssl.DER_cert_to_PEM_cert, trusted_roots().get_ca_certs(binary_form=True)))
