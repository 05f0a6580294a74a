"""Mail out by SMTP, held to the door's address policy, a clock and a cap.

Submission as in RFC 6409 and RFC 8314: `smtps` is TLS from the first byte, `smtp` must turn to TLS by STARTTLS, save
for addresses in `network.allow`, as plain http.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from threading import Timer
from typing import Any

from siegewatch.domain.errors import AddressRefused, FetchError, TimedOut, TooLarge, Unreachable
from siegewatch.net.dial import fault
from siegewatch.net.door import Door
from siegewatch.net.messages import Limits

PORTS = {"smtp": 587, "smtps": 465}
_CODES = range(200, 600)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; `user` is empty where the server asks for none."""

    host: str
    port: int
    tls_at_once: bool
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a mail server said last: three digits (RFC 5321), and its words."""

    code: int
    text: str
    refused: int = 0


def hand_in(
    door: Door, server: MailServer, sender: str, recipients: Sequence[str], mail: EmailMessage, limits: Limits
) -> Reply:
    """Sends once; any reply is an answer. Raises FetchError where none came."""
    try:
        with _session(door, server, limits) as session:
            return _handed_in(session, server, sender, recipients, mail)
    except smtplib.SMTPResponseException as error:
        if error.smtp_code not in _CODES:
            raise Unreachable(f"{server.host}: no answer as SMTP has them") from None
        return Reply(error.smtp_code, _text(error.smtp_error))
    except FetchError:
        raise
    except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
        raise _fault(server.host, error) from None


def _handed_in(
    session: "_Session", server: MailServer, sender: str, recipients: Sequence[str], mail: EmailMessage
) -> Reply:
    if server.user:
        session.login(server.user, server.password)
    try:
        refused = session.send_message(mail, sender, list(recipients))
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return Reply(code, _text(text), len(error.recipients))
    return Reply(session.last[0], _text(session.last[1]), len(refused))


@contextmanager
def _session(door: Door, server: MailServer, limits: Limits) -> Iterator["_Session"]:
    """A session that is cut when its time is up, whatever it waits for."""
    opened = door.connect(server.host, server.port, limits)
    session = _Session(opened, server.host, limits)
    watchdog = Timer(limits.total_seconds, session.expire)
    watchdog.daemon = True
    watchdog.start()
    try:
        session.open(door.tls, tls_at_once=server.tls_at_once, plain_allowed=door.allows_plain(opened))
        yield session
    except (OSError, smtplib.SMTPServerDisconnected):
        if session.expired:
            raise TimedOut(f"{server.host}: no answer in time") from None
        raise
    finally:
        watchdog.cancel()
        session.hang_up()


class _Session(smtplib.SMTP):
    """smtplib on a socket that was opened for it; keeps the last reply, and stops reading at the cap."""

    def __init__(self, opened: socket.socket, host: str, limits: Limits) -> None:
        self._opened = opened
        self._named = host
        self._limits = limits
        self.expired = False
        self.last: tuple[int, bytes] = (0, b"")
        # smtplib says who we are; the name of this host is nobody's business.
        super().__init__(local_hostname="siegewatch.invalid", timeout=limits.first_byte_seconds)

    def open(self, tls: ssl.SSLContext, *, tls_at_once: bool, plain_allowed: bool) -> None:
        """Greeting, and TLS one way or the other. Raises AddressRefused where there is none."""
        self._host = self._named
        self.sock = tls.wrap_socket(self._opened, server_hostname=self._named) if tls_at_once else self._opened
        self.sock.settimeout(self._limits.first_byte_seconds)
        self.file = None
        code, text = self.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        self.ehlo_or_helo_if_needed()
        if tls_at_once:
            return
        if self.has_extn("starttls"):
            self.starttls(context=tls)
            self.ehlo_or_helo_if_needed()
        elif not plain_allowed:
            raise AddressRefused(
                f"{self._named}: offers no STARTTLS, and mail goes unencrypted only to addresses in network.allow"
            )

    def getreply(self) -> tuple[int, bytes]:
        """The next reply, kept. Raises TooLarge."""
        if self.file is None and self.sock is not None:
            self.file = _Capped(self.sock.makefile("rb"), self._limits.max_bytes, self._named)
        self.last = super().getreply()
        return self.last

    def expire(self) -> None:
        """Cuts the connection under whoever waits for it."""
        self.expired = True
        self._shut()

    def hang_up(self) -> None:
        """Ends the connection."""
        self._shut()
        for held in (self.file, self.sock, self._opened):
            with suppress(OSError):
                if held is not None:
                    held.close()

    def _shut(self) -> None:
        for opened in (self.sock, self._opened):
            with suppress(OSError):
                if opened is not None:
                    opened.shutdown(socket.SHUT_RDWR)


class _Capped:
    """The lines of a server, of which there are not endlessly many."""

    def __init__(self, lines: Any, most: int, host: str) -> None:
        self._lines = lines
        self._left = most
        self._host = host

    def readline(self, size: int = -1) -> bytes:
        line: bytes = self._lines.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise TooLarge(f"{self._host}: the mail server says too much")
        return line

    def close(self) -> None:
        self._lines.close()


def _fault(host: str, error: BaseException) -> FetchError:
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Unreachable(f"{host}: closed the connection")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Unreachable(f"{host}: the mail server lacks what is needed (AUTH, or addresses beyond ASCII)")
    if isinstance(error, smtplib.SMTPException):
        return Unreachable(f"{host}: no answer as SMTP has them")
    return fault(host, error)


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
