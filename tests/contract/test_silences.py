"""Silences on a real store: they hold at once for every worker, until they end, and lose nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.domain.alert import AlertType, Route
from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.silence import Hush, Silence
from siegewatch.domain.story import Story, StoryChange
from siegewatch.domain.taxonomy import Change, Kind, Phase, Status
from siegewatch.notify.outbox import Teller
from siegewatch.store import codec
from siegewatch.store.alerts import AlertStore
from siegewatch.store.client import Store
from siegewatch.store.keys import SILENCE_LIFE

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STORY = Story("s1", "c:SY", "Fighting in SY", None, "SY", NOW, NOW, version=1)
REPELLED = Event(Kind.OFFENSIVE, Phase.REPELLED, Status.ACTUAL, country="SY")
IMPOSED = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, country="SY")
DRILL = Silence("abc", {"country": ("SY",)}, "anna", "drill", NOW, NOW + timedelta(hours=2))


@pytest.fixture
def alerts(store: Store) -> AlertStore:
    opened = AlertStore(store)
    opened.changes.open()
    return opened


def change(alerts: AlertStore, version: int, event: Event = REPELLED, kind: Change = Change.OPENED) -> None:
    told = StoryChange(replace(STORY, version=version), kind, (event,), Item("i", "t", "", NOW, NOW), NOW)
    alerts.store.redis.xadd(alerts.changes.key, {"change": codec.dump(told)})


def teller(alerts: AlertStore, consumer: str = "one", at: datetime = NOW) -> Teller:
    specs = {"desk": ChannelSpec("desk", "test", "https://x.example")}
    return Teller(alerts, (Route({}, ("desk",)),), specs, consumer, lambda: at)


def test_silence_holds_at_once_for_every_worker(alerts):
    one, other = teller(alerts), teller(AlertStore(alerts.store), "other")
    change(alerts, 1)
    assert len(one.step().alerts) == 1
    alerts.silences.put(DRILL, NOW)
    for number, worker in enumerate((one, other), start=2):
        change(alerts, number)
        batch = worker.step()
        assert (batch.handed, batch.alerts) == (1, ())
    assert alerts.waiting(["desk"]) == {"desk": 1}
    AlertStore(alerts.store).silences.expire(DRILL, NOW)
    change(alerts, 4)
    assert len(other.step().alerts) == 1


def test_silenced_alert_is_kept_with_who_why_and_until_when(alerts):
    alerts.silences.put(DRILL, NOW)
    change(alerts, 1)
    teller(alerts).step()
    [kept] = alerts.recent(9)
    assert (kept.channels, kept.hushed.by, kept.hushed.id, kept.hushed.channels) == ((), Hush.SILENCE, "abc", ("desk",))
    assert kept.hushed.why == "silenced by anna until 2026-03-01 14:00 UTC: drill"
    assert alerts.told_of("s1") == ()
    assert alerts.changes.length() == 0


def test_silence_ends_by_itself(alerts, raw):
    alerts.silences.put(DRILL, NOW)
    assert alerts.silences.active(DRILL.until - timedelta(milliseconds=1)) == [DRILL]
    assert alerts.silences.active(DRILL.until) == []
    assert alerts.silences.all() == [DRILL]
    assert raw.ttl("t:silence:abc") == (DRILL.until + SILENCE_LIFE - NOW).total_seconds()
    change(alerts, 1)
    assert len(teller(alerts, at=DRILL.until).step().alerts) == 1


def test_silence_takes_a_flash_only_where_it_names_it(alerts):
    alerts.silences.put(DRILL, NOW)
    change(alerts, 1, IMPOSED)
    assert len(teller(alerts).step().alerts) == 1
    alerts.silences.put(replace(DRILL, match={"country": ("SY",), "severity": ("flash",)}), NOW)
    change(alerts, 2, IMPOSED)
    assert teller(alerts).step().alerts == ()


def test_silence_takes_nothing_that_it_does_not_match(alerts):
    alerts.silences.put(replace(DRILL, match={"country": ("SD",)}), NOW)
    change(alerts, 1)
    assert len(teller(alerts).step().alerts) == 1


def test_what_takes_back_a_report_is_told_in_a_silence(alerts):
    change(alerts, 1)
    teller(alerts).step()
    alerts.silences.put(DRILL, NOW)
    change(alerts, 2, kind=Change.CORRECTED)
    [told] = teller(alerts).step().alerts
    assert (told.type, told.channels) == (AlertType.CORRECTED, ("desk",))


def test_silences_that_ended_long_ago_are_forgotten(alerts, raw):
    alerts.silences.put(DRILL, NOW)
    later = DRILL.until + SILENCE_LIFE + timedelta(seconds=1)
    alerts.silences.put(replace(DRILL, id="new", until=later + timedelta(hours=1)), later)
    assert raw.zrange("t:silences", 0, -1) == [b"new"]
