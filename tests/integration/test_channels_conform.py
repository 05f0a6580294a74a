"""Channels that ship do what every channel must; the suite finds what a faulty one does not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Retry, Verdict
from siegewatch.net.door import Door
from siegewatch.net.messages import Limits
from siegewatch.notify.channels.atom import AtomChannel
from siegewatch.notify.channels.base import JsonChannel
from siegewatch.notify.channels.cap import CapChannel
from siegewatch.notify.channels.conformance import CHECKS, findings
from siegewatch.notify.channels.console import ConsoleChannel
from siegewatch.notify.channels.discord import DiscordChannel
from siegewatch.notify.channels.hostile import hostile
from siegewatch.notify.channels.mattermost import MattermostChannel
from siegewatch.notify.channels.ntfy import NtfyChannel
from siegewatch.notify.channels.pagerduty import PagerDutyChannel
from siegewatch.notify.channels.slack import SlackChannel
from siegewatch.notify.channels.slack_bot import SlackBot
from siegewatch.notify.channels.teams import TeamsChannel
from siegewatch.notify.channels.telegram import TelegramChannel
from siegewatch.notify.channels.webhook import WebhookChannel
from siegewatch.notify.render import words

SHIPPED = [
    AtomChannel,
    CapChannel,
    ConsoleChannel, DiscordChannel, MattermostChannel, NtfyChannel, PagerDutyChannel, SlackChannel, SlackBot,
    TeamsChannel,
    TelegramChannel, WebhookChannel,
]  # fmt: skip


def problems(make: Callable[..., Any]) -> dict[str, str]:
    return {one.check: one.problem for one in findings(make) if one.problem}


@pytest.mark.parametrize("make", SHIPPED, ids=lambda make: make.__name__)
def test_a_channel_that_ships_conforms(make: Callable[..., Any]) -> None:
    assert problems(make) == {}


class Good(JsonChannel):
    """Passes every check; the faulty ones below change one thing each."""

    options = ("room",)
    example = ChannelSpec("example", "good", "https://good.example/hooks/sEcReTtOkEn1", "s3cr3t-value", {"room": "1"})

    def body(self, message: Message) -> Mapping[str, Any]:
        return {"text": words(message).headline.replace("@", "＠").replace("<", "‹")}


class Doubling(Good):
    def send(self, message: Message) -> Verdict:
        super().send(message)
        return super().send(message)


class Trusting(Good):
    def send(self, message: Message) -> Verdict:
        super().send(message)
        return Accepted()


class Stubborn(Good):
    """Forgets what the service asks for."""

    def send(self, message: Message) -> Verdict:
        verdict = super().send(message)
        return replace(verdict, after_seconds=None) if isinstance(verdict, Retry) else verdict


class Telling(Good):
    def send(self, message: Message) -> Verdict:
        verdict = super().send(message)
        return replace(verdict, reason=f"at {self.url()}") if isinstance(verdict, Retry) else verdict


class Credulous(Good):
    def body(self, message: Message) -> Mapping[str, Any]:
        return {"text": getattr(message.alert, "item").title}  # noqa: B009 - the sample is news


class Raising(Good):
    def send(self, message: Message) -> Verdict:
        raise ConnectionError("no\nway")


class Demanding(Good):
    @staticmethod
    def check(spec: ChannelSpec) -> list[str]:
        return ["options.room is no room, write one"]


class Restless(Good):
    number = 0

    def body(self, message: Message) -> Mapping[str, Any]:
        Restless.number += 1
        return {**super().body(message), "number": Restless.number}


class Greedy(Good):
    """Reads the whole of an answer, and keeps it."""

    def send(self, message: Message) -> Verdict:
        limits = Limits(max_bytes=100_000_000)
        answer = self._door.post(self.url(), b"{}", headers={}, limits=limits)
        said = answer.body.decode()
        return Accepted(answer.status, said) if answer.status < 300 else Retry(said, answer.status)


FAULTY: dict[str, tuple[type[Good], str]] = {
    "doubling": (Doubling, "takes any 2xx as accepted"),
    "trusting": (Trusting, "bears 4xx"),
    "stubborn": (Stubborn, "waits as long as it is asked to"),
    "telling": (Telling, "tells no secret"),
    "credulous": (Credulous, "takes the power from hostile words"),
    "raising": (Raising, "tries again where nobody listens"),
    "demanding": (Demanding, "takes its example"),
    "restless": (Restless, "sends the same when sent again"),
    "greedy": (Greedy, "reads no more of an answer than its start"),
}


def test_a_channel_without_fault_passes_every_check() -> None:
    assert problems(Good) == {}


@pytest.mark.parametrize(("make", "check"), FAULTY.values(), ids=FAULTY)
def test_a_faulty_channel_fails_the_check_that_it_breaks(make: type[Good], check: str) -> None:
    assert check in CHECKS
    found = next(one for one in findings(make) if one.check == check)
    assert found.problem


def test_hostile_words_are_many_different_and_the_same_each_time() -> None:
    texts = hostile()
    assert (len(texts), len(set(texts))) == (300, 300)
    assert texts == hostile()
    assert texts != hostile(seed=1)


def test_nothing_leaves_this_host(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    post = Door.post

    def noted(self: Door, url: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(url)
        return post(self, url, *args, **kwargs)

    monkeypatch.setattr(Door, "post", noted)
    assert problems(Good) == {}
    assert {url.split("/")[2].partition(":")[0] for url in asked} == {"127.0.0.1"}
