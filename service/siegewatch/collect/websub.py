"""Subscriptions to hubs: what becomes of one with all that may happen to it. Pure; the acting half is `subscriber`.

WebSub, W3C Recommendation of 2018, https://www.w3.org/TR/websub/
"""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from siegewatch.collect.text import plain
from siegewatch.domain.subscription import Offer, PushState, Subscription

LEASE_ASKED = timedelta(days=10)
"""What the Recommendation calls a good default; hubs may give another."""

LEASE_LEAST, LEASE_MOST = timedelta(hours=1), timedelta(days=14)
"""What a hub may give: a shorter lease would be renewed without end, a longer one trusted for too long."""

RENEW_AFTER = 0.75
"""Share of a lease after which it is renewed."""

ASK_AGAIN = timedelta(days=1)
"""When to ask a hub again that refused, or that was asked and never verified."""

TRY_AGAIN = timedelta(hours=1)
"""When to ask a hub again that gave no answer, and how long a feed that names another hub each time has to wait."""

SLOWER = 12
"""How many times less often a feed is polled that a hub pushes."""

CRITICAL_AT_MOST = timedelta(hours=1)

DOUBTED_AFTER, MUTE_AFTER = 3, 10
"""Polls that found what no push had brought: from the third on a hub is no longer relied on, from the tenth on it is
called mute. One or two happen to a sound one, whose push comes a moment after the poll."""

_METHODS = ("sha1", "sha256", "sha384", "sha512")
_REASON_LIMIT = 200


def offered(before: Subscription | None, offer: Offer, key: str, now: datetime) -> Subscription:
    """After a document named a hub. Another hub or topic than before is a new subscription, under a new `key`."""
    if before and (before.hub, before.topic) == (offer.hub, offer.topic):
        return before
    last = before.asked_at if before else None
    return Subscription(offer.hub, offer.topic, max(now, last + TRY_AGAIN) if last else now, key, asked_at=last)


def is_due(known: Subscription, now: datetime) -> bool:
    """Whether to ask the hub: for the first time, again, or for a renewal."""
    return now >= known.ask_at


def asked(before: Subscription, secret: str, now: datetime) -> Subscription:
    """With a request on its way. One that is repeated bears the same secret: either may be the one that is verified."""
    secrets = before.secrets if before.unverified else (secret, *before.secrets[:1])
    state = PushState.ACTIVE if is_active(before, now) else PushState.ASKED
    return replace(before, state=state, secrets=secrets, unverified=True, asked_at=now, ask_at=now + ASK_AGAIN)


def refused(before: Subscription, reason: str, now: datetime) -> Subscription:
    """After the hub would not take the request. What it verified before holds until its lease ends."""
    if not before.unverified:
        return before
    state = PushState.ACTIVE if is_active(before, now) else PushState.REFUSED
    return replace(before, state=state, reason=reason, ask_at=now + ASK_AGAIN)


def unanswered(before: Subscription, reason: str, now: datetime) -> Subscription:
    """After no answer came, or one that says to come again. The request may have arrived, and been verified since."""
    return replace(before, reason=reason, ask_at=now + TRY_AGAIN) if before.unverified else before


def verified(before: Subscription, topic: str, lease_seconds: str, now: datetime) -> Subscription | None:
    """After the hub asked whether it was us, None where it was not. It may ask again while the lease runs."""
    if topic != before.topic or before.state not in (PushState.ASKED, PushState.ACTIVE):
        return None
    lease = lease_given(lease_seconds)
    return replace(
        before,
        state=PushState.ACTIVE,
        unverified=False,
        lease_until=now + lease,
        ask_at=now + lease * RENEW_AFTER,
        reason=None,
    )


def lease_given(seconds: str) -> timedelta:
    """A lease as the hub tells it, within bounds; what we asked for where it does not tell."""
    if not (seconds.isascii() and seconds.isdigit()):
        return LEASE_ASKED
    # Digits without end are no number of seconds that a timedelta holds.
    given = timedelta(seconds=int(seconds[:9])) if len(seconds) <= 9 else LEASE_MOST
    return min(max(given, LEASE_LEAST), LEASE_MOST)


def denied(before: Subscription, topic: str, reason: str, now: datetime) -> Subscription | None:
    """After the hub ended it, which it may do at any time; None where there was nothing to end."""
    if topic != before.topic or before.state not in (PushState.ASKED, PushState.ACTIVE):
        return None
    said = plain(reason, _REASON_LIMIT)
    return replace(
        before,
        state=PushState.REFUSED,
        unverified=False,
        lease_until=None,
        ask_at=now + ASK_AGAIN,
        reason="it denied the subscription" + (f": {said}" if said else ""),
    )


def pushed(before: Subscription, now: datetime) -> Subscription:
    """After a document that bears our signature."""
    return replace(before, pushes=before.pushes + 1, pushed_at=now, backups=0)


def ignored(before: Subscription) -> Subscription:
    """After one that does not."""
    return replace(before, ignored=before.ignored + 1)


def polled(
    before: Subscription | None, offer: Offer | None, *, found_new: bool, key: str, now: datetime
) -> Subscription | None:
    """After a poll. One that found what no push had brought counts as a backup; a document that names no hub changes
    nothing, since copies of one feed differ in that: the lease will end, or the hub turn out to be mute."""
    if before and found_new and is_active(before, now):
        before = replace(before, backups=before.backups + 1)
    return offered(before, offer, key, now) if offer else before


def is_active(known: Subscription, now: datetime) -> bool:
    """Whether the hub has promised to push, as of now."""
    return known.state is PushState.ACTIVE and known.lease_until is not None and now < known.lease_until


def is_mute(known: Subscription, now: datetime) -> bool:
    """Whether it promised and does not push."""
    return is_active(known, now) and known.backups >= MUTE_AFTER


def is_proven(known: Subscription, now: datetime) -> bool:
    """Whether it does push: it did, and of late nothing was found without it."""
    return is_active(known, now) and known.pushes > 0 and known.backups < DOUBTED_AFTER


def paced(
    every: timedelta, known: Subscription | None, *, critical: bool, at_most: timedelta, now: datetime
) -> timedelta:
    """How often to poll a feed that would be polled `every` so often: seldom while its hub proves itself, at least
    hourly if it is critical, at the latest when the lease ends, and never more often than without a hub."""
    if known is None or known.lease_until is None or not is_proven(known, now):
        return every
    seldom = min(every * SLOWER, at_most, known.lease_until - now, CRITICAL_AT_MOST if critical else at_most)
    return max(every, seldom)


def is_signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Whether `signature`, an X-Hub-Signature header, proves that the body comes from who knows one of the secrets."""
    method, _, given = signature.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    wanted = [hmac.new(secret.encode(), body, method.lower()).hexdigest().encode() for secret in secrets]
    told = given.strip().lower().encode()
    return any(hmac.compare_digest(one, told) for one in wanted)


def standing(known: Subscription, now: datetime) -> str:
    """One word on how it stands."""
    if is_mute(known, now):
        return "mute"
    return "lapsed" if known.state is PushState.ACTIVE and not is_active(known, now) else str(known.state)


def remark(known: Subscription, now: datetime) -> str | None:
    """What an operator should know of it, None where all is well."""
    host = urlsplit(known.hub).hostname
    if is_mute(known, now):
        return f"the hub {host} does not push what {known.backups} polls have found: polled as if there were none"
    if known.reason:
        return f"the hub {host}: {known.reason}"
    if known.state is PushState.ASKED and known.asked_at and now - known.asked_at > TRY_AGAIN:
        return f"the hub {host} has not come back: can it reach web.public_url?"
    if known.ignored:
        return f"the hub {host}: documents ignored that did not bear our signature: {known.ignored}"
    return None
