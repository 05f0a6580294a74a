"""The bodies of the webhook, as the contract writes them; `alert.v1.json`, `ops.v1.json` and `digest.v1.json` under
`schema/` describe them."""

from datetime import UTC, datetime
from typing import Any

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Message
from siegewatch.domain.digest import Digest
from siegewatch.domain.item import Item
from siegewatch.domain.ops import OpsAlert
from siegewatch.domain.story import Beat, Story
from siegewatch.notify.digest import digest_body
from siegewatch.notify.links import links
from siegewatch.notify.render import gravest_first
from siegewatch.store.codec import plain

SCHEMA = "siegewatch.alert.v1"
OPS_SCHEMA = "siegewatch.ops.v1"
_TOLD_OF_BEATS = frozenset({"kind", "phase", "status", "item", "taken"})


def body_of(message: Message) -> dict[str, Any]:
    """The whole body, JSON-ready."""
    alert = message.alert
    if isinstance(alert, Digest):
        return digest_body(alert)
    return _ops_body(alert) if isinstance(alert, OpsAlert) else _alert_body(alert, message)


def _ops_body(alert: OpsAlert) -> dict[str, Any]:
    trouble = alert.trouble
    return {
        "type": str(alert.type),
        "timestamp": timestamp(alert.at),
        "data": {
            "schema": OPS_SCHEMA,
            "id": alert.id,
            "subject": str(trouble.subject),
            "name": trouble.name,
            "reason": trouble.reason,
            "since": timestamp(trouble.since),
        },
    }


def _alert_body(alert: Alert, message: Message) -> dict[str, Any]:
    """`links` is there only where a public address is set, `test` only on a sample."""
    found = links(message)
    return {
        "type": str(alert.type),
        "timestamp": timestamp(alert.at),
        "data": {
            "schema": SCHEMA,
            "id": alert.id,
            "severity": str(alert.severity),
            "reason": alert.reason,
            "change": str(alert.change),
            "events": [plain(event) for event in gravest_first(alert)],
            "story": _story(alert.story, alert.at),
            "item": _item(alert.item),
            **({"links": dict(found)} if found else {}),
            **({"test": True} if message.test else {}),
        },
    }


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _story(story: Story, now: datetime) -> dict[str, Any]:
    return {
        "id": story.id,
        "title": story.title,
        "place": plain(story.place) if story.place else None,
        "country": story.country,
        "timeline": [_beat(beat) for beat in story.timeline],
        "siege_days": story.siege_days(now),
        "outlets": len(story.outlets),
        "sources": len(story.sources) or len(story.outlets),
        "items": story.items,
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "link": item.link,
        "published": timestamp(item.published_at),
        "outlet": item.outlet,
        "feed": item.feed,
    }


def _beat(beat: Beat) -> dict[str, Any]:
    told = {name: value for name, value in plain(beat).items() if name in _TOLD_OF_BEATS}
    return {**told, "at": timestamp(beat.at), **({"retracted": True} if beat.retracted_by else {})}
