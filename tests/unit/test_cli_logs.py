"""Log lines: their shape, their level, and what they never hold."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from siegewatch.apps import logs


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _handlers_as_before() -> Iterator[None]:
    handlers = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers[:] = handlers


def test_json_is_one_object_a_line() -> None:
    out = StringIO()
    logs.configure("json", "info", out)
    structlog.get_logger().info("delivered", channel="desk", reason="ü\nx")
    told = json.loads(out.getvalue())
    assert (told["event"], told["level"], told["channel"], told["reason"]) == ("delivered", "info", "desk", "ü\nx")
    assert told["timestamp"].endswith("Z")
    assert out.getvalue().count("\n") == 1


@pytest.mark.parametrize(("out", "is_json"), [(StringIO(), True), (Terminal(), False)])
def test_auto_is_console_on_a_terminal_and_json_elsewhere(out: StringIO, is_json: bool) -> None:
    logs.configure("auto", "info", out)
    structlog.get_logger().info("delivered")
    assert out.getvalue().startswith("{") is is_json


def test_lines_below_the_level_are_left_out() -> None:
    out = StringIO()
    logs.configure("json", "warning", out)
    structlog.get_logger().info("delivered")
    structlog.get_logger().warning("delivery_retry")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["delivery_retry"]


def test_what_libraries_warn_of_has_the_same_shape_and_comes_once() -> None:
    out = StringIO()
    logs.configure("json", "info", StringIO())
    logs.configure("json", "info", out)
    logging.getLogger("some.library").warning("odd: %s", "thing")
    logging.getLogger("some.library").info("chatter")
    [line] = out.getvalue().splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"]) == ("odd: thing", "warning")


@pytest.mark.parametrize("form", ["json", "console"])
def test_traceback_shows_no_local_variable(form: str) -> None:
    out = StringIO()
    logs.configure(form, "info", out)
    token = "s3cret"
    try:
        len(token) // 0
    except ZeroDivisionError:
        structlog.get_logger().exception("broken")
    assert "ZeroDivisionError" in out.getvalue()
    assert token not in out.getvalue()
