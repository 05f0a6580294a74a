"""Telling a dead feed from a dead network."""

from datetime import UTC, datetime, timedelta

from siegewatch.apps.reach import Reach, Unreached

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEAD = Unreached("courier", "no such host")


def test_one_dead_feed_among_live_ones_is_named():
    reach = Reach(60)
    reach.missed(DEAD)
    reach.reached(NOW)
    assert reach.report(NOW) == ([DEAD], None)
    assert reach.report(NOW) == ([], None), "said once"


def test_no_feed_reachable_is_one_line_once_a_minute():
    reach = Reach(60)
    reach.missed(DEAD)
    assert reach.report(NOW) == ((), "0 of 60 feeds reachable: no network? retrying")
    reach.missed(DEAD)
    assert reach.report(NOW + timedelta(seconds=59)) == ((), None)
    reach.missed(DEAD)
    assert reach.report(NOW + timedelta(seconds=60))[1] is not None


def test_network_counts_as_down_after_ten_silent_minutes():
    reach = Reach(60)
    assert not reach.is_up(NOW)
    reach.reached(NOW)
    assert reach.is_up(NOW + timedelta(minutes=9))
    assert not reach.is_up(NOW + timedelta(minutes=10))
