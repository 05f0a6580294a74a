"""What channels that post over HTTP share: one request, its answer judged, no secret told."""

from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from siegewatch.domain.delivery import Accepted, ChannelSpec, Rejected, Retry, Verdict
from siegewatch.domain.errors import AddressRefused, FetchError, NameUnknown, NotConnected
from siegewatch.net.door import Door
from siegewatch.net.messages import Answer, Limits
from siegewatch.net.redact import scrub
from siegewatch.notify.text import clean, cut

LIMITS = Limits(total_seconds=20, connect_seconds=10, first_byte_seconds=20, max_bytes=16_384, max_header_bytes=32_768)
"""Standard Webhooks asks for a timeout of 15 to 30 seconds; of the answer only the start is ever kept."""

_SAYS_WHEN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_SHOWN = 200
_UNSENT = (AddressRefused, NameUnknown, NotConnected)
"""Failures before anything was sent."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def post(
    door: Door,
    spec: ChannelSpec,
    body: bytes,
    headers: dict[str, str],
    now: datetime,
    hopeless: frozenset[int] = frozenset(),
) -> Verdict:
    """Send `body` once and judge the answer; `hopeless` are statuses that no further attempt can change.

    `now` is what a date in Retry-After is measured from.
    """
    try:
        answer = door.post(spec.url, body, headers={"Content-Type": "application/json", **headers}, limits=LIMITS)
    except FetchError as error:
        return Retry(scrub(str(error), _secrets(spec)), unsent=isinstance(error, _UNSENT))
    said = excerpt(answer, spec)
    if 200 <= answer.status < 300:
        return Accepted(answer.status, said)
    reason = f"answered {_named(answer.status)}{f': {said}' if said else ''}"
    if answer.status == HTTPStatus.GONE:
        return Rejected(reason, answer.status, disable=True)
    if answer.status in hopeless:
        return Rejected(reason, answer.status)
    after = answer.retry_after_seconds(now) if answer.status in _SAYS_WHEN else None
    return Retry(reason, answer.status, after)


def excerpt(answer: Answer, spec: ChannelSpec) -> str:
    """The start of what came back, in one line; a receiver may well echo the secrets it was sent."""
    return cut(scrub(clean(answer.body.decode("utf-8", "replace")), _secrets(spec)), _SHOWN)


def _secrets(spec: ChannelSpec) -> list[str]:
    """Every part of the address and the secret that must not be told, host names excepted."""
    parts = urlsplit(spec.url)
    tokens = [token for token in parts.path.split("/") if len(token) >= 8]
    return [spec.url, parts.path.strip("/"), parts.query, *tokens, spec.secret, spec.secret.removeprefix("whsec_")]


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
