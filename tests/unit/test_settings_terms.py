"""On what terms channels are told, and when routes ask, as written in alerts.yaml."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from siegewatch.domain.errors import SettingsError
from siegewatch.domain.standing import Budget, Quiet, Terms
from siegewatch.settings import Settings, load


def written(folder: Path, channel: str = "", route: str = "") -> Settings:
    (folder / "siegewatch.yaml").write_text("display: {time_zone: Asia/Damascus}\n")
    (folder / "feeds.yaml").write_text("feeds: []\n")
    (folder / "alerts.yaml").write_text(
        f"channels:\n  - {{name: c, type: console{channel}}}\nroutes:\n  - {{channels: [c]{route}}}\n"
    )
    return load(folder, {})


def test_terms_are_read(tmp_path: Path) -> None:
    found = written(tmp_path, ", budget: 5/10m, expire_after: 12h, quiet: 22:00-07:00").channels[0].terms
    assert found == Terms(Budget(5, timedelta(minutes=10)), timedelta(hours=12), Quiet(time(22), time(7)))


def test_terms_need_not_be_written(tmp_path: Path) -> None:
    assert written(tmp_path).channels[0].terms == Terms(None, timedelta(days=3), None)


@pytest.mark.parametrize(
    ("channel", "told"),
    [
        (", budget: 0/h", "lets nothing through"),
        (", budget: 5", "is no budget"),
        (", budget: 5/0m", "is no budget"),
        (", quiet: 22-7", "are no hours"),
        (", quiet: 07:00-07:00", "are no hours"),
        (", expire_after: 3", "has no unit"),
    ],
)
def test_terms_that_make_no_sense_are_faults(tmp_path: Path, channel: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        written(tmp_path, channel)


def test_route_has_the_zone_of_the_desk_unless_it_names_one(tmp_path: Path) -> None:
    match = ', match: {near: 33.5 36.3 50km, box: "32 35 37 42", confidence: 0.8, hours: 08:00-18:00, days: [mon, fri]}'
    [route] = written(tmp_path, route=match).routes
    assert route.zone == "Asia/Damascus"
    assert route.match["confidence"] == ("0.8",)
    [route] = written(tmp_path, route=", time_zone: Europe/Berlin, digest: hourly").routes
    assert (route.zone, route.digest) == ("Europe/Berlin", "hourly")


@pytest.mark.parametrize(
    ("route", "told"),
    [
        (", match: {near: 33.5 36.3}", "no point and radius"),
        (", match: {near: 91 36.3 5km}", "no point and radius"),
        (", match: {box: 37 35 32 42}", "no box"),
        (", match: {confidence: 80}", "no confidence"),
        (", match: {hours: 8-18}", "no hours"),
        (", match: {days: monday}", "days"),
        (", time_zone: Damascus", "no time zone"),
        (", digest: weekly", "no digest"),
    ],
)
def test_route_that_cannot_be_read_is_a_fault(tmp_path: Path, route: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        written(tmp_path, route=route)
