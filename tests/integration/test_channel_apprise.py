"""Apprise against services on loopback: what every channel must do, but for what Apprise does not tell."""

import importlib.util
import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from messages import messages

from siegewatch.apps.cli.channels import _row
from siegewatch.apps.cli.check import _unreachable
from siegewatch.domain.delivery import Accepted, ChannelSpec, Retry
from siegewatch.domain.errors import SettingsError
from siegewatch.net.door import Door
from siegewatch.notify.channels import apprise, conformance, stand_in
from siegewatch.notify.channels.apprise import AppriseChannel
from siegewatch.notify.channels.hostile import hostile
from siegewatch.settings import load

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
DOOR: Any = None
MESSAGE = messages()["full"]


class OverJson(AppriseChannel):
    """Sends to json:// where the suite names http://."""

    schemes = ("http", "https")
    example = ChannelSpec("example", "apprise", "https://apprise.example.org/in/exampletoken0?rto=1&retry=3")

    def __init__(self, spec: ChannelSpec, door: Door) -> None:
        super().__init__(replace(spec, url=spec.url.replace("http", "json", 1)), door)

    @staticmethod
    def check(spec: ChannelSpec) -> list[str]:
        return []


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What reaches the root logger, as siegewatch's own handler stands there; caplog looks at silenced loggers too."""
    kept, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(kept), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(handler)
    root.setLevel(level)


def spec(port: int, rest: str = "/in/sEcReTtOkEn1", user: str = "desk:sEcReT-pass-1@") -> ChannelSpec:
    return ChannelSpec("others", "apprise", f"json://{user}127.0.0.1:{port}{rest}")


def config(folder: Path, url: str) -> Path:
    (folder / "feeds.yaml").write_text("feeds: []\n")
    (folder / "alerts.yaml").write_text(
        f"channels:\n  - {{name: others, type: apprise, url: '{url}'}}\nroutes:\n  - {{channels: [others]}}\n"
    )
    return folder


def test_it_does_what_every_channel_must_but_for_statuses_that_apprise_does_not_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conformance, "hostile", lambda: hostile()[::10])
    found = {one.check: one.problem for one in conformance.findings(OverJson) if one.problem}
    assert found.keys() == {"is off after 410", "waits as long as it is asked to"}


def test_the_suite_takes_its_example_and_sends_it_to_nobody() -> None:
    assert [one for one in conformance.findings(AppriseChannel) if one.problem] == []


def test_the_first_line_is_the_title_and_the_rest_the_text() -> None:
    with stand_in.serving(stand_in.status(200)) as service:
        assert AppriseChannel(spec(service.port), DOOR).send(MESSAGE) == Accepted()
    [got] = service.got
    sent = json.loads(got.body)
    assert sent["title"] not in sent["message"]
    assert "not verified" in sent["message"]
    assert sent["attachments"] == []


def test_a_failure_is_told_with_apprises_reason_and_no_secret(logged: io.StringIO) -> None:
    with stand_in.serving(stand_in.status(500, b"/in/sEcReTtOkEn1")) as service:
        verdict = AppriseChannel(spec(service.port, "/in/sEcReTtOkEn1?retry=5&wait=0"), DOOR).send(MESSAGE)
    assert isinstance(verdict, Retry)
    assert "500" in verdict.reason
    assert not verdict.unsent
    assert len(service.got) == 1
    assert "sEcReT" not in verdict.reason + logged.getvalue()


def test_a_host_that_may_be_a_token_is_told_nowhere() -> None:
    nobody = stand_in.dead_port()
    verdict = AppriseChannel(ChannelSpec("o", "apprise", f"json://localhost:{nobody}"), DOOR).send(MESSAGE)
    assert isinstance(verdict, Retry)
    assert "localhost" not in verdict.reason
    token = ChannelSpec("o", "apprise", "tgram://123456789:abcdefg_hijklmnop/12315544/")
    assert _row(token, None, 0, None).address == "tgram://***"
    settings: Any = SimpleNamespace(network=SimpleNamespace(allow=[]))
    assert _unreachable(token, settings) is None
    assert "abcdefg" not in repr(token)


def test_an_address_that_apprise_does_not_know_is_a_fault_that_quotes_nothing(
    tmp_path: Path, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SettingsError) as told:
        load(config(tmp_path, "nosuchservice://sEcReTtOkEn1/room"), {})
    assert "alerts.yaml:2: url is no address that apprise can send to, write one of its wiki" in str(told.value)
    assert "sEcReT" not in str(told.value) + logged.getvalue() + "".join(capfd.readouterr())


def test_without_the_package_check_and_channel_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        apprise, "find_spec", lambda name: None if name == "apprise" else importlib.util.find_spec(name)
    )
    with pytest.raises(SettingsError, match=r"alerts.yaml:2: type needs a package .*, install siegewatch\[apprise\]"):
        load(config(tmp_path, "json://127.0.0.1/in"), {})
    verdict = AppriseChannel(spec(1), DOOR).send(MESSAGE)
    assert verdict == Retry("apprise needs a package that is not there, install siegewatch[apprise]", unsent=True)


def test_without_an_address_it_is_off_and_nothing_is_asked_of_it(tmp_path: Path) -> None:
    (channel,) = load(config(tmp_path, ""), {}).channels
    assert channel.url == ""
