"""Who may read: by the name they call us by on loopback, by the token beyond it; and headers on every answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import urlsplit

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from siegewatch.settings.models import Web

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""On every answer that does not set its own."""

_OPEN_TO_ALL = frozenset({"/healthz", "/readyz"})
_WITH_THEIR_OWN_PROOF = ("/websub/", "/f/", "/slack/interactions")
"""A hub's signature, a signed link, Slack's signature."""

_CHALLENGE = 'Bearer realm="siegewatch"'


@dataclass(frozen=True, slots=True)
class Access:
    """`names` are the hosts that a request may ask for, None: any. `token` is what it must bear, None: nothing."""

    names: frozenset[str] | None
    token: bytes | None


def access_for(web: Web) -> Access:
    """On loopback anyone on this machine may read, but not through a name that leads a browser here
    (DNS rebinding); beyond it, whoever bears the token."""
    if web.listen is not None and not web.listen.is_loopback:
        return Access(None, web.token.encode())
    names = {"localhost", "127.0.0.1", "::1", urlsplit(web.public_url).hostname, web.listen and web.listen.host.lower()}
    return Access(frozenset(filter(None, names)), None)


def refusal(status: int, error: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """How every refusal looks."""
    return JSONResponse({"error": error}, status, {**HEADERS, **(headers or {})})


def refused(access: Access, path: str, headers: Headers) -> JSONResponse | None:
    """The answer to a request that may not be answered, None where it may."""
    if access.names is not None and _hostname(headers.get("host", "")) not in access.names:
        # 421, RFC 9110 section 15.5.20: the request came to the wrong server.
        return refusal(421, "not served under this name: ask for 127.0.0.1 or localhost, or set web.public_url")
    if access.token is None or path in _OPEN_TO_ALL or path.startswith(_WITH_THEIR_OWN_PROOF):
        return None
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return refusal(401, "send the token: Authorization: Bearer …", {"www-authenticate": _CHALLENGE})
    if not access.token or not compare_digest(given.strip().encode("latin-1"), access.token):
        # RFC 6750 section 3.1 names the fault.
        return refusal(401, "this is not the token", {"www-authenticate": f'{_CHALLENGE}, error="invalid_token"'})
    return None


def _hostname(host: str) -> str | None:
    """The name in a Host header, without port and brackets."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


class Guard:
    """ASGI middleware that lets through what `access` allows and puts `HEADERS` on what comes back."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if answer := refused(self._access, scope["path"], Headers(scope=scope)):
            await answer(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        # HEAD is answered as GET (RFC 9110 section 9.3.2); the server, which knows, leaves out the body.
        asked = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self._app({**scope, "method": asked}, receive, sealed)
