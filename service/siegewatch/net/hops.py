"""What is requested: an address fit for a request with its headers, and the next one where a redirect leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urldefrag, urljoin, urlsplit

from requests import PreparedRequest, RequestException

from siegewatch.domain.credentials import of_address
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
    return Hop(address, {**headers, **credentials})


def next_hop(here: Hop, location: str) -> Hop:
    """Where `location` leads: another origin gets no header that could hold a credential.

    Raises TooManyRedirects where it leads nowhere, AddressRefused where it leads out of the web.
    """
    try:
        there = _target(here.url, location)
        return first_hop(there, carried(here.headers, here.url, there))
    except ValueError:
        raise TooManyRedirects(f"{redact_url(here.url)}: a redirect to nowhere") from None


def carried(headers: Mapping[str, str], here: str, there: str) -> Mapping[str, str]:
    """Of the headers meant for `here` those that `there` may see: another origin gets none that could hold a
    credential. Raises ValueError where one of the two is no address."""
    moved = _origin(there) != _origin(here)
    return {name: value for name, value in headers.items() if not moved or name.lower() in _CARRIED}


@lru_cache(maxsize=4_096)
def _prepared(url: str) -> tuple[str, Mapping[str, str]]:
    """The address in ASCII, and the header that its user and password become; kept, as feeds are asked for again and
    again."""
    request = PreparedRequest()
    try:
        parts = urlsplit(url.strip())
        if parts.scheme.lower() not in ("http", "https"):
            raise AddressRefused(f"{redact_url(url)}: only http and https are reached")
        host = parts.netloc.rpartition("@")[2]
        request.prepare_url(parts._replace(netloc=host, fragment="").geturl(), None)
        return str(request.url), of_address(url.strip())
    except (RequestException, ValueError):
        raise AddressRefused(f"{redact_path(url)}: not an address that can be requested") from None


def _target(here: str, location: str) -> str:
    """Where `location` leads from `here`. Raises ValueError where it leads nowhere."""
    if not location:
        raise ValueError("no location")
    # Headers are read as latin-1; servers that send other bytes mean UTF-8.
    return urldefrag(urljoin(here, location.encode("latin-1", "replace").decode("utf-8", "replace")))[0]


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()
