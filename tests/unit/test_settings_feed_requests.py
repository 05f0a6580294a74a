"""How a feed is asked for: which headers the keys of feeds.yaml become, and which are refused."""

import traceback
from base64 import b64encode
from pathlib import Path

import pytest

from siegewatch.domain.errors import SettingsError
from siegewatch.domain.feed import Feed
from siegewatch.settings import load
from siegewatch.settings.feeds import FeedEntry

CANARY = "s3cr3tCANARY"
CONSOLE = "channels:\n  - {name: console, type: console}\nroutes:\n  - {channels: [console]}\n"


def feed(folder: Path, keys: str, url: str = "https://news.example/rss", **environ: str) -> Feed:
    (folder / "feeds.yaml").write_text(f"feeds:\n  - url: {url}\n    {keys}\n", encoding="utf-8")
    (folder / "alerts.yaml").write_text(CONSOLE, encoding="utf-8")
    return load(folder, environ).feeds[0]


def fault(folder: Path, keys: str, url: str = "https://news.example/rss") -> str:
    with pytest.raises(SettingsError) as caught:
        feed(folder, keys, url)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    return str(caught.value).partition("feeds.yaml:")[2]


def basic(pair: str) -> str:
    return "Basic " + b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("keys", "headers"),
    [
        ("name: plain", {}),
        ("headers: {X-Api-Key: k, Accept-Language: ar}", {"X-Api-Key": "k", "Accept-Language": "ar"}),
        ("auth: {user: ann, password: 'p:ü'}", {"Authorization": basic("ann:p:ü")}),
        ("auth: {user: key-only}", {"Authorization": basic("key-only:")}),
        ("auth: {bearer: a.b-c}", {"Authorization": "Bearer a.b-c"}),
        ("cookies: {sid: 1, consent: 'a=b,c'}", {"Cookie": "sid=1; consent=a=b,c"}),
        ("user_agent: desk/{version}", {"User-Agent": "desk/0.1.0"}),
        ("auth: {bearer: '${TOKEN}'}", {"Authorization": "Bearer from outside"}),
    ],
)
def test_keys_become_headers(tmp_path: Path, keys: str, headers: dict[str, str]) -> None:
    assert feed(tmp_path, keys, TOKEN="from outside").headers == headers


def test_what_is_empty_is_not_sent(tmp_path: Path) -> None:
    keys = [
        "auth: {bearer: '${NONE:-}'}",
        "cookies: {sid: '${NONE:-}'}",
        "headers: {X-Key: '${NONE:-}'}",
        "user_agent:",
    ]
    found = feed(tmp_path, "\n    ".join(keys))
    assert (found.headers, found.proxy) == ({}, "")


@pytest.mark.parametrize("address", ["http://10.0.0.9:3128", "http://u:p%40@proxy.example:8080", "http://[::1]:1"])
def test_a_proxy_is_an_http_address_with_a_port(tmp_path: Path, address: str) -> None:
    assert feed(tmp_path, f"proxy: {address}/").proxy == address


@pytest.mark.parametrize(
    "address",
    ["https://proxy.example:1", "socks5://h:1", "http://proxy.example", "http://h:1/path", "h:1", "http://h:x"],
)
def test_other_proxies_are_refused(tmp_path: Path, address: str) -> None:
    assert "write http://host:port or http://user:password@host:port" in fault(tmp_path, f"proxy: '{address}'")


@pytest.mark.parametrize(
    "name",
    [
        *("Host", "content-length", "Transfer-Encoding", "CONNECTION", "Proxy-Authorization", "TE", "Upgrade"),
        *("Accept-Encoding", "If-None-Match", "Range", "Expect"),
    ],
)
def test_headers_that_are_siegewatchs_own_to_write_are_refused(tmp_path: Path, name: str) -> None:
    told = fault(tmp_path, f"headers: {{{name}: {CANARY}}}")
    assert told == f'3: headers has "{name}", which siegewatch itself decides, remove it'


@pytest.mark.parametrize("name", ["X Key", "X:Key", "Ключ", '"X\\r\\nY"', '""', "X(1)"])
def test_what_is_no_header_name_is_refused(tmp_path: Path, name: str) -> None:
    told = fault(tmp_path, f"headers:\n      {name}: {CANARY}" if name != "X:Key" else "headers: {'X:Key': a}")
    assert "a name that no header can have" in told


@pytest.mark.parametrize("key", ["headers: {X-Key: %s}", "cookies: {sid: %s}", "auth: {bearer: %s}"])
@pytest.mark.parametrize("value", [f'"{CANARY}\\r\\nX-Evil: 1"', f'"{CANARY}\\0"', f'" {CANARY}"', f'"{CANARY}ü"'])
def test_values_that_would_break_a_request_are_refused_and_not_shown(tmp_path: Path, key: str, value: str) -> None:
    assert "write one line of plain ASCII" in fault(tmp_path, key % value)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("auth: {user: a, bearer: %s}", "3: auth has both a bearer and a user, keep one"),
        ("auth: {user: 'a:%s'}", "3: auth.user has a colon or a control character"),
        ('auth: {user: a, password: "%s\\n"}', "3: auth.password has a control character"),
        ("auth: %s", "3: auth must hold keys of its own"),
        ("auth: {token: %s}", '3: unknown key "token"'),
        ("headers: [%s]", "3: headers must hold keys of its own"),
        ("headers: {A: [%s]}", "3: headers.A must be one value"),
        ("headers: {X-Key: %s, x-key: b}", '3: headers has "x-key" twice, keep one'),
        ("cookies: {sid: 'a; b=%s'}", '3: cookies has a semicolon in "sid"'),
        ("cookies: {'a b': %s}", "3: cookies has a name that no cookie can have"),
        ('user_agent: "%s\\n1"', "3: user_agent (withheld: it may be secret) has line ends"),
        ("headers: {authorization: %s}\n    auth: {bearer: b}", "2: feeds has the header authorization from two keys"),
        ("headers: {Cookie: %s}\n    cookies: {a: b}", "2: feeds has the header cookie from two keys"),
        ("headers: {User-Agent: %s}\n    user_agent: b", "2: feeds has the header user-agent from two keys"),
    ],
)
def test_what_cannot_be_sent_is_told_by_its_line(tmp_path: Path, keys: str, told: str) -> None:
    assert fault(tmp_path, keys.replace("%s", CANARY)).startswith(told)


def test_a_password_in_the_address_and_another_is_a_fault(tmp_path: Path) -> None:
    told = fault(tmp_path, "auth: {bearer: b}", f"https://u:{CANARY}@news.example/rss")
    assert "the header authorization from two keys" in told


def test_no_repr_and_no_dump_shows_how_a_feed_is_asked_for(tmp_path: Path) -> None:
    keys = (
        f"headers: {{X-Key: {CANARY}}}\n    auth: {{user: {CANARY}, password: {CANARY}}}\n"
        f"    cookies: {{a: {CANARY}}}\n    user_agent: {CANARY}\n    proxy: 'http://u:{CANARY}@h:1'"
    )
    found = feed(tmp_path, keys, f"https://news.example/?key={CANARY}")
    assert CANARY in found.proxy
    assert CANARY in found.headers["X-Key"]
    entry = FeedEntry.model_validate(
        {
            "url": f"https://h/?key={CANARY}",
            "headers": {"A": CANARY},
            "auth": {"bearer": CANARY},
            "proxy": f"http://{CANARY}:1",
        }
    )
    for shown in (repr(found), str(load(tmp_path, {})), repr(entry), entry.model_dump_json()):
        assert CANARY not in shown
