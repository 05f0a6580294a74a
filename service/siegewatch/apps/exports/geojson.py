"""Stories on a map: GeoJSON as RFC 7946 has it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from siegewatch.apps.exports.ledger import story_entry
from siegewatch.domain.event import Place
from siegewatch.domain.ledger import Fight, fights
from siegewatch.domain.story import Story

MEDIA_TYPE = "application/geo+json"
_TOLD_WHOLE = ("title", "country", "opened_at", "changed_at", "attackers", "defenders", "outlets", "items", "fights")


def as_geojson(stories: Iterable[Story], now: datetime) -> dict[str, Any]:
    """A feature a story: a point where its place is known (longitude first, WGS 84), else without geometry."""
    return {"type": "FeatureCollection", "features": [_feature(story, now) for story in stories]}


def _feature(story: Story, now: datetime) -> dict[str, Any]:
    entry = story_entry(story, now)
    running = [fight for fight in fights(story) if fight.begun_at and not fight.ended_by]
    properties = {name: entry[name] for name in _TOLD_WHOLE}
    place = story.place
    return {
        "type": "Feature",
        "id": story.id,
        "geometry": _point(place),
        "properties": {
            **properties,
            "place": place.name if place else None,
            "geonames_id": place.geonames_id if place else None,
            "precision": str(place.precision) if place and place.precision else None,
            "siege_days": entry["siege_days"],
            "running": _kinds(running),
        },
    }


def _kinds(running: Iterable[Fight]) -> list[str]:
    return list(dict.fromkeys(str(fight.kind) for fight in running))


def _point(place: Place | None) -> dict[str, Any] | None:
    """RFC 7946 section 3.2: a feature without a place has the geometry null."""
    if place is None or place.lat is None or place.lon is None:
        return None
    return {"type": "Point", "coordinates": [place.lon, place.lat]}
