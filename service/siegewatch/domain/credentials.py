"""A user and password as HTTP says them."""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import unquote, urlsplit

_SHORTEST = 6
"""Characters of a secret worth hiding: shorter ones are in every other word."""

_OPEN = frozenset({"accept", "accept-encoding", "accept-language", "user-agent", "referer"})
"""Headers that hold no secret."""

_SCHEMES = frozenset({"Basic", "Bearer", "Digest"})

_PARTS = re.compile(r"[^\s;,=]+=*")


def basic(user: str, password: str) -> str:
    """The value of an Authorization or Proxy-Authorization header (RFC 7617), in UTF-8."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def of_address(url: str) -> Mapping[str, str]:
    """The header that stands for the user and password in an address; none where it has none.

    Raises ValueError where `url` is no address.
    """
    parts = urlsplit(url)
    if parts.username is None:
        return {}
    return {"Authorization": basic(unquote(parts.username), unquote(parts.password or ""))}


def secrets_in(headers: Mapping[str, str], url: str) -> frozenset[str]:
    """What a server might echo of the headers that it was sent, and of the user and password in its address: values
    whole and in part (a token, the value of a cookie, a password)."""
    sent = [value for name, value in headers.items() if name.lower() not in _OPEN]
    with suppress(ValueError):  # what is no address holds no password
        sent += of_address(url).values()
    found = {part for value in sent for part in _parts(value)}
    return frozenset(part for part in found if len(part) >= _SHORTEST and part not in _SCHEMES)


def _parts(value: str) -> Iterator[str]:
    yield value
    yield from _PARTS.findall(value)
    yield from (part.partition("=")[2] for part in re.split(r"[;,\s]+", value))
    scheme, _, rest = value.partition(" ")
    if scheme == "Basic":
        try:
            user_and_password = b64decode(rest, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return
        yield from (user_and_password, user_and_password.partition(":")[2])
