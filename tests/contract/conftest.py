"""A store of each kind that the contract suites must pass on: the embedded server, and Debian's Redis."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from reports import MONTH

from siegewatch.store.client import Store, connect, connect_socket
from siegewatch.store.items import ItemStore
from siegewatch.store.stories import StoryStore


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory, listening: Callable[[Path], None]) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("redis")
    socket = folder / "s"
    command = [shutil.which("redis-server") or "redis-server", "--port", "0", "--unixsocket", str(socket)]
    server = subprocess.Popen([*command, "--save", ""], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        listening(socket)
        yield socket
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(params=["embedded", pytest.param("redis", marks=pytest.mark.redis)])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    socket = request.getfixturevalue(f"{request.param}_server")
    opened = connect_socket(str(socket), "t:") if request.param == "embedded" else connect(f"unix://{socket}", "t:")
    opened.redis.flushall()
    yield opened
    opened.close()


@pytest.fixture
def items(store: Store) -> ItemStore:
    opened = ItemStore(store, MONTH)
    opened.queue.open()
    StoryStore(store, MONTH).changes.open()
    return opened


@pytest.fixture
def raw(store: Store) -> "redis.Redis":
    return store.redis
