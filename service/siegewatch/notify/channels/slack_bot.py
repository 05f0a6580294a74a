"""Slack by an app's bot token: a thread for each story, edits in place, buttons.

Methods and their errors: docs.slack.dev/reference/methods/chat.postMessage and chat.update. Slack answers 200 whatever
came of a request; `ok` in the body says it.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from siegewatch.domain.alert import Alert, AlertType
from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Rejected, Retry, Thread, Verdict
from siegewatch.domain.errors import FetchError
from siegewatch.domain.taxonomy import Change, Severity
from siegewatch.net.door import Door
from siegewatch.net.messages import Answer
from siegewatch.net.redact import scrub
from siegewatch.notify.channels.base import (
    LIMITS,
    REFUSALS,
    UNSENT,
    asked_seconds,
    excerpt,
    judged,
    secrets_of,
    shown,
    utc_now,
)
from siegewatch.notify.channels.slack_blocks import CAPACITY, asking_blocks, slack_body

ANSWER_LIMITS = replace(LIMITS, max_bytes=1_000_000)
"""An answer repeats the whole message."""

_TOKEN = re.compile(r"xoxb-[A-Za-z0-9-]{10,}")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{6,}")
_SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")

_NEW_TOKEN = "write a token that is in force as secret, from the app's page OAuth & Permissions"  # noqa: S105
_OFF = {
    "invalid_auth": _NEW_TOKEN,
    "not_authed": _NEW_TOKEN,
    "account_inactive": _NEW_TOKEN,
    "token_revoked": _NEW_TOKEN,
    "token_expired": _NEW_TOKEN,
    "not_allowed_token_type": "write a bot token (xoxb-…) as secret",
    "missing_scope": "give the app chat:write and chat:write.public, and install it anew",
    "no_permission": "give the app chat:write and chat:write.public, and install it anew",
    "channel_not_found": "write the id of a channel of this workspace as options.channel, and invite the app",
    "not_in_channel": "invite the app to the channel: /invite @siegewatch",
    "is_archived": "write another channel as options.channel: this one is archived",
    "restricted_action": "allow the app to post in this channel, or write another as options.channel",
}
"""Errors that every message would meet, and what to do about each."""

_BUSY = frozenset({"ratelimited", "rate_limited"})
_FAULTY = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "invalid_arguments"}
)
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"})
"""What is to be edited or answered is no more: the message is told anew."""


class SlackBot:
    """Posts in `options.channel`. Buttons are shown where `options.signing_secret` is set, by which their clicks are
    known."""

    needs_url = False
    needs_secret = True
    address = "https://slack.com/api"
    options: ClassVar = ("channel", "signing_secret")
    capacity = CAPACITY
    threads = True
    welcome = b'{"ok":true,"channel":"C0EXAMPLE","ts":"1700000000.000100"}'
    example: ClassVar = ChannelSpec(
        "example",
        "slack",
        secret="xoxb-0-example-token-of-a-bot",  # noqa: S106
        options={"channel": "C0EXAMPLE", "signing_secret": "0123456789abcdef0123456789abcdef"},
    )

    def __init__(self, spec: ChannelSpec, door: Door, clock: Callable[[], datetime] | None = None) -> None:
        self._spec = spec
        self._door = door
        self._clock = clock or utc_now

    @staticmethod
    def check(spec: ChannelSpec) -> Sequence[str]:
        """Token, channel and signing secret by their form."""
        channel, signing = spec.options.get("channel", ""), spec.options.get("signing_secret", "")
        found = []
        if "/services/" in spec.url:
            found.append("url is an incoming webhook, write that or the token of a bot as secret, not both")
        if not _TOKEN.fullmatch(spec.secret):
            found.append("secret is no token of a bot, write the one of OAuth & Permissions, xoxb-…")
        if not _CHANNEL.fullmatch(channel):
            what = "is no id of a channel" if channel else "is missing"
            found.append(f"options.channel {what}, write the one at the foot of the channel's details, as C0123456789")
        if signing and not _SIGNING_SECRET.fullmatch(signing):
            found.append("options.signing_secret is none, write the 32 characters of the app's Basic Information")
        return found

    def send(self, message: Message) -> Verdict:
        """One attempt: a new message, an answer in the story's thread, or the first message edited. Where that is no
        more, a new one."""
        thread = message.thread
        if thread is None:
            return self._post(message)
        first = _brought_up(message, thread)
        verdict = self.revise(thread.receipt, first) if first else self._post(message, thread.receipt)
        gone = isinstance(verdict, Rejected) and verdict.reason.removeprefix(_SAID) in _GONE
        return self._post(message) if gone else verdict

    def revise(self, receipt: str, message: Message) -> Verdict:
        """Edits a message of ours."""
        channel, ts = receipt.split(" ")
        verdict = self._call("chat.update", {**self._body(message), "channel": channel, "ts": ts})
        return replace(verdict, receipt="") if isinstance(verdict, Accepted) else verdict

    def whisper(self, channel: str, user: str, text: str) -> Verdict:
        """Says something that one person alone sees."""
        return self._call("chat.postEphemeral", {"channel": channel, "user": user, "text": text})

    def _post(self, message: Message, thread: str = "") -> Verdict:
        told = {**self._body(message), "channel": self._spec.options["channel"]}
        if not thread:
            return self._call("chat.postMessage", told)
        channel, ts = thread.split(" ")
        told = {**told, "channel": channel, "thread_ts": ts, "reply_broadcast": _is_for_all(message.alert)}
        verdict = self._call("chat.postMessage", told)
        return replace(verdict, receipt="") if isinstance(verdict, Accepted) else verdict

    def _body(self, message: Message) -> dict[str, Any]:
        body = slack_body(message)
        asked = asking_blocks(message, with_buttons=bool(self._spec.options.get("signing_secret")))
        return {**body, "blocks": [*body["blocks"], *(block.to_dict() for block in asked)]}

    def _call(self, method: str, told: Mapping[str, Any]) -> Verdict:
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Authorization": f"Bearer {self._spec.secret}",
        }
        url = f"{(self._spec.url or self.address).rstrip('/')}/{method}"
        try:
            answer = self._door.post(url, body, headers=headers, limits=ANSWER_LIMITS)
        except FetchError as error:
            return Retry(scrub(str(error), secrets_of(self._spec)), unsent=isinstance(error, UNSENT))
        verdict = judged(answer, self._spec, self._clock(), REFUSALS)
        return self._understood(answer) if isinstance(verdict, Accepted) else verdict

    def _understood(self, answer: Answer) -> Verdict:
        """What a body comes to whose status says nothing."""
        try:
            said = json.loads(answer.body)
            ok, error = said["ok"] is True, str(said.get("error", ""))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Retry(f"answered what Slack does not say: {excerpt(answer, self._spec)}", answer.status)
        if ok:
            channel, ts = said.get("channel"), said.get("ts")
            return Accepted(answer.status, "ok", f"{channel} {ts}" if channel and ts else "")
        reason = f"{_SAID}{shown(error, self._spec)}"
        if error in _BUSY:
            return Retry(reason, 429, asked_seconds(answer, self._clock()))
        if error in _OFF:
            return Rejected(f"{reason}: {_OFF[error]}", answer.status, disable=True)
        return Rejected(reason, answer.status) if error in _FAULTY | _GONE else Retry(reason, answer.status)


_SAID = "Slack says "


def _brought_up(message: Message, thread: Thread) -> Message | None:
    """The first message with what is known by now, where that is all there is to tell: another outlet tells the same,
    or the first message itself is sent again. None where it is to be told in the thread."""
    alert = message.alert
    if not isinstance(alert, Alert) or thread.alert is None:
        return None
    if alert.change is not Change.CORROBORATED and alert.id != thread.alert.id:
        return None
    return replace(
        message, alert=replace(thread.alert, story=alert.story), said=thread.said, answer_url=thread.answer_url
    )


def _is_for_all(alert: object) -> bool:
    """Whether an answer in a thread is shown in the channel too: nobody may miss it."""
    return isinstance(alert, Alert) and (alert.severity is Severity.FLASH or alert.type is AlertType.CORRECTED)
