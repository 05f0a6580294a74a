"""The case the project began with: one happening, printed thrice by two feeds, told once, over restarts too."""

import pytest

TITLE = "Syrian army thrusts east to break siege of Deir al-Zor city"
LEAD = (
    "The army and its allies pushed through jihadist lines in a sudden advance and stood 10 km from relieving "
    "Deir al-Zor, where Islamic State has besieged a garrison and 93,000 civilians for years; the governor said "
    "he expected the troops by Tuesday night."
)


@pytest.fixture
def entries(told):
    first = [told(TITLE, "https://syria.example/world/1", LEAD)]
    again = [
        told(f"{TITLE} | Muslim Global", "https://global.example/a", LEAD, minutes=4),
        told(TITLE.upper(), "https://global.example/b", LEAD, minutes=3),
    ]
    return first, again


def test_seed_case_is_told_once_to_slack_and_once_to_the_webhook_over_restarts(line, web, entries, told):
    first, again = entries
    feeds = {
        "Syria Courier": web.feed("/syria", lambda: first, "Syria Courier"),
        "Muslim Global": web.feed("/global", lambda: again, "Muslim Global"),
    }
    line.configure(feeds)
    line.start()
    line.until(lambda: web.alerts() and web.slack() and line.decided() == 3)
    for restarts in range(2):
        line.stop()
        again.append(told(f"BREAKING: {TITLE}", f"https://global.example/after-{restarts}", LEAD, minutes=1))
        line.start()
        line.until(lambda wanted=4 + restarts: line.decided() == wanted)
    line.stop()
    line.call("run", "--once")
    assert len(web.slack()) == 1
    (alert,) = web.alerts()
    offensive, siege = sorted(alert["data"]["events"], key=lambda event: event["kind"])
    assert (offensive["phase"], offensive["status"]) == ("advance", "actual")
    assert (offensive["attacker"], offensive["defender"]) == ("Syrian army", "Islamic State")
    assert (siege["phase"], siege["status"], siege["attacker"]) == ("broken", "threatened", "Islamic State")
    for event in (offensive, siege):
        assert event["place"]["name"].startswith("Deir al-Zor")
        assert (event["country"], event["place"]["geonames_id"]) == ("SY", 170794)
