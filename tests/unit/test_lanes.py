"""Which feeds are on the servers of one publisher."""

import pytest

from siegewatch.collect.lanes import lane_of
from siegewatch.domain.feed import Feed


@pytest.mark.parametrize(
    ("url", "lane"),
    [
        ("https://feeds.bbci.co.uk/news/rss.xml", "bbci.co.uk"),
        ("http://rss.cnn.com:8080/rss", "cnn.com"),
        ("https://one.github.io/feed", "one.github.io"),
        ("https://news.xn--90a3ac.xn--p1ai/feed", "срб.рф"),
        ("https://news.срб.рф/feed", "срб.рф"),
        ("http://127.0.0.1:8000/feed", None),
        ("http://[::1]/feed", None),
        ("http://localhost/feed", None),
        ("http://feeds.internal/rss", None),
        ("https://co.uk/feed", None),
        ("file:///var/spool/wire", None),
    ],
)
def test_lane_is_the_registrable_domain_where_there_is_one(url, lane):
    assert lane_of(Feed(url, "F")) == lane
