"""Troubles in words, on the console and in Slack's blocks."""

import io
from datetime import UTC, datetime, timedelta

from siegewatch.domain.delivery import Accepted, ChannelSpec, Message
from siegewatch.domain.ops import OpsAlert, OpsType, Subject, Trouble
from siegewatch.net.door import Door
from siegewatch.notify.channels.console import ConsoleChannel
from siegewatch.notify.channels.slack_blocks import slack_body
from siegewatch.notify.render import plain_text, words

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
SILENT = Trouble(Subject.FEED, "Courier <!here>\x1b[2J", "No new item for 7h.", NOW - timedelta(hours=7))


def message(ops_type: OpsType = OpsType.RAISED, trouble: Trouble = SILENT) -> Message:
    return Message("m1", OpsAlert("o1", ops_type, trouble, NOW), "https://desk.example.org", "Asia/Damascus")


def test_trouble_is_told_in_three_lines() -> None:
    assert plain_text(words(message())).splitlines() == [
        "⚠️ TROUBLE · Feed Courier <!here>[2J",
        "  Since 1 Mar 2026, 01:00 +03",
        "  No new item for 7h.",
    ]


def test_end_of_a_trouble_says_so_and_the_network_has_no_name() -> None:
    ended = message(OpsType.CLEARED, Trouble(Subject.NETWORK, "network", "Feeds answer again.", NOW))
    assert words(ended).headline == "✅ CLEARED · Network"


def test_console_writes_troubles_in_a_colour_of_their_own() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    door, shown = Door(allow=(), user_agent="siegewatch/test"), Terminal()
    channel = ConsoleChannel(ChannelSpec("console", "console"), door, shown)
    for ops_type in OpsType:
        assert channel.send(message(ops_type)) == Accepted()
    assert "\x1b[1;35m⚠️ TROUBLE" in shown.getvalue()
    assert "\x1b[1;32m✅ CLEARED" in shown.getvalue()


def test_slack_gets_blocks_without_empty_texts_or_pings() -> None:
    body = slack_body(message())
    header, reason, context = body["blocks"]  # type: ignore[misc]
    assert header["text"]["text"] == "⚠️ TROUBLE · Feed Courier &lt;!here&gt;[2J"  # type: ignore[index]
    assert reason["text"]["text"] == "No new item for 7h."  # type: ignore[index]
    assert [one["text"] for one in context["elements"]] == ["Since 1 Mar 2026, 01:00 +03"]  # type: ignore[index]
