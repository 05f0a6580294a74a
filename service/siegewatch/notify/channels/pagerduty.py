"""PagerDuty by its Events API v2: an incident for each alert; the end of a trouble resolves the incident it opened.

Limits: developer.pagerduty.com/docs/events-api-v2 (summary 1,024 characters, event 512 KB, dedup_key 255).
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from siegewatch.domain.delivery import ChannelSpec, Message
from siegewatch.domain.ops import OpsAlert, OpsType
from siegewatch.domain.standing import Budget
from siegewatch.domain.taxonomy import Severity
from siegewatch.notify.channels.base import Capacity, JsonChannel
from siegewatch.notify.digest import within
from siegewatch.notify.layout import facts, links
from siegewatch.notify.payload import timestamp
from siegewatch.notify.render import Words, words
from siegewatch.notify.text import cut, inert

SUMMARY_LIMIT = 1_024
DETAIL_LIMIT = 2_000
DETAILS_SHOWN = 20
LINES_SHOWN = 200
_KEY_LIMIT = 255
_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")
_SEVERITIES = {
    Severity.FLASH: "critical",
    Severity.UPDATE: "warning",
    Severity.WATCH: "info",
    OpsType.RAISED: "error",
    OpsType.CLEARED: "info",
}


class PagerDutyChannel(JsonChannel):
    """Events by routing key. A running story does not share one incident: a siege that falls must page though the
    incident of its beginning is still open."""

    needs_url = False
    needs_secret = True
    address = "https://events.pagerduty.com/v2/enqueue"
    capacity = Capacity(title=SUMMARY_LIMIT, body_bytes=512_000, budget=Budget(120, timedelta(minutes=1)))
    example: ClassVar = ChannelSpec("example", "pagerduty", secret="0examplekey0examplekey0examplek0")  # noqa: S106

    @staticmethod
    def check(spec: ChannelSpec) -> Sequence[str]:
        """The routing key by its form."""
        if _ROUTING_KEY.fullmatch(spec.secret):
            return []
        return ["secret is no routing key, write the 32 letters and digits of an Events API v2 integration"]

    def body(self, message: Message) -> dict[str, Any]:
        """An event of type trigger, or resolve."""
        alert, told = message.alert, words(message)
        of_trouble = isinstance(alert, OpsAlert)
        return {
            "routing_key": self._spec.secret,
            "event_action": "resolve" if told.tone is OpsType.CLEARED else "trigger",
            "dedup_key": (told.thread if of_trouble else alert.id)[:_KEY_LIMIT],
            "client": "siegewatch",
            "payload": {
                "summary": cut(inert(told.headline), SUMMARY_LIMIT),
                "source": "siegewatch",
                "severity": _SEVERITIES[told.tone],
                "timestamp": timestamp(alert.at),
                "custom_details": _details(told),
            },
            "links": [{"href": url, "text": label} for url, label in links(told)],
        }


def _details(told: Words) -> dict[str, str]:
    """Each line under a number, as PagerDuty sorts them by their names."""
    listed = within(told.sections, LINES_SHOWN, lambda _: 1)
    lines = [*(quote.text for quote in told.quotes), *facts(told)][:DETAILS_SHOWN] + [line.text for line in listed]
    digits = max(len(str(len(lines))), 2)
    return {f"{number:0{digits}}": cut(inert(line), DETAIL_LIMIT) for number, line in enumerate(lines, start=1)}
