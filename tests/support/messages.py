"""Messages as channels are given them, from a plain one to one that has everything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from siegewatch.domain.alert import Alert, AlertType
from siegewatch.domain.delivery import Delivery, Message
from siegewatch.domain.digest import Digest, Gathered
from siegewatch.domain.event import Event, Evidence, Place
from siegewatch.domain.item import Item
from siegewatch.domain.ops import OpsAlert, OpsType, Subject, Trouble
from siegewatch.domain.story import Beat, Story
from siegewatch.domain.taxonomy import Change, Kind, Phase, Precision, Severity, Status
from siegewatch.notify.gathering import digest_of
from siegewatch.notify.sample import sample_alert

NOW = datetime(2026, 3, 1, 5, tzinfo=UTC)
_TITLE = "Army breaks three-year siege of Deir al-Zor, state TV says"
_LEAD = "Troops reached the airport at dawn. The siege was broken on Sunday, the governor said. Markets were shut."
_PLACE = Place("Deir al-Zor", 35.33, 40.14, 170794, Precision.CITY)


def full_alert() -> Alert:
    """Both kinds, a claim, a place on the map, several outlets, words of the lead that say it."""
    start = _LEAD.index("The siege was broken")
    says = Evidence("summary", start, start + len("The siege was broken"), "The siege was broken")
    siege = Event(
        Kind.SIEGE, Phase.BROKEN, Status.ACTUAL, "Islamic State", "army garrison", place=_PLACE, country="SY",
        claimed_by="the governor", evidence=(says,),
    )  # fmt: skip
    advance = Event(
        Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, "Syrian army", "Islamic State", place=_PLACE, country="SY",
        evidence=(Evidence("title", 0, 26, _TITLE[:26]),),
    )  # fmt: skip
    item = Item("i1", _TITLE, _LEAD, NOW, NOW, "https://news.example.org/1?a=b&c=d", "Example Times", "Example World")
    begun = NOW - timedelta(days=1_340, hours=5)
    story = Story(
        "s1", "k", "The fight for Deir al-Zor", _PLACE, "SY", begun, NOW,
        (Beat(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, begun, "i0", begun),), outlets=("A", "B", "C"), items=7,
    )  # fmt: skip
    reason = "A running story enters a new phase, reported by Example Times."
    return Alert(
        "a1", AlertType.UPDATED, Severity.FLASH, reason, Change.PHASE, (siege, advance), story, item, NOW, ("desk",)
    )


def digest(number: int) -> Digest:
    """Of so many alerts of two days, of every severity, and a trouble that began and one that ended."""
    full = full_alert()
    alerts: dict[str, Alert | OpsAlert] = {}
    for one in range(number):
        severity, at = list(Severity)[one % 3], NOW - timedelta(minutes=31 * one)
        kind = AlertType.CORRECTED if one == 4 else AlertType.UPDATED
        event = replace(full.events[one % 2], status=Status.THREATENED if severity is Severity.WATCH else Status.ACTUAL)
        alerts[f"a{one}"] = replace(full, id=f"a{one}", type=kind, severity=severity, events=(event,), at=at)
    trouble = Trouble(Subject.FEED, "Example World", "No new item for 7 hours, usually every 20 minutes.", NOW)
    alerts["o1"] = OpsAlert("o1", OpsType.RAISED, trouble, NOW)
    alerts["o2"] = OpsAlert("o2", OpsType.CLEARED, replace(trouble, name="Example Africa", reason="It is back."), NOW)
    waits = [Delivery(f"msg_{name}", name, "desk", one.at, one.at) for name, one in alerts.items()]
    return digest_of(Gathered.LATE, "desk", waits, alerts.get)


def messages() -> dict[str, Message]:
    """By name; each as a channel may be given it."""
    full = full_alert()
    long = replace(
        full,
        item=replace(
            full.item, title="Siege & <words> " * 400, summary="", link="https://news.example.org/" + "p" * 900
        ),
        events=tuple(replace(event, evidence=(), claimed_by="a very long name " * 200) for event in full.events),
    )
    trouble = Trouble(Subject.FEED, "Example World", "No new item for 7 hours, usually every 20 minutes.", NOW)
    public = "https://desk.example.org"
    return {
        "full": Message("msg_full", full, public, "Asia/Damascus"),
        "sample": Message("msg_sample", sample_alert(NOW), "", "UTC", test=True),
        "long": Message("msg_long", long, public, "UTC"),
        "digest": Message("msg_digest", digest(6), public, "Asia/Damascus"),
        "many": Message("msg_many", digest(120), public),
        "raised": Message("msg_raised", OpsAlert("o1", OpsType.RAISED, trouble, NOW), public),
        "cleared": Message("msg_cleared", OpsAlert("o2", OpsType.CLEARED, trouble, NOW), public),
    }
