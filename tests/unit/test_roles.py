"""What every role is made of: turns that survive failures, and failures told once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic

import pytest
from structlog.testing import capture_logs

from siegewatch.apps.roles.loop import Loop, Trouble
from siegewatch.domain.errors import StoreError

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_same_failure_is_logged_once_a_minute(clock):
    trouble = Trouble(clock)
    with capture_logs() as logged:
        for seconds in (0, 1, 59, 61):
            clock.now = NOW + timedelta(seconds=seconds)
            trouble.met(StoreError("gone"))
            trouble.met(StoreError("full"))
    assert [line["reason"] for line in logged] == ["gone", "full"] * 2


def test_role_is_unfit_for_a_while_after_a_failure(clock):
    trouble = Trouble(clock)
    assert trouble.now() is None
    trouble.met(StoreError("gone"))
    assert trouble.now() == "gone"
    clock.now = NOW + timedelta(seconds=20)
    assert trouble.now() is None


@pytest.mark.parametrize("failure", [StoreError("gone"), ValueError("a bug")])
def test_loop_goes_on_after_a_failing_turn(clock, monkeypatch, failure):
    monkeypatch.setattr("siegewatch.apps.roles.loop.RETRY_SECONDS", 0.001)
    done = Event()
    turns = iter([failure])
    loop = Loop("test", _turn(turns, done), Trouble(clock), idle_seconds=0.001)
    with capture_logs() as logged:
        loop.start()
        assert done.wait(5)
        loop.ask_to_stop()
        loop.stop(monotonic() + 5)
    assert [line["log_level"] for line in logged] == ["error"]
    assert not loop._thread.is_alive()


def _turn(failures, done: Event) -> Callable[[], bool]:
    def turn() -> bool:
        if failure := next(failures, None):
            raise failure
        done.set()
        return False

    return turn
