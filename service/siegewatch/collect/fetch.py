"""One conditional request for one feed, and what its answer means."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from http import HTTPStatus
from ipaddress import ip_network

from siegewatch.domain.errors import AddressRefused, FetchError
from siegewatch.domain.feed import Feed, Validators
from siegewatch.net.door import Answer, Door, Limits

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer judged: either `answer` holds a body to read, or it is `unchanged`, or there is a `problem`."""

    validators: Validators
    answer: Answer | None = None
    status: int | None = None
    unchanged: bool = False
    problem: str | None = None
    reached: bool = True
    after_seconds: float | None = None


def fetch(
    door: Door,
    feed: Feed,
    validators: Validators,
    limits: Limits,
    now: datetime,
    *,
    read_anew: timedelta,
    accept: str = ACCEPT,
) -> Fetched:
    """Requests the feed, with the validators of the last answer, unless the last body is older than `read_anew`."""
    held = validators if validators.read_at and now - validators.read_at < read_anew else Validators()
    networks = tuple(ip_network(network, strict=False) for network in feed.allow)
    try:
        answer = door.get(feed.url, headers=_headers(held, accept), limits=limits, allow=networks)
    except AddressRefused as error:
        return Fetched(validators, problem=str(error))
    except FetchError as error:
        return Fetched(validators, problem=str(error), reached=False)
    return judge(answer, held, validators, now)


def _headers(held: Validators, accept: str) -> dict[str, str]:
    conditions = {"If-None-Match": held.etag, "If-Modified-Since": held.last_modified}
    return {"Accept": accept, **{name: value for name, value in conditions.items() if value}}


def judge(answer: Answer, held: Validators, before: Validators, now: datetime) -> Fetched:
    """What an answer means: RFC 9110 for 304 and the validators, a hash of the body where a server sends none."""
    after = answer.retry_after_seconds(now)
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return Fetched(before, status=answer.status, unchanged=True)
    if answer.status != HTTPStatus.OK:
        return Fetched(before, status=answer.status, problem=_problem(answer), after_seconds=after)
    digest = blake2b(answer.body, digest_size=16).hexdigest()
    unchanged = digest == held.body_hash
    read_at = held.read_at if unchanged else now
    fresh = Validators(answer.headers.get("ETag"), answer.headers.get("Last-Modified"), digest, read_at)
    return Fetched(fresh, answer, answer.status, unchanged)


def _problem(answer: Answer) -> str:
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "unknown status"
    return f"the server answers {answer.status} {phrase}"
