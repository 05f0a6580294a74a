"""Links by which whoever reads an alert can say whether it was right. Each is its own proof: signed for one alert, and
good for some days."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from siegewatch.domain.alert import Alert

PREFIX = "/f"
_SIGNATURE_CHARACTERS = 32
"""128 bits: more than can be tried within the days that a link is good for."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What such links are made of; without a secret or a public address there are none."""

    public_url: str = ""
    secret: str = ""
    life: timedelta = timedelta(days=14)

    @property
    def is_on(self) -> bool:
        """Whether alerts carry a link."""
        return bool(self.public_url and self.secret)

    def link(self, alert: Alert) -> str:
        """The address for one alert, the same whenever it is asked for; empty where none is given out."""
        if not self.is_on:
            return ""
        until = int((alert.at + self.life).timestamp())
        return f"{self.public_url.rstrip('/')}{PREFIX}/{alert.id}/{until}/{self._signed(alert.id, str(until))}"

    def is_ours(self, alert: str, until: str, signature: str) -> bool:
        """Whether we gave this link out."""
        return self.is_on and hmac.compare_digest(self._signed(alert, until).encode(), signature.encode())

    def _signed(self, alert: str, until: str) -> str:
        # What is signed is named, so that the key may serve for other things as well.
        text = f"siegewatch.feedback\n{alert}\n{until}".encode()
        return hmac.new(self.secret.encode(), text, sha256).hexdigest()[:_SIGNATURE_CHARACTERS]


def is_over(until: str, now: datetime) -> bool:
    """Whether a link of ours is no longer good."""
    return now.timestamp() > int(until)
