"""Discord by webhook: the first line as the message, all else as an embed.

Limits: discord.com/developers/docs/resources/message#embed-object; rates as its clients observe them.
"""

from datetime import timedelta
from typing import Any, ClassVar

from siegewatch.domain.delivery import ChannelSpec, Message
from siegewatch.domain.ops import OpsType
from siegewatch.domain.standing import Budget
from siegewatch.domain.taxonomy import Severity
from siegewatch.notify.channels import markdown
from siegewatch.notify.channels.base import Capacity, JsonChannel
from siegewatch.notify.layout import Markup, laid_out
from siegewatch.notify.render import words
from siegewatch.notify.text import fit, utf16

MARKUP = Markup(markdown.escape, utf16, markdown.strong, markdown.link)
COLOURS = {
    Severity.FLASH: 0xD92D20,
    Severity.UPDATE: 0xF79009,
    Severity.WATCH: 0xEAAA08,
    OpsType.RAISED: 0x7A5AF8,
    OpsType.CLEARED: 0x12B76A,
}


class DiscordChannel(JsonChannel):
    """One message with one embed; whoever it names, nobody is pinged."""

    capacity = Capacity(text=4_096, title=2_000, blocks=10, together=30, budget=Budget(5, timedelta(seconds=10)))
    example: ClassVar = ChannelSpec("example", "discord", "https://discord.com/api/webhooks/112233/example-token-0")

    def body(self, message: Message) -> dict[str, Any]:
        """`allowed_mentions` that allows none holds even where a mention would slip through."""
        told = words(message)
        return {
            "content": markdown.strong(fit(told.headline, 1_900, markdown.escape, utf16)),
            "embeds": [{"description": laid_out(told, 4_000, MARKUP, headline=False), "color": COLOURS[told.tone]}],
            "allowed_mentions": {"parse": []},
        }
