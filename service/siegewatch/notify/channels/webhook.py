"""Signed webhooks after Standard Webhooks (standardwebhooks.com), body as in the contract."""

import json
from collections.abc import Callable
from datetime import datetime

from standardwebhooks import Webhook

from siegewatch.domain.delivery import ChannelSpec, Message, Verdict
from siegewatch.net.door import Door
from siegewatch.notify.channels.base import post, utc_now
from siegewatch.notify.payload import body_of


class WebhookChannel:
    """Posts the alert as JSON. 2xx accepts, 410 switches the channel off, all else is tried again."""

    needs_url = True

    def __init__(self, spec: ChannelSpec, door: Door, clock: Callable[[], datetime] = utc_now) -> None:
        self._spec = spec
        self._door = door
        self._clock = clock

    def send(self, message: Message) -> Verdict:
        """One attempt."""
        now = self._clock()
        body = json.dumps(body_of(message), separators=(",", ":"))
        headers = {
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self._spec.secret).sign(message.id, now, body),
        }
        return post(self._door, self._spec, body.encode(), headers, now)
