"""requests and urllib3, held to an address policy and a clock.

The one place that knows their insides: connections go only to checked addresses, and every read of the socket is
measured against the deadline of the whole request, which `timeout=` of requests (one wait at a time) is not.
"""

import io
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException, HTTPResponse, LineTooLong, RemoteDisconnected
from time import monotonic
from typing import Any, cast

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import BaseSSLError, HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, SSLError
from urllib3.exceptions import TimeoutError as PoolTimeoutError
from urllib3.poolmanager import PoolManager
from urllib3.response import BaseHTTPResponse
from urllib3.util.ssl_match_hostname import CertificateError
from urllib3.util.timeout import Timeout

from siegewatch.domain.errors import AddressRefused, FetchError, TimedOut, TlsFault, TooLarge, Unreachable
from siegewatch.net.policy import AddressPolicy
from siegewatch.net.resolve import Endpoint, Resolver

_HOSTS_KEPT = 128
_CONNECTIONS_KEPT_PER_HOST = 8
"""Idle connections hold a file descriptor each; most servers close theirs long before the next poll anyway."""

_READ_AHEAD_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class Terms:
    """What one request may do. `until` is on the monotonic clock; it holds for the whole, redirects included."""

    policy: AddressPolicy
    resolve: Resolver
    until: float
    connect_seconds: float
    first_byte_seconds: float
    max_header_bytes: int


class TermsTimeout(Timeout):
    """`Terms` in the only argument that urllib3 hands from a request down to its connection."""

    def __init__(self, terms: Terms) -> None:
        super().__init__(connect=terms.connect_seconds, read=terms.first_byte_seconds)
        self.terms = terms

    def clone(self) -> "TermsTimeout":
        return TermsTimeout(self.terms)


def fault(host: str, error: BaseException) -> FetchError:
    """What `error` of any layer below means, in words that are safe to log."""
    if isinstance(error, FetchError):
        return error
    if isinstance(error, SSLError | CertificateError | ssl.SSLError):
        return TlsFault(f"{host}: {_tls_reason(error)}")
    if isinstance(error, TimeoutError | PoolTimeoutError):
        return TimedOut(f"{host}: no answer in time")
    if isinstance(error, LineTooLong) or str(error).startswith("got more than"):
        return TooLarge(f"{host}: the headers are too large")
    if isinstance(error, RemoteDisconnected):
        return Unreachable(f"{host}: closed the connection without an answer")
    if isinstance(error, OSError) and error.strerror:
        return Unreachable(f"{host}: {error.strerror.lower()}")
    return Unreachable(f"{host}: {'no HTTP answer' if isinstance(error, HTTPException) else 'the answer broke off'}")


def _tls_reason(error: BaseException) -> str:
    while isinstance(error, SSLError) and error.args and isinstance(error.args[0], Exception):
        error = error.args[0]
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"bad certificate: {error.verify_message}"
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    return f"TLS failed: {(reason or 'the peer broke the handshake').replace('_', ' ').lower()}"


def dial(host: str, port: int, terms: Terms) -> socket.socket:
    """A TCP connection to an address of `host` that the policy permits: the very address that was checked.

    The socket's timeout is what is left for a TLS handshake. Raises AddressRefused, Unreachable, TimedOut.
    """
    until = min(terms.until, monotonic() + terms.connect_seconds)
    found = terms.resolve(host, port, until - monotonic())
    endpoints = _permitted(host, found, terms.policy)
    trouble: FetchError = Unreachable(f"{host}: the name has no address")
    for turn, endpoint in enumerate(endpoints):
        # One silent address must not use up the time of the others.
        seconds = (until - monotonic()) / (len(endpoints) - turn)
        try:
            opened = _connect(endpoint, seconds)
            opened.settimeout(max(until - monotonic(), 0.001))
            return opened
        except TimeoutError:
            trouble = TimedOut(f"{host}: no connection in time")
        except OSError as error:
            trouble = fault(host, error)
    raise trouble


def _permitted(host: str, endpoints: Sequence[Endpoint], policy: AddressPolicy) -> list[Endpoint]:
    refusals = [policy.refusal(endpoint.address) for endpoint in endpoints]
    permitted = [endpoint for endpoint, refusal in zip(endpoints, refusals, strict=True) if refusal is None]
    if refusals and not permitted:
        raise AddressRefused(f"{host}: refused, as {refusals[0]}")
    return permitted


def _connect(endpoint: Endpoint, seconds: float) -> socket.socket:
    opened = socket.socket(endpoint.family, socket.SOCK_STREAM)
    try:
        opened.settimeout(max(seconds, 0.001))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.connect(endpoint.sockaddr)
    except BaseException:
        opened.close()
        raise
    return opened


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


class GuardedConnection(HTTPConnection):
    """`terms` are those of the request under way: the pool sets them before each."""

    terms: Terms

    def _new_conn(self) -> socket.socket:
        return dial(self._dns_host, self.port, self.terms)

    def getresponse(self) -> Any:
        self.response_class = cast("Any", partial(_MeteredResponse, host=self.host, terms=self.terms))
        return super().getresponse()


class GuardedTlsConnection(GuardedConnection, HTTPSConnection):
    """TLS names and checks the host of the address, whichever checked address it is connected to."""


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
                return super()._make_request(conn, method, url, *args, **kwargs)
        except (OSError, HTTPException, HTTPError, BaseSSLError) as error:
            # `from None`: the causes hold the path, which may be a webhook's secret.
            raise fault(self.host, error) from None


class GuardedTlsPool(GuardedPool, HTTPSConnectionPool):
    ConnectionCls = GuardedTlsConnection


class GuardedAdapter(HTTPAdapter):
    """Connections made under one policy: what was opened under a wider one is never reused under a narrower."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        super().__init__(pool_connections=_HOSTS_KEPT, pool_maxsize=_CONNECTIONS_KEPT_PER_HOST)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, ssl_context=self._tls, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": GuardedPool, "https": GuardedTlsPool}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the shared context verifies; requests would load the whole bundle for each connection."""

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}

    def fetch(self, request: PreparedRequest, terms: Terms) -> Response:
        """The answer with its body unread. Raises FetchError; the caller closes what it is given."""
        return self.send(request, stream=True, timeout=cast("Any", TermsTimeout(terms)))


def trusted_roots() -> ssl.SSLContext:
    """What the system trusts (or SSL_CERT_FILE and SSL_CERT_DIR name), and certifi's list where it lacks one."""
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


def trusted_roots_pem() -> str:
    """The same for who wants them as text. Those that only a folder of the system holds are not among them."""
    return "".join(map(ssl.DER_cert_to_PEM_cert, trusted_roots().get_ca_certs(binary_form=True)))
