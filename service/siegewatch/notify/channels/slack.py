"""Slack by incoming webhook, in Block Kit.

Feed text goes only into `plain_text` objects, where Slack formats nothing and notifies no one; the only `mrkdwn` is
the line of links, whose words are ours. Limits: docs.slack.dev/reference/block-kit/blocks.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

from slack_sdk.models.blocks import Block, ContextBlock, HeaderBlock, MarkdownTextObject, PlainTextObject, SectionBlock

from siegewatch.domain.delivery import ChannelSpec, Message, Verdict
from siegewatch.domain.standing import Budget
from siegewatch.net.door import Door
from siegewatch.notify.channels.base import post, utc_now
from siegewatch.notify.render import Words, plain_text, words
from siegewatch.notify.text import cut

HEADER_LIMIT = 150
SECTION_LIMIT = 3_000
BLOCK_LIMIT = 50

_HOPELESS = frozenset({400, 401, 403, 404})
"""Slack's answers that stay as they are: invalid_payload, invalid_token, action_prohibited, no_service."""

_PING = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_IN_URL = str.maketrans({"<": "%3C", ">": "%3E", "|": "%7C"})
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class SlackChannel:
    """Posts the alert as blocks. 410 switches the channel off; what Slack will never take is given up at once."""

    needs_url = True
    budget = Budget(1, timedelta(seconds=1))
    """What Slack takes for each channel of a workspace."""

    def __init__(self, spec: ChannelSpec, door: Door, clock: Callable[[], datetime] = utc_now) -> None:
        self._spec = spec
        self._door = door
        self._clock = clock

    def send(self, message: Message) -> Verdict:
        """One attempt."""
        body = json.dumps(slack_body(message)).encode()
        return post(self._door, self._spec, body, {}, self._clock(), _HOPELESS)


def slack_body(message: Message) -> dict[str, object]:
    """The JSON that an incoming webhook takes: blocks, and `text` for where blocks are not shown."""
    told = words(message)
    return {
        "text": fit(plain_text(told), SECTION_LIMIT),
        "mrkdwn": False,
        "blocks": [block.to_dict() for block in blocks(told)],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def blocks(told: Words) -> list[Block]:
    """Header, quotes, details, source, links: never more than 50, as quotes are the only list without a bound."""
    shown: list[Block] = [HeaderBlock(text=_plain(told.headline, HEADER_LIMIT))]
    if len(escape(told.headline)) > HEADER_LIMIT:
        shown.append(_section(told.headline))
    shown += [_section(quote) for quote in told.quotes[: BLOCK_LIMIT // 2]]
    shown.append(_section("\n".join(told.details)))
    facts = (told.source, told.standing, told.why and f"Why: {told.why}")
    shown.append(ContextBlock(elements=[_plain(fact, SECTION_LIMIT) for fact in facts if fact]))
    line = _links(told)
    return [*shown, ContextBlock(elements=[MarkdownTextObject(text=line)])] if line else shown


def escape(text: str) -> str:
    """Feed text for Slack: the three characters it reads as control, and words that could ping everyone."""
    return _PING.sub("＠", text).translate(_ENTITIES)


def fit(text: str, limit: int) -> str:
    """`text` escaped and cut to `limit` characters, never within an entity."""
    kept = len(text)
    while len(escaped := escape(cut(text, kept))) > limit:
        kept -= max((len(escaped) - limit) // len("&amp;"), 1)
    return escaped


def link(url: str, label: str) -> str:
    """`<url|label>`; what would end it early is percent-encoded, as Slack's format cannot escape it."""
    return f"<{url.translate(_IN_URL).replace('&', '&amp;')}|{label}>"


def _plain(text: str, limit: int) -> PlainTextObject:
    return PlainTextObject(text=fit(text, limit), emoji=False)


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=_plain(text, SECTION_LIMIT))


def _links(told: Words) -> str:
    shown = ((told.link, "Read the item"), (told.story_link, "Story"), (told.explain_link, "Why this was told"))
    return " · ".join(link(url, label) for url, label in shown if url and len(url) < SECTION_LIMIT // 4)
