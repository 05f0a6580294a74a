"""The door: GET and POST that reach only where the policy permits and never outlast or outgrow their limits."""

import logging
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from http.client import HTTPException
from threading import Lock
from time import monotonic
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException, Response
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from siegewatch.domain.errors import AddressRefused, FetchError, TooManyRedirects
from siegewatch.net.dial import Terms, dial, fault
from siegewatch.net.hops import MAX_REDIRECTS, PERMANENT, REDIRECTS, Hop, first_hop, next_hop
from siegewatch.net.inflate import decoded
from siegewatch.net.messages import Answer, Limits
from siegewatch.net.policy import AddressPolicy, Network
from siegewatch.net.redact import redact_path, redact_url
from siegewatch.net.resolve import Resolver, system_resolve
from siegewatch.net.transport import GuardedAdapter, trusted_roots

_CHUNK_BYTES = 65_536


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
        hop, permanent = first_hop(url, {**self._defaults, **(headers or {})}), True
        for number in range(MAX_REDIRECTS + 1):
            with closing(self._send(_request("GET", hop), terms)) as response:
                if response.status_code not in REDIRECTS:
                    body = bytearray()
                    _read(response, limits.max_bytes, body)
                    return _answer(response, body, response.url if number and permanent else None)
                permanent = permanent and response.status_code in PERMANENT
                hop = next_hop(hop, response.headers.get("location", ""))
        raise TooManyRedirects(f"{redact_url(url)}: over {MAX_REDIRECTS} redirects")

    def post(
        self, url: str, body: bytes, *, headers: Mapping[str, str], limits: Limits, allow: Sequence[Network] = ()
    ) -> Answer:
        """Send, and follow no redirect. Plain http goes only to allowed addresses.

        The status is the answer: a body that is too long, too slow or breaks off is cut, not an error.
        Raises FetchError where no status came back.
        """
        request = _request("POST", first_hop(url, {**self._defaults, **headers}))
        secure = urlsplit(url).scheme.lower() == "https"
        policy = AddressPolicy(self._policy.allow, public=secure).also(allow)
        request.prepare_body(body, None)
        with closing(self._send(request, self._terms(policy, limits))) as response:
            said = bytearray()
            with suppress(FetchError):
                _read(response, limits.max_bytes, said)
            return _answer(response, said, None)

    def connect(self, host: str, port: int, limits: Limits, allow: Sequence[Network] = ()) -> socket.socket:
        """A TCP connection under the same policy, for what does not speak HTTP. Raises FetchError."""
        return dial(host, port, self._terms(self._policy.also(allow), limits))

    def allows_plain(self, connected: socket.socket) -> bool:
        """Whether what is on the other side may be sent something unencrypted: an allowed address."""
        return AddressPolicy(self._policy.allow, public=False).refusal(connected.getpeername()[0]) is None

    @property
    def tls(self) -> ssl.SSLContext:
        """By which every peer is judged."""
        with self._lock:
            self._tls = self._tls or trusted_roots()
            return self._tls

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


def _request(method: str, hop: Hop) -> PreparedRequest:
    request = PreparedRequest()
    request.method, request.url, request.headers = method, hop.url, CaseInsensitiveDict(hop.headers)
    return request


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
