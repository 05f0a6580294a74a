"""Signed webhooks after Standard Webhooks (standardwebhooks.com), body as in the contract."""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from standardwebhooks import Webhook

from siegewatch.domain.delivery import ChannelSpec, Message, Verdict
from siegewatch.net.door import Door
from siegewatch.notify.channels.base import post, utc_now
from siegewatch.notify.payload import body_of

_SECRET = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})")
_SECRET_BYTES = range(24, 65)


class WebhookChannel:
    """Posts the alert as JSON. 2xx accepts, 410 switches the channel off, all else is tried again."""

    needs_url = True
    verbatim = True
    example: ClassVar = ChannelSpec(
        "example", "webhook", "https://in.example.org/hooks/exampletoken0", "whsec_ZXhhbXBsZSBzZWNyZXQgZXhhbXBsZSAw"
    )

    @staticmethod
    def check(spec: ChannelSpec) -> Sequence[str]:
        """Standard Webhooks: 24 to 64 bytes, base64, after `whsec_`."""
        if _is_secret(spec.secret):
            return []
        what = "is not whsec_ and 24 to 64 bytes in base64" if spec.secret else "is missing beside a url"
        return [f'secret {what}, write "whsec_" and the output of: openssl rand -base64 32']

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


def _is_secret(text: str) -> bool:
    found = _SECRET.fullmatch(text)
    if found is None or len(found[1]) % 4:
        return False
    return len(b64decode(found[1])) in _SECRET_BYTES
