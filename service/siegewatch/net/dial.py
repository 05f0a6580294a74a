"""TCP connections under an address policy, and what went wrong in words that are safe to log."""

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException, LineTooLong, RemoteDisconnected
from time import monotonic
from urllib.parse import urlsplit

from urllib3.exceptions import SSLError
from urllib3.exceptions import TimeoutError as PoolTimeoutError
from urllib3.util.ssl_match_hostname import CertificateError

from siegewatch.domain.errors import (
    AddressRefused,
    FetchError,
    NameUnknown,
    NotConnected,
    TimedOut,
    TlsFault,
    TooLarge,
    Unreachable,
)
from siegewatch.net.policy import AddressPolicy
from siegewatch.net.resolve import Endpoint, Resolver, literal_endpoints


@dataclass(frozen=True, slots=True)
class Terms:
    """What one request may do. `until` is on the monotonic clock; it holds for the whole, redirects included.

    `proxy` is the address of the HTTP proxy that it goes through, empty for none.
    """

    policy: AddressPolicy
    resolve: Resolver
    until: float
    connect_seconds: float
    first_byte_seconds: float
    max_header_bytes: int
    proxy: str = field(default="", repr=False)


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
    trouble: FetchError = NameUnknown(f"{host}: the name has no address")
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
            trouble = NotConnected(str(fault(host, error)))
    raise trouble


def refuse_literal(url: str, policy: AddressPolicy) -> None:
    """Raises AddressRefused where the host of `url` is itself an address that the policy forbids.

    A proxy resolves names where it stands; but what needs no resolving must not be asked of it either: it may well
    reach what we may not.
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    _permitted(host, literal_endpoints(host), policy)


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
