"""A feed that changes over time: what is told, and what is not."""


def test_story_is_told_as_it_changes_and_edits_without_news_are_not(line, web, told):
    served = [told("Army besieges rebels in Aleppo", "https://c.example/siege", minutes=50)]
    line.configure({"Courier": web.feed("/feed", lambda: list(served))})
    line.start()
    line.until(lambda: len(web.alerts()) == 1)

    served[0] = told("Army besieges rebels in city of Aleppo, monitor says", "https://c.example/siege", minutes=50)
    line.until(lambda: line.decided() == 2)
    served.insert(0, told("Storm brings snow to the coast", "https://c.example/snow"))
    line.until(lambda: line.decided() == 3)
    served.insert(0, told("Rebels break army siege of Aleppo", "https://c.example/broken"))
    line.until(lambda: len(web.alerts()) == len(web.slack()) == 2)

    opened, changed = (alert["data"] for alert in web.alerts())
    assert opened["change"] == "opened"
    assert changed["change"] == "phase"
    assert [event["phase"] for event in changed["events"] if event["kind"] == "siege"] == ["broken"]
    assert changed["story"]["id"] == opened["story"]["id"]
    assert changed["story"]["items"] == 2
    assert {"imposed", "broken"} <= {beat["phase"] for beat in changed["story"]["timeline"]}
    assert line.stop() == 0
    assert len(web.slack()) == 2


def test_feed_seen_for_the_first_time_does_not_ring_for_what_is_old(line, web, told):
    entries = [
        told("Rebels besiege the city of Aleppo", "https://c.example/new", minutes=30),
        told("Rebels besiege the city of Mosul", "https://c.example/old", minutes=7 * 60),
        told("Rebels besiege the city of Raqqa", "https://c.example/ancient", minutes=7 * 24 * 60),
    ]
    line.configure({"Courier": web.feed("/feed", lambda: entries)})
    line.call("run", "--once")
    line.call("run", "--once")
    assert [alert["data"]["story"]["place"]["name"] for alert in web.alerts()] == ["Aleppo"]
