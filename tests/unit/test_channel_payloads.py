"""What each channel sends, as files to look at, held to the rules that its service publishes.

After a change that is meant, `UPDATE_PAYLOADS=1 pytest tests/unit/test_channel_payloads.py` writes the files anew.
"""

import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from messages import NOW, digest, messages
from slack_sdk.models.blocks import Block

from siegewatch.domain.delivery import Message
from siegewatch.domain.standing import Terms
from siegewatch.notify.channels import markdown
from siegewatch.notify.channels.atom import with_entry
from siegewatch.notify.channels.base import JsonChannel
from siegewatch.notify.channels.cap import document
from siegewatch.notify.channels.console import ConsoleChannel
from siegewatch.notify.channels.discord import DiscordChannel
from siegewatch.notify.channels.email import EmailChannel
from siegewatch.notify.channels.hostile import hostile
from siegewatch.notify.channels.mattermost import MattermostChannel
from siegewatch.notify.channels.ntfy import NtfyChannel
from siegewatch.notify.channels.pagerduty import PagerDutyChannel
from siegewatch.notify.channels.rss import with_item
from siegewatch.notify.channels.slack import SlackChannel
from siegewatch.notify.channels.teams import TeamsChannel
from siegewatch.notify.channels.telegram import TelegramChannel
from siegewatch.notify.channels.trial import trial_digest, trial_message
from siegewatch.notify.layout import PLAIN, laid_out
from siegewatch.notify.payload import body_of
from siegewatch.notify.render import words
from siegewatch.notify.text import clean, inert, octets, utf16

FOLDER = Path(__file__).parents[1] / "fixtures" / "channels"
MESSAGES = messages()
POSTING: dict[str, type[JsonChannel]] = {
    "discord": DiscordChannel,
    "mattermost": MattermostChannel,
    "ntfy": NtfyChannel,
    "pagerduty": PagerDutyChannel,
    "slack": SlackChannel,
    "teams": TeamsChannel,
    "telegram": TelegramChannel,
}


def body(name: str, message: Message) -> dict[str, Any]:
    channel = POSTING[name]
    return dict(channel(channel.example, None).body(message))  # type: ignore[attr-defined,arg-type]


def pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def console(message: Message) -> str:
    stream = io.StringIO()
    ConsoleChannel(ConsoleChannel.example, None, stream).send(message)  # type: ignore[arg-type]
    return stream.getvalue()


def mail(message: Message) -> str:
    made = EmailChannel(EmailChannel.example, None, lambda: NOW).mail(message)  # type: ignore[arg-type]
    return made.as_bytes().decode().replace("\r\n", "\n")


WRITERS: dict[str, Callable[[Message], str]] = {
    **{f"{name}.json": lambda message, name=name: pretty(body(name, message)) for name in POSTING},
    "webhook.json": lambda message: pretty(body_of(message)),
    "console.txt": console,
    "email.eml": mail,
    "cap.xml": lambda message: document(message, "siegewatch@example.org").decode(),
    "rss.xml": lambda message: with_item([], message, NOW).decode(),
    "atom.xml": lambda message: with_entry([], message, NOW).decode(),
}


@pytest.mark.parametrize("file", WRITERS)
@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_laid_out_as_in_its_file(name: str, file: str) -> None:
    path = FOLDER / f"{name}.{file}"
    made = WRITERS[file](MESSAGES[name])
    if os.environ.get("UPDATE_PAYLOADS"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_no_file_is_left_of_a_channel_or_message_that_is_no_more() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.{file}" for name in MESSAGES for file in WRITERS}


LABELS = ("Read the item", "Story", "Why this was told", "All alerts")
TEXT = {"type": "string", "minLength": 1}
LINK = {"type": "string", "pattern": "^https?://"}


def shape(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


RUN = shape(
    {"type": {"const": "TextRun"}, "text": TEXT},
    {
        "highlight": {"type": "boolean"},
        "isSubtle": {"type": "boolean"},
        "weight": {"enum": ["default", "lighter", "bolder"]},
        "size": {"enum": ["default", "small", "medium", "large", "extraLarge"]},
        "color": {"enum": ["default", "dark", "light", "accent", "good", "warning", "attention"]},
    },
)
SCHEMAS = {
    # Those parts of adaptivecards.io/schemas/adaptive-card.json (1.4) that a card of ours may use.
    "teams": shape(
        {
            "type": {"const": "message"},
            "attachments": {
                "type": "array",
                "minItems": 1,
                "maxItems": 1,
                "items": shape(
                    {
                        "contentType": {"const": "application/vnd.microsoft.card.adaptive"},
                        "contentUrl": {"type": "null"},
                        "content": shape(
                            {
                                "type": {"const": "AdaptiveCard"},
                                "version": {"const": "1.4"},
                                "$schema": LINK,
                                "fallbackText": TEXT,
                                "body": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": shape(
                                        {
                                            "type": {"const": "RichTextBlock"},
                                            "inlines": {"type": "array", "minItems": 1, "items": RUN},
                                        }
                                    ),
                                },
                                "actions": {
                                    "type": "array",
                                    "maxItems": 6,
                                    "items": shape({"type": {"const": "Action.OpenUrl"}, "title": TEXT, "url": LINK}),
                                },
                                "msteams": shape({"width": {"const": "Full"}}),
                            }
                        ),
                    }
                ),
            },
        }
    ),
    # developer.pagerduty.com: Events API v2, alert event.
    "pagerduty": shape(
        {
            "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
            "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
            "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
            "client": TEXT,
            "payload": shape(
                {
                    "summary": {**TEXT, "maxLength": 1_024},
                    "source": TEXT,
                    "severity": {"enum": ["critical", "error", "warning", "info"]},
                    "timestamp": {"type": "string", "pattern": "Z$"},
                    "custom_details": {"type": "object", "additionalProperties": TEXT},
                }
            ),
            "links": {"type": "array", "items": shape({"href": LINK, "text": TEXT})},
        }
    ),
    # discord.com/developers: execute webhook, embed limits, allowed mentions.
    "discord": shape(
        {
            "content": {**TEXT, "maxLength": 2_000},
            "embeds": {
                "type": "array",
                "maxItems": 10,
                "items": shape(
                    {
                        "description": {**TEXT, "maxLength": 4_096},
                        "color": {"type": "integer", "minimum": 0, "maximum": 0xFFFFFF},
                    }
                ),
            },
            "allowed_mentions": shape({"parse": {"type": "array", "maxItems": 0}}),
        }
    ),
    # core.telegram.org/bots/api: sendMessage.
    "telegram": shape(
        {
            "chat_id": TEXT,
            "text": {**TEXT, "maxLength": 4_096},
            "entities": {
                "type": "array",
                "maxItems": 100,
                "items": shape(
                    {
                        "type": {"enum": ["bold", "text_link"]},
                        "offset": {"type": "integer", "minimum": 0},
                        "length": {"type": "integer", "minimum": 1},
                    },
                    {"url": LINK},
                ),
            },
            "link_preview_options": shape({"is_disabled": {"const": True}}),
        },
        {"message_thread_id": {"type": "integer"}},
    ),
    # docs.ntfy.sh/publish: publish as JSON.
    "ntfy": shape(
        {
            "topic": {"type": "string", "pattern": "^[-_A-Za-z0-9]{1,64}$"},
            "title": TEXT,
            "message": TEXT,
            "priority": {"type": "integer", "minimum": 1, "maximum": 5},
            "actions": {
                "type": "array",
                "maxItems": 3,
                "items": shape({"action": {"const": "view"}, "label": TEXT, "url": LINK}),
            },
        },
        {"click": LINK},
    ),
    "mattermost": shape({"text": {**TEXT, "maxLength": 16_383}}),
}


def everything() -> Iterator[tuple[str, Message]]:
    yield from MESSAGES.items()
    yield from ((ascii(text)[:60], trial_message(text)) for text in hostile())
    yield from ((f"digest of {ascii(text)[:60]}", trial_digest(text)) for text in hostile())


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_payload_keeps_the_published_schema_whatever_feeds_say(name: str) -> None:
    validator = Draft202012Validator(SCHEMAS[name])
    for what, message in everything():
        made = body(name, message)
        assert [fault.message for fault in validator.iter_errors(made)] == [], what
        limit = POSTING[name].capacity.body_bytes
        assert limit is None or len(json.dumps(made, ensure_ascii=False).encode()) <= limit, what


def test_slack_payloads_keep_the_limits_of_slacks_own_models() -> None:
    for what, message in everything():
        made = body("slack", message)
        for block in Block.parse_all(made["blocks"]):
            block.validate_json()
        assert len(made["blocks"]) <= 50, what
        assert len(json.dumps(made["blocks"], ensure_ascii=False)) < 13_200, what


def test_a_digest_of_as_many_alerts_as_a_channel_gathers_is_told_line_by_line() -> None:
    for name, channel in POSTING.items():
        # The two of siegewatch itself come on top.
        number = (channel.capacity.together or Terms().together) - 2
        message = Message("msg_together", digest(number), "https://desk.example.org")
        made = body(name, message)
        # Slack's `text` is for where its blocks are not shown.
        told = json.dumps(made.get("blocks", made), ensure_ascii=False)
        assert "Siege of Deir al-Zor broken" in told
        assert "more: siegewatch" not in told, name


def test_telegrams_entities_cover_what_they_name() -> None:
    for what, message in everything():
        made = body("telegram", message)
        units = made["text"].encode("utf-16-le")
        assert len(units) // 2 <= 4_096, what
        for entity in made["entities"]:
            part = units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
            assert part == (made["text"].partition("\n")[0] if entity["type"] == "bold" else part)
            assert entity["type"] == "bold" or part in LABELS


def test_ntfys_messages_stay_messages() -> None:
    for what, message in everything():
        assert octets(body("ntfy", message)["message"]) <= 4_096, what


def test_markdown_shows_hostile_words_as_they_are_and_formats_nothing() -> None:
    reader = MarkdownIt("commonmark", {"linkify": False}).enable(["strikethrough", "table"])
    look_alikes = str.maketrans({"<": "‹", ">": "›", "~": "∼"})
    for text in hostile():
        line = clean(text)
        wanted = inert(line).translate(look_alikes)
        tokens = reader.parse(markdown.escape(line))
        kinds = {token.type for token in tokens}
        inner = [child for token in tokens for child in token.children or ()]
        assert kinds <= {"paragraph_open", "inline", "paragraph_close"}, ascii(text)
        assert {child.type for child in inner} <= {"text", "text_special"}, ascii(text)
        assert "".join(child.content for child in inner) == wanted, ascii(text)


def test_a_long_message_is_cut_with_a_mark_and_keeps_source_standing_and_links() -> None:
    told = words(MESSAGES["long"])
    text = laid_out(told, 600, PLAIN)
    assert len(text) <= 600
    assert "…" in text
    assert "3 outlets, not verified" in text
    assert "Story: https://desk.example.org/api/v1/stories/s1" in text


@pytest.mark.parametrize("limit", [200, 500, 1_000, 4_096])
@pytest.mark.parametrize("width", [len, utf16, octets])
def test_no_layout_outgrows_its_limit(limit: int, width: Callable[[str], int]) -> None:
    from siegewatch.notify.layout import Markup

    markup = Markup(markdown.escape, width, markdown.strong, markdown.link)
    for what, message in everything():
        assert width(laid_out(words(message), limit, markup)) <= limit + len("****"), what
