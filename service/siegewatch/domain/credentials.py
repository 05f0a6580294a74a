"""A user and password as HTTP says them."""

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit


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
