"""Microsoft Teams by a workflow ("When a Teams webhook request is received"): an Adaptive Card.

Words of feeds stand in text runs, the one element that reads no Markdown and fills in no functions; TextBlocks and
facts do both. Limit: 28 KB a message; four requests a second (learn.microsoft.com, incoming webhooks and workflows).
"""

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from siegewatch.domain.delivery import ChannelSpec, Message
from siegewatch.domain.ops import OpsType
from siegewatch.domain.standing import Budget
from siegewatch.domain.taxonomy import Severity
from siegewatch.notify.channels.base import Capacity, JsonChannel
from siegewatch.notify.digest import Line, within
from siegewatch.notify.layout import facts, links, said
from siegewatch.notify.quotes import Quote
from siegewatch.notify.render import Words, words
from siegewatch.notify.text import CUT_MARK, cut, inert

BODY_LIMIT = 28_000
VERSION = "1.4"
_ROOM = 26_000
_LINE_LIMIT = 1_000
_LINK_LIMIT = 2_000
_COLOURS = {
    Severity.FLASH: "attention",
    Severity.UPDATE: "warning",
    Severity.WATCH: "accent",
    OpsType.RAISED: "attention",
    OpsType.CLEARED: "good",
}


class TeamsChannel(JsonChannel):
    """One card; it mentions nobody, as only `msteams.entities` of a card could."""

    capacity = Capacity(body_bytes=BODY_LIMIT, budget=Budget(4, timedelta(seconds=1)))
    example: ClassVar = ChannelSpec(
        "example", "teams", "https://example.webhook.office.com/workflows/exampleflow0/triggers?sig=examplesig00"
    )

    def body(self, message: Message) -> dict[str, Any]:
        """The card as the one attachment of a message."""
        kind = "application/vnd.microsoft.card.adaptive"
        return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card(message)}]}


def card(message: Message) -> dict[str, Any]:
    """First line, quotes, facts and links; of what is too long, the last quotes and facts are left out."""
    told = words(message)
    head = _block([_run(told.headline, weight="bolder", size="large", color=_COLOURS[told.tone])])
    room = _ROOM - _size(head) - sum(map(_size, _actions(told)))
    told_facts = [_block([_run(fact, isSubtle=True)]) for fact in facts(told)]
    listed = within(
        told.sections, room - sum(map(_size, told_facts)) - len(told_facts), lambda line: _size(_line(line)) + 1
    )
    lines = [*map(_quoted, told.quotes), *map(_line, listed), *told_facts]
    kept = _within(lines, room)
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": VERSION,
        "fallbackText": cut(_plain(told.what), _LINE_LIMIT),
        "msteams": {"width": "Full"},
        "body": [head, *kept, *([_block([_run(CUT_MARK)])] if len(kept) < len(lines) else [])],
        "actions": _actions(told),
    }


def _line(line: Line) -> dict[str, Any]:
    return _block([_run(line.text, weight="bolder") if line.is_heading else _run(line.text)])


def _quoted(quote: Quote) -> dict[str, Any]:
    return _block([_run(text, highlight=True) if says else _run(text) for text, says in said(quote)])


def _block(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **look: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": cut(_plain(text), _LINE_LIMIT), **look}


def _plain(text: str) -> str:
    """Without what clients link, and without the braces of date functions and templates."""
    return inert(text).replace("{{", "｛｛").replace("${", "＄{")


def _actions(told: Words) -> list[dict[str, Any]]:
    shown = ((url, label) for url, label in links(told) if len(url) <= _LINK_LIMIT)
    return [{"type": "Action.OpenUrl", "title": label, "url": url} for url, label in shown]


def _within(lines: Iterable[dict[str, Any]], room: int) -> list[dict[str, Any]]:
    kept = []
    for line in lines:
        room -= _size(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def _size(part: dict[str, Any]) -> int:
    return len(json.dumps(part, ensure_ascii=False).encode())
