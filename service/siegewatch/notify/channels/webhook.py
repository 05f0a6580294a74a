"""Signed webhooks after Standard Webhooks (standardwebhooks.com), body as in the contract."""

import binascii
import json
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime

from standardwebhooks import Webhook

from siegewatch.domain.delivery import ChannelSpec, Message, Verdict
from siegewatch.net.door import Door
from siegewatch.notify.channels.base import post, url_faults, utc_now
from siegewatch.notify.payload import alert_body

_PREFIX = "whsec_"
_SECRET_BYTES = range(24, 65)
"""Standard Webhooks: a symmetric secret has between 24 and 64 bytes."""


class WebhookChannel:
    """Posts the alert as JSON. 2xx accepts, 410 switches the channel off, all else is tried again."""

    needs_url = True

    def __init__(self, spec: ChannelSpec, door: Door, clock: Callable[[], datetime] = utc_now) -> None:
        self._spec = spec
        self._door = door
        self._clock = clock

    @classmethod
    def faults(cls, spec: ChannelSpec) -> list[str]:
        """What is wrong with the configuration, each with what to write instead."""
        if not spec.url:
            return []
        wrong = (
            [] if _is_secret(spec.secret) else ["secret is missing or unfit, write whsec_ and 24 to 64 bytes in base64"]
        )
        return url_faults(spec, "https://example.org/hook") + wrong

    def send(self, message: Message) -> Verdict:
        """One attempt."""
        now = self._clock()
        body = json.dumps(alert_body(message), separators=(",", ":"))
        headers = {
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self._spec.secret).sign(message.id, now, body),
        }
        return post(self._door, self._spec, body.encode(), headers, now)


def _is_secret(secret: str) -> bool:
    encoded = secret.removeprefix(_PREFIX)
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return secret.startswith(_PREFIX) and len(key) in _SECRET_BYTES
