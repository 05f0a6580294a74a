"""Replay of the archive and under two configurations, on the embedded store; the classifier knows its answers."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from siegewatch import wiring
from siegewatch.apps.cli import app
from siegewatch.detect.detector import Detector
from siegewatch.domain.event import Event, Judgement, Place
from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import Kind, Phase, Precision, Status
from siegewatch.settings import load
from siegewatch.store.archive import Archive
from siegewatch.store.items import Candidate

PLACES = {"Exampleton": "SY", "Sampleville": "SD"}


class Sieges:
    """Finds a siege at each place that a headline names; one that is broken, where it says so."""

    name = "sieges.v1"

    def load(self) -> None:
        """Has nothing to load."""

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        return [Judgement("en", tuple(self._events(item.title))) for item in items]

    def _events(self, title: str) -> list[Event]:
        phase = Phase.BROKEN if "broken" in title else Phase.IMPOSED
        return [
            Event(Kind.SIEGE, phase, Status.ACTUAL, place=Place(name), country=country)
            for name, country in PLACES.items()
            if name in title
        ]


class Captures:
    """Finds that a city is taken; only where a headline names it, which."""

    name = "captures.v1"

    def load(self) -> None:
        """Has nothing to load."""

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        city = Place("Exampleton", 35.0, 40.0, 999_001, Precision.CITY)
        taken = Event(Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, country="SY", taken=True)
        return [
            Judgement("en", (replace(taken, place=city if "Exampleton" in item.title else None),)) for item in items
        ]


@pytest.fixture(autouse=True)
def _known_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "classifier", lambda _: Sieges())


def configured(folder: Path, routes: str = "[{channels: [console]}]") -> Path:
    folder.mkdir()
    (folder / "feeds.yaml").write_text("feeds: []\n")
    (folder / "siegewatch.yaml").write_text(f"data_dir: {folder / 'data'}\n")
    (folder / "alerts.yaml").write_text(f"channels: [{{name: console, type: console}}]\nroutes: {routes}\n")
    return folder


def siegewatch(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, ["replay", *arguments])


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def admitted(minutes_ago: float, name: str, title: str, **more: Any) -> Item:
    at = wiring.now() - timedelta(minutes=minutes_ago)
    return Item(name, title, "", at, at, outlet="Courier", **more)


def keep(config: Path, *items: Item) -> None:
    kept = Archive(config / "data" / "archive", 30, "host:1", wiring.now)
    kept.keep(items)
    kept.close()


def test_items_that_the_service_decided_can_be_replayed(tmp_path: Path) -> None:
    config = configured(tmp_path / "config")
    settings = load(config, {})
    with wiring.opened_store(settings) as store:
        memory = wiring.memory(settings, store)
        memory.open()
        for number, title in enumerate(("Rebels surround Exampleton", "Rebels surround Exampleton still")):
            item = admitted(10 - number, "a", title)
            memory.items.admit([Candidate(("a",), title, item)])
        archive = wiring.archive(settings)
        detector: Detector = wiring.detector(settings, memory, Sieges(), archive)
        live = detector.step().decisions
        archive.close()
    again = lines(siegewatch("--since", "1d", "--config", str(config)))
    assert [one["outcome"] for one in again] == [decision.ruling.outcome for decision in live]
    assert [one["id"] for one in again] == [decision.item.id for decision in live]


def test_late_items_and_edits_of_the_archive_are_what_they_were(tmp_path: Path) -> None:
    config = configured(tmp_path / "config")
    late = admitted(9, "late", "Rebels surround Sampleville", late=True)
    first = admitted(8, "a", "Rebels surround Exampleton")
    edit = replace(admitted(7, "a.1", "Siege of Exampleton is broken"), edit_of="a")
    old = admitted(60 * 24 * 3, "old", "Rebels surround Sampleville again")
    keep(config, edit, first, late, old)
    found = lines(siegewatch("--since", "1d", "--config", str(config)))
    assert [(one["id"], one["outcome"], bool(one["alerts"])) for one in found] == [
        ("late", "old", False),
        ("a", "new", True),
        ("a.1", "update", True),
    ]


def test_two_configurations_are_compared_alert_by_alert(tmp_path: Path) -> None:
    syria = configured(tmp_path / "syria", "[{match: {country: SY}, channels: [console]}]")
    sudan = configured(tmp_path / "sudan", "[{match: {country: SD}, channels: [console]}]")
    items = tmp_path / "items.jsonl"
    items.write_text(
        '{"id": "a", "title": "Rebels surround Exampleton"}\n{"id": "b", "title": "Rebels surround Sampleville"}\n'
        'bad\n{"id": "c", "title": "Rebels surround Exampleton and Sampleville both"}\n'
    )
    result = siegewatch(str(items), "--config", str(syria), "--against", str(sudan))
    found = lines(result)
    assert [(one["id"], one["difference"]) for one in found] == [("a", "lost"), ("b", "gained")]
    assert found[0]["alerts"][0]["channel"] == "console"
    assert found[0]["against"] == []
    assert "4 items: 1 alerts, 1 against: 1 gained, 1 lost" in result.stderr
    shown = siegewatch(str(items), "--config", str(syria), "--against", str(sudan), "--format", "table")
    assert shown.exit_code == 0
    assert "lost" in shown.stdout
    assert "Rebels surround Exampleton" in shown.stdout


def test_city_that_gets_its_name_later_rings_once_more_as_its_place(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(wiring, "classifier", lambda _: Captures())
    items = tmp_path / "items.jsonl"
    page = "https://courier.example/1"
    told = [
        (page, "Courier", "Rebels take control of key city"),
        (page, "Courier", "Rebels take control of Exampleton"),
        (page, "Courier", "Rebels take control of Exampleton, mayor says"),
        ("https://herald.example/2", "Herald", "Rebels take control of key city"),
        ("https://third.example/3", "Third", "Insurgents march into Exampleton after week of shelling"),
    ]
    lines_of = [
        {"id": link, "link": link, "outlet": outlet, "title": title, "published": f"2026-03-01T12:{minute:02}:00Z"}
        for minute, (link, outlet, title) in enumerate(told)
    ]
    items.write_text("".join(f"{json.dumps(one)}\n" for one in lines_of))
    found = lines(siegewatch(str(items), "--config", str(configured(tmp_path / "config"))))
    assert [one["change"] for one in found] == ["opened", "place", "none", None, "none"]
    assert [len(one["alerts"]) for one in found] == [1, 1, 0, 0, 0]
    assert found[1]["story"] != found[0]["story"]


def test_same_configuration_makes_no_difference(tmp_path: Path) -> None:
    config = configured(tmp_path / "config")
    keep(config, admitted(8, "a", "Rebels surround Exampleton"))
    result = siegewatch("--since", "7d", "--config", str(config), "--against", str(config))
    assert lines(result) == []
    assert "no difference" in result.stderr


def test_file_and_archive_together_are_refused(tmp_path: Path) -> None:
    config = configured(tmp_path / "config")
    result = siegewatch("items.jsonl", "--since", "7d", "--config", str(config))
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def test_empty_archive_is_no_items(tmp_path: Path) -> None:
    result = siegewatch("--since", "7d", "--config", str(configured(tmp_path / "config")))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("0 items")
