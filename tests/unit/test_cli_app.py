"""The command line as a whole: help, exit codes, failures in one line, a quick start."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from siegewatch.apps.cli import app, group
from siegewatch.apps.cli.show import Column, cell, print_table, span
from siegewatch.domain.errors import OperationError, StoreError, UsageError

HEAVY = ("spacy", "redis", "pydantic", "requests", "fastapi", "apscheduler", "feedparser", "yaml", "structlog")
COMMANDS = [
    "run",
    "demo",
    "check",
    "health",
    "classify",
    "replay",
    "evaluate",
    "explain",
    "plugins",
    "feeds",
    "stories",
    "alerts",
    "deliveries",
    "dead",
    "channels",
]


@pytest.fixture
def cli() -> CliRunner:
    return CliRunner(env={"COLUMNS": "80", "TERM": "dumb"})


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").write_text('feeds:\n  - {url: "https://example.org/rss", name: Example}\n')
    (tmp_path / "siegewatch.yaml").write_text(f"data_dir: {tmp_path / 'data'}\n")
    return tmp_path


def test_help_lists_every_command(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["--help"]).stdout
    assert [name for name in COMMANDS if not re.search(rf"^\W*{name} ", shown, re.MULTILINE)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_fits_a_terminal(cli: CliRunner, command: str) -> None:
    result = cli.invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_start_imports_nothing_heavy() -> None:
    script = f"import sys, siegewatch.apps.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [["--bogus"], ["bogus"], ["run", "--role", "cook"], ["feeds", "test"]])
def test_wrong_usage_exits_2(cli: CliRunner, arguments: list[str]) -> None:
    assert cli.invoke(app, arguments).exit_code == 2


def test_version_is_told(cli: CliRunner) -> None:
    assert re.fullmatch(r"siegewatch \d+\.\d+\.\d+\S*\n", cli.invoke(app, ["--version"]).stdout)


def test_each_fault_of_the_configuration_has_a_line_of_its_own_and_exits_2(cli: CliRunner, config: Path) -> None:
    (config / "siegewatch.yaml").write_text("pol: {}\nremember_days: -1\n")
    result = cli.invoke(app, ["feeds", "list", "--config", str(config)])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split(":")[1] for line in result.stderr.splitlines()] == ["1", "2"]


@pytest.mark.parametrize(
    ("error", "code"), [(UsageError("a"), 2), (OperationError("a"), 1), (StoreError("a\nb"), 1), (OSError("a"), 1)]
)
def test_failure_is_one_line_and_its_exit_code(
    cli: CliRunner, config: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("siegewatch.wiring.opened_store", fails)
    result = cli.invoke(app, ["alerts", "list", "--config", str(config)])
    assert result.exit_code == code
    assert result.stderr.startswith("siegewatch: a")
    assert len(result.stderr.splitlines()) == 1


def test_bug_is_not_hidden(cli: CliRunner, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siegewatch.wiring.opened_store", lambda *_: 1 / 0)
    assert isinstance(cli.invoke(app, ["alerts", "list", "--config", str(config)]).exception, ZeroDivisionError)


def test_reader_that_left_ends_quietly(cli: CliRunner, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise BrokenPipeError

    forgotten: list[bool] = []
    monkeypatch.setattr("siegewatch.wiring.opened_store", gone)
    monkeypatch.setattr(group, "_forget_stdout", lambda: forgotten.append(True))
    result = cli.invoke(app, ["alerts", "list", "--config", str(config)])
    assert (result.exit_code, result.stderr, forgotten) == (141, "", [True])


def test_table_gives_way_where_it_may_and_keeps_the_rest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    identity = "0123456789abcdef" * 2
    print_table([identity], [Column("ID", lambda row: row), Column("TEXT", lambda _: "long words " * 20, wrap=True)])
    shown = capsys.readouterr().out.splitlines()
    assert max(map(len, shown)) <= 80
    assert shown[1].startswith(identity + "  long words")


def test_cell_takes_out_what_steers_a_terminal() -> None:
    assert cell("a\x1b[31mb\u202ec") == "a [31mb c"
    assert cell("[bold]kept[/bold]") == "[bold]kept[/bold]"
    assert (cell(None), cell(("a", "b"))) == ("–", "a, b")


def test_span_is_told_in_its_largest_unit() -> None:
    from datetime import timedelta

    assert [span(timedelta(seconds=seconds)) for seconds in (-5, 0, 59, 60, 7200, 90_000)] == [
        "now", "now", "59s", "1m", "2h", "1d",
    ]  # fmt: skip


def test_check_says_what_there_is(cli: CliRunner, config: Path) -> None:
    result = cli.invoke(app, ["check", "--config", str(config)])
    assert result.exit_code == 0
    assert "1 feed, 1 channel (1 on), 1 route" in result.stdout.replace("\n", " ")
    assert "warning: " in result.stdout


def test_check_prints_each_fault_and_exits_1(cli: CliRunner, config: Path) -> None:
    (config / "siegewatch.yaml").write_text("pol: {}\n")
    result = cli.invoke(app, ["check", "--config", str(config)])
    assert result.exit_code == 1
    assert "siegewatch.yaml:1: unknown key" in result.stdout
    assert result.stderr == f"siegewatch: 1 fault in {config}\n"


def test_check_tells_faults_to_programs(cli: CliRunner, config: Path) -> None:
    (config / "siegewatch.yaml").write_text("pol: {}\n")
    found = json.loads(cli.invoke(app, ["check", "--format", "json", "--config", str(config)]).stdout)
    assert found["faults"][0]["line"] == 1
    assert found.keys() == {"faults", "warnings", "tried"}


def test_plugins_names_what_is_installed_and_what_is_enabled(cli: CliRunner, config: Path) -> None:
    rows = json.loads(cli.invoke(app, ["plugins", "--format", "json", "--config", str(config)]).stdout)
    assert {"kind": "source", "name": "feed", "distribution": "siegewatch", "enabled": True} in [
        {key: row[key] for key in ("kind", "name", "distribution", "enabled")} for row in rows
    ]
    channels = {row["name"]: row["enabled"] for row in rows if row["kind"] == "channel"}
    assert channels.keys() == {
        "apprise", "atom", "cap", "console", "discord", "email", "mattermost", "ntfy", "pagerduty", "slack", "teams",
        "telegram", "webhook",
    }  # fmt: skip
    assert [name for name, enabled in channels.items() if enabled] == ["console"]


def test_feeds_list_hides_what_is_secret_in_an_address(cli: CliRunner, config: Path) -> None:
    (config / "feeds.yaml").write_text('feeds: [{url: "https://me:pw@example.org/rss?api_key=s3cret", every: 2m}]\n')
    shown = cli.invoke(app, ["feeds", "list", "--format", "json", "--config", str(config)]).stdout
    assert "s3cret" not in shown
    assert "pw" not in shown
    assert json.loads(shown)[0]["every_seconds"] == 120
