"""Conditional requests for one feed, where it is known to be, and what an answer means."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from http import HTTPStatus
from ipaddress import ip_network

from siegewatch.collect.bot_walls import wall_of, wall_problem
from siegewatch.domain.credentials import of_address
from siegewatch.domain.errors import AddressRefused, FetchError, NameUnknown
from siegewatch.domain.feed import Feed, Validators
from siegewatch.domain.moves import adopted, move_after
from siegewatch.net.door import Door
from siegewatch.net.hops import carried
from siegewatch.net.messages import Answer, Limits

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
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
    moved_to: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What all requests of one poll share."""

    door: Door
    feed: Feed
    limits: Limits
    now: datetime
    accept: str = ACCEPT


def fetch(inquiry: Inquiry, validators: Validators, *, read_anew: timedelta) -> Fetched:
    """Requests the feed, with the validators of the last answer, unless the last body is older than `read_anew`.

    It is asked for where its page led or where it moved to; where nothing is left there, at its own address.
    """
    now = inquiry.now
    fresh = validators.read_at is not None and now - validators.read_at < read_anew
    held = validators if fresh else validators.blank()
    moved_to = adopted(held.move, now)
    there = held.found_at or moved_to
    if there is None:
        return _at_home(inquiry, held)
    fetched = ask(inquiry, there, held)
    if not fetched.gone:
        return replace(fetched, moved_to=moved_to)
    home = _at_home(inquiry, replace(held.blank(), move=None))
    # Where nothing answers at all our own network may be down: the move is not forgotten for that.
    return home if home.reached else fetched


def _at_home(inquiry: Inquiry, held: Validators) -> Fetched:
    fetched = ask(inquiry, inquiry.feed.url, held)
    if fetched.problem:
        return fetched
    move = move_after(held.move, fetched.moved_to, inquiry.now)
    return replace(fetched, validators=replace(fetched.validators, move=move))


def ask(inquiry: Inquiry, url: str, held: Validators) -> Fetched:
    """One request for a feed at one address, which sees as much of the feed's headers as a redirect to it would."""
    feed = inquiry.feed
    networks = tuple(ip_network(network, strict=False) for network in feed.allow)
    headers = _headers(feed, held, inquiry.accept)
    if url != feed.url:
        headers = dict(carried({**of_address(feed.url), **headers}, feed.url, url))
    try:
        answer = inquiry.door.get(url, headers=headers, limits=inquiry.limits, allow=networks, proxy=feed.proxy)
    except AddressRefused as error:
        return Fetched(held, problem=str(error), gone=True)
    except FetchError as error:
        return Fetched(held, problem=str(error), reached=False, gone=isinstance(error, NameUnknown))
    return judge(answer, held, inquiry.now)


def _headers(feed: Feed, held: Validators, accept: str) -> dict[str, str]:
    conditions = {"If-None-Match": held.etag, "If-Modified-Since": held.last_modified}
    return {"Accept": accept, **feed.headers, **{name: value for name, value in conditions.items() if value}}


def judge(answer: Answer, held: Validators, now: datetime) -> Fetched:
    """What an answer means: RFC 9110 for 304 and the validators, a hash of the body where a server sends none."""
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return Fetched(held, status=answer.status, unchanged=True, moved_to=answer.moved_to)
    if answer.status != HTTPStatus.OK:
        after, gone = answer.retry_after_seconds(now), answer.status in _GONE
        return Fetched(held, status=answer.status, problem=_problem(answer), gone=gone, after_seconds=after)
    digest = blake2b(answer.body, digest_size=16).hexdigest()
    unchanged = digest == held.body_hash
    read_at = held.read_at if unchanged else now
    etag, last_modified = answer.headers.get("ETag"), answer.headers.get("Last-Modified")
    fresh = replace(held, etag=etag, last_modified=last_modified, body_hash=digest, read_at=read_at)
    return Fetched(fresh, answer, answer.status, unchanged, moved_to=answer.moved_to)


def _problem(answer: Answer) -> str:
    if wall := wall_of(answer.status, answer.headers, answer.body):
        return wall_problem(wall)
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "unknown status"
    return f"the server answers {answer.status} {phrase}"
