"""TLS through both transports: names are checked, and nobody is trusted who should not be."""

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from doors import opened
from web_servers import LIMITS, LOOPBACK, answering, plain, serving

from siegewatch.domain.errors import TlsFault


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


def test_tls_names_and_checks_the_host_although_it_connects_to_an_address(
    authority: trustme.CA, ca_file: Path, transport: str
) -> None:
    names: list[str | None] = []
    context = server_tls(authority, "hooks.example")
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    made = opened(transport, [LOOPBACK], ca_file=ca_file, addresses=lambda _: ["127.0.0.1"])
    with serving(answering(plain()), context) as server:
        assert made.get(server.url(host="hooks.example"), limits=LIMITS).status == 200
        with pytest.raises(TlsFault, match=r"bad certificate: .*(mismatch|match)"):
            made.get(server.url(host="other.example"), limits=LIMITS)
        made.close()
    assert names == ["hooks.example", "other.example"]


def test_a_certificate_that_no_one_trusts_is_refused(door: Any, authority: trustme.CA) -> None:
    context = server_tls(authority, "127.0.0.1")
    with serving(answering(plain()), context) as server, pytest.raises(TlsFault, match="bad certificate"):
        door.get(server.url(), limits=LIMITS)


def test_a_peer_that_speaks_no_tls_is_a_tls_fault(door: Any) -> None:
    def talk(peer: socket.socket) -> None:
        peer.recv(10)
        peer.sendall(plain())

    with serving(talk) as server, pytest.raises(TlsFault):
        door.get(f"https://127.0.0.1:{server.port}/", limits=LIMITS)
