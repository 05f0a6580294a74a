"""Addresses made safe to log."""

import pytest

from siegewatch.net.redact import redact_path, redact_url, scrub


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example.org/world/rss.xml", "https://news.example.org/world/rss.xml"),
        ("https://ann:s3cret@news.example.org:8443/rss", "https://news.example.org:8443/rss"),
        ("https://news.example.org/rss?format=xml&page=2", "https://news.example.org/rss?format=xml&page=2"),
        ("https://news.example.org/rss?api_key=abc&page=2", "https://news.example.org/rss?api_key=***&page=2"),
        ("https://news.example.org/rss?u=a1b2c3d4e5f6a7b8c9d0e1", "https://news.example.org/rss?u=***"),
        ("https://news.example.org/rss#access_token=abc", "https://news.example.org/rss"),
        ("https://hooks.slack.com/services/T01/B02/sEcReT", "https://hooks.slack.com/services/***"),
        ("https://hooks.slack.com/workflows/T01/A02/3/sEcReT", "https://hooks.slack.com/workflows/***"),
        ("https://example.org/private/a1b2c3d4e5f6a7b8c9d0e1f2a3/rss", "https://example.org/private/***/rss"),
        ("http://[::1", "***"),
        ("file:///var/spool/wire-of-2026-november-and-later", "file:///var/spool/wire-of-2026-november-and-later"),
    ],
)
def test_redact_url_shows_where_but_no_secret(url: str, shown: str) -> None:
    assert redact_url(url) == shown


def test_redact_path_shows_the_host_alone() -> None:
    assert redact_path("https://ann:pw@hooks.example.org/a/b?c=d#e") == "https://hooks.example.org/***"


def test_scrub_hides_the_longest_secret_first() -> None:
    assert scrub("got abc and abcdef", ["abc", "abcdef", ""]) == "got *** and ***"
