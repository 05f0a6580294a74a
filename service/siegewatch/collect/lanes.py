"""Whose servers a feed is on: feeds of one lane are asked one at a time."""

from contextlib import suppress
from functools import cache, lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from siegewatch.domain.feed import Feed


def lane_of(feed: Feed) -> str | None:
    """The registrable domain of the feed's host (the public suffix list's, https://publicsuffix.org): subdomains are
    mostly one publisher's servers. None for addresses and names that are nobody's to register, as our own hosts
    have."""
    host = urlsplit(feed.url).hostname
    return None if host is None else _registrable(host)


@lru_cache(maxsize=100_000)
def _registrable(host: str) -> str | None:
    return None if _is_address(host) else _suffixes().privatesuffix(_readable(host))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _readable(host: str) -> str:
    """With its letters in place of punycode."""
    with suppress(UnicodeError):
        return host.encode().decode("idna") if "xn--" in host else host
    return host


@cache
def _suffixes() -> PublicSuffixList:
    # A name under no known suffix (as `feeds.internal`) is left alone. The list is read before the first poll: to have
    # its own names in punycode would more than double that time.
    return PublicSuffixList(accept_unknown=False, accept_encoded_idn=False)
