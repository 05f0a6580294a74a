"""Troubles on a real store: raised once and cleared once, whoever notices, and delivered like any alert."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.domain.alert import Route
from siegewatch.domain.delivery import Accepted, ChannelSpec, DeliveryState, Message, Verdict
from siegewatch.domain.ops import OpsAlert, OpsType, Subject, Trouble
from siegewatch.notify.outbox import Teller
from siegewatch.notify.sender import Sender
from siegewatch.store.alerts import AlertStore
from siegewatch.store.claims import Worker
from siegewatch.store.client import Store
from siegewatch.store.ops import OpsStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
SILENT = Trouble(Subject.FEED, "Courier", "No new item for 7h.", NOW - timedelta(hours=7))
BROKEN = Trouble(Subject.CHANNEL, "desk", "It answers 500.", NOW)


@pytest.fixture
def alerts(store: Store) -> AlertStore:
    opened = AlertStore(store)
    opened.changes.open()
    return opened


@pytest.fixture
def ops(alerts: AlertStore) -> OpsStore:
    return OpsStore(alerts.store)


def teller(alerts: AlertStore, *routes: Route) -> Teller:
    kinds = {"desk": "slack", "archive": "webhook", "console": "console"}
    specs = {name: ChannelSpec(name, kind, "https://x.example") for name, kind in kinds.items()}
    return Teller(alerts, routes, specs, "one", lambda: NOW)


def told(alerts: AlertStore, *routes: Route) -> tuple[OpsAlert, ...]:
    return teller(alerts, *routes).step().ops


def test_trouble_is_raised_once_until_it_is_cleared(ops, alerts):
    assert ops.begin(SILENT, NOW)
    assert not ops.begin(replace(SILENT, reason="No new item for 8h."), LATER)
    assert ops.troubles() == [SILENT]
    assert ops.end(SILENT, "New items again.", LATER)
    assert not ops.end(SILENT, "New items again.", LATER)
    assert ops.troubles() == []
    assert ops.begin(SILENT, LATER), "what comes back is told again"
    assert [(one.type, one.trouble.reason) for one in told(alerts)] == [
        (OpsType.RAISED, "No new item for 7h."),
        (OpsType.CLEARED, "New items again."),
        (OpsType.RAISED, "No new item for 7h."),
    ]


def test_raised_and_cleared_have_ids_of_their_own_and_one_since(ops, alerts):
    ops.begin(SILENT, NOW)
    ops.end(replace(SILENT, since=NOW - timedelta(hours=7)), "New items again.", LATER)
    raised, cleared = told(alerts)
    assert raised.id != cleared.id
    assert raised.trouble.since == cleared.trouble.since


def race(turn: Callable[[int], bool]) -> int:
    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(turn, range(40)))


def test_many_processes_that_notice_at_once_tell_once(ops, alerts):
    assert race(lambda _: OpsStore(ops.store).begin(SILENT, NOW)) == 1
    assert race(lambda _: OpsStore(ops.store).end(SILENT, "New items again.", LATER)) == 1
    assert len(told(alerts)) == 2


def test_trouble_of_each_subject_and_name_is_its_own(ops):
    assert ops.begin(BROKEN, NOW)
    assert ops.begin(replace(BROKEN, subject=Subject.FEED), NOW)
    assert ops.begin(replace(BROKEN, name="archive"), NOW)
    assert len(ops.troubles()) == 3


def test_trouble_that_no_route_asks_for_goes_to_the_console(ops, alerts):
    ops.begin(SILENT, NOW)
    (alert,) = told(alerts, Route({}, ("desk",)), Route({"subject": ("network",)}, ("archive",)))
    assert alert.channels == ("console",)


def test_trouble_goes_where_its_subject_is_asked_for(ops, alerts):
    ops.begin(SILENT, NOW)
    ops.begin(BROKEN, NOW)
    route = Route({"subject": ("feed", "channel")}, ("desk", "off", "archive"))
    assert [one.channels for one in told(alerts, route)] == [("desk", "archive"), ("archive",)]


def test_channel_in_trouble_that_alone_is_asked_for_is_told_of_on_the_console(ops, alerts):
    ops.begin(BROKEN, NOW)
    (alert,) = told(alerts, Route({"subject": ("channel",)}, ("desk",)))
    assert alert.channels == ("console",)


def test_trouble_left_by_a_dead_worker_is_told_once(ops, alerts):
    ops.begin(SILENT, NOW)
    slow = alerts.changes.read("dead", count=1, block_seconds=0)
    assert len(teller(alerts).take_over(idle_seconds=0).ops) == 1
    assert teller(alerts).tell(slow).ops == ()
    assert len(alerts.recent_ops(9)) == 1


def test_trouble_is_delivered_by_the_outbox_and_stands_in_its_own_listing(ops, alerts):
    sent: list[Message] = []

    class Console:
        needs_url = False

        def send(self, message: Message) -> Verdict:
            sent.append(message)
            return Accepted()

    ops.begin(SILENT, NOW)
    (alert,) = told(alerts)
    sender = Sender(alerts, "console", Console(), "", "UTC", lambda: NOW, Worker("host:1", lambda _: False))
    assert sender.step().state is DeliveryState.DELIVERED
    assert [message.alert for message in sent] == [alert] == alerts.recent_ops(9) == [alerts.ops_alert(alert.id)]
    assert [one.alert for one in alerts.recent_deliveries(9)] == [alert.id]
    assert alerts.recent(9) == [], "it is no news"
