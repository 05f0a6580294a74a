"""What an attempt makes of a delivery, and what a change makes of the routes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.domain.alert import AlertType, Route
from siegewatch.domain.delivery import Accepted, Delivery, DeliveryState, Rejected, Retry
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.story import Story, StoryChange
from siegewatch.domain.taxonomy import Change, Kind, Phase, Severity, Status
from siegewatch.notify.outbox import alert_for, deliveries_for
from siegewatch.notify.sender import after_attempt

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WAITING = Delivery("msg_a_desk", "a", "desk", NOW, NOW)
STORY = Story("s1", "c:SY", "Fighting in SY", None, "SY", NOW, NOW, version=1)
IMPOSED = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, country="SY")
CHANGE = StoryChange(STORY, Change.OPENED, (IMPOSED,), Item("i1", "title", "", NOW, NOW), NOW)
ALL = (Route({}, ("desk", "archive")),)


def test_accepted_delivery_is_done():
    done = after_attempt(WAITING, Accepted(200, "ok"), NOW, 0)
    assert done.state is DeliveryState.DELIVERED
    assert done.attempts[0].ok
    assert done.attempts[0].answer == "ok"


def test_rejected_delivery_is_dead_with_its_reason():
    done = after_attempt(WAITING, Rejected("invalid token", 403), NOW, 0)
    assert (done.state, done.reason) == (DeliveryState.DEAD, "invalid token")


def test_failed_delivery_waits_and_keeps_its_id():
    done = after_attempt(WAITING, Retry("the server answers 500", 500), NOW, 0)
    assert done.state is DeliveryState.PENDING
    assert done.id == WAITING.id
    assert done.due_at - NOW == timedelta(seconds=5)


def test_delivery_is_given_up_after_the_last_attempt():
    delivery, now = WAITING, NOW
    while delivery.state is DeliveryState.PENDING:
        delivery = after_attempt(delivery, Retry("timed out"), now, 0)
        now = delivery.due_at
    assert delivery.state is DeliveryState.DEAD
    assert len(delivery.attempts) == 8
    assert "given up" in delivery.reason


def test_alert_of_the_same_change_has_the_same_id():
    assert alert_for(CHANGE, ALL).id == alert_for(CHANGE, ALL).id
    later = replace(CHANGE, story=replace(STORY, version=2))
    assert alert_for(later, ALL).id != alert_for(CHANGE, ALL).id


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (Change.OPENED, AlertType.OPENED),
        (Change.PHASE, AlertType.UPDATED),
        (Change.CORRECTED, AlertType.CORRECTED),
    ],
)
def test_alert_is_named_after_its_change(change, kind):
    alert = alert_for(replace(CHANGE, change=change), ALL)
    assert alert.type is kind
    assert alert.channels == ("desk", "archive")


def test_alert_has_the_severity_of_its_gravest_event():
    assert alert_for(CHANGE, ALL).severity is Severity.FLASH
    threat = replace(IMPOSED, status=Status.THREATENED)
    assert alert_for(replace(CHANGE, events=(threat,)), ALL).severity is Severity.WATCH


def test_delivery_to_a_channel_that_is_off_is_a_dead_letter():
    desk, archive = deliveries_for(alert_for(CHANGE, ALL), {"desk": "410 Gone"}, {}, NOW)
    assert (desk.state, archive.state) == (DeliveryState.DEAD, DeliveryState.PENDING)
    assert "410 Gone" in desk.reason
