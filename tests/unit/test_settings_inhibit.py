"""The list `inhibit` of alerts.yaml."""

from datetime import timedelta
from pathlib import Path

import pytest

from siegewatch.domain.errors import SettingsError
from siegewatch.domain.inhibition import Inhibition
from siegewatch.settings import Settings, load
from siegewatch.settings.changes import changes


def written(folder: Path, rule: str) -> Settings:
    (folder / "feeds.yaml").write_text("feeds: []\n")
    channels = "channels:\n  - {name: c, type: console}\nroutes:\n  - {channels: [c]}\n"
    (folder / "alerts.yaml").write_text(f"{channels}inhibit:\n  - {{{rule}}}\n")
    return load(folder, {})


def test_rule_is_read(tmp_path: Path) -> None:
    rule = "source: {severity: flash, country: sy}, target: {kind: siege}, equal: [place, country], within: 2h"
    assert written(tmp_path, rule).inhibit == (
        Inhibition(
            {"severity": ("flash",), "country": ("SY",)},
            {"kind": ("siege",)},
            ("place", "country"),
            timedelta(hours=2),
        ),
    )


def test_rule_that_changed_is_told_as_a_change_of_routes(tmp_path: Path) -> None:
    before = written(tmp_path, "within: 2h")
    assert changes(before, written(tmp_path, "within: 3h")).routes
    assert not changes(before, written(tmp_path, "within: 2h")).routes


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("target: {severity: flash}", "no source is graver than a target"),
        ("source: {severity: watch}", "no source is graver than a target"),
        ("source: {severity: update}, target: {severity: [flash, update]}", "no source is graver than a target"),
        ("source: {kind: siege, phase: launched}", "no siege is ever launched"),
        ("source: {kin: siege}", 'unknown matcher "kin"'),
        ("target: {kind: sieg}", 'kind "sieg" is not known'),
        ("target: {subject: feed}", "takes ops alerts, which are not held back"),
        ("equal: [town]", 'names "town"'),
        ("equal: []", "is empty"),
        ("within: 5", "has no unit"),
        ("within: 30d", "is over 7d"),
        ("equals: [story]", 'unknown key "equals"'),
    ],
)
def test_rule_that_holds_nothing_back_is_a_fault(tmp_path: Path, rule: str, told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        written(tmp_path, rule)
    assert any(told in fault.what and fault.line == 6 and fault.instead for fault in raised.value.faults)
