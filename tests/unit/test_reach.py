"""Telling a dead feed from a dead network."""

from datetime import UTC, datetime, timedelta

from siegewatch.apps.reach import IN_A_ROW, PROBE_EVERY, PROBES, Reach, Unreached

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


def gone(reach: Reach, count: int, publishers: int = 99) -> None:
    for number in range(count):
        reach.missed(Unreached(f"feed {number}", "no such host", f"p{number % publishers}", f"id {number}"))


def met(feeds: int = 60) -> Reach:
    reach = Reach(feeds)
    reach.reached(NOW)
    return reach


def test_feeds_of_many_publishers_missed_in_a_row_are_our_network_at_once():
    reach = met()
    gone(reach, IN_A_ROW - 1)
    assert reach.is_up(NOW)
    gone(reach, IN_A_ROW)
    assert not reach.is_up(NOW)


def test_dead_feeds_between_live_ones_are_not_our_network():
    reach = met()
    for _ in range(5):
        gone(reach, IN_A_ROW - 1)
        reach.reached(NOW)
    assert reach.is_up(NOW)


def test_many_feeds_of_one_publisher_and_one_feed_asked_again_are_not_our_network():
    reach = met()
    gone(reach, 30, publishers=1)
    reach.reached(NOW)
    for _ in range(30):
        gone(reach, 1)
    assert reach.is_up(NOW)


def test_where_there_are_few_feeds_all_of_them_must_be_missed():
    reach = met(2)
    gone(reach, 1)
    assert reach.is_up(NOW)
    gone(reach, 2)
    assert not reach.is_up(NOW)
    only = met(1)
    gone(only, 1)
    assert only.is_up(NOW), "of an only feed nobody can tell"


def test_while_the_network_is_down_a_few_probes_are_made_now_and_then():
    reach = met()
    assert reach.room(256, 0, NOW) == 256
    gone(reach, IN_A_ROW)
    assert reach.room(256, 0, NOW) == PROBES
    assert reach.room(256, 0, NOW + PROBE_EVERY / 2) == 0
    assert reach.room(256, 1, NOW + PROBE_EVERY) == PROBES - 1
    assert reach.room(256, 40, NOW + 2 * PROBE_EVERY) == 0, "what was begun before it went down still is under way"
    assert reach.room(1, 0, NOW + 3 * PROBE_EVERY) == 1


def test_return_of_the_network_is_told_once_with_those_that_were_accused():
    reach = met()
    assert reach.returned() is None
    gone(reach, IN_A_ROW + 5)
    assert reach.returned() is None
    reach.reached(NOW)
    assert reach.is_up(NOW)
    assert reach.returned() == tuple(f"id {number}" for number in range(IN_A_ROW))
    assert reach.returned() is None
