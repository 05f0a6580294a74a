"""The door: GET and POST that reach only where the policy permits and never outlast or outgrow their limits."""

import logging
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from threading import Lock
from time import monotonic
from urllib.parse import urldefrag, urljoin, urlsplit

from requests import PreparedRequest, RequestException, Response
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from siegewatch.domain.credentials import of_address
from siegewatch.domain.errors import AddressRefused, FetchError, TooManyRedirects
from siegewatch.net.dial import Terms, fault
from siegewatch.net.inflate import decoded
from siegewatch.net.policy import AddressPolicy, Network
from siegewatch.net.redact import redact_path, redact_url
from siegewatch.net.resolve import Resolver, system_resolve
from siegewatch.net.transport import GuardedAdapter, trusted_roots

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_CHUNK_BYTES = 65_536

_CARRIED = frozenset(
    {"accept", "accept-encoding", "accept-language", "if-modified-since", "if-none-match", "user-agent"}
)
"""Headers that another host may see after a redirect: none of them can hold a credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may take: `total_seconds` from first to last with all redirects, `connect_seconds` for name,
    TCP and TLS together, `first_byte_seconds` from request to answer; `max_bytes` counts the decoded body."""

    total_seconds: float = 20
    connect_seconds: float = 10
    first_byte_seconds: float = 20
    max_bytes: int = 15_000_000
    max_header_bytes: int = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `url` is the final one; `headers` are case-insensitive; `body` is decoded. `moved_to` is the
    final address where every hop to it was permanent (301, 308), else None."""

    status: int
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    moved_to: str | None = field(default=None, repr=False)

    def retry_after_seconds(self, now: datetime) -> float | None:
        """Retry-After in either of its forms (RFC 9110 section 10.2.3), None where absent or senseless."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        with suppress(ValueError):
            at = parsedate_to_datetime(value)
            return max((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds(), 0.0)
        return None


class Door:
    """Thread-safe; one for a process. `allow` are the private networks that every request may reach.

    `tls` and `resolve` are the system's unless given. The environment's proxies and .netrc are not looked at.
    """

    def __init__(
        self,
        *,
        allow: Sequence[Network],
        user_agent: str,
        tls: ssl.SSLContext | None = None,
        resolve: Resolver = system_resolve,
    ) -> None:
        self._policy = AddressPolicy(tuple(allow))
        self._defaults = {"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"}
        self._resolve = resolve
        self._tls = tls
        self._lock = Lock()
        self._adapters: dict[AddressPolicy, GuardedAdapter] = {}
        # urllib3 logs paths, which may be a webhook's secret: in debug each one, in warning those it cannot parse.
        logging.getLogger("urllib3").setLevel(logging.ERROR)

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits,
        allow: Sequence[Network] = (),
        proxy: str = "",
    ) -> Answer:
        """Fetch, over at most five redirects, each held to the same policy. `allow` widens it for this request.

        With a `proxy` (`http://host:port`, user and password allowed) the policy holds for the proxy's address, and
        for a host that is itself an address; what other names stand for is then the proxy's to know.

        Raises FetchError; any status is an answer.
        """
        terms = self._terms(self._policy.also(allow), limits, proxy)
        request, permanent = _request("GET", url, {**self._defaults, **(headers or {})}), True
        for hop in range(MAX_REDIRECTS + 1):
            with closing(self._send(request, terms)) as response:
                if response.status_code not in _REDIRECTS:
                    body = bytearray()
                    _read(response, limits.max_bytes, body)
                    return _answer(response, body, response.url if hop and permanent else None)
                permanent = permanent and response.status_code in _PERMANENT
                request = _onward(request, response)
        raise TooManyRedirects(f"{redact_url(url)}: over {MAX_REDIRECTS} redirects")

    def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str], limits: Limits, allow: Sequence[Network] = ()
    ) -> Answer:
        """Send, and follow no redirect. Plain http goes only to allowed addresses.

        The status is the answer: a body that is too long, too slow or breaks off is cut, not an error.
        Raises FetchError where no status came back.
        """
        request = _request("POST", url, {**self._defaults, **headers})
        secure = urlsplit(url).scheme.lower() == "https"
        policy = AddressPolicy(self._policy.allow, public=secure).also(allow)
        request.prepare_body(body, None)
        with closing(self._send(request, self._terms(policy, limits))) as response:
            said = bytearray()
            with suppress(FetchError):
                _read(response, limits.max_bytes, said)
            return _answer(response, said, None)

    def close(self) -> None:
        """Close the connections kept for later."""
        with self._lock:
            for adapter in self._adapters.values():
                adapter.close()
            self._adapters.clear()

    def _terms(self, policy: AddressPolicy, limits: Limits, proxy: str = "") -> Terms:
        return Terms(
            policy=policy,
            resolve=self._resolve,
            until=monotonic() + limits.total_seconds,
            connect_seconds=limits.connect_seconds,
            first_byte_seconds=limits.first_byte_seconds,
            max_header_bytes=limits.max_header_bytes,
            proxy=proxy,
        )

    def _send(self, request: PreparedRequest, terms: Terms) -> Response:
        try:
            return self._adapter(terms.policy).fetch(request, terms)
        except (RequestException, HTTPError):
            # What is left here never reached a connection: an address that even urllib3 cannot read.
            raise AddressRefused(f"{redact_path(str(request.url))}: not an address that can be requested") from None

    def _adapter(self, policy: AddressPolicy) -> GuardedAdapter:
        with self._lock:
            if policy not in self._adapters:
                self._tls = self._tls or trusted_roots()
                self._adapters[policy] = GuardedAdapter(self._tls)
            return self._adapters[policy]


def _request(method: str, url: str, headers: Mapping[str, str]) -> PreparedRequest:
    """A request with the user and password of its address moved into a header."""
    request = PreparedRequest()
    request.prepare_method(method)
    request.headers = CaseInsensitiveDict(headers)
    try:
        parts = urlsplit(url.strip())
        if parts.scheme.lower() not in ("http", "https"):
            raise AddressRefused(f"{redact_url(url)}: only http and https are reached")
        host = parts.netloc.rpartition("@")[2]
        request.prepare_url(parts._replace(netloc=host, fragment="").geturl(), None)
        request.headers.update(of_address(url.strip()))
    except (RequestException, ValueError):
        raise AddressRefused(f"{redact_path(url)}: not an address that can be requested") from None
    return request


def _onward(request: PreparedRequest, response: Response) -> PreparedRequest:
    """The next request of a redirect."""
    here = str(request.url)
    try:
        there = _target(here, response.headers.get("location", ""))
        kept = carried(request.headers, here, there)
    except ValueError:
        raise TooManyRedirects(f"{redact_url(here)}: a redirect to nowhere") from None
    return _request("GET", there, kept)


def carried(headers: Mapping[str, str], here: str, there: str) -> Mapping[str, str]:
    """Of the headers meant for `here` those that `there` may see: another origin gets none that could hold a
    credential. Raises ValueError where one of the two is no address."""
    moved = _origin(there) != _origin(here)
    return {name: value for name, value in headers.items() if not moved or name.lower() in _CARRIED}


def _target(here: str, location: str) -> str:
    """Where `location` leads from `here`. Raises ValueError where it leads nowhere."""
    if not location:
        raise ValueError("no location")
    # http.client reads headers as latin-1; servers that send other bytes mean UTF-8.
    return urldefrag(urljoin(here, location.encode("latin-1", "replace").decode("utf-8", "replace")))[0]


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()


def _answer(response: Response, body: bytearray, moved_to: str | None) -> Answer:
    return Answer(response.status_code, response.url, response.headers, bytes(body), moved_to)


def _read(response: Response, max_bytes: int, into: bytearray) -> None:
    """Read the decoded body to its end, or to `max_bytes`, which `into` then holds."""
    host = urlsplit(response.url).hostname or ""
    encoding = response.headers.get("content-encoding", "")
    try:
        for piece in decoded(_chunks(response), encoding, max_bytes):
            into += piece
    except FetchError as error:
        raise _located(error, host) from None
    except (HTTPError, HTTPException, OSError) as error:
        raise fault(host, error) from None


def _located(error: FetchError, host: str) -> FetchError:
    text = str(error)
    return error if text.startswith(f"{host}: ") else type(error)(f"{host}: {text}")


def _chunks(response: Response) -> Iterator[bytes]:
    while chunk := response.raw.read(_CHUNK_BYTES, decode_content=False):
        yield chunk
