"""Mattermost by incoming webhook, in its Markdown.

Limit: 16,383 characters a post (developers.mattermost.com/integrate/webhooks/incoming).
"""

from datetime import timedelta
from typing import Any, ClassVar

from siegewatch.domain.delivery import ChannelSpec, Message
from siegewatch.domain.standing import Budget
from siegewatch.notify.channels import markdown
from siegewatch.notify.channels.base import Capacity, JsonChannel
from siegewatch.notify.layout import Markup, laid_out
from siegewatch.notify.render import words
from siegewatch.notify.text import utf16

MARKUP = Markup(markdown.escape, utf16, markdown.strong, markdown.link)


class MattermostChannel(JsonChannel):
    """One post. Its webhooks know no switch for mentions, so names are written with a look-alike of @."""

    capacity = Capacity(text=16_383, budget=Budget(10, timedelta(seconds=1)))
    example: ClassVar = ChannelSpec("example", "mattermost", "https://chat.example.org/hooks/exampletoken0example")

    def body(self, message: Message) -> dict[str, Any]:
        """The text alone."""
        return {"text": laid_out(words(message), 16_383, MARKUP)}
