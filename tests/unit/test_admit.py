"""When an entry counts as published, and whether it is too old to ring."""

from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.collect.admit import Moment, candidates, is_late, short_title
from siegewatch.domain.feed import Feed
from siegewatch.domain.item import Entry

NOW = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)
HOURS = timedelta(hours=1)
LATER = Moment(NOW, NOW - HOURS, 6 * HOURS)
FIRST = Moment(NOW, None, 6 * HOURS)
FEED = Feed("https://courier.example/rss", "courier", tags=("world",))


@pytest.mark.parametrize("moment", [FIRST, LATER])
def test_entry_older_than_the_window_is_late(moment):
    assert not is_late(NOW - 6 * HOURS, moment)
    assert is_late(NOW - 6.1 * HOURS, moment)


def test_date_without_a_time_names_a_whole_day():
    assert not is_late(datetime(2026, 3, 1, tzinfo=UTC), LATER)
    assert is_late(datetime(2026, 2, 27, tzinfo=UTC), LATER)


def test_undated_entry_is_late_on_the_first_poll_only():
    assert is_late(None, FIRST)
    assert not is_late(None, LATER)


def test_item_never_counts_as_published_after_it_was_seen():
    undated, ahead = candidates(
        FEED, None, [Entry("a", link="https://x.example/1", published_at=NOW + HOURS), Entry("b", guid="2")], LATER
    )
    assert ahead.item.published_at == undated.item.published_at == NOW


def test_outlet_is_the_entry_s_then_the_document_s_then_the_feed_s():
    entries = [Entry("a", guid="1", outlet="Herald"), Entry("b", guid="2")]
    outlets = [one.item.outlet for one in candidates(FEED, "The Courier - World", entries, LATER)]
    assert outlets == ["The Courier", "Herald"]
    assert candidates(FEED, None, entries, LATER)[0].item.outlet == "courier"
    assert short_title("Asia | The Courier") == "Asia"
    assert short_title(" ") is None


def test_tags_and_feed_go_with_the_item():
    item = candidates(FEED, None, [Entry("a", guid="1")], LATER)[0].item
    assert (item.tags, item.feed) == (("world",), "courier")


def test_entries_are_admitted_oldest_first():
    newest_first = [Entry("c", guid="3", published_at=NOW), Entry("b", guid="2", published_at=NOW - HOURS)]
    newest_first += [
        Entry("a2", guid="1", published_at=NOW - 2 * HOURS),
        Entry("a1", guid="0", published_at=NOW - 2 * HOURS),
    ]
    assert [one.item.title for one in candidates(FEED, None, newest_first, LATER)] == ["a1", "a2", "b", "c"]


def test_edit_of_an_old_item_is_old_only_after_a_gap():
    old = [Entry("a", guid="1", published_at=NOW - 50 * HOURS)]
    after_gap = Moment(NOW, NOW - 7 * HOURS, 6 * HOURS)
    assert [candidates(FEED, None, old, moment)[0].edit_late for moment in (LATER, after_gap, FIRST)] == [
        False,
        True,
        True,
    ]
