"""The two transports, for every test that holds for both."""

from collections.abc import Iterator
from typing import Any

import pytest
from doors import TRANSPORTS, opened
from web_servers import LOOPBACK


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def door(transport: str) -> Iterator[Any]:
    made = opened(transport, [LOOPBACK])
    yield made
    made.close()


@pytest.fixture
def strict(transport: str) -> Iterator[Any]:
    made = opened(transport, [])
    yield made
    made.close()
