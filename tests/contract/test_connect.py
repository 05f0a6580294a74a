"""One client code for every server: password, ACL user, TLS, unix socket; and servers that must not be used."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import trustme

from siegewatch.domain.errors import StoreError
from siegewatch.store.client import connect, unfit

SECRET = "correct-horse-battery"

pytestmark = pytest.mark.redis


@pytest.fixture
def served(tmp_path: Path, listening: Callable[[Path], None]) -> Iterator[Callable[..., Path]]:
    """Starts a Redis with further options; gives its socket."""
    servers: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> Path:
        path = tmp_path / "redis.sock"
        command = [shutil.which("redis-server") or "redis-server", "--unixsocket", str(path), "--save", ""]
        port = [] if "--tls-port" in options or "--port" in options else ["--port", "0"]
        servers.append(subprocess.Popen([*command, *port, *options], cwd=tmp_path, stdout=subprocess.DEVNULL))
        listening(path)
        return path

    yield start
    for server in servers:
        server.terminate()
        server.wait(10)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def usable(url: str) -> bool:
    store = connect(url, "t:")
    try:
        store.ping()
        return True
    finally:
        store.close()


def refusal(url: str) -> str:
    with pytest.raises(StoreError) as refused:
        connect(url, "t:")
    assert SECRET not in str(refused.value)
    return str(refused.value)


def test_server_with_a_password_is_used_with_it_and_refused_without(served):
    path = served("--requirepass", SECRET)
    assert usable(f"unix://:{SECRET}@{path}")
    assert "password" in refusal(f"unix://{path}") or "Authentication" in refusal(f"unix://{path}")
    assert "password" in refusal(f"unix://:wrong-{SECRET}@{path}")


def test_acl_user_is_used(served):
    path = served("--user", "desk", "on", f">{SECRET}", "~t:*", "+@all")
    assert usable(f"unix://desk:{SECRET}@{path}")


def test_tls_is_used_and_checked(served, tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    port = free_port()
    files = ["--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem", "--tls-ca-cert-file", "ca.pem"]
    served("--port", "0", "--tls-port", str(port), *files, "--tls-auth-clients", "no")
    assert usable(f"rediss://127.0.0.1:{port}?ssl_ca_certs={tmp_path / 'ca.pem'}")
    assert "certificate" in refusal(f"rediss://127.0.0.1:{port}").lower()


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_server_that_evicts_is_refused(served, policy):
    path = served("--maxmemory-policy", policy)
    assert f"maxmemory-policy is {policy}" in refusal(f"unix://{path}")
    assert "noeviction" in refusal(f"unix://{path}")


def test_store_of_a_newer_siegewatch_is_refused(served):
    path = served()
    with redis.Redis(unix_socket_path=str(path)) as client:
        client.set("t:schema", 99)
    assert "newer siegewatch" in refusal(f"unix://{path}")


def test_server_that_is_down_is_told_in_one_line():
    told = refusal(f"redis://user:{SECRET}@127.0.0.1:{free_port()}/0")
    assert "127.0.0.1" in told
    assert "\n" not in told


@pytest.mark.parametrize(("version", "good"), [("6.2.14", False), ("7.0.0", True), ("7.2.4", True), ("8.4.0", True)])
def test_server_below_seven_is_refused(version, good):
    why = unfit({"redis_version": version}, {})
    assert (why is None) is good
    assert good or "use 7.0 or later" in why
