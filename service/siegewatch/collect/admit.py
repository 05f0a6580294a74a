"""Entries of a document become candidates for admission: who they are, when they count as published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from siegewatch.collect.identity import Keys, identities, trusted, wording
from siegewatch.domain.feed import Feed
from siegewatch.domain.item import Entry, Item
from siegewatch.store.items import Candidate

DATE_ONLY_GRACE = timedelta(days=1)
"""A date at midnight sharp names a day, not a moment."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the age of an entry is judged by: `read_at` is when the feed was last read, None where never."""

    now: datetime
    read_at: datetime | None
    window: timedelta

    @property
    def after_a_gap(self) -> bool:
        """Whether what changed since the feed was last read may be older than the window."""
        return self.read_at is None or self.now - self.read_at > self.window


def candidates(
    feed: Feed, title: str | None, entries: Sequence[Entry], moment: Moment, beside: Sequence[Keys] = ()
) -> list[Candidate]:
    """What to admit of a document with this title, the oldest first: a story is told in the order it happened.
    `beside` are the keys of its other entries, which were admitted before."""
    outlet = feed.outlet or short_title(title) or feed.name
    found = [
        _candidate(feed, entry, entry.outlet or outlet, moment, trust_guid=guid, trust_link=link)
        for entry, (guid, link) in zip(entries, trusted(entries, beside), strict=True)
    ]
    # Documents hold the newest first, so entries of one moment, or without a date, are turned round as well.
    found.reverse()
    return sorted(found, key=lambda candidate: candidate.item.published_at)


def short_title(title: str | None) -> str | None:
    """The name in a feed's title: *World - The Daily News* and *The Daily | World* end before the mark."""
    if not title:
        return None
    for mark in (" | ", " - ", " – ", " — ", " » "):
        title = title.split(mark, 1)[0]
    return title.strip() or None


def _candidate(
    feed: Feed, entry: Entry, outlet: str, moment: Moment, *, trust_guid: bool, trust_link: bool
) -> Candidate:
    known_by = identities(feed.id, entry, trust_guid=trust_guid, trust_link=trust_link)
    item = Item(
        id=known_by[0],
        title=entry.title,
        summary=entry.summary,
        published_at=min(entry.published_at or moment.now, moment.now),
        seen_at=moment.now,
        link=entry.link,
        outlet=outlet,
        feed=feed.name,
        tags=feed.tags,
        late=is_late(entry.published_at, moment),
    )
    return Candidate(known_by, wording(entry), item, edit_late=moment.after_a_gap)


def is_late(published_at: datetime | None, moment: Moment) -> bool:
    """Whether an entry was published before the window. One without a date counts as published when it was
    first seen, but on a feed's first poll as older than the window."""
    if published_at is None:
        return moment.read_at is None
    day_only = (published_at.hour, published_at.minute, published_at.second) == (0, 0, 0)
    return moment.now - published_at > moment.window + (DATE_ONLY_GRACE if day_only else timedelta())
