"""The server: its address, its thread, its end."""

import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from fastapi import FastAPI

from siegewatch.apps.web.server import WebServer
from siegewatch.domain.errors import UsageError
from siegewatch.settings.quantities import Listen

ANY_PORT = Listen("127.0.0.1", 0)


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    made.state.entered, made.state.go_on = threading.Event(), threading.Event()

    @made.get("/")
    def index() -> str:
        return "here"

    @made.get("/slow")
    def slow() -> str:
        made.state.entered.set()
        made.state.go_on.wait(20)
        return "done"

    return made


@pytest.fixture
def server(app: FastAPI) -> Iterator[WebServer]:
    made = WebServer(app, ANY_PORT)
    made.start()
    yield made
    app.state.go_on.set()
    made.stop()


def get(address: Listen, path: str = "/") -> str:
    connection = HTTPConnection(address.host, address.port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_port_zero_becomes_the_real_port(server: WebServer) -> None:
    assert server.address.port > 0
    assert get(server.address) == '"here"'


def test_connections_send_at_once(server: WebServer) -> None:
    # asyncio turns Nagle's algorithm off only where the listening socket names its protocol.
    assert server._socket is not None
    assert server._socket.proto == socket.IPPROTO_TCP


def test_a_taken_address_is_wrong_usage_and_names_the_way_out(server: WebServer, app: FastAPI) -> None:
    second = WebServer(app, server.address)

    with pytest.raises(UsageError, match=rf"{server.address} is taken.*SIEGEWATCH_WEB__LISTEN"):
        second.start()


@pytest.mark.parametrize(
    ("listen", "why"),
    [
        (Listen("192.0.2.1", 8350), "192.0.2.1:8350 is no address of this machine"),
        (Listen("no such host", 8350), "no such host:8350 is no address that can be looked up"),
    ],
)
def test_an_address_that_cannot_be_had_is_wrong_usage(app: FastAPI, listen: Listen, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        WebServer(app, listen).start()


def test_an_address_is_free_again_after_the_stop(app: FastAPI) -> None:
    first = WebServer(app, ANY_PORT)
    first.start()
    get(first.address)
    first.stop()
    second = WebServer(app, first.address)
    second.start()
    try:
        assert get(second.address) == '"here"'
    finally:
        second.stop()


def test_a_request_under_way_is_answered_before_the_stop(server: WebServer, app: FastAPI) -> None:
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(get(server.address, "/slow")))
    asking.start()
    assert app.state.entered.wait(10)
    threading.Timer(0.3, app.state.go_on.set).start()
    server.stop()
    asking.join(10)

    assert answers == ['"done"']


def test_a_stuck_request_holds_the_stop_for_three_seconds_at_most(server: WebServer, app: FastAPI) -> None:
    with socket.create_connection(server.address) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert app.state.entered.wait(10)
        begun = time.monotonic()
        server.stop()
        # The bound is the promise itself, with room for a busy machine.
        assert time.monotonic() - begun < 6


def test_an_idle_connection_does_not_hold_the_stop(server: WebServer) -> None:
    with socket.create_connection(server.address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        server.stop()
        rest = b"".join(iter(lambda: connection.recv(1000), b""))

    assert b"HTTP/1.1" not in rest


def test_stopping_what_never_started_does_nothing(app: FastAPI) -> None:
    server = WebServer(app, ANY_PORT)

    server.stop()

    assert server.address == ANY_PORT
