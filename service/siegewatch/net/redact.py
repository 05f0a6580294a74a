"""Addresses and answers made safe to log."""

import re
from collections.abc import Iterable
from urllib.parse import urldefrag, urlsplit, urlunsplit

HIDDEN = "***"

_SECRET_NAME = re.compile(r"key|token|secret|sig|auth|pass|pwd|code|session|access|cred|hash|hmac", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"(?=[^=]*[0-9])(?=[^=]*[A-Za-z])[A-Za-z0-9_.%+/~-]{20,}=*")
_SLACK_PATH = re.compile(r"/(services|workflows|triggers)/.*", re.DOTALL)
_TOKEN_PATH = re.compile(r"/[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*(?=/|$)")


def redact_url(url: str) -> str:
    """`url` without user, password, fragment, secrets in the query, or what makes a webhook's path secret."""
    try:
        parts = urlsplit(url)
        place = _host(url)
    except ValueError:
        return HIDDEN
    if parts.scheme == "file" and not parts.netloc:
        return f"file://{parts.path}"
    path = _SLACK_PATH.sub(rf"/\1/{HIDDEN}", parts.path)
    path = _TOKEN_PATH.sub(lambda found: f"/{HIDDEN}" if len(found[0]) > 24 else found[0], path)
    query = "&".join(map(_redact_pair, parts.query.split("&"))) if parts.query else ""
    return urlunsplit((parts.scheme, place, path, query, ""))


def may_hold_secret(url: str) -> bool:
    """Whether a password, or what looks like a key, stands in `url`."""
    return redact_url(url) != urldefrag(url).url


def redact_path(url: str) -> str:
    """Only where `url` leads: a webhook's path and query are its secret."""
    try:
        return f"{urlsplit(url).scheme}://{_host(url)}/{HIDDEN}"
    except ValueError:
        return HIDDEN


def redact_all(url: str) -> str:
    """Only the scheme, where even the host may be a token."""
    return f"{url.partition('://')[0]}://{HIDDEN}" if "://" in url else HIDDEN


def scrub(text: str, secrets: Iterable[str]) -> str:
    """`text` with every one of `secrets` hidden, such as an address that a receiver echoes."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _redact_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    secret = _SECRET_NAME.search(name) or _SECRET_VALUE.fullmatch(value)
    return f"{name}={HIDDEN}" if equals and secret else pair
