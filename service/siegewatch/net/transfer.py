"""One request in a curl handle, held to an address policy and to caps. The one place that knows curl's options.

libcurl's manual names the options (https://curl.se/libcurl/c/).
"""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pycurl
from requests.structures import CaseInsensitiveDict

from siegewatch.domain.errors import AddressRefused, FetchError, NameUnknown, TimedOut, TlsFault, TooLarge, Unreachable
from siegewatch.net.hops import Hop
from siegewatch.net.messages import Answer, Arrival, Limits
from siegewatch.net.policy import AddressPolicy

Addresses = Callable[[str], Sequence[str]]
"""The addresses of a name, where the system is not to be asked."""


_MOST_HEADERS = 100
"""As http.client takes, which the other transport uses."""


@dataclass(slots=True)
class Transfer:
    """One hop of a request on its way, and what has come of it."""

    hop: Hop
    limits: Limits
    policy: AddressPolicy
    until: float
    curl: Any
    status: int = 0
    refusal: str | None = None
    too_large: str | None = None
    begun_at: float = field(default_factory=monotonic)
    _lines: list[bytes] = field(default_factory=list)
    _header_bytes: int = 0
    _pieces: list[bytes] = field(default_factory=list)
    _bytes: int = 0
    _opened: list[socket.socket] = field(default_factory=list)

    @property
    def host(self) -> str:
        return urlsplit(self.hop.url).hostname or ""

    @property
    def is_mute(self) -> bool:
        """Whether the answer has not begun in the time that it has for that."""
        return not self._lines and monotonic() - self.begun_at > self.limits.first_byte_seconds

    def open_socket(self, _purpose: int, address: Any) -> Any:
        """A socket for an address that the policy permits: the very address that is connected to."""
        refusal = self.policy.refusal(str(address.addr[0]))
        if refusal:
            self.refusal = refusal
            return pycurl.SOCKET_BAD
        opened = socket.socket(address.family, address.socktype, address.protocol)
        self._opened.append(opened)
        return opened

    def take_header(self, line: bytes) -> int | None:
        if line.startswith(b"HTTP/"):
            self._lines.clear()  # what came before was an interim answer (1xx)
        self._lines.append(line)
        self._header_bytes += len(line)
        if self._header_bytes > self.limits.max_header_bytes:
            self.too_large = f"the headers are over {self.limits.max_header_bytes:,} bytes"
        elif len(self._lines) > _MOST_HEADERS:
            self.too_large = f"the headers are over {_MOST_HEADERS}"
        if self.too_large:
            return -1
        return None

    def take_body(self, piece: bytes) -> int | None:
        self._pieces.append(piece)
        self._bytes += len(piece)
        if self._bytes > self.limits.max_bytes:
            self.too_large = f"the body is over {self.limits.max_bytes:,} bytes"
            return -1
        return None

    def close(self) -> None:
        """Closes what was opened for curl, which works with a duplicate."""
        for opened in self._opened:
            opened.close()

    def arrival(self, moved_to: str | None) -> Arrival:
        """What came. Raises Unreachable where the headers have no end, which curl takes for a whole answer."""
        if not self._lines or self._lines[-1].strip():
            raise Unreachable(f"{self.host}: the answer broke off in its headers")
        status = self.curl.getinfo(pycurl.RESPONSE_CODE)
        answer = Answer(status, self.hop.url, self.headers(), b"".join(self._pieces), moved_to)
        return Arrival(answer, self.limits.max_bytes)

    def headers(self) -> Mapping[str, str]:
        """As http.client reads them: latin-1, several of a name joined by commas (RFC 9110 section 5.3)."""
        found: CaseInsensitiveDict[str] = CaseInsensitiveDict()
        for line in self._lines[1:]:
            name, colon, value = line.decode("latin-1").partition(":")
            if colon:
                known = found.get(name.strip())
                found[name.strip()] = value.strip() if known is None else f"{known}, {value.strip()}"
        return found

    def fault(self, code: int, words: str) -> FetchError:
        """What curl's error `code` means, in words that are safe to log."""
        if self.too_large:
            return TooLarge(f"{self.host}: {self.too_large}")
        if self.refusal and code == pycurl.E_COULDNT_CONNECT:
            return AddressRefused(f"{self.host}: refused, as {self.refusal}")
        if code in _TLS:
            what = "bad certificate" if code == pycurl.E_PEER_FAILED_VERIFICATION else "TLS failed"
            return TlsFault(f"{self.host}: {what}: {words.removeprefix('SSL: ')}")
        kind, text = _FAULTS.get(code, (Unreachable, "the answer broke off"))
        return kind(f"{self.host}: {text}")


def prepared(transfer: Transfer, *, alone: bool, ca_file: str, addresses: Addresses | None) -> None:
    """Sets the handle of `transfer` for its hop. `alone`: on a connection that no other request shares, since it may
    have been opened under a wider policy than theirs."""
    curl, limits = transfer.curl, transfer.limits
    left = transfer.until - monotonic()
    curl.setopt(pycurl.URL, transfer.hop.url)
    curl.setopt(
        pycurl.HTTPHEADER, [f"{name}: {value}".encode("latin-1") for name, value in transfer.hop.headers.items()]
    )
    curl.setopt(pycurl.TIMEOUT_MS, max(int(left * 1_000), 1))
    curl.setopt(pycurl.CONNECTTIMEOUT_MS, max(int(min(left, limits.connect_seconds) * 1_000), 1))
    curl.setopt(pycurl.HEADERFUNCTION, transfer.take_header)
    curl.setopt(pycurl.WRITEFUNCTION, transfer.take_body)
    curl.setopt(pycurl.OPENSOCKETFUNCTION, transfer.open_socket)
    curl.setopt(pycurl.FRESH_CONNECT, alone)
    curl.setopt(pycurl.FORBID_REUSE, alone)
    curl.setopt(pycurl.CAINFO, ca_file)
    if addresses:
        curl.setopt(pycurl.RESOLVE, [_resolved(transfer.hop.url, addresses)])


def new_handle() -> Any:
    """A handle with what holds for every request."""
    curl = pycurl.Curl()
    curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    curl.setopt(pycurl.FOLLOWLOCATION, False)
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    curl.setopt(pycurl.NOSIGNAL, True)
    curl.setopt(pycurl.PROXY, "")  # else the environment's
    return curl


def _resolved(url: str, addresses: Addresses) -> str:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = (f"[{one}]" if ip_address(one).version == 6 else one for one in addresses(host))
    return f"{host}:{port}:{','.join(found)}"


_WEIRD_SERVER_REPLY, _TOO_LARGE = 8, 100
"""curl errors that pycurl has no name for."""

_TLS = frozenset(
    (pycurl.E_SSL_CONNECT_ERROR, pycurl.E_PEER_FAILED_VERIFICATION, pycurl.E_SSL_CACERT_BADFILE,
     pycurl.E_SSL_CIPHER, pycurl.E_SSL_ISSUER_ERROR, pycurl.E_SSL_CERTPROBLEM, pycurl.E_SSL_ENGINE_INITFAILED)
)  # fmt: skip

_FAULTS: Mapping[int, tuple[type[FetchError], str]] = {
    pycurl.E_URL_MALFORMAT: (AddressRefused, "not an address that can be requested"),
    pycurl.E_UNSUPPORTED_PROTOCOL: (Unreachable, "no HTTP answer"),
    _WEIRD_SERVER_REPLY: (Unreachable, "no HTTP answer"),
    pycurl.E_COULDNT_RESOLVE_HOST: (NameUnknown, "the name cannot be resolved"),
    pycurl.E_COULDNT_CONNECT: (Unreachable, "no connection: refused, or no route"),
    pycurl.E_OPERATION_TIMEDOUT: (TimedOut, "no answer in time"),
    pycurl.E_GOT_NOTHING: (Unreachable, "closed the connection without an answer"),
    _TOO_LARGE: (TooLarge, "the headers are too large"),
}
