"""What counts as a change of the configuration, and what the log says of it."""

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from siegewatch.apps.reload import Reload
from siegewatch.domain.errors import StoreError, UsageError
from siegewatch.settings import Settings, load
from siegewatch.settings.changes import at_run_time, by_restart, changes
from siegewatch.settings.folder import ConfigFolder

FEEDS = 'feeds: [{url: "https://a.example/rss?key=s3cr3t", name: A}, {url: "https://b.example/rss", name: B}]\n'
ALERTS = """
channels:
  - {name: desk, type: slack, url: "https://hooks.slack.com/services/T0/B0/s3cr3t"}
  - {name: console, type: console}
routes:
  - {channels: [desk, console]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    (tmp_path / "alerts.yaml").write_text(ALERTS)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    """Writes a file in a moment of its own: the clock of a file system may be coarse."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    later = max(other.stat().st_mtime_ns for other in folder.rglob("*.yaml")) + 10**9
    os.utime(path, ns=(later, later))


def looks(written: ConfigFolder, times: int = 3) -> list[bool]:
    return [written.changed() for _ in range(times)]


@pytest.mark.parametrize("name", ["feeds.yaml", "siegewatch.yaml", "lexicon/triggers.yaml"])
def test_file_that_is_written_counts_once_and_only_when_it_stands_still(folder: Path, name: str) -> None:
    written = ConfigFolder(folder, {})
    assert looks(written) == [False] * 3
    write(folder, name, "a: 1\n")
    assert not written.changed(), "just written: more may come"
    write(folder, name, "a: 12\n")
    assert looks(written, 4) == [False, True, False, False]


def test_file_that_goes_counts(folder: Path) -> None:
    written = ConfigFolder(folder, {})
    (folder / "alerts.yaml").unlink()
    assert looks(written) == [False, True, False]


def test_touch_and_a_change_taken_back_count_for_nothing(folder: Path) -> None:
    written = ConfigFolder(folder, {})
    write(folder, "feeds.yaml", FEEDS)
    assert looks(written) == [False] * 3
    write(folder, "feeds.yaml", FEEDS + "#")
    written.changed()
    write(folder, "feeds.yaml", FEEDS)
    assert looks(written) == [False] * 3


def test_change_between_making_and_loading_is_seen(folder: Path) -> None:
    written = ConfigFolder(folder, {})
    write(folder, "feeds.yaml", "feeds: []\n")
    written.load()
    assert looks(written)[:2] == [False, True]


def test_files_changed_by_a_swapped_link_are_seen(tmp_path: Path, folder: Path) -> None:
    """As Kubernetes does with the files of a ConfigMap."""
    config, versions = tmp_path / "mounted", [tmp_path / "v1", tmp_path / "v2"]
    for number, version in enumerate(versions):
        version.mkdir()
        (version / "feeds.yaml").write_text("feeds: []\n" + "#" * number)
    config.mkdir()
    (config / "..data").symlink_to(versions[0])
    (config / "feeds.yaml").symlink_to(Path("..data") / "feeds.yaml")
    written = ConfigFolder(config, {})
    (config / "..new").symlink_to(versions[1])
    (config / "..new").rename(config / "..data")
    assert looks(written) == [False, True, False]


def test_changes_are_named_and_hold_no_value(folder: Path) -> None:
    before = load(folder, {})
    (folder / "feeds.yaml").write_text(
        'feeds: [{url: "https://a.example/rss?key=s3cr3t", name: A, every: 9m}, {url: "https://c.example/", name: C}]'
    )
    (folder / "alerts.yaml").write_text(ALERTS.replace("T0/B0/s3cr3t", "T0/B0/0ther"))
    (folder / "siegewatch.yaml").write_text("{poll: {every: 7m}, detect: {min_confidence: 0.7}}")
    told = changes(before, load(folder, {})).told()
    assert told == {
        "feeds_added": ["C"],
        "feeds_removed": ["B"],
        "feeds_changed": ["A"],
        "channels_changed": ["desk"],
        "keys": ["poll.every", "detect.min_confidence"],
    }


def test_what_a_service_is_built_upon_stays_until_a_restart(folder: Path) -> None:
    running = load(folder, {})
    keys = {"STORE__URL": "redis://h", "WEB__LISTEN": "", "POLL__EVERY": "9m"}
    read = load(folder, {f"SIEGEWATCH_{key}": value for key, value in keys.items()})
    assert by_restart(running, read) == ("store.url", "web.listen")
    after = at_run_time(running, read)
    assert (after.store, after.web, after.poll) == (running.store, running.web, read.poll)


class Held:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def forget_roster(self) -> None:
        """Has none."""


class Service:
    """Takes other settings, unless it has a reason not to."""

    def __init__(self, settings: Settings) -> None:
        self.current = Held(settings)
        self.refuses: Exception | None = None

    def take(self, settings: Settings) -> None:
        if self.refuses:
            raise self.refuses
        self.current.settings = settings


@pytest.fixture
def reload(folder: Path) -> Reload:
    written = ConfigFolder(folder, {})
    return Reload(written, Service(written.load()))


def said(reload: Reload, times: int = 3) -> list[str]:
    with capture_logs() as logged:
        for _ in range(times):
            reload.look()
    return [line["event"] for line in logged]


def test_faults_are_told_once_and_again_only_when_asked(folder: Path, reload: Reload) -> None:
    write(folder, "feeds.yaml", "feeds: [{url: nowhere}, {name: x}]\n")
    assert said(reload, 5) == ["configuration_refused"] * 2
    reload.ask()
    assert said(reload) == ["configuration_refused"] * 2
    write(folder, "feeds.yaml", "feeds: []\n")
    assert said(reload)[0] == "configuration_changed"
    assert reload.service.current.settings.feeds == ()


def test_what_a_role_refuses_is_told_as_a_fault_is(folder: Path, reload: Reload) -> None:
    reload.service.refuses = UsageError("the channel 'x' cannot be imported")
    write(folder, "feeds.yaml", "feeds: []\n")
    assert said(reload) == ["configuration_refused"]


def test_store_that_fails_is_waited_for(folder: Path, reload: Reload) -> None:
    reload.service.refuses = StoreError("gone")
    write(folder, "feeds.yaml", "feeds: []\n")
    assert said(reload)[0] == "configuration_waits"
    reload.service.refuses = None
    assert said(reload)[0] == "configuration_changed"


def test_new_warnings_are_told_and_old_ones_not_again(folder: Path, reload: Reload) -> None:
    write(folder, "alerts.yaml", ALERTS.replace("[desk, console]", "[desk]"))
    [changed, warning] = said(reload)
    assert changed == "configuration_changed"
    assert 'no route names the channel "console"' in warning
    write(folder, "feeds.yaml", FEEDS.replace("name: B", "name: C"))
    assert said(reload) == ["configuration_changed"]
