"""A mail server on loopback for tests: what it answers to each command is scripted."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass
class MailServer:
    """`says` maps a command's first word (or `DATA.` for the end of a mail) to the reply in place of the usual one;
    None ends the connection there, and "" keeps silent."""

    says: Mapping[str, str | None] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    tls_at_once: bool = False
    starttls: bool = True
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    port: int = 0

    def usual(self, word: str) -> str:
        offers = ["250-mail.example.org"]
        if self.starttls and self.tls and not self.tls_at_once:
            offers.append("250-STARTTLS")
        return {
            "": "220 mail.example.org ESMTP",
            "EHLO": "\r\n".join([*offers, "250-8BITMIME", "250 AUTH PLAIN LOGIN"]),
            "AUTH": "235 welcome",
            "DATA": "354 go on",
            "DATA.": "250 queued as 1",
            "STARTTLS": "220 go on",
            "QUIT": "221 bye",
        }.get(word, "250 ok")


@contextmanager
def serving_mail(server: MailServer) -> Iterator[MailServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]
    opened: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                peer, _ = listener.accept()
                opened.append(peer)
                threading.Thread(target=_serve, args=(server, peer), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        for one in (listener, *opened):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _serve(server: MailServer, peer: socket.socket) -> None:
    with suppress(OSError), peer:
        if server.tls_at_once and server.tls:
            peer = server.tls.wrap_socket(peer, server_side=True)
        ended = _talk(server, peer)
        ended.close()


def _talk(server: MailServer, peer: socket.socket) -> socket.socket:
    """One session; the connection as it is at its end."""
    if isinstance(peer, ssl.SSLSocket) and not _reply(server, peer, ""):
        return peer
    lines = peer.makefile("rb")
    try:
        while (upgraded := _say(server, peer, lines)) is not None:
            lines.close()
            peer = upgraded
            lines = peer.makefile("rb")
    except OSError:
        pass
    lines.close()
    return peer


def _say(server: MailServer, peer: socket.socket, lines: BinaryIO) -> socket.socket | None:
    """Answers until the session ends, or turns to TLS: then the connection from there on."""
    if not isinstance(peer, ssl.SSLSocket) and not _reply(server, peer, ""):
        return None
    while line := lines.readline():
        command = line.decode().strip()
        word = command.split(" ")[0].split(":")[0].upper()
        server.commands.append(command)
        if not _reply(server, peer, word) or word == "QUIT":
            return None
        if word == "STARTTLS" and server.tls:
            return server.tls.wrap_socket(peer, server_side=True)
        if word == "DATA" and "DATA" not in server.says:
            mail = b"".join(iter(lines.readline, b".\r\n"))
            server.mails.append(mail.replace(b"\r\n..", b"\r\n."))
            if not _reply(server, peer, "DATA."):
                return None
    return None


def _reply(server: MailServer, peer: socket.socket, word: str) -> bool:
    said = server.says.get(word, server.usual(word))
    if said is None:
        return False
    if not said:
        with suppress(OSError):
            peer.recv(65_536)
            peer.recv(65_536)
        return False
    if said == "endless":
        while True:
            peer.sendall(b"250-more\r\n" * 1_000)
    peer.sendall(f"{said}\r\n".encode())
    return True
