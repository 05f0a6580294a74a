"""Every address and parameter of the API stands in docs/api.md."""

from pathlib import Path

import fakeredis
import pytest

from siegewatch.apps.current import Current
from siegewatch.apps.web.app import make_app
from siegewatch.apps.web.metrics import Metrics
from siegewatch.settings import load
from siegewatch.store.client import Store
from siegewatch.store.keys import Keys
from siegewatch.wiring import memory, now

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


@pytest.fixture
def described(tmp_path: Path) -> dict[str, dict[str, dict[str, list[dict[str, str]]]]]:
    (tmp_path / "feeds.yaml").write_text("feeds: []")
    settings = load(tmp_path, {})
    remembers = memory(settings, Store(fakeredis.FakeRedis(), Keys("sw:")))
    app = make_app(Current(settings, remembers), dict, Metrics(Current(settings, remembers), now), serves_api=True)
    return app.openapi()["paths"]


def test_every_address_is_documented(described: dict[str, object]) -> None:
    assert len(described) == 13
    assert [path for path in described if f"`{path}`" not in PAGE] == []


def test_every_filter_is_documented(described: dict[str, dict[str, dict[str, list[dict[str, str]]]]]) -> None:
    rows = {line.split("`")[1]: line for line in PAGE.splitlines() if line.startswith("| `") and "`/" not in line}
    filters = {
        (path.rsplit("/", 1)[1], parameter["name"])
        for path, operations in described.items()
        for parameter in operations["get"].get("parameters", ())
        if parameter["in"] == "query" and parameter["name"] != "limit"
    }

    assert filters
    assert [(noun, name) for noun, name in filters if f"`{name}" not in rows[noun]] == []
