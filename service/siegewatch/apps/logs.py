"""Where log lines go and how they look: one line a unit of work, on a stream that holds nothing else."""

import logging
from collections.abc import Sequence
from typing import Any, TextIO

import structlog

_HANDLER = "siegewatch"


def configure(form: str, level: str, stream: TextIO) -> None:
    """Sends what structlog and the standard library log from `level` on to `stream`.

    `form` is json, console, or auto: console on a terminal, else json. Tracebacks show no local variables, which
    may hold secrets.
    """
    on_terminal = stream.isatty()
    console = form == "console" or (form == "auto" and on_terminal)
    least = logging.getLevelNamesMapping()[level.upper()]
    shared: Sequence[Any] = (
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    last = _last_steps(console=console, colors=on_terminal)
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        # A line in one write, so that processes that share a log do not mix theirs.
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    _take_in_others(structlog.stdlib.ProcessorFormatter(processors=_foreign(last), foreign_pre_chain=shared), stream)


def _last_steps(*, console: bool, colors: bool) -> list[Any]:
    if console:
        return [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _foreign(last: Sequence[Any]) -> list[Any]:
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]


def _take_in_others(formatter: logging.Formatter, stream: TextIO) -> None:
    """What libraries log, from warnings on, in the same shape; an earlier call's handler gives way."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.name == _HANDLER]:
        root.removeHandler(handler)
    ours = logging.StreamHandler(stream)
    ours.name = _HANDLER
    ours.setLevel(logging.WARNING)
    ours.setFormatter(formatter)
    root.addHandler(ours)
