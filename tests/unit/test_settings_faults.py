"""Every mistake is told with file, line, what is wrong and what to write."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siegewatch.domain.errors import SettingsError
from siegewatch.settings import load
from siegewatch.settings.channels import ChannelEntry
from siegewatch.settings.complaints import checked
from siegewatch.settings.document import Document
from siegewatch.settings.feeds import FeedEntry
from siegewatch.settings.lexicon import ActorEntry, NounEntry, PlaceEntry, TriggersFile, VerbEntry
from siegewatch.settings.models import Main
from siegewatch.settings.routes import RouteEntry
from siegewatch.settings.section import Section

FEED = "feeds:\n  - url: https://news.example/rss\n"
CONSOLE = "channels:\n  - {name: console, type: console}\nroutes:\n  - {channels: [console]}\n"


def faults(folder: Path, files: Mapping[str, str | bytes], environ: dict[str, str] | None = None) -> list[str]:
    """Each fault as it is printed, files by their bare names."""
    for name, text in {"feeds.yaml": FEED, "alerts.yaml": CONSOLE, **files}.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError) as caught:
        load(folder, environ or {})
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


MAIN = {
    "pol: {every: 5m}": 'unknown key "pol", did you mean "poll"?',
    "poll: {evrey: 5m}": 'unknown key "evrey", did you mean "every"?',
    "quux: 1": 'unknown key "quux", write one of: archive_days, data_dir, detect, display, feedback, log,',
    "poll: {evrey: }": 'unknown key "evrey", did you mean "every"?',
    "poll: 5m": "poll must hold keys of its own, write {key: value} or indented keys",
    "poll: {every: 300}": 'poll.every "300" has no unit, write a number and s, m, h or d, such as 90s',
    "poll: {every: often}": 'poll.every "often" is no duration, write a number and s, m, h or d, such as 90s',
    "poll: {every: 30s}": 'poll.every "30s" is under 60 s, and feeds beyond network.allow have no every of their own, '
    "write 60s or more (1s is for addresses in network.allow)",
    "poll: {every: 0s}": 'poll.every "0s" is under 1s, write 1s or more',
    "poll: {every: 999999999w}": 'poll.every "999999999w" is over 7d, write 7d or less',
    "poll: {every: 5h}": "poll has at_most 4h, shorter than every 5h, write at_most: 5h or more",
    "poll: {at_most: 2m}": "poll has at_most 2m, shorter than every 5m, write at_most: 5m or more",
    "poll: {max_bytes: big}": 'poll.max_bytes "big" is no size, write a number and KB, MB, KiB or MiB, such as 15MB',
    "poll: {max_bytes: 1GB}": 'poll.max_bytes "1GB" is over 100MB, write 100MB or less',
    "poll: {workers: many}": 'poll.workers "many" is no whole number, write digits only',
    "poll: {workers: 0}": 'poll.workers "0" is under 1, write 1 or more',
    "poll: {workers: [1]}": "poll.workers is no whole number, write digits only",
    "poll: {user_agent: ' '}": 'poll.user_agent " " is empty',
    "poll: {user_agent: Späher}": 'poll.user_agent "Späher" has line ends or characters outside ASCII',
    "watch: {all_quiet: 7 am}": 'watch.all_quiet "7 am" is no time of day, write hours and minutes such as 07:00',
    "detect: {min_confidence: 1.5}": 'detect.min_confidence "1.5" is over 1.0, write 1.0 or less',
    "detect: {corroborated_by: 1}": 'detect.corroborated_by "1" corroborates nothing, write 2 or more, or 0 for never',
    "detect: {min_confidence: .nan}": 'detect.min_confidence ".nan" is no number, write a number such as 0.5',
    "detect: {min_confidence: nan}": 'detect.min_confidence "nan" is under 0.0, write 0.0 or more',
    "detect: {classifier: siegewatch}": 'detect.classifier "siegewatch" is not installed, did you mean',
    "detect: {languages: {fr: siegewatch}}": 'detect.languages.fr "siegewatch" is not installed, did you mean',
    "detect: {languages: {en: siegewatch-en}}": 'detect.languages has a key "en", name the classifier of English items',
    "detect: {languages: {xx: siegewatch-en}}": "detect.languages has a key that is no language told apart, write one",
    "detect: {languages: siegewatch-fr}": 'detect.languages "siegewatch-fr" has a key that is no language told apart',
    "detect: {languages: [fr]}": "detect.languages must hold keys of its own, write {key: value} or indented keys",
    "remember_days: -1": 'remember_days "-1" is under 1, write 1 or more',
    "log: {level: loud}": 'log.level "loud" is not known, write debug, info, warning or error',
    "display: {time_zone: Europe/Berln}": 'display.time_zone "Europe/Berln" is no time zone, did you mean "Europe/',
    "display: {time_zone: ../../etc}": 'display.time_zone "../../etc" is no time zone, write UTC or Area/City',
    "web: {listen: 8350}": 'web.listen "8350" is no address and port, write host:port',
    "web: {listen: '0.0.0.0:8350'}": 'web.listen "0.0.0.0:8350" reaches beyond this machine without web.token',
    "web: {listen: 'h:99999'}": 'web.listen "h:99999" is no address and port',
    "web: {token: [a]}": "web.token must be one value, write plain text",
    "web: {public_url: w.example}": "web.public_url is no http or https address, write https://host/path",
    "web: {public_url: 'https://w.example/?a=b'}": "web.public_url has a query, a fragment or a password",
    "store: {url: 'http://h'}": "store.url is no store address, write redis://host:6379/0",
    "store: {url: 'redis://h:port'}": "store.url is no store address",
    "store: {prefix: 'a b*'}": 'store.prefix "a b*" is no key prefix',
    "network: {allow: [10.0.0.1/8]}": 'network.allow "10.0.0.1/8" has host bits set, write 10.0.0.0/8',
    "network: {allow: [localhost]}": 'network.allow "localhost" is no address range, write CIDR such as 10.0.0.0/8',
    "network: {allow: {a: b}}": "network.allow must be a list, write [a, b] or lines with -",
    "data_dir: ''": 'data_dir "" is empty, write a folder such as ./data',
    "data_dir: [a]": "data_dir is no path, write a folder such as ./data",
    "poll: {every: 2m, every: 3m}": 'key "every" stands already on line 2, keep one',
}


@pytest.mark.parametrize(("text", "told"), MAIN.items())
def test_siegewatch_yaml_faults_are_told_with_their_line(tmp_path: Path, text: str, told: str) -> None:
    found = faults(tmp_path, {"siegewatch.yaml": f"# a comment\n{text}\n"})
    assert len(found) == 1
    assert found[0].startswith(f"siegewatch.yaml:2: {told}")


FEEDS = {
    "url: https://b.example/": (2, 'unknown key "url"'),
    "feeds: abc": (2, 'feeds "abc" must be a list, write [a, b] or lines with -'),
    "feeds:\n  - https://b.example/": (3, "feeds must hold keys of its own, write {key: value} or indented keys"),
    "feeds:\n  - name: b": (3, "url is missing, write it"),
    "feeds:\n  - name: b\n    url: b.example/rss": (4, "url is no http or https address, write https://host/path"),
    "feeds:\n  - url: ''": (3, "url is empty or too long, write https://host/path"),
    "feeds:\n  - url: https://b.example/\n    every: 30s": (
        4,
        'every "30s" is under 60 s, write 60s or more (1s is for addresses in network.allow)',
    ),
    "feeds:\n  - {url: 'http://127.0.0.1/', every: 1s}": (
        3,
        'every "1s" is under 60 s, write 60s or more (1s is for addresses in network.allow)',
    ),
    "feeds:\n  - url: https://b.example/\n    tag: [x]": (4, 'unknown key "tag", did you mean "tags"?'),
    "feeds:\n  - url: https://b.example/\n    colour: red": (
        4,
        'unknown key "colour", write one of: allow, auth,',
    ),
    "feeds:\n  - url: https://b.example/\n    priority: urgent": (
        4,
        'priority "urgent" is not known, write critical, high, normal or low',
    ),
    "feeds:\n  - url: https://b.example/\n    source: telegram": (
        4,
        'source "telegram" is not installed, write one of: feed',
    ),
    "feeds:\n  - url: https://b.example/a\n  - url: HTTPS://B.example:443/a#top": (
        4,
        "this url stands already on line 3, keep one",
    ),
}


@pytest.mark.parametrize(("text", "told"), FEEDS.items())
def test_feeds_yaml_faults_are_told_with_their_line(tmp_path: Path, text: str, told: tuple[int, str]) -> None:
    found = faults(tmp_path, {"feeds.yaml": f"# a comment\n{text}\n"})
    assert len(found) == 1
    assert found[0].startswith(f"feeds.yaml:{told[0]}: {told[1]}")


HEAD = "channels:\n  - {name: console, type: console}\n"
ROUTE = "routes:\n  - {channels: [console]}\n"
ALERTS = {
    HEAD + "  - {name: console, type: console}\n" + ROUTE: (
        3,
        'channel "console" stands already on line 2, rename one',
    ),
    HEAD + "  - {name: a, type: fax}\n" + ROUTE: (
        3,
        'type "fax" is not installed, write one of: apprise, atom, cap, console, discord, email,',
    ),
    HEAD + "  - {name: a, type: slak}\n" + ROUTE: (3, 'type "slak" is not installed, did you mean "slack"?'),
    HEAD + "  - {name: a b, type: slack}\n" + ROUTE: (3, 'name "a b" is no name, write up to 64 letters'),
    HEAD + "  - {type: slack}\n" + ROUTE: (3, "name is missing, write it"),
    HEAD + "  - {name: a, type: slack, url: hooks}\n" + ROUTE: (3, "url is no http or https address"),
    HEAD + "  - {name: a, type: webhook, url: 'https://x.example/'}\n" + ROUTE: (
        3,
        'secret is missing beside a url, write "whsec_"',
    ),
    HEAD + "  - {name: a, type: telegram, secret: x, options: {chat: '1'}}\n" + ROUTE: (
        3,
        "secret is no token of a bot, write the one that",
    ),
    HEAD + "  - {name: a, type: telegram, secret: '1:abcdefghijklmnopqrstuv'}\n" + ROUTE: (
        3,
        "options.chat is missing, write its number, as -1001234567890, or its @name",
    ),
    HEAD + "  - {name: a, type: pagerduty, secret: x}\n" + ROUTE: (3, "secret is no routing key, write the 32 letters"),
    HEAD + "  - {name: a, type: ntfy, url: 'https://ntfy.example/'}\n" + ROUTE: (
        3,
        "url names no topic, write https://ntfy.sh/your-topic",
    ),
    HEAD + "  - {name: a, type: email, url: 'https://mail.example'}\n" + ROUTE: (
        3,
        "url is no smtp or smtps address, write smtps://host/path",
    ),
    HEAD + "  - {name: a, type: cap, url: 'file:///var/www'}\n" + ROUTE: (
        3,
        "options.sender is missing, write siegewatch@your.domain",
    ),
    HEAD + "  - {name: a, type: discord, options: {room: x}}\n" + ROUTE: (
        3,
        'unknown key "room", remove it: type discord takes no options',
    ),
    HEAD + "  - name: a\n    type: telegram\n    options:\n      chta: x\n" + ROUTE: (
        6,
        'unknown key "chta", did you mean "chat"?',
    ),
    HEAD + "  - name: a\n    type: webhook\n    url: https://x.example/\n    secret: whsec_QUJD\n" + ROUTE: (
        6,
        "secret is not whsec_ and 24 to 64 bytes in base64",
    ),
    HEAD + "  - {name: a, type: slack, url: 'http://x.example/'}\n" + ROUTE: (
        3,
        'channel "a" would send over plain http, write https://…, or add its address to network.allow',
    ),
    HEAD + "routes:\n  - {channels: [consoll]}\n": (4, 'no channel is named "consoll", did you mean "console"?'),
    HEAD + "routes:\n  - {channels: []}\n": (4, "channels is empty, name at least one channel"),
    HEAD + "routes:\n  - {match: {severity: [flash]}}\n": (4, "channels is missing, write it"),
    HEAD + "routes:\n  - {channels: [console], continue: maybe}\n": (
        4,
        'continue "maybe" is neither true nor false, write true or false',
    ),
    HEAD + "routes:\n  - {match: {severty: [flash]}, channels: [console]}\n": (
        4,
        'unknown matcher "severty", did you mean "severity"?',
    ),
    HEAD + "routes:\n  - {match: {zzz: [a]}, channels: [console]}\n": (
        4,
        'unknown matcher "zzz", write one of: actor, box, change, confidence, country, days, feed, hours, kind, near,',
    ),
    HEAD + "routes:\n  - {match: {severity: [flsh]}, channels: [console]}\n": (
        4,
        'severity "flsh" is not known, did you mean "flash"?',
    ),
    HEAD + "routes:\n  - {match: {change: none}, channels: [console]}\n": (4, 'change "none" is not known'),
    HEAD + "routes:\n  - {match: {status: past}, channels: [console]}\n": (
        4,
        'status "past" is not known, write one of: actual, threatened',
    ),
    HEAD + "routes:\n  - {match: {country: [SY, Sudan]}, channels: [console]}\n": (
        4,
        'country "Sudan" is not known, write the two letters of ISO 3166-1, such as SY',
    ),
    HEAD + "routes:\n  - {match: {kind: siege, phase: launched}, channels: [console]}\n": (
        4,
        "no siege is ever launched, write one of: imposed, broken, fallen, ongoing",
    ),
    HEAD + "routes:\n  - {match: {tag: []}, channels: [console]}\n": (4, "match.tag is empty and takes nothing"),
    HEAD + "routes:\n  - {channels: [console]}\n  - {match: {kind: siege}, channels: [console]}\n": (
        5,
        "no alert gets here: the route on line 4 takes all, put continue: true there",
    ),
    HEAD + "routes:\n  - {match: {subject: feeds}, channels: [console]}\n": (
        4,
        'subject "feeds" is not known, did you mean "feed"?',
    ),
    HEAD + "routes:\n  - {match: {subject: feed, severity: flash}, channels: [console]}\n": (
        4,
        "match.subject takes ops alerts, which have no severity, write a route of its own for subject",
    ),
}


def test_route_for_ops_alerts_may_stand_below_one_that_takes_all_news(tmp_path: Path) -> None:
    text = HEAD + "routes:\n  - {channels: [console]}\n  - {match: {subject: feed}, channels: [console]}\n"
    (tmp_path / "feeds.yaml").write_text(FEED)
    (tmp_path / "alerts.yaml").write_text(text)
    assert load(tmp_path, {}).routes[1].match == {"subject": ("feed",)}


@pytest.mark.parametrize(("text", "told"), ALERTS.items())
def test_alerts_yaml_faults_are_told_with_their_line(tmp_path: Path, text: str, told: tuple[int, str]) -> None:
    found = faults(tmp_path, {"alerts.yaml": text})
    assert len(found) == 1
    assert found[0].startswith(f"alerts.yaml:{told[0]}: {told[1]}")


ENVIRONMENT = {
    "SIEGEWATCH_POLL__EVREY": 'unknown variable SIEGEWATCH_POLL__EVREY, did you mean "SIEGEWATCH_POLL__EVERY"?',
    "SIEGEWATCH_STORE": "unknown variable SIEGEWATCH_STORE, did you mean",
    "SIEGEWATCH_PORT": "unknown variable SIEGEWATCH_PORT",
    "SIEGEWATCH_POLL__TIMEOUT": 'poll.timeout "x" is no duration',
    "SIEGEWATCH_STORE__URL": "store.url is no store address",
}


@pytest.mark.parametrize(("name", "told"), ENVIRONMENT.items())
def test_environment_faults_are_told(tmp_path: Path, name: str, told: str) -> None:
    (fault,) = faults(tmp_path, {}, {name: "x"})
    assert fault.startswith(f"environment:0: {told}")


BROKEN: dict[str | bytes, tuple[int, str]] = {
    "": (1, "the file is empty"),
    "  \n": (1, "the file is empty"),
    "- a\n- b\n": (1, "the file is a list"),
    "\nhello\n": (2, "the file is one bare value"),
    "feeds:\n\t- url: x\n": (2, "a tab stands in the indentation, indent with spaces"),
    "feeds:\n  - {url: ${FEED}}\n": (2, "this is not YAML, put values with ${…} in double quotes"),
    "feeds:\n  - {url: 'x'\n": (3, "this is not YAML: did not find expected ',' or '}'"),
    "feeds: 'x\n": (2, "this is not YAML"),
    "feeds: a: b\n": (1, "this is not YAML: mapping values are not allowed"),
    "feeds: []\n---\nfeeds: []\n": (2, "a second document begins here"),
    "feeds:\n  - &a {url: x}\n": (2, "anchors and aliases (&, *) are not read"),
    "feeds:\n  - *a\n": (2, "anchors and aliases (&, *) are not read"),
    "feeds:\n  - !!python/object:os.system x\n": (2, "tags (!) are not read"),
    "feeds:\n  ? [a]\n  : b\n": (2, "a key must be one word"),
    "feeds: " + "[" * 5_000: (1, "brackets or indentation go over 12 levels deep"),
    "feeds:\n# \u00e9\n".encode("latin-1"): (2, "a byte here is not UTF-8"),
    "feeds: []\n".encode("utf-16"): (1, "the file is UTF-16"),
    b"feeds: []\n\x00\n": (2, "a control character stands here"),
}


@pytest.mark.parametrize("name", ["siegewatch.yaml", "feeds.yaml", "alerts.yaml"])
@pytest.mark.parametrize(("text", "told"), BROKEN.items(), ids=range(len(BROKEN)))
def test_a_broken_file_is_one_fault_with_its_line(
    tmp_path: Path, name: str, text: str | bytes, told: tuple[int, str]
) -> None:
    (fault,) = faults(tmp_path, {name: text})
    assert fault.startswith(f"{name}:{told[0]}: {told[1]}")


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "siegewatch.yaml").mkdir()
    (fault,) = faults(tmp_path, {})
    assert fault.startswith("siegewatch.yaml:0: cannot be read (Is a directory)")


INTERPOLATED = {
    "poll: {timeout: '${NOT_SET}'}": "variable NOT_SET is not set, set it, or write ${NOT_SET:-} for empty",
    "poll: {timeout: '${WAIT}'}": 'poll.timeout "${WAIT}" is no duration',
    "poll: {timeout: '${}'}": "a ${ here is in no known form",
    "poll: {timeout: '${UNCLOSED'}": "a ${ here is in no known form",
    "poll: {timeout: '${file:/nowhere/secret}'}": "secret file /nowhere/secret cannot be read (No such file",
    "network: {allow: ['${NOT_SET}']}": "variable NOT_SET is not set",
}


@pytest.mark.parametrize(("text", "told"), INTERPOLATED.items())
def test_what_cannot_be_filled_in_is_one_fault_that_names_it(tmp_path: Path, text: str, told: str) -> None:
    (fault,) = faults(tmp_path, {"siegewatch.yaml": text}, {"WAIT": "a while"})
    assert fault.startswith(f"siegewatch.yaml:1: {told}")


def test_all_faults_of_all_files_come_at_once_in_their_order(tmp_path: Path) -> None:
    files = {
        "siegewatch.yaml": "remember_days: 0\npol: 1\nlog: {level: x}\n",
        "feeds.yaml": "feeds:\n  - {url: 'https://a.example', every: 2s}\n  - {url: x}\n"
        "  - {url: 'https://c.example', z: 1}\n",
        "alerts.yaml": "channels:\n  - {name: a, type: x}\nroutes:\n  - {match: {kind: x}, channels: [a, b]}\n",
    }
    found = faults(tmp_path, files, {"SIEGEWATCH_X": "1"})
    assert [fault.split(": ")[0] for fault in found] == [
        "siegewatch.yaml:1",
        "siegewatch.yaml:2",
        "siegewatch.yaml:3",
        "feeds.yaml:2",
        "feeds.yaml:3",
        "feeds.yaml:4",
        "alerts.yaml:2",
        "alerts.yaml:4",
        "alerts.yaml:4",
        "environment:0",
    ]


def test_a_fault_in_network_allow_brings_no_faults_of_what_it_might_allow(tmp_path: Path) -> None:
    files = {
        "siegewatch.yaml": "network: {allow: [nonsense]}\n",
        "feeds.yaml": "feeds:\n  - {url: 'http://127.0.0.1/', every: 1s}\n",
    }
    (fault,) = faults(tmp_path, files)
    assert fault.startswith('siegewatch.yaml:1: network.allow "nonsense"')


VALUES = st.recursive(
    st.sampled_from(["", "x", "5m", "1", "-1", "1e9", "nan", "true", "[a]", "http://[", "\0", "9" * 5_000]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "every", "url"]), inner, max_size=2)
    ),
    max_leaves=4,
)
KEYS = [*Main.model_fields, "x"]


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3))
def test_no_value_brings_more_than_faults(data: dict[str, object]) -> None:
    loaded, told = checked(Main, data, Document("siegewatch.yaml", data))
    assert (loaded is None) == bool(told)
    assert all(fault.what and fault.instead for fault in told)


SECTIONS = [type(section) for _, section in Main() if isinstance(section, Section)]


@pytest.mark.parametrize(
    "model",
    [FeedEntry, ChannelEntry, RouteEntry, VerbEntry, NounEntry, TriggersFile, ActorEntry, PlaceEntry, *SECTIONS],
)
@settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=VALUES)
def test_no_value_of_any_key_brings_more_than_faults(model: type[Section], value: object) -> None:
    for name, field in model.model_fields.items():
        data = {field.alias or name: value}
        loaded, told = checked(model, data, Document("a.yaml", data))
        assert (loaded is None) == bool(told)
