"""What holds when nothing is wrong."""

from dataclasses import FrozenInstanceError
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from siegewatch.domain.alert import Route
from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.errors import SettingsError
from siegewatch.settings import Settings, load
from siegewatch.settings.quantities import Listen

FEED = "feeds:\n  - url: https://news.example/rss\n"
CONSOLE = "channels:\n  - {name: console, type: console}\nroutes:\n  - {channels: [console]}\n"
SECRET = "whsec_" + "QUJD" * 10


def settings(
    folder: Path, main: str = "", feeds: str = FEED, alerts: str = CONSOLE, environ: dict[str, str] | None = None
) -> Settings:
    if main:
        (folder / "siegewatch.yaml").write_text(main, encoding="utf-8")
    (folder / "feeds.yaml").write_text(feeds, encoding="utf-8")
    (folder / "alerts.yaml").write_text(alerts, encoding="utf-8")
    return load(folder, environ or {})


def test_defaults_hold_without_siegewatch_yaml(tmp_path: Path) -> None:
    loaded = settings(tmp_path)
    assert loaded.data_dir == Path("data")
    assert (loaded.store.url, loaded.store.prefix) == ("", "sw:")
    assert loaded.poll.every == timedelta(minutes=5)
    assert loaded.poll.at_most == timedelta(hours=4)
    assert loaded.poll.max_bytes == 15_000_000
    assert loaded.web.listen == Listen("127.0.0.1", 8350)
    assert loaded.remember_days == 30
    assert loaded.warnings == ()


def test_values_of_the_file_replace_defaults_key_by_key(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        "poll: {every: 90s, max_bytes: 2MiB, first_poll_window: 1h30m}\nnetwork: {allow: [10.0.0.0/8, '::1']}\n"
        "detect: {min_confidence: 0.75}\nlog: {format: json}\ndisplay: {time_zone: Europe/Berlin}\n",
    )
    assert loaded.poll.every == timedelta(seconds=90)
    assert loaded.poll.max_bytes == 2 * 2**20
    assert loaded.poll.first_poll_window == timedelta(minutes=90)
    assert loaded.poll.timeout == timedelta(seconds=20)
    assert loaded.network.allow == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert loaded.detect.min_confidence == 0.75
    assert (loaded.log.format, loaded.log.level) == ("json", "info")
    assert loaded.display.time_zone == "Europe/Berlin"


def test_keys_without_a_value_keep_their_defaults(tmp_path: Path) -> None:
    loaded = settings(tmp_path, "poll:\n  every:\n  timeout: ~\nstore:\n  # url: redis://host\n")
    assert loaded.poll.every == timedelta(minutes=5)
    assert loaded.poll.timeout == timedelta(seconds=20)


@pytest.mark.parametrize(("written", "every"), [('""', 0), ("", 0), ("0s", 0), ("10m", 10)])
def test_canary_is_off_unless_an_interval_is_written(tmp_path: Path, written: str, every: int) -> None:
    loaded = settings(tmp_path, f"watch:\n  canary: {written}\n  all_quiet: ''\n")
    assert loaded.watch.canary == timedelta(minutes=every)
    assert loaded.watch.all_quiet == ""


def test_a_file_of_comments_alone_holds_the_defaults(tmp_path: Path) -> None:
    assert settings(tmp_path, "# nothing yet\n").remember_days == 30


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert settings(tmp_path, "\ufeffremember_days: 7\n").remember_days == 7


def test_environment_overrides_the_file(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        "poll: {every: 10m, timeout: 5s}\n",
        environ={
            "SIEGEWATCH_POLL__EVERY": "2m",
            "SIEGEWATCH_STORE__URL": "redis://redis:6379/0",
            "SIEGEWATCH_REMEMBER_DAYS": "7",
            "SIEGEWATCH_WEB__LISTEN": "",
            "SIEGEWATCH_NETWORK__ALLOW": "127.0.0.0/8, 10.1.0.0/16",
            "HOME": "/root",
        },
    )
    assert loaded.poll.every == timedelta(minutes=2)
    assert loaded.poll.timeout == timedelta(seconds=5)
    assert loaded.store.url == "redis://redis:6379/0"
    assert loaded.remember_days == 7
    assert loaded.web.listen is None
    assert loaded.network.allow == (ip_network("127.0.0.0/8"), ip_network("10.1.0.0/16"))


def test_environment_takes_a_bracketed_list_and_a_secret_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc: [1]\n", encoding="utf-8")
    environ = {
        "SIEGEWATCH_NETWORK__ALLOW": '["127.0.0.1"]',
        "SIEGEWATCH_WEB__TOKEN": f"${{file:{tmp_path}/token}}",
        "SIEGEWATCH_WEB__LISTEN": "0.0.0.0:8350",
    }
    loaded = settings(tmp_path, environ=environ)
    assert loaded.network.allow == (ip_network("127.0.0.1"),)
    assert loaded.web.token == "abc: [1]"
    assert loaded.web.listen == Listen("0.0.0.0", 8350)


def test_variables_that_service_links_set_are_left_alone(tmp_path: Path) -> None:
    environ = {
        "SIEGEWATCH_SERVICE_HOST": "10.0.0.1",
        "SIEGEWATCH_SERVICE_PORT_HTTP": "8350",
        "SIEGEWATCH_PORT": "tcp://10.0.0.1:8350",
        "SIEGEWATCH_REDIS_PORT_6379_TCP_ADDR": "10.0.0.2",
    }
    assert settings(tmp_path, environ=environ).warnings == ()


def test_feeds_get_every_key_and_a_name_from_the_host(tmp_path: Path) -> None:
    feeds = (
        "feeds:\n  - url: https://news.example/rss\n"
        "  - {url: 'http://127.0.0.1:9/x', name: 'NO', tags: africa, every: 1s, priority: critical, outlet: O,"
        " allow: [127.0.0.0/8]}\n"
    )
    plain, full = settings(tmp_path, feeds=feeds).feeds
    assert (plain.name, plain.tags, plain.every, plain.priority) == ("news.example", (), None, "normal")
    assert (plain.outlet, plain.source, plain.allow) == (None, "feed", ())
    assert (full.name, full.tags, full.every) == ("NO", ("africa",), timedelta(seconds=1))
    assert (full.priority, full.outlet, full.allow) == ("critical", "O", ("127.0.0.0/8",))


@pytest.mark.parametrize(
    ("host", "allow"),
    [("127.0.0.1:80", "127.0.0.0/8"), ("localhost", "127.0.0.1"), ("[::1]:8", "::1"), ("10.1.2.3", "10.0.0.0/8")],
)
def test_one_second_is_enough_for_allowed_addresses(tmp_path: Path, host: str, allow: str) -> None:
    feeds = f"feeds:\n  - {{url: 'http://{host}/rss', every: 1s}}\n"
    (feed,) = settings(tmp_path, f"network: {{allow: ['{allow}']}}\n", feeds).feeds
    assert feed.every == timedelta(seconds=1)


def test_a_fast_poll_every_is_well_where_all_who_take_it_are_allowed(tmp_path: Path) -> None:
    feeds = "feeds:\n  - url: http://127.0.0.1/rss\n  - {url: 'https://news.example/', every: 5m}\n"
    loaded = settings(tmp_path, "network: {allow: [127.0.0.1]}\npoll: {every: 1s}\n", feeds)
    assert loaded.poll.every == timedelta(seconds=1)


def test_channels_and_routes_come_as_the_domain_knows_them(tmp_path: Path) -> None:
    alerts = (
        "channels:\n"
        '  - {name: desk, type: slack, url: "${SLACK:-}"}\n'
        f'  - {{name: archive, type: webhook, url: "https://in.example/x", secret: "{SECRET}"}}\n'
        "  - {name: night, type: telegram, options: {chat: '-1', topic: '2'}}\n"
        "routes:\n"
        "  - {match: {severity: [flash, update], country: [sy, NO], kind: siege}, channels: [desk], continue: true}\n"
        "  - channels: archive\n"
    )
    loaded = settings(tmp_path, alerts=alerts)
    assert loaded.channels == (
        ChannelSpec("desk", "slack"),
        ChannelSpec("archive", "webhook", "https://in.example/x", SECRET),
        ChannelSpec("night", "telegram", options={"chat": "-1", "topic": "2"}),
    )
    first = Route({"severity": ("flash", "update"), "country": ("SY", "NO"), "kind": ("siege",)}, ("desk",), True)
    assert loaded.routes == (first, Route({}, ("archive",)))


def test_without_alerts_yaml_the_console_takes_everything_and_a_warning_says_so(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(FEED, encoding="utf-8")
    loaded = load(tmp_path, {})
    assert loaded.channels == (ChannelSpec("console", "console"),)
    assert loaded.routes == (Route({}, ("console",)),)
    assert [(warning.file, warning.line) for warning in loaded.warnings] == [(str(tmp_path / "alerts.yaml"), 0)]


@pytest.mark.parametrize(
    ("feeds", "alerts", "line", "what"),
    [
        ("feeds: []\n", CONSOLE, 1, "no feed is listed"),
        (FEED, CONSOLE.replace("routes", "  - {name: spare, type: console}\nroutes"), 3, 'names the channel "spare"'),
        (FEED, "channels: []\nroutes: []\n", 2, "no alert goes anywhere"),
        (FEED, CONSOLE.replace("{channels", "{match: {tag: africa}, channels"), 4, 'no feed has the tag "africa"'),
    ],
)
def test_harmless_mistakes_are_warnings(tmp_path: Path, feeds: str, alerts: str, line: int, what: str) -> None:
    (warning,) = settings(tmp_path, feeds=feeds, alerts=alerts).warnings
    assert warning.line == line
    assert what in warning.what


@pytest.mark.parametrize(
    ("written", "listen"),
    [
        ("127.0.0.1:0", Listen("127.0.0.1", 0)),
        ("'[::1]:8350'", Listen("::1", 8350)),
        ("localhost:80", Listen("localhost", 80)),
        ("''", None),
    ],
)
def test_listen_is_host_and_port_or_nothing(tmp_path: Path, written: str, listen: Listen | None) -> None:
    assert settings(tmp_path, f"web: {{listen: {written}}}\n").web.listen == listen


def test_listen_writes_itself_as_it_was_written() -> None:
    assert (str(Listen("::1", 80)), str(Listen("host", 80))) == ("[::1]:80", "host:80")


def test_listening_beyond_this_machine_needs_a_token(tmp_path: Path) -> None:
    loaded = settings(tmp_path, "web: {listen: ':8350', token: secret}\n")
    assert loaded.web.listen == Listen("0.0.0.0", 8350)


def test_public_url_loses_its_last_slash(tmp_path: Path) -> None:
    assert settings(tmp_path, "web: {public_url: https://w.example/}\n").web.public_url == "https://w.example"


def test_user_agent_carries_the_version(tmp_path: Path) -> None:
    from siegewatch import __version__

    assert settings(tmp_path).poll.user_agent == f"siegewatch/{__version__} (feed reader)"


def test_settings_are_frozen(tmp_path: Path) -> None:
    loaded = settings(tmp_path)
    with pytest.raises(FrozenInstanceError):
        loaded.remember_days = 1  # type: ignore[misc]
    with pytest.raises(ValidationError):
        loaded.poll.workers = 1


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such configuration folder, name it with --config DIR"):
        load(tmp_path / "none", {})


def test_missing_feeds_yaml_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, {})
    (fault,) = caught.value.faults
    assert fault.file == str(tmp_path / "feeds.yaml")
    assert fault.what == "no such file"


def test_environment_takes_keys_with_values(tmp_path: Path) -> None:
    for written in ("fr: siegewatch-en, ar: siegewatch-en", "{fr: siegewatch-en, 'ar': \"siegewatch-en\"}"):
        loaded = settings(tmp_path, environ={"SIEGEWATCH_DETECT__LANGUAGES": written})
        assert loaded.detect.languages == {"fr": "siegewatch-en", "ar": "siegewatch-en"}
    assert settings(tmp_path, environ={"SIEGEWATCH_DETECT__LANGUAGES": ""}).detect.languages == {}
