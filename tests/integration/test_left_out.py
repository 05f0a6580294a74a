"""A test left out must not look like a pass."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

SAMPLE = """
import pytest

@pytest.mark.redis
def test_needs_a_program():
    assert 1 + 1 == 2

def test_needs_nothing():
    assert 1 + 1 == 2
"""


@pytest.mark.parametrize(
    ("told", "exit_code", "verdict"),
    [
        ({}, 0, "not run, so nothing is known"),
        ({"CI": "true"}, 1, "a failure"),
        ({"REQUIRE_ALL_TESTS": "1"}, 1, "a failure"),
    ],
)
def test_left_out_test_is_listed_and_fails_where_all_are_required(
    tmp_path: Path, told: dict[str, str], exit_code: int, verdict: str
) -> None:
    shutil.copy(TESTS / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = redis\n")
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    without = {name: value for name, value in os.environ.items() if name not in ("CI", "REQUIRE_ALL_TESTS")}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)],
        env=without | {"PATH": str(tmp_path)} | told,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == exit_code, run.stdout
    assert f"tests left out: 1, {verdict}" in run.stdout
    assert "test_needs_a_program: Skipped: redis-server is not installed" in run.stdout
    assert "1 passed, 1 skipped" in run.stdout
