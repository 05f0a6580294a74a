"""A receiver that asks for no more is left alone, told of, and taken back when it accepts again."""


def test_channel_that_answers_410_is_off_until_a_test_is_accepted(line, web, told):
    entries = [told("Rebels besiege the city of Aleppo", "https://c.example/1")]
    line.configure({"Courier": web.feed("/feed", lambda: list(entries))})
    web.answers["/inbox"] = lambda: 410
    line.call("run", "--once")
    assert len(web.alerts()) == 1, "asked once"
    state = {one["name"]: one for one in line.json("channels", "list")}
    assert not state["archive"]["on"]
    assert "410" in state["archive"]["why_off"]

    entries.append(told("Rebels besiege the city of Mosul", "https://c.example/2"))
    line.call("run", "--once")
    dead = line.json("dead", "list")
    assert len(web.alerts()) == 1, "not asked again"
    assert {one["channel"] for one in dead} == {"archive"}
    assert len(dead) == 2

    web.answers.clear()
    line.call("channels", "test", "archive")
    line.call("dead", "retry", "--all")
    line.call("run", "--once")
    assert {alert["data"]["story"]["place"]["name"] for alert in web.alerts()[2:]} == {"Aleppo", "Mosul"}
    assert line.json("dead", "list") == []
