"""The console: every alert as a block of lines on standard output."""

import sys
from collections.abc import Mapping
from typing import ClassVar, TextIO

from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Retry, Verdict
from siegewatch.domain.ops import OpsType
from siegewatch.domain.taxonomy import Severity
from siegewatch.net.door import Door
from siegewatch.notify.render import plain_text, words

_COLOURS: Mapping[str, str] = {
    Severity.FLASH: "\x1b[1;31m",
    Severity.UPDATE: "\x1b[1;33m",
    Severity.WATCH: "\x1b[1;36m",
    OpsType.RAISED: "\x1b[1;35m",
    OpsType.CLEARED: "\x1b[1;32m",
}
_PLAIN = "\x1b[0m"


class ConsoleChannel:
    """Writes to `stream`, standard output as it is at that moment unless given."""

    needs_url = False
    example: ClassVar = ChannelSpec("example", "console")

    def __init__(self, _spec: ChannelSpec, _door: Door, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, message: Message) -> Verdict:
        """One write, so that alerts of several threads do not mix."""
        told = words(message)
        try:
            _write(self._stream or sys.stdout, plain_text(told), _COLOURS[told.tone])
        except (OSError, ValueError) as error:
            return Retry(f"standard output cannot be written: {error}")
        return Accepted()


def _write(stream: TextIO, text: str, colour: str) -> None:
    """Raises OSError or ValueError where the stream is broken or closed."""
    if stream.isatty():
        headline, _, rest = text.partition("\n")
        text = f"{colour}{headline}{_PLAIN}\n{rest}"
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()
