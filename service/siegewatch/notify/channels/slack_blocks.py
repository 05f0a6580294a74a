"""What Slack is sent, in Block Kit.

Feed text goes only into `plain_text` objects, where Slack formats nothing and notifies no one; the only `mrkdwn` is
the line of links, whose words are ours. Limits: docs.slack.dev/reference/block-kit/blocks.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Message
from siegewatch.domain.feedback import LABELS, Reply, summary
from siegewatch.domain.standing import Budget
from siegewatch.notify.channels.base import Capacity
from siegewatch.notify.digest import Section, within
from siegewatch.notify.layout import Markup, laid_out, links
from siegewatch.notify.render import Words, words
from siegewatch.notify.text import fit as fitted

HEADER_LIMIT = 150
SECTION_LIMIT = 3_000
BLOCK_LIMIT = 50
QUOTES_SHOWN = 8
"""With their 500 characters each, all blocks together stay below the 13,200 at which Slack has been seen to refuse."""

DIGEST_LIMIT = 10_400
"""Characters of the lines of a digest, for the same reason."""

CAPACITY = Capacity(text=SECTION_LIMIT, title=HEADER_LIMIT, blocks=BLOCK_LIMIT, budget=Budget(1, timedelta(seconds=1)))

ASKED = (Reply.HAVE, Reply.RIGHT, Reply.WRONG, Reply.DUPLICATE)
"""What there are buttons for."""

ACTION = "siegewatch."
"""What the names of our buttons begin with."""

_CONTEXT_LIMIT = 1_000
_PING = re.compile(r"@(?=(?:here|channel|everyone|group|all)\b)", re.IGNORECASE)
_IN_URL = str.maketrans({"<": "%3C", ">": "%3E", "|": "%7C"})
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def slack_body(message: Message) -> dict[str, Any]:
    """Blocks, and `text` for where blocks are not shown."""
    told = words(message)
    return {
        "text": laid_out(told, SECTION_LIMIT, Markup(escape), linked=False),
        "mrkdwn": False,
        "blocks": [block.to_dict() for block in blocks(told)],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def blocks(told: Words) -> list[Block]:
    """Header, quotes or the lines of a digest, details, source, links: never more than 50 as both are bounded."""
    shown: list[Block] = [HeaderBlock(text=_plain(told.headline, HEADER_LIMIT))]
    if len(escape(told.headline)) > HEADER_LIMIT:
        shown.append(_section(told.headline))
    shown += [_section(quote.text) for quote in told.quotes[:QUOTES_SHOWN]]
    shown += [_section(text) for text in _listed(told.sections)]
    shown.append(_section("\n".join(told.details)))
    facts = (told.source, told.standing, told.locator, told.why and f"Why: {told.why}")
    shown.append(ContextBlock(elements=[_plain(fact, _CONTEXT_LIMIT) for fact in facts if fact]))
    line = _links(told)
    return [*shown, ContextBlock(elements=[MarkdownTextObject(text=line)])] if line else shown


def asking_blocks(message: Message, *, with_buttons: bool) -> list[Block]:
    """What readers said, and buttons to say it with: of news alone."""
    if not isinstance(message.alert, Alert):
        return []
    said = summary(message.said)
    shown: list[Block] = [ContextBlock(elements=[_plain(said, _CONTEXT_LIMIT)])] if said else []
    if not with_buttons:
        return shown
    buttons = [
        ButtonElement(text=PlainTextObject(text=LABELS[reply]), action_id=f"{ACTION}{reply}", value=message.alert.id)
        for reply in ASKED
    ]
    return [*shown, ActionsBlock(elements=buttons)]


def escape(text: str) -> str:
    """Feed text for Slack: the three characters it reads as control, and words that could ping everyone."""
    return _PING.sub("＠", text).translate(_ENTITIES)


def fit(text: str, limit: int) -> str:
    """`text` escaped and cut to `limit` characters, never within an entity."""
    return fitted(text, limit, escape)


def link(url: str, label: str) -> str:
    """`<url|label>`; what would end it early is percent-encoded, as Slack's format cannot escape it."""
    return f"<{url.translate(_IN_URL).replace('&', '&amp;')}|{label}>"


def _plain(text: str, limit: int) -> PlainTextObject:
    return PlainTextObject(text=fit(text, limit), emoji=False)


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=_plain(text, SECTION_LIMIT))


def _listed(told: Sequence[Section]) -> list[str]:
    """The lines of a digest, as many to a section as fit; a heading begins a new one."""
    texts: list[str] = []
    for line in within(told, DIGEST_LIMIT, lambda line: len(escape(line.text)) + 1):
        if texts and not line.is_heading and len(escape(f"{texts[-1]}\n{line.text}")) <= SECTION_LIMIT:
            texts[-1] += f"\n{line.text}"
        else:
            texts.append(line.text)
    return texts


def _links(told: Words) -> str:
    return " · ".join(link(url, label) for url, label in links(told) if len(url) < SECTION_LIMIT // 4)
