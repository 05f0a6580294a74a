"""Every key, default, variable and matcher stands in the documentation and in the shipped files."""

import itertools
import re
import shutil
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import yaml

from siegewatch.detect.own_lexicon import misfits
from siegewatch.domain.alert import ALERT_MATCHERS, EVENT_MATCHERS, OPS_MATCHERS
from siegewatch.domain.feed import Feed
from siegewatch.notify.channels.base import Capacity
from siegewatch.settings import Key, describe, load
from siegewatch.settings.channel_terms import terms_of
from siegewatch.settings.matchers import VALUES
from siegewatch.settings.models import Main
from siegewatch.settings.quantities import budget
from siegewatch.settings.sources import misfits as misfits_of_source
from siegewatch.settings.sources import source_terms

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
KEYS = describe()
SHIPPED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
SOURCES = {
    name: source_terms(EntryPoint(name, point, "siegewatch.sources"))
    for name, point in SHIPPED["siegewatch.sources"].items()
}
NAMES = re.compile(r"name: (\w+)")
OPTIONS = {f"options.{name}" for terms in SOURCES.values() for name in terms.options}


def rows() -> dict[tuple[str, str], list[str]]:
    """The cells of every table row, by the file of its chapter and its first cell."""
    found = {}
    chapter = ""
    lines = [(ROOT / name).read_text(encoding="utf-8").splitlines() for name in ("README.md", "docs/settings.md")]
    for line in itertools.chain(*lines):
        if line.startswith(("## ", "### ")):
            chapter = line.split()[1].rstrip(":")
        elif line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found[chapter, cells[0].strip("`")] = cells[1:]
    return found


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_every_key_has_a_row_with_its_default_variable_and_meaning(key: Key) -> None:
    default, *others = rows()[key.file, key.name]
    assert default == ("required" if key.default is None else f"`{key.default}`")
    assert others == [*([f"`{key.variable}`"] if key.variable else []), key.meaning]
    assert key.meaning


def test_no_row_tells_of_a_key_that_is_not_there() -> None:
    documented = {name for _, name in rows()} - ALERT_MATCHERS - EVENT_MATCHERS - OPS_MATCHERS
    documented -= SHIPPED["siegewatch.channels"].keys()
    assert documented == {key.name for key in KEYS} | OPTIONS


def test_every_option_of_a_source_that_ships_has_a_row() -> None:
    assert {name for file, name in rows() if file == "feeds.yaml" and name.startswith("options.")} == OPTIONS


def test_the_example_of_an_api_is_well() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (entry,) = yaml.safe_load(example)
    terms = SOURCES[entry["source"]]
    feed = Feed(entry["url"], "Example", source=entry["source"], options=entry["options"])
    assert list(misfits_of_source(feed, terms)) == []


@pytest.mark.parametrize("matcher", sorted(ALERT_MATCHERS | EVENT_MATCHERS | OPS_MATCHERS))
def test_every_matcher_has_a_row_with_its_values(matcher: str) -> None:
    asks, values = rows()["alerts.yaml", matcher]
    asked = "the alert" if matcher in ALERT_MATCHERS else "an ops alert" if matcher in OPS_MATCHERS else "one event"
    assert asks == asked
    assert matcher not in VALUES or values == ", ".join(f"`{value}`" for value in VALUES[matcher])


@pytest.mark.parametrize("key", [key for key in KEYS if key.variable], ids=lambda key: key.name)
def test_every_key_stands_commented_in_the_shipped_siegewatch_yaml(key: Key) -> None:
    lines = (CONFIG / "siegewatch.yaml").read_text(encoding="utf-8").splitlines()
    section, _, leaf = key.name.rpartition(".")
    begin = lines.index(f"{section}:") if section else 0
    indent = "  " if section else ""
    place = next(number for number in range(begin, len(lines)) if lines[number].startswith(f"{indent}{leaf}:"))
    assert lines[place - 1].startswith(f"{indent}# ")


@pytest.mark.parametrize("key", [key for key in KEYS if not key.variable], ids=lambda key: key.name)
def test_every_key_of_a_list_stands_in_the_head_of_its_shipped_file(key: Key) -> None:
    text = (CONFIG / key.file).read_text(encoding="utf-8")
    leaf = key.name.rpartition(".")[2]
    assert re.search(rf"^ *#   {leaf}  ", text, re.MULTILINE)


def test_the_shipped_siegewatch_yaml_states_the_defaults() -> None:
    loaded = load(CONFIG, {})
    defaults = Main()
    for name in Main.model_fields:
        assert getattr(loaded, name) == getattr(defaults, name)
        assert name in yaml.safe_load((CONFIG / "siegewatch.yaml").read_text(encoding="utf-8"))


def test_the_shipped_files_are_well() -> None:
    assert load(CONFIG, {}).warnings == ()


def test_the_shipped_channels_take_their_addresses_from_the_environment() -> None:
    secret = "whsec_" + "QUJD" * 10
    environ = {
        "SLACK_WEBHOOK_URL": "https://hooks.example/1",
        "WEBHOOK_URL": "https://in.example/2",
        "WEBHOOK_SECRET": secret,
    }
    off = {channel.name: channel.url for channel in load(CONFIG, {}).channels}
    on = {channel.name: (channel.url, channel.secret) for channel in load(CONFIG, environ).channels}
    assert off == {"desk": "", "archive": "", "console": ""}
    assert on["desk"] == ("https://hooks.example/1", "")
    assert on["archive"] == ("https://in.example/2", secret)


def test_the_commented_example_routes_are_well(tmp_path: Path) -> None:
    text = (CONFIG / "alerts.yaml").read_text(encoding="utf-8")
    examples = re.findall(
        r"^  # (- \{.*\})$", text.partition("\nroutes:\n")[2].partition("\ninhibit:")[0], re.MULTILINE
    )
    head, _, last = text.rpartition("  - {channels: [archive, console]}\n")
    desk = "channels:\n  - {name: africa-desk, type: slack}\n"
    routes = "".join(f"  {example}\n" for example in examples)
    (tmp_path / "alerts.yaml").write_text(
        head.replace("channels:\n", desk, 1)
        + routes.replace("[archive]}", "[archive], continue: true}")
        + "  - {channels: [archive, console]}\n"
        + last,
        encoding="utf-8",
    )
    (tmp_path / "feeds.yaml").write_bytes((CONFIG / "feeds.yaml").read_bytes())
    assert len(examples) == 6
    assert len(load(tmp_path, {}).routes) == 2 + len(examples)


def test_the_commented_example_inhibition_is_well(tmp_path: Path) -> None:
    text = (CONFIG / "alerts.yaml").read_text(encoding="utf-8")
    [example] = re.findall(r"^  # (- \{.*\})$", text.partition("\ninhibit: []\n")[2], re.MULTILINE)
    (tmp_path / "alerts.yaml").write_text(text.replace("inhibit: []", f"inhibit:\n  {example}"), "utf-8")
    (tmp_path / "feeds.yaml").write_bytes((CONFIG / "feeds.yaml").read_bytes())
    assert len(load(tmp_path, {}).inhibit) == 1


def test_the_commented_example_channels_are_well_and_off_until_their_variable_is_set(tmp_path: Path) -> None:
    text = (CONFIG / "alerts.yaml").read_text(encoding="utf-8")
    examples = re.findall(r"^  # (- \{.*\})$", text.partition("\nroutes:\n")[0], re.MULTILINE)
    lines = "".join(f"  {example}\n" for example in examples)
    (tmp_path / "alerts.yaml").write_text(f"channels:\n{lines}routes:\n  - channels: {NAMES.findall(lines)}\n", "utf-8")
    (tmp_path / "feeds.yaml").write_bytes((CONFIG / "feeds.yaml").read_bytes())
    types = {channel.type for channel in load(tmp_path, {}).channels}
    assert types == SHIPPED["siegewatch.channels"].keys() - {"console", "webhook"}
    for channel in load(tmp_path, {}).channels:
        assert terms_of(EntryPoint("x", SHIPPED["siegewatch.channels"][channel.type], "x").load()).why_off(channel)


def test_every_type_of_channel_has_a_row_and_stands_in_the_shipped_file() -> None:
    text = (CONFIG / "alerts.yaml").read_text(encoding="utf-8")
    (meaning,) = (key.meaning for key in KEYS if key.name == "channels[].type")
    for name, point in SHIPPED["siegewatch.channels"].items():
        cells = rows()["alerts.yaml", name]
        assert name in text
        assert name in meaning
        made = EntryPoint(name, point, "x").load()
        assert all(f"`{option}`" in cells[2] for option in terms_of(made).options)
        assert budget(cells[3].strip("`")) == getattr(made, "capacity", Capacity()).budget


def test_the_shipped_feeds_are_many_tagged_and_from_many_places() -> None:
    feeds = load(CONFIG, {}).feeds
    assert len(feeds) >= 70
    assert len({feed.name for feed in feeds}) == len(feeds)
    assert all(feed.tags for feed in feeds)
    tags = {tag for feed in feeds for tag in feed.tags}
    assert {"world", "mideast", "africa", "asia", "europe", "americas", "humanitarian", "analysis"} <= tags


def test_the_commented_example_lexicon_is_well(tmp_path: Path) -> None:
    shutil.copytree(CONFIG, tmp_path, dirs_exist_ok=True)
    for file, example in {
        "triggers.yaml": r"^  # (?=- \{)",
        "actors.yaml": r"^# (?=[a-z0-9-]+: \{)",
        "places.yaml": r"^# (?=[A-Z]{2}:$|  - \{)",
    }.items():
        path = tmp_path / "lexicon" / file
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(example, "  " if file == "triggers.yaml" else "", text, flags=re.MULTILINE), "utf-8")
    lexicon = load(tmp_path, {}).lexicon
    assert (len(lexicon.frames), len(lexicon.actors), len(lexicon.places)) == (4, 2, 2)
    assert list(misfits(lexicon)) == []


def test_the_shipped_lexicon_adds_nothing() -> None:
    assert not load(CONFIG, {}).lexicon
