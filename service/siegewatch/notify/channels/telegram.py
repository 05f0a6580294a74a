"""Telegram by bot: plain text, with what is set apart given as entities.

Without `parse_mode` nothing in the text is markup; what clients act upon by themselves (names, tags, commands,
addresses) is written with look-alikes. Limits: core.telegram.org/bots/api#sendmessage, core.telegram.org/bots/faq.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from siegewatch.domain.delivery import ChannelSpec, Message
from siegewatch.domain.standing import Budget
from siegewatch.notify.channels.base import Capacity, JsonChannel
from siegewatch.notify.layout import Markup, laid_out, links
from siegewatch.notify.render import Words, words
from siegewatch.notify.text import inert, utf16

MARKUP = Markup(inert, utf16)
TEXT_LIMIT = 4_096
LINKS_ROOM = 64
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{20,}")
_CHAT = re.compile(r"-?\d+|@[A-Za-z]\w{3,}")


class TelegramChannel(JsonChannel):
    """One message in a chat; `secret` is the bot's token, `options.chat` the chat's number or @name."""

    needs_url = False
    needs_secret = True
    address = "https://api.telegram.org"
    options: ClassVar = ("chat", "topic")
    capacity = Capacity(text=TEXT_LIMIT, together=30, budget=Budget(1, timedelta(seconds=3)))
    example: ClassVar = ChannelSpec(
        "example",
        "telegram",
        secret="112233:example-token-of-a-bot-0",  # noqa: S106
        options={"chat": "-100112233"},
    )

    @staticmethod
    def check(spec: ChannelSpec) -> Sequence[str]:
        """Token, chat and topic by their form."""
        chat, topic = spec.options.get("chat", ""), spec.options.get("topic", "0")
        found = []
        if not _TOKEN.fullmatch(spec.secret):
            found.append("secret is no token of a bot, write the one that BotFather gave, 123456:ABC…")
        if not _CHAT.fullmatch(chat):
            what = "is no chat" if chat else "is missing"
            found.append(f"options.chat {what}, write its number, as -1001234567890, or its @name")
        if not topic.isdecimal():
            found.append("options.topic is no number, write digits only")
        return found

    def url(self) -> str:
        """The token is part of it."""
        return f"{super().url().rstrip('/')}/bot{self._spec.secret}/sendMessage"

    def body(self, message: Message) -> dict[str, Any]:
        """Text with its entities."""
        told, topic = words(message), self._spec.options.get("topic")
        text = laid_out(told, TEXT_LIMIT - LINKS_ROOM, MARKUP, linked=False)
        text, entities = _set_apart(text, told)
        where = {"chat_id": self._spec.options["chat"], **({"message_thread_id": int(topic)} if topic else {})}
        return {**where, "text": text, "entities": entities, "link_preview_options": {"is_disabled": True}}


def _set_apart(text: str, told: Words) -> tuple[str, list[dict[str, Any]]]:
    """The first line in bold, and below the text the links, as words that lead somewhere."""
    entities: list[dict[str, Any]] = [{"type": "bold", "offset": 0, "length": utf16(text.partition("\n")[0])}]
    for number, (url, label) in enumerate(links(told)):
        text += " · " if number else "\n"
        entities.append({"type": "text_link", "offset": utf16(text), "length": utf16(label), "url": url})
        text += label
    return text, entities
