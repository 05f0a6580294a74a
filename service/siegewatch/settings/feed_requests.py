"""How a feed is asked for: the keys of `feeds.yaml` that become the headers of its requests, and its proxy."""

import re
from collections.abc import Mapping
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from siegewatch.domain.credentials import basic
from siegewatch.settings.complaints import complaint
from siegewatch.settings.document import shown_key
from siegewatch.settings.section import Section, web_address

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
"""A header's or cookie's name (RFC 9110 section 5.6.2, RFC 6265 section 4.1.1)."""

_CONNECTION = frozenset(
    {
        *("connection", "content-encoding", "content-length", "content-type", "expect", "host", "http2-settings"),
        *("keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade"),
    }
)
"""Headers that say how a message travels: written by hand they make two readings of one request."""

_OURS = frozenset(
    {
        *("accept-encoding", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"),
        "range",
    }
)
"""Headers whose answer is read here, so that they are sent only as it can be read."""


def visible(value: str) -> str:
    """One line of visible ASCII without space at its ends (RFC 9110 section 5.5)."""
    if not all(" " <= character <= "~" for character in value) or value != value.strip():
        raise complaint("has line ends, spaces at an end or characters outside ASCII", "write one line of plain ASCII")
    return value


def _header_names(headers: dict[str, str]) -> dict[str, str]:
    seen: set[str] = set()
    for name in headers:
        folded = name.lower()
        if not _TOKEN.fullmatch(name):
            raise complaint("has a name that no header can have", "write letters, digits and - as in X-Api-Key")
        if folded in _CONNECTION | _OURS:
            raise complaint(f"has {shown_key(name)}, which siegewatch itself decides", "remove it")
        if folded in seen:
            raise complaint(f"has {shown_key(name)} twice", "keep one")
        seen.add(folded)
    return headers


def _cookies(cookies: dict[str, str]) -> dict[str, str]:
    for name, value in cookies.items():
        if not _TOKEN.fullmatch(name):
            raise complaint("has a name that no cookie can have", "write letters, digits, - and _ as in session_id")
        if ";" in value:
            raise complaint(f"has a semicolon in {shown_key(name)}", "write each cookie under a key of its own")
    return cookies


def _no_colon(user: str) -> str:
    if ":" in user or not user.isprintable():
        raise complaint("has a colon or a control character", "write the user alone; password is a key of its own")
    return user


def _one_line(password: str) -> str:
    if not password.isprintable():
        raise complaint("has a control character", "write one line")
    return password


def _proxy(address: str) -> str:
    instead = "write http://host:port or http://user:password@host:port"
    try:
        parts = urlsplit(web_address(("http",))(address))
    except PydanticCustomError:
        raise complaint("is no http address", instead) from None
    if address and (parts.port is None or parts.path not in ("", "/") or parts.query or parts.fragment):
        raise complaint("lacks a port, or has a path", instead)
    return address.rstrip("/")


Visible = Annotated[str, AfterValidator(visible)]
Headers = Annotated[dict[str, Visible], AfterValidator(_header_names)]
Cookies = Annotated[dict[str, Visible], AfterValidator(_cookies)]
ProxyAddress = Annotated[str, AfterValidator(_proxy)]


class Auth(Section):
    """What `auth` of a feed holds: a user with a password, or a bearer token."""

    user: Annotated[str, AfterValidator(_no_colon)] = Field(
        default="", repr=False, exclude=True, description="the user of HTTP basic authentication"
    )
    password: Annotated[str, AfterValidator(_one_line)] = Field(
        default="", repr=False, exclude=True, description="the password of that user"
    )
    bearer: Visible = Field(
        default="", repr=False, exclude=True, description="a token, sent as Authorization: Bearer; instead of a user"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.bearer and (self.user or self.password):
            raise complaint("has both a bearer and a user", "keep one")
        return self

    def header(self) -> str:
        """The value of the header Authorization, empty for none."""
        if self.bearer:
            return f"Bearer {self.bearer}"
        return basic(self.user, self.password) if self.user or self.password else ""


def request_headers(headers: Mapping[str, str], auth: Auth, cookies: Mapping[str, str], agent: str) -> dict[str, str]:
    """All that is sent with each request for a feed; what is empty is left out, so that a secret may be optional."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items() if value)
    made = {"Authorization": auth.header(), "Cookie": cookie, "User-Agent": agent}
    return {name: value for name, value in {**headers, **made}.items() if value}


def said_twice(url: str, headers: Mapping[str, str], auth: Auth, cookies: Mapping[str, str], agent: str) -> str | None:
    """The name of a header that two keys would write; None where all is told once."""
    named = {name.lower() for name in headers}
    own = {"authorization": bool(auth.header()), "cookie": bool(cookies), "user-agent": bool(agent)}
    clashes = [name for name, is_set in own.items() if is_set and name in named]
    in_address = urlsplit(url).username is not None and (own["authorization"] or "authorization" in named)
    return next(iter(clashes), "authorization" if in_address else None)
