"""Slack by incoming webhook (`url`), or by an app's bot token (`secret`), which can also thread, edit and ask."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from siegewatch.domain.delivery import ChannelSpec, Message, Verdict
from siegewatch.net.door import Door
from siegewatch.notify.channels.base import JsonChannel
from siegewatch.notify.channels.slack_blocks import CAPACITY, slack_body
from siegewatch.notify.channels.slack_bot import SlackBot


def is_bot(spec: ChannelSpec) -> bool:
    """Whether it sends by a token: one is written, or something where only a token can be meant."""
    return spec.secret.startswith("xox") or bool(spec.secret and not spec.url)


class SlackChannel(JsonChannel):
    """Posts the alert as blocks. 410 switches the channel off; what Slack will never take (invalid_payload,
    invalid_token, action_prohibited, no_service) is given up at once."""

    needs_url = False
    options: ClassVar = SlackBot.options
    capacity = CAPACITY
    threads = True
    variants: ClassVar = (SlackBot,)
    example: ClassVar = ChannelSpec("example", "slack", "https://hooks.slack.com/services/T000/B000/exampletoken0")

    def __init__(self, spec: ChannelSpec, door: Door, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__(spec, door, clock)
        self.bot = SlackBot(spec, door, clock) if is_bot(spec) else None

    @staticmethod
    def why_off(spec: ChannelSpec) -> str | None:
        """It is on with either."""
        if spec.url or spec.secret:
            return None
        return "its secret is empty" if spec.options else "its url is empty"

    @staticmethod
    def check(spec: ChannelSpec) -> Sequence[str]:
        """Of a bot all that it needs; a webhook has no options."""
        if is_bot(spec):
            return SlackBot.check(spec)
        return [
            f"options.{name} is for a bot, write its token as secret" for name in spec.options if spec.options[name]
        ]

    def send(self, message: Message) -> Verdict:
        """One attempt, by the token where there is one."""
        return self.bot.send(message) if self.bot else super().send(message)

    def body(self, message: Message) -> dict[str, Any]:
        """What an incoming webhook takes."""
        return slack_body(message)
