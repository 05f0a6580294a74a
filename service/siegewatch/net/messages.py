"""What is asked and what is answered, whichever transport carries it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from siegewatch.domain.errors import FetchError
from siegewatch.net.inflate import decoded
from siegewatch.net.policy import Network


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


@dataclass(frozen=True, slots=True)
class Arrival:
    """An answer whose body is still as it was sent: to decode it is for who reads it, in a thread that may be slow."""

    answer: Answer
    max_bytes: int

    def opened(self) -> Answer:
        """The answer with its body decoded. Raises TooLarge, Unreachable."""
        answer, host = self.answer, urlsplit(self.answer.url).hostname or ""
        try:
            pieces = decoded([answer.body], answer.headers.get("content-encoding", ""), self.max_bytes)
            return Answer(answer.status, answer.url, answer.headers, b"".join(pieces), answer.moved_to)
        except FetchError as error:
            raise type(error)(f"{host}: {error}") from None
