"""What is requested: an address fit for a request with its headers, and the next one where a redirect leads."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from requests import PreparedRequest, RequestException

from siegewatch.domain.errors import AddressRefused, TooManyRedirects
from siegewatch.net.redact import redact_path, redact_url

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})

_CARRIED = frozenset(
    {"accept", "accept-encoding", "accept-language", "if-modified-since", "if-none-match", "user-agent"}
)
"""Headers that another host may see after a redirect: none of them can hold a credential."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One address to request: ASCII, without user, password and fragment; credentials stand in the headers."""

    url: str
    headers: Mapping[str, str]


def first_hop(url: str, headers: Mapping[str, str]) -> Hop:
    """Where a request begins. Raises AddressRefused for what is no http or https address."""
    address, credentials = _prepared(url)
    return Hop(address, {**headers, "Authorization": credentials} if credentials else headers)


def next_hop(here: Hop, location: str) -> Hop:
    """Where `location` leads: another origin gets no header that could hold a credential.

    Raises TooManyRedirects where it leads nowhere, AddressRefused where it leads out of the web.
    """
    try:
        there = _target(here.url, location)
        moved = _origin(there) != _origin(here.url)
    except ValueError:
        raise TooManyRedirects(f"{redact_url(here.url)}: a redirect to nowhere") from None
    kept = {name: value for name, value in here.headers.items() if not moved or name.lower() in _CARRIED}
    return first_hop(there, kept)


@lru_cache(maxsize=4_096)
def _prepared(url: str) -> tuple[str, str | None]:
    """The address in ASCII, and what to authorize with; kept, as feeds are asked for again and again."""
    request, credentials = PreparedRequest(), None
    try:
        parts = urlsplit(url.strip())
        if parts.scheme.lower() not in ("http", "https"):
            raise AddressRefused(f"{redact_url(url)}: only http and https are reached")
        host = parts.netloc.rpartition("@")[2]
        request.prepare_url(parts._replace(netloc=host, fragment="").geturl(), None)
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            credentials = f"Basic {b64encode(pair.encode()).decode()}"
    except (RequestException, ValueError):
        raise AddressRefused(f"{redact_path(url)}: not an address that can be requested") from None
    return str(request.url), credentials


def _target(here: str, location: str) -> str:
    """Where `location` leads from `here`. Raises ValueError where it leads nowhere."""
    if not location:
        raise ValueError("no location")
    # Headers are read as latin-1; servers that send other bytes mean UTF-8.
    return urldefrag(urljoin(here, location.encode("latin-1", "replace").decode("utf-8", "replace")))[0]


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()
