"""Where hubs come to: they verify that we asked them, and push documents. The address of each subscription is its
token, and what is pushed bears a signature (WebSub sections 5.2, 5.3 and 7)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from siegewatch import wiring
from siegewatch.apps.current import Current
from siegewatch.apps.web.bodies import body_of
from siegewatch.apps.web.metrics import Metrics
from siegewatch.collect import websub
from siegewatch.domain.feed import Feed
from siegewatch.domain.subscription import Subscription
from siegewatch.store.memory import Memory
from siegewatch.store.subscriptions import Pushed

log = structlog.get_logger()

PREFIX = "/websub"
_UNKNOWN = "nothing of this kind was asked for"


@dataclass(frozen=True)
class Callback:
    """The endpoint of every subscription."""

    current: Current
    metrics: Metrics
    clock: Callable[[], datetime]

    @property
    def memory(self) -> Memory:
        """What the store remembers."""
        return self.current.memory

    def verify(self, feed: str, key: str, request: Request) -> Response:
        """Answers a hub that asks whether a request was ours, or tells that it will not push."""
        said = request.query_params
        topic = said.get("hub.topic", "")
        if said.get("hub.mode") == "denied":
            return self._denied(self._feed(feed), key, topic, said.get("hub.reason", ""))
        challenge = said.get("hub.challenge", "")
        # We never ask to be unsubscribed: a lease that is not renewed ends by itself.
        if said.get("hub.mode") != "subscribe" or not challenge:
            raise HTTPException(404, _UNKNOWN)
        self._verified(self._feed(feed), key, topic, said.get("hub.lease_seconds", ""))
        # A type that no browser runs, with nosniff from the guard: the hub chooses these bytes (section 8).
        return Response(challenge.encode(), media_type="application/octet-stream")

    async def receive(self, feed: str, key: str, request: Request) -> Response:
        """Takes in a document: at once, since reading it is for the collect role."""
        known = await run_in_threadpool(self._ours, feed, key)
        poll = self.current.settings.poll
        body = await body_of(request, poll.max_bytes, poll.timeout.total_seconds())
        signature = request.headers.get("x-hub-signature", "")
        pushed = Pushed(feed, known.topic, request.headers.get("content-type"), body)
        await run_in_threadpool(self._take, known, pushed, signature)
        return Response(status_code=202)

    def _feed(self, id: str) -> Feed:
        found = self._found(id)
        if found is None:
            raise HTTPException(404, _UNKNOWN)
        return found

    def _found(self, id: str) -> Feed | None:
        """The feed, where there is one and hubs are asked at all."""
        asks = wiring.takes_pushes(self.current.settings)
        return next((feed for feed in self.current.roster().feeds if asks and feed.id == id), None)

    def _verified(self, feed: Feed, key: str, topic: str, lease_seconds: str) -> None:
        now = self.clock()

        def verified(known: Subscription | None) -> Subscription | None:
            return websub.verified(known, topic, lease_seconds, now) if _bears(known, key) and known else None

        active = self.memory.subscriptions.change(feed.id, verified)
        if active is None:
            raise HTTPException(404, _UNKNOWN)
        log.info("hub_verified", feed=feed.name, lease_until=active.lease_until and active.lease_until.isoformat())

    def _denied(self, feed: Feed, key: str, topic: str, reason: str) -> Response:
        now = self.clock()

        def denied(known: Subscription | None) -> Subscription | None:
            return websub.denied(known, topic, reason, now) if _bears(known, key) and known else None

        ended = self.memory.subscriptions.change(feed.id, denied)
        if ended is None:
            raise HTTPException(404, _UNKNOWN)
        # Its next poll may be hours away, as was right while it was pushed.
        self.memory.feeds.bring_forward([feed.id], now)
        log.warning("hub_denied", feed=feed.name, reason=ended.reason)
        return Response(status_code=200)

    def _ours(self, feed: str, key: str) -> Subscription:
        known = self.memory.subscriptions.known([feed])[0]
        if known is None or not _bears(known, key) or self._found(feed) is None:
            # 410 lets a hub end what we no longer know (section 7).
            raise HTTPException(410, _UNKNOWN)
        return known

    def _take(self, known: Subscription, pushed: Pushed, signature: str) -> None:
        subscriptions = self.memory.subscriptions
        signed = websub.is_signed(pushed.body, signature, known.secrets)
        if signed and not subscriptions.push(pushed):
            raise HTTPException(503, "too many documents wait to be read", {"retry-after": "60"})
        now = self.clock()
        subscriptions.change(
            pushed.feed, lambda known: known and (websub.pushed(known, now) if signed else websub.ignored(known))
        )
        self.metrics.received(signed=signed)
        if not signed:
            # It is told that all is well, so that nobody learns by trying (section 7.1.2).
            log.warning("push_ignored", feed=self._feed(pushed.feed).name, reason="it does not bear our signature")


def websub_router(callback: Callback) -> APIRouter:
    """The routes that hubs come to: not for readers of the API, so not among its addresses."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)
    router.add_api_route("/{feed}/{key}", callback.verify, methods=["GET"])
    router.add_api_route("/{feed}/{key}", callback.receive, methods=["POST"])
    return router


def _bears(known: Subscription | None, key: str) -> bool:
    return known is not None and compare_digest(known.key.encode(), key.encode())
