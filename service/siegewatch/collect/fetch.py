"""Conditional requests for one feed, where it is known to be, and what an answer means."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from ipaddress import ip_network

from siegewatch.collect.bot_walls import wall_of, wall_problem
from siegewatch.domain.credentials import of_address
from siegewatch.domain.errors import AddressRefused, FetchError, NameUnknown
from siegewatch.domain.feed import Feed, Validators
from siegewatch.domain.moves import adopted, move_after
from siegewatch.net.hops import carried
from siegewatch.net.messages import Answer, Ask, Limits, Way
from siegewatch.net.policy import Network

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
DIGEST_LENGTH = 32
"""Hex digits kept of a body's digest; processors have an instruction for SHA-256, which makes it the quickest."""

_PIECE = 2_047

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer judged: either `answer` holds a body to read, or it is `unchanged`, or there is a `problem`.

    `gone` says that nothing is at that address: no page, no such name, or none that may be reached. `moved_to` is where
    permanent redirects led.
    """

    validators: Validators
    answer: Answer | None = None
    status: int | None = None
    unchanged: bool = False
    problem: str | None = None
    reached: bool = True
    gone: bool = False
    after_seconds: float | None = None
    fresh_seconds: float | None = None
    moved_to: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What all requests of one poll share. A body is read in full at least every `read_anew`."""

    feed: Feed
    limits: Limits
    now: datetime
    read_anew: timedelta
    accept: str = ACCEPT

    def held(self, validators: Validators) -> Validators:
        """The validators that still count."""
        fresh = validators.read_at is not None and self.now - validators.read_at < self.read_anew
        return validators if fresh else validators.blank()

    def ask(self, url: str, held: Validators) -> Ask:
        """One request for the feed at one address, which sees as much of the feed's headers as a redirect to it
        would."""
        feed = self.feed
        headers = _headers(feed, held, self.accept)
        if url != feed.url:
            headers = dict(carried({**of_address(feed.url), **headers}, feed.url, url))
        return Ask(url, headers, self.limits, _networks(feed.allow))


def first_ask(inquiry: Inquiry, validators: Validators) -> Ask:
    """The request that `fetch` begins with: where the feed's page led, or where it moved to, else its own address."""
    held = inquiry.held(validators)
    return inquiry.ask(held.found_at or adopted(held.move, inquiry.now) or inquiry.feed.url, held)


def fetch(door: Way, inquiry: Inquiry, validators: Validators) -> Fetched:
    """Requests the feed, with the validators of the last answer while they count; where nothing is left at the address
    that it had moved to, at its own."""
    held = inquiry.held(validators)
    moved_to = adopted(held.move, inquiry.now)
    there = held.found_at or moved_to
    if there is None:
        return _at_home(door, inquiry, held)
    fetched = ask(door, inquiry, there, held)
    if not fetched.gone:
        return replace(fetched, moved_to=moved_to)
    home = _at_home(door, inquiry, replace(held.blank(), move=None))
    # Where nothing answers at all our own network may be down: the move is not forgotten for that.
    return home if home.reached else fetched


def _at_home(door: Way, inquiry: Inquiry, held: Validators) -> Fetched:
    fetched = ask(door, inquiry, inquiry.feed.url, held)
    if fetched.problem:
        return fetched
    move = move_after(held.move, fetched.moved_to, inquiry.now)
    if move == fetched.validators.move:
        return fetched
    return replace(fetched, validators=replace(fetched.validators, move=move))


def ask(door: Way, inquiry: Inquiry, url: str, held: Validators) -> Fetched:
    """One request for the feed at one address, and what comes of it."""
    asked = inquiry.ask(url, held)
    try:
        answer = door.get(url, headers=asked.headers, limits=asked.limits, allow=asked.allow, proxy=inquiry.feed.proxy)
    except AddressRefused as error:
        return Fetched(held, problem=str(error), gone=True)
    except FetchError as error:
        return Fetched(held, problem=str(error), reached=False, gone=isinstance(error, NameUnknown))
    return judge(answer, held, inquiry.now)


@lru_cache(maxsize=1_024)
def _networks(allow: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(network, strict=False) for network in allow)


def _headers(feed: Feed, held: Validators, accept: str) -> dict[str, str]:
    conditions = {"If-None-Match": held.etag, "If-Modified-Since": held.last_modified}
    return {"Accept": accept, **feed.headers, **{name: value for name, value in conditions.items() if value}}


def digest_of(body: bytes) -> str:
    """By which a body is known again. In pieces that are too short for hashlib to let go of the interpreter's lock:
    to get it back from the other threads can take longer than the whole."""
    digest = sha256()
    for at in range(0, len(body), _PIECE):
        digest.update(body[at : at + _PIECE])
    return digest.hexdigest()[:DIGEST_LENGTH]


def judge(answer: Answer, held: Validators, now: datetime) -> Fetched:
    """What an answer means: RFC 9110 for 304 and the validators, a hash of the body where a server sends none."""
    if answer.status == HTTPStatus.NOT_MODIFIED:
        fresh_seconds = answer.fresh_seconds(now)
        return Fetched(held, status=304, unchanged=True, moved_to=answer.moved_to, fresh_seconds=fresh_seconds)
    if answer.status != HTTPStatus.OK:
        after, gone = answer.retry_after_seconds(now), answer.status in _GONE
        return Fetched(held, status=answer.status, problem=_problem(answer), gone=gone, after_seconds=after)
    digest = digest_of(answer.body)
    unchanged = digest == held.body_hash
    read_at = held.read_at if unchanged else now
    etag, last_modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
    fresh = replace(held, etag=etag, last_modified=last_modified, body_hash=digest, read_at=read_at)
    return Fetched(
        fresh, answer, answer.status, unchanged, moved_to=answer.moved_to, fresh_seconds=answer.fresh_seconds(now)
    )


def _problem(answer: Answer) -> str:
    if wall := wall_of(answer.status, answer.headers, answer.body):
        return wall_problem(wall)
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "unknown status"
    return f"the server answers {answer.status} {phrase}"
