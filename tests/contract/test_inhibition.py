"""Inhibition on a real store: what is graver and was told holds back what is not, whichever worker told it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.domain.alert import Route
from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.event import Event, Place
from siegewatch.domain.inhibition import Inhibition
from siegewatch.domain.item import Item
from siegewatch.domain.silence import Hush, Silence
from siegewatch.domain.story import Story, StoryChange
from siegewatch.domain.taxonomy import Change, Kind, Phase, Status
from siegewatch.notify.outbox import Teller
from siegewatch.store import codec
from siegewatch.store.alerts import AlertStore
from siegewatch.store.client import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STORY = Story("s1", "c:SY", "Fighting in SY", None, "SY", NOW, NOW, version=1)
FLASH = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, country="SY", place=Place("Exampleton", geonames_id=42))
UPDATE = replace(FLASH, phase=Phase.ONGOING)
WATCH = replace(FLASH, status=Status.THREATENED)
RULE = Inhibition({}, {"kind": ("siege",)})


@pytest.fixture
def alerts(store: Store) -> AlertStore:
    opened = AlertStore(store)
    opened.changes.open()
    return opened


def tell(alerts, event, *, rule=RULE, story="s1", at=NOW, change=Change.OPENED, consumer="one", channels=("desk",)):
    """Whether news is told, and the alert as it is kept."""
    version = alerts.store.redis.incr("version")
    changed = StoryChange(replace(STORY, id=story, version=version), change, (event,), Item("i", "t", "", at, at), at)
    alerts.store.redis.xadd(alerts.changes.key, {"change": codec.dump(changed)})
    specs = {name: ChannelSpec(name, "test", "https://x.example") for name in channels}
    routes = (Route({}, ("desk",)),)
    batch = Teller(alerts, routes, specs, consumer, lambda: at, inhibitions=(rule,)).step()
    assert batch.handed == 1
    kept = alerts.recent(1)
    return bool(batch.alerts), kept[0] if kept else None


def test_less_grave_alert_is_held_back_and_names_the_graver_whoever_told_it(alerts):
    told, flash = tell(alerts, FLASH)
    assert told
    told, kept = tell(AlertStore(alerts.store), UPDATE, consumer="other", at=NOW + timedelta(minutes=59))
    assert not told
    assert (kept.hushed.by, kept.hushed.id, kept.channels) == (Hush.INHIBITION, flash.id, ())
    assert alerts.waiting(["desk"]) == {"desk": 1}


def test_it_is_told_when_the_time_is_over(alerts):
    tell(alerts, FLASH)
    assert tell(alerts, UPDATE, at=NOW + timedelta(minutes=61))[0]


def test_equal_grave_and_graver_alerts_are_told(alerts):
    assert tell(alerts, UPDATE)[0]
    assert tell(alerts, UPDATE)[0]
    assert tell(alerts, FLASH)[0]
    assert tell(alerts, FLASH)[0]
    assert not tell(alerts, WATCH)[0]


@pytest.mark.parametrize(
    ("equal", "other", "held"),
    [
        (("story",), {}, True),
        (("story",), {"story": "s2"}, False),
        (("place",), {"story": "s2"}, True),
        (("place", "story"), {"story": "s2"}, False),
        (("country",), {"story": "s2", "event": replace(UPDATE, place=Place("Elsewhere"))}, True),
        (("place",), {"story": "s2", "event": replace(UPDATE, place=Place("Elsewhere"))}, False),
        (("place",), {"event": replace(UPDATE, place=None)}, False),
    ],
)
def test_both_must_share_what_is_asked_for(alerts, equal, other, held):
    rule = replace(RULE, equal=equal)
    tell(alerts, FLASH, rule=rule)
    arguments = {"event": UPDATE, **other}
    assert tell(alerts, rule=rule, **arguments)[0] is not held


def test_only_what_the_matchers_take_counts(alerts):
    rule = replace(RULE, source={"phase": ("broken",)}, target={"severity": ("watch",)})
    tell(alerts, FLASH, rule=rule)
    assert tell(alerts, WATCH, rule=rule)[0]
    tell(alerts, replace(FLASH, phase=Phase.BROKEN), rule=rule)
    assert tell(alerts, UPDATE, rule=rule)[0]
    assert not tell(alerts, WATCH, rule=rule)[0]


def test_what_nobody_was_told_holds_nothing_back(alerts):
    match = {"severity": ("flash",)}
    alerts.silences.put(Silence("abc", match, "anna", "drill", NOW, NOW + timedelta(hours=2)), NOW)
    assert not tell(alerts, FLASH)[0]
    assert tell(alerts, UPDATE)[0]
    tell(alerts, FLASH, story="s2", channels=())
    assert tell(alerts, UPDATE, story="s2")[0]


def test_what_takes_back_a_report_is_never_held_back(alerts):
    tell(alerts, UPDATE)
    tell(alerts, FLASH)
    assert tell(alerts, UPDATE, change=Change.CORRECTED)[0]
