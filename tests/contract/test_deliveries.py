"""Alerts and deliveries on a real store: told once, sent under claims, given up with a reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.domain.alert import AlertType, Route
from siegewatch.domain.delivery import Accepted, ChannelSpec, DeliveryState, Message, Rejected, Retry, Verdict
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.story import Story, StoryChange
from siegewatch.domain.taxonomy import Change, Kind, Phase, Status
from siegewatch.notify.outbox import Teller
from siegewatch.notify.sender import Sender
from siegewatch.store import codec
from siegewatch.store.alerts import AlertStore
from siegewatch.store.claims import Worker
from siegewatch.store.client import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
US = Worker("host:1", lambda process: process == "host:dead")
STORY = Story("s1", "c:SY", "Fighting in SY", None, "SY", NOW, NOW, version=1)
IMPOSED = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, country="SY")


class Desk:
    """A channel that answers as it is told and remembers what it was sent."""

    needs_url = True

    def __init__(self, *verdicts: Verdict) -> None:
        self.verdicts = list(verdicts)
        self.sent: list[str] = []

    def send(self, message: Message) -> Verdict:
        self.sent.append(message.id)
        return self.verdicts.pop(0) if self.verdicts else Accepted(200)


@pytest.fixture
def alerts(store: Store) -> AlertStore:
    opened = AlertStore(store)
    opened.changes.open()
    return opened


def change(alerts: AlertStore, number: int = 1, story: str = "s1") -> None:
    changed = replace(STORY, id=story, version=number)
    told = StoryChange(changed, Change.OPENED, (IMPOSED,), Item("i", "t", "", NOW, NOW), NOW)
    alerts.store.redis.xadd(alerts.changes.key, {"change": codec.dump(told)})


def teller(alerts: AlertStore, *channels: str) -> Teller:
    specs = {name: ChannelSpec(name, "test", "https://x.example") for name in channels}
    return Teller(alerts, (Route({}, ("desk", "archive")),), specs, "one", lambda: NOW)


def sender(alerts: AlertStore, desk: Desk, worker: Worker = US, at: datetime = NOW) -> Sender:
    return Sender(alerts, "desk", desk, "", "UTC", lambda: at, worker)


def test_change_is_told_once_with_a_delivery_for_each_channel_that_is_on(alerts):
    change(alerts)
    (alert,) = teller(alerts, "desk").step().alerts
    assert alert.channels == ("desk",)
    assert [one.channel for one in alerts.recent_deliveries(9)] == ["desk"]
    assert teller(alerts, "desk").step().handed == 0
    assert alerts.changes.length() == 0


def test_correction_goes_to_the_channels_that_were_told_and_to_no_other(alerts):
    change(alerts)
    teller(alerts, "desk").step()
    taken_back = replace(STORY, version=2, corrected=("i",))
    told = StoryChange(taken_back, Change.CORRECTED, (IMPOSED,), Item("j", "Correction: t", "", NOW, NOW), NOW)
    alerts.store.redis.xadd(alerts.changes.key, {"change": codec.dump(told)})
    (alert,) = teller(alerts, "desk", "archive").step().alerts
    assert (alert.type, alert.channels) == (AlertType.CORRECTED, ("desk",))


def test_correction_of_what_nobody_heard_is_not_told(alerts):
    told = StoryChange(STORY, Change.CORRECTED, (IMPOSED,), Item("j", "Correction: t", "", NOW, NOW), NOW)
    alerts.store.redis.xadd(alerts.changes.key, {"change": codec.dump(told)})
    assert teller(alerts, "desk").step().alerts == ()


def test_change_told_by_one_is_not_told_again_by_who_took_it_over(alerts):
    change(alerts)
    slow = alerts.changes.read("slow", count=1, block_seconds=0)
    assert len(teller(alerts, "desk").take_over(idle_seconds=0).alerts) == 1
    assert teller(alerts, "desk").tell(slow).alerts == ()
    assert len(alerts.recent(9)) == 1


def test_delivery_is_tried_until_it_is_taken_under_one_id(alerts):
    change(alerts)
    teller(alerts, "desk").step()
    desk = Desk(Retry("busy", 503), Accepted(200))
    assert sender(alerts, desk).step().state is DeliveryState.PENDING
    assert sender(alerts, desk).step() is None, "not due yet"
    done = sender(alerts, desk, at=NOW + timedelta(seconds=10)).step()
    assert done.state is DeliveryState.DELIVERED
    assert [attempt.ok for attempt in done.attempts] == [False, True]
    assert len(set(desk.sent)) == 1


def test_delivery_held_by_a_dead_process_is_taken_back(alerts):
    change(alerts)
    teller(alerts, "desk").step()
    alerts.outbox("desk").claim(Worker("host:dead", US.is_gone), NOW, lease=timedelta(minutes=2))
    again = sender(alerts, Desk())
    assert again.step() is None
    again.begin()
    assert again.step().state is DeliveryState.DELIVERED


def test_drain_tries_everything_once_due_or_not(alerts):
    for number in range(3):
        change(alerts, story=f"s{number}")
    teller(alerts, "desk").step()
    desk = Desk(*[Retry("broken", 500)] * 3)
    assert {one.state for one in sender(alerts, desk).drain()} == {DeliveryState.PENDING}
    assert len(desk.sent) == 3
    assert {one.state for one in sender(alerts, desk).drain()} == {DeliveryState.DELIVERED}
    assert sender(alerts, desk).drain() == []


def test_channel_that_wants_no_more_gets_no_more(alerts):
    for number in range(3):
        change(alerts, number)
    teller(alerts, "desk").step()
    desk = Desk(Rejected("answered 410 Gone", 410, disable=True))
    sender(alerts, desk).step()
    assert sender(alerts, desk).step() is None
    dead = alerts.recent_deliveries(9, dead=True)
    assert len(dead) == 3
    assert all("410" in one.reason for one in dead)
    change(alerts, 9)
    teller(alerts, "desk").step()
    assert len(alerts.recent_deliveries(9, dead=True)) == 4


def test_what_waits_for_a_channel_that_is_gone_becomes_a_dead_letter(alerts):
    change(alerts)
    teller(alerts, "desk", "archive").step()
    assert teller(alerts, "archive").give_up_unknown() == {"desk": 1}
    (dead,) = alerts.recent_deliveries(9, dead=True)
    assert (dead.channel, dead.reason) == ("desk", "the channel is off or no longer configured")
    alerts.send_again(dead, NOW)
    assert sender(alerts, Desk()).step().state is DeliveryState.DELIVERED
    assert alerts.recent_deliveries(9, dead=True) == []


def test_everything_but_what_waits_expires(alerts, raw):
    change(alerts)
    teller(alerts, "desk").step()
    sender(alerts, Desk()).step()
    forever = {key.decode() for key in raw.keys("t:*") if raw.ttl(key) == -1}
    listings = {"t:alerts:recent", "t:deliveries:recent"}
    assert forever <= {"t:schema", "t:changes", "t:channels", "t:standing:desk", *listings}
