"""The promises of delivery in a small form, with fixed seeds; `bench/deliveries.py` and `bench/notify.py` measure them
at length."""

import runpy
from pathlib import Path

import pytest

BENCH = runpy.run_path(str(Path(__file__).parents[2] / "bench" / "deliveries.py"))


@pytest.mark.parametrize("seed", [1, 2])
def test_burst_is_told_whole_in_order_and_within_the_budget(seed: int) -> None:
    found = BENCH["burst"](150, seed)
    assert BENCH["broken"](found) == []
    assert found["alerts"] == 150
    assert found["digests"]


def test_downtime_ends_in_one_digest() -> None:
    found = BENCH["downtime"](30, 1)
    assert BENCH["broken"](found) == []
    assert found["messages"] == found["digests"] == 1


def test_killed_sender_loses_nothing_and_tells_under_one_id() -> None:
    found = BENCH["kills"](8, 1, each=4)
    assert BENCH["broken"](found) == []
    assert found["accepted once"] + found["accepted twice"] == found["deliveries"] >= 64
