"""Slack's blocks: what feed text can and cannot do in them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from siegewatch.domain.delivery import Message
from siegewatch.domain.event import Evidence
from siegewatch.notify.channels.slack_blocks import (
    BLOCK_LIMIT,
    HEADER_LIMIT,
    SECTION_LIMIT,
    escape,
    fit,
    link,
    slack_body,
)
from siegewatch.notify.sample import sample_alert

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
HOSTILE = (
    "*bold* _it_ `code` <!channel> <!here|x> @here @Channel <@U123> <http://evil.example|ok> a&b \u202ertl \u200b~s~"
)


def slack(title: str = "t", **changes: Any) -> dict[str, Any]:
    alert = sample_alert(NOW)
    alert = replace(alert, item=replace(alert.item, title=title, **changes))
    body: dict[str, Any] = json.loads(json.dumps(slack_body(Message("m1", alert, "https://desk.example.org"))))
    return body


def texts(value: Any, kind: str) -> list[str]:
    """Every text object of one type, wherever it stands."""
    if isinstance(value, list):
        return [text for part in value for text in texts(part, kind)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if value.get("type") == kind else []
    return own + texts(list(value.values()), kind)


def test_feed_text_stands_where_slack_formats_nothing() -> None:
    body = slack(HOSTILE)
    assert any("*bold*" in text for text in texts(body, "plain_text"))
    assert not any("bold" in text for text in texts(body, "mrkdwn"))
    assert body["mrkdwn"] is False


def test_feed_text_pings_no_one() -> None:
    body = slack(HOSTILE)
    for text in [body["text"], *texts(body, "plain_text")]:
        assert "<" not in text
        assert ">" not in text
        assert "@here" not in text
        assert "@Channel" not in text
        assert "\u202e" not in text
        assert "\u200b" not in text


def test_link_cannot_be_broken_out_of() -> None:
    assert link("https://x.example/a|b<c>d?e&f", "Read") == "<https://x.example/a%7Cb%3Cc%3Ed?e&amp;f|Read>"
    [line] = texts(slack(link="https://x.example/|<!channel>"), "mrkdwn")
    assert "<!channel>" not in line
    assert line.startswith("<https://x.example/%7C%3C!channel%3E|Read the item>")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://x.example/\u202eb", "/relative", None])
def test_link_that_no_reader_should_follow_is_left_out(address: str | None) -> None:
    assert "Read the item" not in json.dumps(slack(link=address))


@pytest.mark.parametrize("mark", ["x", "&", "<", "é"])
def test_long_text_is_cut_with_a_mark_and_keeps_slacks_limits(mark: str) -> None:
    alert = sample_alert(NOW)
    loud = replace(alert.events[0], attacker=mark * 9_000, claimed_by=mark * 9_000)
    told = replace(alert, events=(loud, alert.events[1]), item=replace(alert.item, title=mark * 20_000))
    body: dict[str, Any] = slack_body(Message("m1", told))
    header = body["blocks"][0]["text"]["text"]
    assert len(header) <= HEADER_LIMIT
    assert header.endswith("…")
    assert len(body["text"]) <= SECTION_LIMIT
    assert max(map(len, texts(body, "plain_text"))) <= SECTION_LIMIT


def test_cut_never_splits_an_entity() -> None:
    assert fit("a&&&&", 12) == "a&amp;&amp;…"
    assert fit("&&", 10) == "&amp;&amp;"


def test_many_quotes_stay_within_slacks_number_of_blocks() -> None:
    alert = sample_alert(NOW)
    summary = " ".join(f"Sentence {number} here." for number in range(200))
    spots = tuple(
        Evidence("summary", at, at + 8, "Sentence") for at in range(len(summary)) if summary.startswith("Sentence", at)
    )
    told = replace(
        alert,
        item=replace(alert.item, summary=summary),
        events=(replace(alert.events[0], evidence=spots), alert.events[1]),
    )
    body: dict[str, Any] = slack_body(Message("m1", told))
    assert len(body["blocks"]) <= BLOCK_LIMIT


def test_escape_leaves_addresses_of_people_alone() -> None:
    assert escape("write to desk@heretic.example & co") == "write to desk@heretic.example &amp; co"
