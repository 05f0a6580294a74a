"""What a channel is, and what channels that post over HTTP share: one request, its answer judged, no secret told.

A channel is a class that the entry-point group `siegewatch.channels` offers. It is made with a `ChannelSpec` and the
door, and has `send(message)`. It may say of itself, as class attributes:

- `needs_url`, `needs_secret`: it is off without an address, without a secret (the first is required to be said)
- `address`: where it sends to where `url` is empty
- `schemes`: of its address, the usual one last; `("http", "https")` unless said. Empty where it reads addresses that
  nothing else understands: `check` judges them, and they are shown and looked up nowhere
- `options`: the names of its options; none unless said
- `check(spec)`: what else is wrong with a channel that is on, as "options.name what is wrong, what to write"
- `capacity`: what one message may hold, and how often it takes one
- `example`: a spec that it works with, of invented addresses and secrets, for `siegewatch plugins test`
- `verbatim`: it sends words of feeds as they came, for programs to read
- `why_off(spec)`: what is empty without which it is off, where `needs_url` and `needs_secret` do not say it
- `threads`: it is given `message.thread`, and tells in `Accepted.receipt` where it told first of a story
- `variants`: further classes by which it sends; `siegewatch plugins test` tries them as well
- `welcome`: the body of an answer by which its service accepts, where the status alone does not say so
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Rejected, Retry, Verdict
from siegewatch.domain.errors import AddressRefused, FetchError, NameUnknown, NotConnected
from siegewatch.domain.standing import Budget
from siegewatch.net.door import Door
from siegewatch.net.messages import Answer, Limits
from siegewatch.net.redact import scrub
from siegewatch.notify.text import clean, cut

LIMITS = Limits(total_seconds=20, connect_seconds=10, first_byte_seconds=20, max_bytes=16_384, max_header_bytes=32_768)
"""Standard Webhooks asks for a timeout of 15 to 30 seconds; of the answer only the start is ever kept."""

REFUSALS = frozenset({400, 401, 403, 404})
"""What services that are told apart by their answers say of a message, a token or an address that they never take."""

_SAYS_WHEN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_SHOWN = 200
UNSENT = (AddressRefused, NameUnknown, NotConnected)
"""Failures before anything was sent."""

_SHORTEST_SECRET = 6


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one message may hold, and how often it may be sent; None where the service names no limit.

    `text` and `title` count as the service counts, `blocks` the parts of a message, `body_bytes` the whole request,
    `together` the alerts of which it holds a line each; `budget` holds where the operator sets no other.
    """

    text: int | None = None
    title: int | None = None
    blocks: int | None = None
    body_bytes: int | None = None
    together: int | None = None
    budget: Budget | None = None


class JsonChannel(ABC):
    """Posts one JSON document for each message. 410 switches the channel off; `hopeless` are given up at once."""

    needs_url: ClassVar[bool] = True
    needs_secret: ClassVar[bool] = False
    address: ClassVar[str] = ""
    capacity: ClassVar[Capacity] = Capacity()
    hopeless: ClassVar[frozenset[int]] = REFUSALS

    def __init__(self, spec: ChannelSpec, door: Door, clock: Callable[[], datetime] | None = None) -> None:
        self._spec = spec
        self._door = door
        self._clock = clock or utc_now

    def send(self, message: Message) -> Verdict:
        """One attempt."""
        body = json.dumps(self.body(message), ensure_ascii=False, separators=(",", ":")).encode()
        return post(self._door, self._spec, body, self.headers(), self._clock(), self.hopeless, self.url())

    @abstractmethod
    def body(self, message: Message) -> Mapping[str, Any]:
        """What is posted."""

    def headers(self) -> dict[str, str]:
        """Those beside the usual ones."""
        return {}

    def url(self) -> str:
        """Where to."""
        return self._spec.url or self.address


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
    url: str = "",
) -> Verdict:
    """Send `body` once, to the channel's address unless said, and judge the answer; `hopeless` are statuses that no
    further attempt can change.

    `now` is what a date in Retry-After is measured from.
    """
    headers = {"Content-Type": "application/json", **headers}
    try:
        answer = door.post(url or spec.url, body, headers=headers, limits=LIMITS)
    except FetchError as error:
        return Retry(scrub(str(error), secrets_of(spec)), unsent=isinstance(error, UNSENT))
    return judged(answer, spec, now, hopeless)


def judged(answer: Answer, spec: ChannelSpec, now: datetime, hopeless: frozenset[int]) -> Verdict:
    """What an answer comes to, by its status."""
    said = excerpt(answer, spec)
    if 200 <= answer.status < 300:
        return Accepted(answer.status, said)
    reason = f"answered {_named(answer.status)}{f': {said}' if said else ''}"
    if answer.status == HTTPStatus.GONE:
        return Rejected(reason, answer.status, disable=True)
    if answer.status in hopeless:
        return Rejected(reason, answer.status)
    return Retry(reason, answer.status, asked_seconds(answer, now) if answer.status in _SAYS_WHEN else None)


def asked_seconds(answer: Answer, now: datetime) -> float | None:
    """How long an answer asks to wait: in its header, else in its JSON, as Discord and Telegram say it."""
    seconds = answer.retry_after_seconds(now)
    if seconds is not None:
        return seconds
    try:
        told = json.loads(answer.body)
        found = told.get("retry_after", told.get("parameters", {}).get("retry_after"))
        return float(found) if isinstance(found, int | float) and found >= 0 else None
    except (ValueError, AttributeError, RecursionError):
        return None


def excerpt(answer: Answer, spec: ChannelSpec) -> str:
    """The start of what came back, in one line; a receiver may well echo the secrets it was sent."""
    return shown(answer.body.decode("utf-8", "replace"), spec)


def shown(said: str, spec: ChannelSpec) -> str:
    """The start of what the other side said, in one line and without any secret of the channel."""
    return cut(scrub(clean(said), secrets_of(spec)), _SHOWN)


def secrets_of(spec: ChannelSpec) -> list[str]:
    """Every part of the address and the secret that must not be told, host names excepted."""
    parts = urlsplit(spec.url)
    path = parts.path.strip("/")
    tokens = [token for token in (*parts.path.split("/"), *parts.query.split("&")) if len(token) >= 8]
    kept = [path, unquote(path), parts.query, parts.password or "", unquote(parts.password or "")]
    kept += [*spec.secret.split(":"), spec.options.get("signing_secret", "")]
    told = [spec.url, *tokens, spec.secret, spec.secret.removeprefix("whsec_")]
    return [*told, *(one for one in kept if len(one) >= _SHORTEST_SECRET)]


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
