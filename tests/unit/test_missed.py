"""What did I miss: the stories told of since a time, the gravest first, as they stand by now."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import fakeredis
import pytest
from typer.testing import CliRunner, Result

from siegewatch import wiring
from siegewatch.apps.cli import app
from siegewatch.domain.alert import Alert
from siegewatch.domain.taxonomy import Severity
from siegewatch.notify.sample import sample_alert
from siegewatch.store import codec
from siegewatch.store.client import Store
from siegewatch.store.keys import Keys


@pytest.fixture
def store() -> Store:
    return Store(fakeredis.FakeRedis(), Keys("sw:"))


@pytest.fixture
def config(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    @contextmanager
    def opened(_: object) -> Iterator[Store]:
        yield store

    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    monkeypatch.setattr(wiring, "opened_store", opened)
    return tmp_path


def siegewatch(config: Path, *arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, [*arguments, "--config", str(config)])


@pytest.fixture
def told(store):
    """Remembers an alert that was told so many hours ago."""

    def tell(name: str, hours: float, story: str, severity: Severity) -> Alert:
        at = wiring.now() - timedelta(hours=hours)
        alert = sample_alert(at)
        alert = replace(alert, id=name, severity=severity, story=replace(alert.story, id=story, title=f"Story {story}"))
        store.redis.set(f"sw:alert:{name}", codec.dump(alert))
        store.redis.zadd("sw:alerts:recent", {name: at.timestamp() * 1000})
        return alert

    return tell


def test_stories_are_told_once_the_gravest_first_and_old_ones_not(config, told):
    told("a1", 7, "s1", Severity.UPDATE)
    told("a2", 6, "s2", Severity.FLASH)
    told("a3", 1, "s1", Severity.WATCH)
    told("a4", 9, "s3", Severity.FLASH)
    told("a5", 2, "s4", Severity.FLASH)
    found = json.loads(siegewatch(config, "alerts", "missed", "--since", "8h", "--format", "json").stdout)
    assert [(one["story"], one["severity"], one["alerts"]) for one in found] == [
        ("s4", "flash", ["a5"]),
        ("s2", "flash", ["a2"]),
        ("s1", "update", ["a3", "a1"]),
    ]


def test_story_is_shown_as_it_stands_by_now(config, told, store):
    alert = told("a1", 1, "s1", Severity.FLASH)
    now = replace(alert.story, title="Story as it is now")
    store.redis.hset("sw:story:s1", mapping={"version": now.version, "state": codec.dump(now)})
    shown = siegewatch(config, "alerts", "missed").stdout
    assert "as it is now" in " ".join(shown.split())


def test_nothing_missed_says_so(config):
    done = siegewatch(config, "alerts", "missed", "--since", "3d")
    assert (done.exit_code, done.stdout) == (0, "nothing was told in the last 3d\n")
    assert siegewatch(config, "alerts", "missed", "--since", "yesterday").exit_code == 2
