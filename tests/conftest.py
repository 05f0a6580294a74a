"""What every test may rely on, and what happens to tests whose needs this machine does not meet.

Where a program is missing, its tests are left out, and the end of the run lists them loudly. With CI=true or
REQUIRE_ALL_TESTS=1 a test left out, for whatever reason, fails the run.
"""

import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
import structlog

from siegewatch.store.embedded import ensure_running

PROGRAMS = {"redis": "redis-server"}
"""Marker of a test -> program beyond Python that it needs."""


def pytest_configure() -> None:
    # A run in the background of a script ignores Ctrl-C, one under nohup the end of its terminal, and so would every
    # process that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = {marker: program for marker, program in PROGRAMS.items() if shutil.which(program) is None}
    for item in items:
        for marker, program in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"{program} is not installed"))


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A command run within the process logs to a stream that is closed with the test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def listening() -> Callable[[Path], None]:
    """Waits until a server takes connections at a unix socket: its file is there a moment before that."""

    def wait(path: Path) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
                probe.connect(str(path))
                return
            time.sleep(0.02)

    return wait


@pytest.fixture(scope="session")
def embedded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of one embedded store for all tests of a process, who empty it before they use it."""
    with ensure_running(tmp_path_factory.mktemp("embedded")) as running:
        yield running.socket_path


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Installs a package for one test: `named` are its entry points, `modules` the text of its modules."""

    def installed(
        named: Mapping[str, str],
        modules: Mapping[str, str] = {},
        group: str = "siegewatch.sources",
        package: str = "installed-for-a-test",
    ) -> None:
        folder = tmp_path_factory.mktemp("site")
        facts = folder / f"{package.replace('-', '_')}-1.0.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        points = "".join(f"{name} = {point}\n" for name, point in named.items())
        (facts / "entry_points.txt").write_text(f"[{group}]\n{points}")
        for name, text in modules.items():
            (folder / f"{name}.py").write_text(text)
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.syspath_prepend(str(folder))

    return installed


def _all_required() -> bool:
    return os.environ.get("CI") == "true" or os.environ.get("REQUIRE_ALL_TESTS") == "1"


def _left_out(config: pytest.Config) -> list[pytest.TestReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter else []


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _all_required() and _left_out(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = _left_out(config)
    if not left_out:
        return
    verdict = "a failure here" if _all_required() else "not run, so nothing is known of what they test"
    terminalreporter.section(f"tests left out: {len(left_out)}, {verdict}", red=_all_required(), yellow=True)
    for report in left_out:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.line(f"{report.nodeid}: {reason}")
