"""`siegewatch silence`, on a store in memory."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fakeredis
import pytest
from typer.testing import CliRunner, Result

from siegewatch import wiring
from siegewatch.apps.cli import app
from siegewatch.apps.cli.silence import end_of
from siegewatch.store.client import Store
from siegewatch.store.keys import Keys

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHO = ("--author", "anna", "--reason", "drill")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    store = Store(fakeredis.FakeRedis(), Keys("sw:"))

    @contextmanager
    def opened(_: object) -> Iterator[Store]:
        yield store

    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    monkeypatch.setattr(wiring, "opened_store", opened)
    return str(tmp_path)


def silence(config: str, *arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, ["silence", *arguments, "--config", config])


def listed(config: str, *arguments: str) -> list[dict[str, object]]:
    return json.loads(silence(config, "list", "--format", "json", *arguments).stdout)


def test_silence_is_added_listed_and_ended(config: str) -> None:
    match = ("--match", "country=sy,IQ", "--match", "kind=siege", "--match", "country=SD")
    added = silence(config, "add", *match, "--for", "2h", *WHO)
    assert added.exit_code == 0
    assert "nothing is told of country: SY, IQ, SD; kind: siege until" in added.stdout
    [one] = listed(config)
    assert (one["match"], one["author"]) == ({"country": ["SY", "IQ", "SD"], "kind": ["siege"]}, "anna")
    assert "drill" in silence(config, "list").stdout
    assert silence(config, "expire", str(one["id"])).exit_code == 0
    assert listed(config) == []
    assert [ended["id"] for ended in listed(config, "--all")] == [one["id"]]
    assert silence(config, "expire", str(one["id"])).exit_code == 1
    assert silence(config, "list").stdout == "no silences\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--match", "countryy=SY", "--for", "2h", *WHO), 'did you mean "country"?'),
        (("--match", "kind=sieg", "--for", "2h", *WHO), 'did you mean "siege"?'),
        (("--match", "country", "--for", "2h", *WHO), "country has no value"),
        (("--match", "kind=siege", "--match", "phase=launched", "--for", "2h", *WHO), "no siege is ever launched"),
        (("--match", "subject=feed", "--for", "2h", *WHO), "ops alerts are not silenced"),
        (("--match", "kind=siege", *WHO), "say when it ends"),
        (("--match", "kind=siege", "--for", "2h", "--until", "07:00", *WHO), "say when it ends"),
        (("--match", "kind=siege", "--for", "2y", *WHO), "write a number and m, h or d"),
        (("--match", "kind=siege", "--for", "400d", *WHO), "within a year"),
        (("--match", "kind=siege", "--until", "tomorrow", *WHO), "write 07:00"),
        (("--match", "kind=siege", "--until", "2020-01-01", *WHO), "after now"),
        (("--match", "kind=siege", "--for", "2h", "--author", " ", "--reason", "x"), "must say who and why"),
        (("--for", "2h", *WHO), "Missing option"),
        (("--match", "kind=siege", "--for", "2h", "--author", "anna"), "Missing option"),
    ],
)
def test_silence_that_makes_no_sense_is_refused(config: str, arguments: tuple[str, ...], told: str) -> None:
    refused = silence(config, "add", *arguments)
    assert refused.exit_code == 2
    assert told in refused.stderr
    assert listed(config) == []


@pytest.mark.parametrize(
    ("until", "hours"),
    [("16:00", 1), ("14:00", 23), ("2026-03-01 16:30", 1.5), ("2026-03-01T13:00+00:00", 1), ("2026-03-02", 9)],
)
def test_silence_ends_by_the_clock_of_the_desk(until: str, hours: float) -> None:
    assert end_of(until, None, "Asia/Damascus", NOW) == NOW + timedelta(hours=hours)
