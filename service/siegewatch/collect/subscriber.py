"""Asks hubs for their pushes: the acting half of `websub`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from ipaddress import ip_network
from secrets import token_hex
from urllib.parse import urlencode, urljoin

from siegewatch.collect import websub
from siegewatch.domain.errors import AddressRefused, FetchError
from siegewatch.domain.feed import Feed
from siegewatch.domain.subscription import Subscription
from siegewatch.net.door import Door
from siegewatch.net.messages import Answer, Limits
from siegewatch.store.feeds import FeedStore
from siegewatch.store.subscriptions import SubscriptionStore

SECRET_BYTES = 32
LIMITS = Limits(total_seconds=5, connect_seconds=5, first_byte_seconds=5, max_bytes=10_000)
"""A hub has only to take note; and a stop of the service waits for the request under way."""

MOST_HOPS = 3
_ONWARD = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to a hub. `problem` is why it came to nothing, in one line."""

    feed: Feed
    hub: str
    problem: str | None


def callback(public_url: str, feed: str, key: str) -> str:
    """Where a hub is to come back to."""
    return f"{public_url}/websub/{feed}/{key}"


@dataclass(frozen=True)
class Subscriber:
    """Asks for what is due; any number of processes may, each request is sent by one."""

    feeds: Mapping[str, Feed]
    subscriptions: SubscriptionStore
    schedule: FeedStore
    door: Door
    public_url: str

    def ask_due(self, clock: Callable[[], datetime]) -> Iterator[Asked]:
        """Sends the requests that are due, one by one as they are asked for; none for paused feeds."""
        paused = self.schedule.paused()
        feeds = [feed for feed in self.feeds.values() if feed.id not in paused]
        for feed, known in zip(feeds, self.subscriptions.known([feed.id for feed in feeds]), strict=True):
            if known and websub.is_due(known, clock()) and (asked := self._ask(feed, clock())):
                yield asked

    def _ask(self, feed: Feed, now: datetime) -> Asked | None:
        """None where another process has just sent this request."""
        secret = token_hex(SECRET_BYTES)

        def begin(known: Subscription | None) -> Subscription | None:
            return websub.asked(known, secret, now) if known and websub.is_due(known, now) else known

        # Written before it is sent: a hub may verify before it answers.
        known = self.subscriptions.change(feed.id, begin)
        if known is None or known.asked_at != now:
            return None
        failed, problem = self._sent(feed, known)
        if failed:
            self.subscriptions.change(feed.id, lambda known: known and failed(known, problem, now))
        return Asked(feed, known.hub, problem or None)

    def _sent(
        self, feed: Feed, known: Subscription
    ) -> tuple[Callable[[Subscription, str, datetime], Subscription] | None, str]:
        """What a request that failed makes of the subscription, and why it failed."""
        try:
            answer = self._post(feed, known.hub, self._form(feed, known))
        except AddressRefused as error:
            return websub.refused, str(error)
        except FetchError as error:
            return websub.unanswered, str(error)
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return None, ""
        later = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS
        return websub.unanswered if later else websub.refused, f"it answers {answer.status}"

    def _form(self, feed: Feed, known: Subscription) -> bytes:
        return urlencode(
            {
                "hub.mode": "subscribe",
                "hub.topic": known.topic,
                "hub.callback": callback(self.public_url, feed.id, known.key),
                "hub.lease_seconds": int(websub.LEASE_ASKED.total_seconds()),
                "hub.secret": known.secrets[0],
                # Hubs of the time before WebSub require it, others must pass it by.
                "hub.verify": "async",
            }
        ).encode()

    def _post(self, feed: Feed, hub: str, form: bytes) -> Answer:
        networks = tuple(ip_network(network, strict=False) for network in feed.allow)
        send = partial(self.door.post, body=form, headers=_HEADERS, limits=LIMITS, allow=networks)
        for _ in range(MOST_HOPS):
            answer = _safely(send, hub)
            onward = answer.headers.get("Location") if answer.status in _ONWARD else None
            if not onward:
                break
            try:
                hub = urljoin(hub, onward)
            except ValueError:
                break
        return answer


def _safely(send: Callable[[str], Answer], hub: str) -> Answer:
    """Over TLS where the hub is named without: its answer matters less than that nobody reads our secret. The door
    lets plain http through to allowed networks alone."""
    try:
        return send(hub)
    except AddressRefused:
        scheme, _, rest = hub.partition("://")
        if scheme.lower() != "http":
            raise
    return send(f"https://{rest}")
