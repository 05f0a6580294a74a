"""What is asked and what is answered, whichever transport carries it."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from siegewatch.domain.errors import FetchError
from siegewatch.net.inflate import decoded
from siegewatch.net.policy import Network

_MAX_AGE = re.compile(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,10})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may take: `total_seconds` from first to last with all redirects, `connect_seconds` for name,
    TCP and TLS together, `first_byte_seconds` from request to answer; `max_bytes` counts the decoded body."""

    total_seconds: float = 20
    connect_seconds: float = 10
    first_byte_seconds: float = 20
    max_bytes: int = 15_000_000
    max_header_bytes: int = 65_536


@dataclass(frozen=True, slots=True)
class Ask:
    """A GET to make. `allow` widens the address policy for this request alone."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    limits: Limits
    allow: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `url` is the final one; `headers` are case-insensitive; `body` is decoded. `moved_to` is the
    final address where every hop to it was permanent (301, 308), else None."""

    status: int
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    moved_to: str | None = field(default=None, repr=False)

    def retry_after_seconds(self, now: datetime) -> float | None:
        """Retry-After in either of its forms (RFC 9110 section 10.2.3), None where absent or senseless."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        with suppress(ValueError):
            at = parsedate_to_datetime(value)
            return max((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds(), 0.0)
        return None

    def fresh_seconds(self, now: datetime) -> float | None:
        """For how long to take the answer for fresh (RFC 9111 section 4.2): max-age less Age, else Expires by the
        server's own clock; None where it says nothing, or `no-cache`."""
        control = self.headers.get("cache-control", "").lower()
        if "no-cache" in control or "no-store" in control:
            return None
        if found := _MAX_AGE.search(control):
            age = self.headers.get("age", "").strip()
            return max(float(found[1]) - (float(age) if age.isascii() and age.isdigit() else 0.0), 0.0)
        if "expires" in self.headers:
            with suppress(ValueError):
                sent_at = self.headers.get("date")
                until = parsedate_to_datetime(self.headers["expires"])
                return max((until - (parsedate_to_datetime(sent_at) if sent_at else now)).total_seconds(), 0.0)
        return None


class Way(Protocol):
    """A way out for GETs. Raises FetchError; any status is an answer."""

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits,
        allow: Sequence[Network] = (),
        proxy: str = "",
    ) -> Answer:
        """Fetch, over at most five redirects."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An answer whose body is still as it was sent: to decode it is for who reads it, in a thread that may be slow."""

    answer: Answer
    max_bytes: int

    def opened(self) -> Answer:
        """The answer with its body decoded. Raises TooLarge, Unreachable."""
        answer = self.answer
        if not answer.body:
            return answer
        host = urlsplit(answer.url).hostname or ""
        try:
            pieces = decoded([answer.body], answer.headers.get("content-encoding", ""), self.max_bytes)
            return Answer(answer.status, answer.url, answer.headers, b"".join(pieces), answer.moved_to)
        except FetchError as error:
            raise type(error)(f"{host}: {error}") from None


class Answered:
    """A way out whose first request has been answered already; others go by `beyond`."""

    def __init__(self, outcome: Arrival | FetchError, beyond: Way) -> None:
        self._outcome: Arrival | FetchError | None = outcome
        self._beyond = beyond

    def get(self, url: str, **how: Any) -> Answer:
        """The answer that has come, once. Raises FetchError."""
        outcome, self._outcome = self._outcome, None
        if isinstance(outcome, FetchError):
            raise outcome
        if outcome is not None:
            return outcome.opened()
        return self._beyond.get(url, **how)
