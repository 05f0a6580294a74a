"""Which feeds there are: those of feeds.yaml and those added at run time; and which of them are paused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from siegewatch.domain.errors import Fault
from siegewatch.domain.feed import AddedFeed, Feed, Listed, Pause, Written
from siegewatch.settings.feeds import Address, address

ReadEntry = Callable[[Written, str, Mapping[Address, str]], tuple[Feed | None, tuple[Fault, ...]]]
"""Reads an entry, under a label, beside the addresses and names of the feeds there are: the feed, or its faults."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An added feed that the rules refuse by now, as where a network is allowed no more; it is not polled."""

    added: AddedFeed
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """The feeds of one moment, those of feeds.yaml first; and the added ones that are refused."""

    listed: tuple[Listed, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """Every feed, paused or not."""
        return tuple(one.feed for one in self.listed)

    @property
    def addresses(self) -> dict[Address, str]:
        """The name of each feed by its address."""
        return {address(one.feed.url): one.feed.name for one in self.listed}

    def named(self, which: str) -> list[Listed]:
        """The feeds with this id or address, else those with this name."""
        by_id = [one for one in self.listed if which in (one.feed.id, one.feed.url)]
        return by_id or [one for one in self.listed if one.feed.name == which]


def roster(
    configured: Sequence[Feed], added: Sequence[AddedFeed], paused: Mapping[str, Pause], read: ReadEntry
) -> Roster:
    """What there is: an added feed must still satisfy the rules, beside those that come before it."""
    listed = [Listed(feed, None, paused.get(feed.id)) for feed in configured]
    known = {address(feed.url): feed.name for feed in configured}
    refused = []
    for one in added:
        feed, faults = read(one.written, f"added feed {one.id}", known)
        if feed is None:
            refused.append(Refused(one, faults))
        else:
            known[address(feed.url)] = feed.name
            listed.append(Listed(feed, one, paused.get(feed.id)))
    return Roster(tuple(listed), tuple(refused))
