"""Stories with their sieges and offensives, as JSON-ready values and as rows."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from siegewatch.domain.ledger import Fight, TollRange, fights
from siegewatch.domain.story import Beat, Story
from siegewatch.store.codec import plain

COLUMNS = [
    "story",
    "place",
    "country",
    "lat",
    "lon",
    "geonames_id",
    "kind",
    "number",
    "begun",
    "begun_words",
    "ended",
    "ended_how",
    "days",
    "phases",
    "attackers",
    "defenders",
    "outlets",
    "tolls",
]
"""Of the CSV: one row a siege or offensive; lists are joined by semicolons."""


def as_json(stories: Iterable[Story], now: datetime) -> list[dict[str, Any]]:
    """Each story with its fights."""
    return [story_entry(story, now) for story in stories]


def story_entry(story: Story, now: datetime) -> dict[str, Any]:
    """One story as it is stored, without its raw tolls, and with its fights and the days of a siege under way."""
    stored = {name: value for name, value in plain(story).items() if name != "tolls"}
    ledger = [_fight(fight, now) for fight in fights(story)]
    return {**stored, "siege_days": story.siege_days(now), "merged_into": story.merged_into, "fights": ledger}


def _fight(fight: Fight, now: datetime) -> dict[str, Any]:
    return {
        "kind": str(fight.kind),
        "number": fight.number,
        "begun_at": _time(fight.begun_at),
        "begun_words": fight.begun_words,
        "ended_at": _time(fight.ended_by.at if fight.ended_by else None),
        "ended_how": fight.ended_how,
        "days": fight.days(now),
        "attackers": fight.attackers,
        "defenders": fight.defenders,
        "outlets": fight.outlets,
        "phases": [_phase(beat) for beat in fight.beats],
        "tolls": [_toll(toll) for toll in fight.tolls],
    }


def _phase(beat: Beat) -> dict[str, Any]:
    return {
        "phase": str(beat.phase),
        "status": str(beat.status),
        "taken": beat.taken,
        "retracted_by": beat.retracted_by,
        "at": _time(beat.at),
        "last_at": _time(beat.last_at),
        "item": beat.item,
        "title": beat.title,
        "outlets": beat.outlets,
    }


def _toll(toll: TollRange) -> dict[str, Any]:
    sources = [
        {"source": one.source, "item": one.item, "at": _time(one.at), "words": one.counted.words} for one in toll.tolls
    ]
    return {"harm": str(toll.harm), "least": toll.least, "most": toll.most, "sources": sources}


def as_csv(stories: Iterable[Story], now: datetime) -> str:
    """One row a fight (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for story in stories:
        for fight in fights(story):
            writer.writerow([_cell(value) for value in _row(story, fight, now)])
    return text.getvalue()


def _row(story: Story, fight: Fight, now: datetime) -> list[Any]:
    place = story.place
    where = [place.name, story.country, place.lat, place.lon, place.geonames_id] if place else [None, story.country]
    phases = (f"{beat.at:%Y-%m-%d} {phase_words(beat)}" for beat in fight.beats)
    return [
        story.id,
        *where,
        *[None] * (5 - len(where)),
        str(fight.kind),
        fight.number,
        _time(fight.begun_at),
        fight.begun_words,
        _time(fight.ended_by.at if fight.ended_by else None),
        fight.ended_how,
        fight.days(now),
        "; ".join(phases),
        "; ".join(fight.attackers),
        "; ".join(fight.defenders),
        "; ".join(fight.outlets),
        "; ".join(toll_words(toll) for toll in fight.tolls),
    ]


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def phase_words(beat: Beat) -> str:
    """*advance, place taken*; *broken (threatened)*; *imposed (taken back)*."""
    standing = "" if beat.is_actual else f" ({'taken back' if beat.retracted_by else beat.status})"
    return f"{beat.phase}{', place taken' if beat.taken else ''}{standing}"


def toll_words(toll: TollRange) -> str:
    """*killed 30 to 40*, *trapped at least 10,000*, *displaced up to 5,000*."""
    if toll.most is None:
        return f"{toll.harm} at least {toll.least:,}"
    if toll.least == toll.most:
        return f"{toll.harm} {toll.least:,}"
    return f"{toll.harm} {toll.least:,} to {toll.most:,}" if toll.least else f"{toll.harm} up to {toll.most:,}"


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
