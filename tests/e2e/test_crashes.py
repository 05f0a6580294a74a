"""Killed anywhere, restarted, counted: nothing lost, nothing doubled."""

import random
import signal
import time
from collections import defaultdict

import pytest

PLACES = ["Raqqa", "Aleppo", "Palmyra", "Kobani", "Idlib", "Mosul", "Tikrit", "Ramadi", "Fallujah", "Sirte"]
PLACES += ["Benghazi", "Marib", "Taiz", "Kunduz", "Grozny", "Bakhmut", "Kherson", "Mariupol", "Goma", "El Fasher"]


@pytest.mark.slow
def test_service_killed_at_random_moments_loses_and_doubles_nothing(line, web, told):
    served = []
    web.answers["/inbox"] = lambda: 503 if random.random() < 0.3 else 200
    line.configure({"Courier": web.feed("/feed", lambda: list(served))})
    for number, place in enumerate(PLACES):
        served.append(told(f"Rebels besiege the city of {place}", f"https://courier.example/{number}"))
        if number:
            served[0] = told(f"Storm number {number} nears the coast", "https://courier.example/storm")
        if number % 2:
            line.start()
            kill_after(line, random.choice(MOMENTS))
    web.answers.clear()
    runs = len(line.events("siegewatch"))
    line.start()
    line.until(lambda: len(line.events("siegewatch")) > runs)
    line.until(lambda: line.admitted()[2] == 0 and len(line.json("alerts", "list")) >= len(PLACES) - 1, 90)
    assert line.stop() == 0
    line.call("run", "--once")
    assert {place for place in PLACES if f"of {place}" in str(web.alerts())} == set(PLACES[1:])
    # What waited too long while the service was down is told in a digest.
    assert {one["state"] for one in line.json("deliveries", "list")} <= {"delivered", "digested"}
    told_by = defaultdict(set)
    for message in web.alerts():
        for alert in message["data"].get("alerts", [message["data"]]):
            told_by[alert["id"]].add(message["id"])
    assert len(told_by) == len(PLACES) - 1
    assert all(len(ids) == 1 for ids in told_by.values()), "a redelivery keeps its webhook-id"
    items, wordings, waiting = line.admitted()
    assert items == len(PLACES), "each place but the first, which gave way to the storm, and the storm"
    assert wordings >= items
    assert waiting == 0
    assert len(line.records()) == wordings


MOMENTS = ["feed_polled", "items_decided", "alert", "delivered", "delivery_retry"]
"""Log lines right after which the service is killed."""


def kill_after(line, event: str) -> None:
    seen = len(line.events(event))
    deadline = time.monotonic() + 6
    while len(line.events(event)) == seen and time.monotonic() < deadline:
        time.sleep(0.005)
    line.stop(signal.SIGKILL)


def test_alert_waits_for_a_receiver_that_is_down_and_keeps_its_id(line, web, told):
    web.answers["/inbox"] = lambda: 500
    line.configure(
        {"Courier": web.feed("/feed", lambda: [told("Rebels besiege the city of Aleppo", "https://c.example/1")])}
    )
    line.call("run", "--once")
    waiting = [one for one in line.json("deliveries", "list") if one["state"] == "pending"]
    assert [one["channel"] for one in waiting] == ["archive"]
    web.answers.clear()
    line.start()
    line.until(lambda: len(web.alerts()) >= 2)
    assert len({alert["id"] for alert in web.alerts()}) == 1


def test_store_left_behind_by_a_killed_service_is_joined_by_the_next(line, web, told):
    line.configure(
        {"Courier": web.feed("/feed", lambda: [told("Rebels besiege the city of Aleppo", "https://c.example/1")])}
    )
    line.start()
    line.until(web.alerts)
    line.stop(signal.SIGKILL)
    line.start()
    line.until(lambda: len(line.events("siegewatch")) == 2 and line.json("alerts", "list"))
    assert line.stop() == 0
    assert len({alert["id"] for alert in web.alerts()}) == 1, "at most redelivered, under the same id"
