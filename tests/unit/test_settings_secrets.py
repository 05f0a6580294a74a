"""Secrets reach no fault, no repr and no dump, wherever the mistake is."""

import traceback
from pathlib import Path

import pytest

from siegewatch.domain.errors import SettingsError
from siegewatch.settings import load
from siegewatch.settings.channels import ChannelEntry
from siegewatch.settings.interpolation import Undefined, expand

CANARY = "hunter2canary"
SIGNING = "whsec_" + "Q0FO" * 10
FEED = "feeds:\n  - url: https://news.example/rss\n"
CONSOLE = "channels:\n  - {name: console, type: console}\nroutes:\n  - {channels: [console]}\n"

LEAKS = {
    "store scheme": ("siegewatch.yaml", f"store: {{url: 'http://u:{CANARY}@h'}}"),
    "store port": ("siegewatch.yaml", f"store: {{url: 'redis://u:{CANARY}@h:x'}}"),
    "store shape": ("siegewatch.yaml", f"store: redis://u:{CANARY}@h"),
    "store list": ("siegewatch.yaml", f"store: {{url: [{CANARY}]}}"),
    "token bytes": ("siegewatch.yaml", f"web: {{token: '{CANARY}ü'}}"),
    "token as a key": ("siegewatch.yaml", f"web: {{token, {CANARY}: }}"),
    "public url": ("siegewatch.yaml", f"web: {{public_url: 'https://u:{CANARY}@h/'}}"),
    "prefix": ("siegewatch.yaml", f"store: {{prefix: 'redis://:{CANARY}@h'}}"),
    "broken yaml": ("siegewatch.yaml", f"store: {{url: redis://u:{CANARY}@h, [}}"),
    "an alias": ("siegewatch.yaml", f"web: {{token: *{CANARY}}}"),
    "a tag": ("siegewatch.yaml", f"web: {{token: !{CANARY} x}}"),
    "feed url": ("feeds.yaml", f"feeds:\n  - url: ftp://h/?key={CANARY}\n"),
    "feed twice": ("feeds.yaml", f"feeds:\n  - url: https://h/?key={CANARY}\n  - url: https://h/?key={CANARY}\n"),
    "feed shape": ("feeds.yaml", f"feeds:\n  - https://h/?key={CANARY}\n"),
    "channel url": ("alerts.yaml", f"channels:\n  - {{name: a, type: slack, url: 'hooks/{CANARY}'}}\nroutes: []\n"),
    "channel http": ("alerts.yaml", f"channels:\n  - {{name: a, type: slack, url: 'http://h/{CANARY}'}}\nroutes: []\n"),
    "channel shape": ("alerts.yaml", f"channels:\n  - https://hooks.example/{CANARY}\nroutes: []\n"),
    "channel options": ("alerts.yaml", f"channels:\n  - {{name: a, type: slack, options: {CANARY}}}\nroutes: []\n"),
    "channel option": (
        "alerts.yaml",
        f"channels:\n  - {{name: a, type: slack, options: {{{CANARY}: [x]}}}}\nroutes: []\n",
    ),
    "a matcher": ("alerts.yaml", f"channels: []\nroutes:\n  - {{match: {{{CANARY}: {{a: b}}}}, channels: [a]}}\n"),
    "channel secret": (
        "alerts.yaml",
        f"channels:\n  - {{name: a, type: webhook, url: 'https://h/', secret: whsec_{CANARY}}}\nroutes: []\n",
    ),
    "channel name": ("alerts.yaml", f"channels:\n  - {{name: 'https://h/{CANARY}', type: slack}}\nroutes: []\n"),
    "routed to an url": ("alerts.yaml", f"channels: []\nroutes:\n  - {{channels: ['https://h/{CANARY}']}}\n"),
}


@pytest.mark.parametrize(("name", "text"), LEAKS.values(), ids=LEAKS)
def test_no_fault_shows_a_secret(tmp_path: Path, name: str, text: str) -> None:
    for file, well in {"feeds.yaml": FEED, "alerts.yaml": CONSOLE, name: text}.items():
        (tmp_path / file).write_text(well, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, {})
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SIEGEWATCH_STORE__URL", f"http://{CANARY}"),
        ("SIEGEWATCH_WEB__TOKEN", f"{CANARY}\n{CANARY}"),
        ("SIEGEWATCH_POLL__TIMEOUT", "${PASSWORD}"),
        ("SIEGEWATCH_STORE__URK", CANARY),
    ],
)
def test_no_fault_shows_what_the_environment_holds(tmp_path: Path, key: str, value: str) -> None:
    (tmp_path / "feeds.yaml").write_text(FEED, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, {key: value, "PASSWORD": CANARY})
    assert CANARY not in str(caught.value)


def test_no_repr_and_no_dump_shows_a_secret(tmp_path: Path) -> None:
    (tmp_path / "siegewatch.yaml").write_text(
        f"store: {{url: 'redis://u:{CANARY}@h'}}\nweb: {{token: {CANARY}}}\n", encoding="utf-8"
    )
    (tmp_path / "feeds.yaml").write_text(FEED, encoding="utf-8")
    channel = f"{{name: a, type: cap, url: 'https://h/{CANARY}', secret: {SIGNING}, options: {{sender: {CANARY}}}}}"
    (tmp_path / "alerts.yaml").write_text(f"channels: [{channel}]\nroutes:\n  - channels: a\n", encoding="utf-8")
    loaded = load(tmp_path, {})
    assert (loaded.web.token, CANARY in loaded.store.url) == (CANARY, True)
    dumps = [section.model_dump_json() for section in (loaded.store, loaded.web, loaded.poll)]
    for text in (repr(loaded), str(loaded), *dumps):
        assert CANARY not in text
        assert SIGNING not in text


def test_no_channel_entry_shows_a_secret() -> None:
    entry = ChannelEntry(name="a", type="slack", url=f"https://h/{CANARY}", secret=CANARY, options={"k": CANARY})
    assert CANARY not in repr(entry) + entry.model_dump_json()


def test_a_secret_cannot_inject_yaml_or_another_variable(tmp_path: Path) -> None:
    (tmp_path / "siegewatch.yaml").write_text('web: {token: "${TOKEN}"}\n', encoding="utf-8")
    (tmp_path / "feeds.yaml").write_text(FEED, encoding="utf-8")
    hostile = 'x", listen: "0.0.0.0:1"} # ${PASSWORD}'
    loaded = load(tmp_path, {"TOKEN": hostile, "PASSWORD": CANARY})
    assert loaded.web.token == hostile


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${A}", "one"),
        ("x${A}y${A}z", "xoneyonez"),
        ("${EMPTY}", ""),
        ("${NONE:-}", ""),
        ("${NONE:-https://d.example/?a=b}", "https://d.example/?a=b"),
        ("${EMPTY:-default}", "default"),
        ("${A:-default}", "one"),
        ("$${A}", "${A}"),
        ("$A and $5", "$A and $5"),
    ],
)
def test_values_are_filled_in_as_in_a_shell(text: str, value: str) -> None:
    assert expand(text, {"A": "one", "EMPTY": ""}) == value


def test_a_secret_file_loses_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b" s: {x}\r\n")
    assert expand(f"a-${{file:{tmp_path}/secret}}", {}) == "a- s: {x}"


@pytest.mark.parametrize(("content", "told"), [(b"\xff", "is not UTF-8 text"), (b"x" * 70_000, "is over 64 KiB")])
def test_a_file_that_is_no_secret_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(Undefined, match=told):
        expand(f"${{file:{tmp_path}/secret}}", {})
