"""Where clicks on buttons in Slack arrive: known by the app's signing secret, kept as feedback at once, and then shown
in the message that was clicked. docs.slack.dev/interactivity/handling-user-interaction
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from slack_sdk.signature import Clock, SignatureVerifier
from starlette.background import BackgroundTask

from siegewatch import wiring
from siegewatch.apps.current import Current
from siegewatch.apps.web.bodies import body_of, fields_of
from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Verdict
from siegewatch.domain.feedback import Reply, Way
from siegewatch.notify.answers import answer
from siegewatch.notify.channels.slack import SlackChannel, is_bot
from siegewatch.notify.channels.slack_blocks import ACTION
from siegewatch.notify.channels.slack_bot import SlackBot

log = structlog.get_logger()

ROUTE = "/slack/interactions"
_SECONDS = 2.0
"""Slack takes an answer within three seconds."""

_UNKNOWN = "Nothing was noted: this alert is a sample, or no longer kept. The button itself works."


@dataclass(frozen=True, slots=True)
class Click:
    """Who pressed which button of which alert, and on which message."""

    alert: str
    reply: Reply
    user: str
    name: str
    channel: str
    ts: str


@dataclass(frozen=True)
class Interactions:
    """The endpoint of every Slack app that a channel names."""

    current: Current
    clock: Callable[[], datetime]
    _one_edit: Lock = field(default_factory=Lock)

    async def receive(self, request: Request) -> Response:
        """Takes a click: kept before it is answered, shown after."""
        body = await body_of(request, seconds=_SECONDS)
        headers = request.headers
        spec = self._signer(body, headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature"))
        if spec is None:
            raise HTTPException(401, "this does not bear the signature of an app of ours, or is older than 5 minutes")
        click = click_of(body)
        if click is None:
            # Whatever else Slack tells: it wants to hear that it arrived.
            return Response()
        alert = await run_in_threadpool(self._kept, click)
        return Response(background=BackgroundTask(self._show, spec, click, alert))

    def _signer(self, body: bytes, timestamp: str | None, signature: str | None) -> ChannelSpec | None:
        """The channel by whose secret it is signed; of several of one app the one that was clicked in does not matter,
        as they share its token."""
        now = _At(self.clock().timestamp())
        for spec in wiring.channels_on(self.current.settings).values():
            secret = spec.options.get("signing_secret", "") if spec.type == "slack" and is_bot(spec) else ""
            if secret and _is_signed(SignatureVerifier(secret, now), body, timestamp, signature):
                return spec
        return None

    def _kept(self, click: Click) -> Alert | None:
        memory = self.current.memory
        alert = memory.alerts.alert(click.alert)
        if alert:
            memory.feedback.add(answer(alert, click.reply, click.name, Way.SLACK, self.clock()), alert)
            log.info("feedback", alert=alert.id, reply=click.reply, way=Way.SLACK)
        return alert

    def _show(self, spec: ChannelSpec, click: Click, alert: Alert | None) -> None:
        with wiring.opened_door(self.current.settings) as door:
            made = wiring.channel(spec, door)
            if not isinstance(made, SlackChannel) or made.bot is None:
                return
            verdict = self._edited(made.bot, click, alert) if alert else self._told(made.bot, click)
        if not isinstance(verdict, Accepted):
            log.warning("feedback_not_shown", channel=spec.name, reason=verdict.reason)

    def _edited(self, bot: SlackBot, click: Click, alert: Alert) -> Verdict:
        # One after another, each as of its turn: the last to be shown knows of all clicks.
        with self._one_edit:
            settings, memory = self.current.settings, self.current.memory
            story = memory.stories.story(alert.story.id) or alert.story
            message = Message(
                "",
                replace(alert, story=story),
                settings.web.public_url,
                settings.display.time_zone,
                answer_url=wiring.asking(settings).link(alert),
                said=memory.feedback.of(alert.id),
            )
            return bot.revise(f"{click.channel} {click.ts}", message)

    def _told(self, bot: SlackBot, click: Click) -> Verdict:
        return bot.whisper(click.channel, click.user, _UNKNOWN)


def slack_router(interactions: Interactions) -> APIRouter:
    """The route that Slack comes to: not for readers of the API, so not among its addresses."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(ROUTE, interactions.receive, methods=["POST"])
    return router


def click_of(body: bytes) -> Click | None:
    """The click that a signed body tells; None where it tells something else."""
    try:
        told = json.loads(fields_of(body).get("payload", ""))
        action = next(_ours(told))
        user, where = told["user"], told["container"]
        name = user.get("username") or user.get("name") or user["id"]
        reply = Reply(action["action_id"].removeprefix(ACTION))
        return Click(action["value"], reply, user["id"], name, where["channel_id"], where["message_ts"])
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError):
        return None


def _ours(told: Any) -> Iterator[dict[str, Any]]:
    if told["type"] == "block_actions":
        yield from (action for action in told["actions"] if action["action_id"].startswith(ACTION))


class _At(Clock):
    """A clock that stands still."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return self._seconds


def _is_signed(verifier: SignatureVerifier, body: bytes, timestamp: str | None, signature: str | None) -> bool:
    try:
        return verifier.is_valid(body, timestamp, signature)
    except (ValueError, TypeError):
        # A time that is no number, a body or a signature that is no text.
        return False
