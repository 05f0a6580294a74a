"""Every metric stands in docs/metrics.md, and nothing else does."""

import re
from pathlib import Path

import fakeredis
import pytest

from siegewatch.apps.current import Current
from siegewatch.apps.web.metrics import Metrics
from siegewatch.settings import load
from siegewatch.store.client import Store
from siegewatch.store.keys import Keys
from siegewatch.wiring import memory, now

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
ROW = re.compile(r"^\| `(siegewatch_\w+)` \| (\w+) \| (.*?) \|", re.MULTILINE)


@pytest.fixture
def metrics(tmp_path: Path) -> Metrics:
    (tmp_path / "feeds.yaml").write_text("feeds: []")
    settings = load(tmp_path, {})
    return Metrics(Current(settings, memory(settings, Store(fakeredis.FakeRedis(), Keys("sw:")))), now)


def full_name(name: str, kind: str) -> str:
    return f"{name}_total" if kind == "counter" else name


def test_every_metric_is_documented_with_its_type(metrics: Metrics) -> None:
    served = {full_name(family.name, family.type): family.type for family in metrics.registry.collect()}
    ours = {name: kind for name, kind in served.items() if name.startswith("siegewatch_")}

    assert {name: kind for name, kind, _ in ROW.findall(PAGE.read_text())} == ours


def test_every_label_is_documented(metrics: Metrics) -> None:
    labels = {name: set(re.findall(r"(?:^|[,;] )`(\w+)`", cell)) for name, _, cell in ROW.findall(PAGE.read_text())}
    samples = [
        (full_name(family.name, family.type), set(sample.labels) - {"le"})
        for family in metrics.registry.collect()
        for sample in family.samples
        if family.name.startswith("siegewatch_")
    ]

    assert samples
    assert [(name, used - labels[name]) for name, used in samples if not used <= labels[name]] == []


def test_the_systems_metrics_are_named(metrics: Metrics) -> None:
    text = PAGE.read_text()
    others = {full_name(family.name, family.type) for family in metrics.registry.collect()}

    assert [name for name in others if not name.startswith("siegewatch_") and f"`{name}`" not in text] == []
