"""What reading a document yields, and the last steps that every format shares."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from siegewatch.collect.dates import believable
from siegewatch.collect.discovery import NO_LINKS, Links
from siegewatch.collect.text import first_sentence, fold
from siegewatch.domain.feed import Wishes
from siegewatch.domain.item import Entry

TITLE_LIMIT = 1_000
SUMMARY_LIMIT = 5_000
OUTLET_LIMIT = 200
LINK_LIMIT = 4_000
GUID_LIMIT = 2_000
"""Characters. A longer link is no link; of a longer guid a digest stands for it."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document read. `format` is None where it is no feed, else as feedparser names it ("rss20", "atom10", …), or
    "json10", "json11", "json".

    `cut_at` is the number of entries kept where the document held more than were to be read, or where the time for
    reading ended. `problem` is one line on why nothing could be read; `remark` one on what harms nothing.
    `feeds` are the addresses of those that a web page names; `wishes` what it says of when to come back;
    `marks` its entries' marks, as `delta` packs them, where those known may be left out the next time;
    `links` those to the feed's hub and to itself.
    """

    format: str | None = None
    title: str | None = None
    entries: tuple[Entry, ...] = ()
    cut_at: int | None = None
    problem: str | None = None
    remark: str | None = None
    feeds: tuple[str, ...] = ()
    wishes: Wishes | None = None
    marks: str | None = None
    links: Links = NO_LINKS


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry as its document gives it: plain text, but nothing checked."""

    title: str
    summary: str = ""
    guid: str | None = None
    link: str | None = None
    dated_at: datetime | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What one XML document says: its `version` as feedparser names it, "" where it is no feed; pairs of relation and
    address; and what is wrong with it."""

    version: str
    title: str
    links: tuple[tuple[str, str], ...]
    drafts: tuple[Draft, ...]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as its reader left it. `cut` says why the reading ended early; `remarks` what else to tell."""

    format: str | None
    title: str | None = None
    drafts: tuple[Draft, ...] = ()
    cut: str | None = None
    problem: str | None = None
    remarks: tuple[str, ...] = ()
    links: Links = NO_LINKS


def finish(reading: Reading, now: datetime) -> Parsed:
    """Checks and completes the drafts: dates that cannot be true are dropped, a missing title is taken from the
    summary, entries with neither words nor identity are left out, identical ones kept once; remarks count all that."""
    faults: Counter[str] = Counter()
    entries = tuple(dict.fromkeys(_entries(reading.drafts, now, faults)))
    remarks = [f"{fault}: {count}" for fault, count in faults.items()]
    if reading.cut:
        remarks.insert(0, f"cut at {len(entries)} entries: {reading.cut}")
    return Parsed(
        format=reading.format,
        title=reading.title or None,
        entries=entries,
        cut_at=len(entries) if reading.cut else None,
        problem=reading.problem,
        remark="; ".join((*remarks, *reading.remarks)) or None,
        links=reading.links,
    )


def _entries(drafts: Iterable[Draft], now: datetime, faults: Counter[str]) -> Iterable[Entry]:
    for draft in drafts:
        guid, link = _guid(draft.guid), _link(draft.link)
        if not (draft.title or draft.summary or guid or link):
            faults["empty entries, left out"] += 1
            continue
        published_at, fault = believable(draft.dated_at, now)
        if fault:
            faults[fault] += 1
        yield Entry(
            title=draft.title or first_sentence(draft.summary),
            summary=draft.summary,
            guid=guid,
            link=link,
            published_at=published_at,
            outlet=draft.outlet or None,
        )


def _guid(guid: str | None) -> str | None:
    guid = fold(guid or "")
    if len(guid) > GUID_LIMIT:
        return "blake2b:" + blake2b(guid.encode(), digest_size=20).hexdigest()
    return guid or None


def _link(link: str | None) -> str | None:
    """Web addresses only: an item's link is put before readers to click on."""
    link = "".join(fold(link or "").split())
    web = link[:8].lower().startswith(("http://", "https://"))
    return link if web and len(link) <= LINK_LIMIT else None
