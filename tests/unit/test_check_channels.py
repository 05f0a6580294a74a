"""What `check --online` finds of where channels send to, without sending anything."""

from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from siegewatch.apps.cli.check import _unreachable
from siegewatch.domain.delivery import ChannelSpec


def found(spec: ChannelSpec, *allow: str) -> str | None:
    settings: Any = SimpleNamespace(network=SimpleNamespace(allow=[ip_network(network) for network in allow]))
    return _unreachable(spec, settings)


def test_a_file_needs_its_folder(tmp_path: Path) -> None:
    assert found(ChannelSpec("a", "atom", (tmp_path / "alerts.atom").as_uri())) is None
    missing = ChannelSpec("a", "atom", (tmp_path / "none" / "alerts.atom").as_uri())
    assert found(missing) == "there is no such folder: make it"


def test_a_mail_server_is_held_to_the_address_policy() -> None:
    mail = ChannelSpec("m", "email", "smtps://127.0.0.1")
    assert found(mail) == "127.0.0.1 is loopback"
    assert found(mail, "127.0.0.0/8") is None


def test_a_channel_without_an_address_has_nothing_to_reach() -> None:
    assert found(ChannelSpec("c", "console")) is None
