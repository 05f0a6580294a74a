"""What the signals to the service mean."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from types import FrameType

SAME_SIGNAL_SECONDS = 2

Handler = Callable[[int, FrameType | None], None]


@contextmanager
def stop_signal(reload: Callable[[], None] | None) -> Iterator[Event]:
    """Set by the first SIGINT or SIGTERM; a second one ends the process at once, which loses nothing.

    One that follows within two seconds is the same: terminals and `timeout` signal a process and its group.
    SIGHUP calls `reload`, where there is one; but where it comes because the terminal was closed, it stops the service,
    unless that is told to ignore it, as nohup does.
    """
    stopped = Event()
    asked_at: list[float] = []

    def stop(number: int, _: FrameType | None) -> None:
        asked_at.append(monotonic())
        if asked_at[-1] - asked_at[0] > SAME_SIGNAL_SECONDS:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stopped.set()

    handlers: dict[signal.Signals, Handler] = {signal.SIGINT: stop, signal.SIGTERM: stop}
    if reload:
        handlers[signal.SIGHUP] = _on_hangup(reload, stopped)
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _on_hangup(reload: Callable[[], None], stopped: Event) -> Handler:
    minds = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal()

    def hang_up(_: int, __: FrameType | None) -> None:
        if minds and not _has_terminal():
            stopped.set()
        else:
            reload()

    return hang_up


def _has_terminal() -> bool:
    """Whether a terminal controls this process: closing it takes it from all its processes before they are told."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
