"""An invented alert that shows a channel what alerts look like."""

from datetime import datetime, timedelta

from siegewatch.domain.alert import Alert, AlertType, alert_severity
from siegewatch.domain.event import Event, Evidence, Place
from siegewatch.domain.item import Item
from siegewatch.domain.story import Beat, Story
from siegewatch.domain.taxonomy import Change, Kind, Phase, Precision, Status

_TITLE = "TEST: Northern army storms Exampleton, siege of the city about to be broken"
_PLACE = Place("Exampleton", precision=Precision.CITY)


def sample_alert(now: datetime) -> Alert:
    """Both kinds of event, a siege of 100 days, no real place, party or outlet: nothing in it can be taken for news."""
    item = Item("test-item", _TITLE, "", now, now, "https://example.org/test", "Example Times", "Example feed")
    events = (_offensive(), _siege())
    return Alert(
        id="test-alert",
        type=AlertType.OPENED,
        severity=alert_severity(events, Change.OPENED),
        reason="This is a test of the channel, sent by hand.",
        change=Change.OPENED,
        events=events,
        story=_story(item, now),
        item=item,
        at=now,
    )


def _offensive() -> Event:
    return Event(
        Kind.OFFENSIVE,
        Phase.ADVANCE,
        Status.ACTUAL,
        attacker="Northern army",
        defender="Southern league",
        place=_PLACE,
        taken=True,
        evidence=_evidence("Northern army storms Exampleton"),
    )


def _siege() -> Event:
    return Event(
        Kind.SIEGE,
        Phase.BROKEN,
        Status.THREATENED,
        attacker="Southern league",
        defender="city garrison",
        place=_PLACE,
        evidence=_evidence("siege of the city about to be broken"),
    )


def _evidence(text: str) -> tuple[Evidence, ...]:
    start = _TITLE.index(text)
    return (Evidence("title", start, start + len(text), text),)


def _story(item: Item, now: datetime) -> Story:
    begun = now - timedelta(days=100)
    return Story(
        id="test-story",
        key="test",
        title="TEST: the fight for Exampleton",
        place=_PLACE,
        country=None,
        opened_at=begun,
        changed_at=now,
        timeline=(
            Beat(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, begun, "test-item-0", begun),
            Beat(Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, now, item.id, now, taken=True),
            Beat(Kind.SIEGE, Phase.BROKEN, Status.THREATENED, now, item.id, now),
        ),
        attackers=("Northern army",),
        defenders=("Southern league",),
        outlets=("Example Times",),
        items=2,
    )
