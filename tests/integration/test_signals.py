"""What SIGHUP means: read anew; but where the terminal is gone, the end, unless the service shall outlive it."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

CHILD = """
import sys
from siegewatch.apps.signals import stop_signal
with stop_signal(lambda: print("reload", file=sys.stderr, flush=True)) as stopped:
    print("ready", file=sys.stderr, flush=True)
    while not stopped.wait(0.05):
        pass
print("stopped", file=sys.stderr, flush=True)
"""
IN_TERMINAL = f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n{CHILD}"
IGNORING = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n{IN_TERMINAL}"


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    pair = pty.openpty()
    yield pair
    for end in pair:
        try:
            os.close(end)
        except OSError:
            continue


def child(code: str, given: int) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=given, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr
    assert process.stderr.readline() == "ready\n"
    return process


def ends(process: "subprocess.Popen[str]", said: str) -> None:
    try:
        assert process.communicate(timeout=20)[1] == said
    finally:
        process.kill()


@pytest.mark.parametrize("code", [CHILD, IN_TERMINAL])
def test_hangup_reads_anew(terminal: tuple[int, int], code: str) -> None:
    process = child(code, terminal[1])
    process.send_signal(signal.SIGHUP)
    assert process.stderr
    assert process.stderr.readline() == "reload\n"
    process.send_signal(signal.SIGTERM)
    ends(process, "stopped\n")


def test_terminal_that_is_closed_ends_the_service(terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    process = child(IN_TERMINAL, theirs)
    os.close(theirs)
    os.close(ours)
    ends(process, "stopped\n")


def test_service_that_shall_outlive_its_terminal_does(terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    process = child(IGNORING, theirs)
    os.close(theirs)
    os.close(ours)
    assert process.stderr
    assert process.stderr.readline() == "reload\n"
    process.send_signal(signal.SIGTERM)
    ends(process, "stopped\n")
