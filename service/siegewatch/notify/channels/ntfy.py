"""ntfy, at ntfy.sh or a server of one's own: a push notification.

A message over 4,096 bytes would become an attachment, and the JSON may have twice that: docs.ntfy.sh/publish.
"""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

from siegewatch.domain.delivery import ChannelSpec, Message
from siegewatch.domain.ops import OpsType
from siegewatch.domain.standing import Budget
from siegewatch.domain.taxonomy import Severity
from siegewatch.notify.channels.base import Capacity, JsonChannel
from siegewatch.notify.layout import Markup, laid_out, links
from siegewatch.notify.render import words
from siegewatch.notify.text import fit, inert

MESSAGE_LIMIT = 4_096
TITLE_LIMIT = 500
LINK_LIMIT = 600
_TOPIC = re.compile(r"/[-_A-Za-z0-9]{1,64}/?")
_PRIORITIES = {
    Severity.FLASH: 5,
    Severity.UPDATE: 4,
    Severity.WATCH: 3,
    OpsType.RAISED: 4,
    OpsType.CLEARED: 2,
}


def _width(text: str) -> int:
    """In bytes of JSON, which are never fewer than those of the text."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


MARKUP = Markup(inert, _width)


class NtfyChannel(JsonChannel):
    """One notification; `url` ends with the topic, `secret` is an access token where the topic asks for one."""

    capacity = Capacity(
        text=MESSAGE_LIMIT,
        title=TITLE_LIMIT,
        blocks=3,
        body_bytes=8_192,
        together=30,
        budget=Budget(60, timedelta(minutes=5)),
    )
    example: ClassVar = ChannelSpec("example", "ntfy", "https://ntfy.sh/example-topic-0", "tk_example0token0")

    @staticmethod
    def check(spec: ChannelSpec) -> Sequence[str]:
        """The address must name a topic."""
        well = _TOPIC.fullmatch(urlsplit(spec.url).path)
        return [] if well else ["url names no topic, write https://ntfy.sh/your-topic"]

    def url(self) -> str:
        """JSON goes to the server itself."""
        return urlunsplit(urlsplit(self._spec.url)._replace(path="/", query="", fragment=""))

    def headers(self) -> dict[str, str]:
        """The token, if any."""
        return {"Authorization": f"Bearer {self._spec.secret}"} if self._spec.secret else {}

    def body(self, message: Message) -> dict[str, Any]:
        """Title, text, how urgent it is, and what a tap opens."""
        told = words(message)
        shown = [(url, label) for url, label in links(told) if _width(url) <= LINK_LIMIT]
        return {
            "topic": urlsplit(self._spec.url).path.strip("/"),
            "title": fit(told.headline, TITLE_LIMIT, inert, _width),
            "message": laid_out(told, MESSAGE_LIMIT, MARKUP, headline=False, linked=False),
            "priority": _PRIORITIES[told.tone],
            **({"click": shown[0][0]} if shown else {}),
            "actions": [{"action": "view", "label": label, "url": url} for url, label in shown],
        }
