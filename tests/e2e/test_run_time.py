"""A running service is told what to poll, and goes on under what is written anew, without a restart."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

SIEGE = "Rebels besiege the city of Raqqa"


@pytest.fixture
def polls(web, told) -> Callable[..., str]:
    """A feed at a path, which notes in `served` each time it is asked for."""
    web.served = []

    def make(path: str, *entries: Any) -> str:
        def serve() -> list[Any]:
            web.served.append(path)
            return list(entries)

        return web.feed(path, serve)

    return make


def edit(line, file: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Writes a file of the configuration anew."""
    path: Path = line.folder / "config" / f"{file}.yaml"
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content))


def changed(line, times: int = 1) -> dict[str, Any]:
    """What the log says of the latest of so many changes."""
    return line.until(lambda: line.events("configuration_changed")[times - 1 : times])[0]


def stays(fact: Callable[[], Any], seconds: float) -> None:
    """Watches that something is so for a while."""
    before, deadline = fact(), time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert fact() == before
        time.sleep(0.1)


def test_added_feed_is_polled_paused_resumed_removed_and_outlives_a_restart(line, web, polls, told):
    line.configure({"courier": polls("/courier")})
    line.start("--role", "collect")
    line.until(lambda: "/courier" in web.served)
    herald = polls("/herald", told(SIEGE, "https://herald.example/1"))
    line.call("feeds", "add", herald, "--name", "Herald", "--every", "1s")
    line.until(lambda: web.served.count("/herald") > 1, seconds=20)
    assert line.admitted()[0] == 1
    line.stop()
    line.start("--role", "collect")
    web.served.clear()
    line.until(lambda: "/herald" in web.served)

    line.call("feeds", "pause", "Herald", "--reason", "moves house")
    line.call("feeds", "pause", "courier")
    time.sleep(1)
    stays(lambda: len(web.served), 7)
    told_of = {row["name"]: row["paused"] for row in line.json("feeds", "health")}
    assert told_of["Herald"]["reason"] == "moves house"
    line.call("feeds", "resume", "Herald")
    web.served.clear()
    line.until(lambda: "/herald" in web.served)
    assert "/courier" not in web.served

    line.call("feeds", "remove", herald)
    line.until(lambda: [row["name"] for row in line.json("feeds", "list")] == ["courier"])
    time.sleep(1)
    stays(lambda: len(web.served), 7)
    assert line.stop() == 0


def test_changed_files_take_effect_without_losing_work(line, web, polls, told):
    line.configure({"courier": polls("/courier", told(SIEGE, "https://courier.example/1"))})
    line.start()
    line.until(lambda: web.alerts() and web.slack())
    herald = polls("/herald", told("Army launches offensive on Mosul", "https://herald.example/1"))

    def other_feed(content):
        content["feeds"] = [{"url": herald, "name": "herald", "every": "1s", "tags": ["iraq"]}]

    def other_channels(content):
        content["channels"] = [
            {"name": "second", "type": "slack", "url": web.url("/services/T0/B0/xyz")},
            next(one for one in content["channels"] if one["name"] == "archive"),
        ]
        content["routes"] = [
            {"match": {"tag": "iraq"}, "channels": ["second"]},
            {"channels": ["archive"]},
        ]

    edit(line, "feeds", other_feed)
    edit(line, "alerts", other_channels)
    line.until(lambda: len(web.slack()) == 2)
    told_of = changed(line)
    assert (told_of["feeds_added"], told_of["feeds_removed"]) == (["herald"], ["courier"])
    assert (told_of["channels_added"], told_of["channels_removed"]) == (["second"], ["desk"])
    assert told_of["routes"] is True
    assert len(line.events("configuration_changed")) == 1, "one change, though of two files"
    assert len(web.alerts()) == 1
    web.served.clear()
    time.sleep(3)
    assert set(web.served) == {"/herald"}
    assert {row["channel"]: row["state"] for row in line.json("deliveries", "list")} == {
        "desk": "delivered",
        "archive": "delivered",
        "second": "delivered",
    }
    assert line.stop() == 0


def test_faults_change_nothing_and_are_told_once(line, web, polls):
    line.configure({"courier": polls("/courier")})
    line.start("--role", "collect")
    line.until(lambda: web.served)
    whole = (line.folder / "config" / "feeds.yaml").read_text()

    def spoil(content):
        content["feeds"] = [{"url": "courier.example"}, {"url": "https://x.example/", "evrey": "1m"}]

    edit(line, "feeds", spoil)
    line.until(lambda: len(line.events("configuration_refused")) == 2)
    faults = [one["fault"] for one in line.events("configuration_refused")]
    assert ["url is no http" in faults[0], 'did you mean "every"?' in faults[1]] == [True, True]
    web.served.clear()
    line.until(lambda: len(web.served) > 4)
    assert len(line.events("configuration_refused")) == 2
    (line.folder / "config" / "feeds.yaml").write_text(whole)
    line.until(lambda: line.events("configuration_unchanged"))
    assert line.stop() == 0


def test_hangup_reads_what_the_watch_cannot_see_and_a_touch_reads_nothing(line, web, polls):
    secret = line.folder / "secret"
    secret.write_text("one")
    line.configure({"courier": polls("/courier")})
    (line.folder / "config" / "feeds.yaml").write_text(
        f'feeds: [{{url: "{polls("/courier")}?${{file:{secret}}}", name: courier, every: 1s}}]\n'
    )
    process = line.start("--role", "collect")
    line.until(lambda: web.served)
    os.utime(line.folder / "config" / "feeds.yaml")
    stays(lambda: line.log().count("configuration_"), 6)
    secret.write_text("two")
    process.send_signal(signal.SIGHUP)
    told_of = changed(line)
    assert (told_of["feeds_added"], told_of["feeds_removed"]) == (["courier"], ["courier"])
    process.send_signal(signal.SIGHUP)
    line.until(lambda: line.events("configuration_unchanged"))
    assert line.stop() == 0


def test_what_needs_a_restart_is_named_and_the_rest_takes_effect(line, web, polls):
    line.configure({"courier": polls("/courier")})
    line.start("--role", "collect")
    line.until(lambda: web.served)

    def other(content):
        content["data_dir"] = str(line.folder / "elsewhere")
        content["web"]["listen"] = "127.0.0.1:0"
        content["network"]["allow"] = ["127.0.0.0/30", "127.0.0.1/32"]
        content["poll"] = {"timeout": "9s", "workers": 3}
        content["log"]["level"] = "debug"

    edit(line, "siegewatch", other)
    told_of = changed(line)
    assert told_of["keys"] == ["network.allow", "poll.timeout", "poll.workers", "log.level"]
    [waiting] = line.events("configuration_waits")
    assert (waiting["keys"], waiting["reason"]) == (["data_dir", "web.listen"], "takes effect after a restart")
    web.served.clear()
    line.until(lambda: len(web.served) > 2 and "debug" in line.log())
    assert not (line.folder / "elsewhere").exists()
    assert line.stop() == 0


def test_network_that_is_allowed_no_more_is_reached_no_more(line, web, polls):
    line.configure({"courier": polls("/courier")})
    edit(line, "feeds", lambda content: content["feeds"][0].update(every="60s"))
    edit(line, "alerts", lambda content: content.update(channels=[{"name": "c", "type": "console"}], routes=[]))
    line.start("--role", "collect")
    line.until(lambda: web.served)
    edit(line, "siegewatch", lambda content: content["network"].update(allow=[]))
    changed(line)
    web.served.clear()
    line.call("feeds", "pause", "courier")
    line.call("feeds", "resume", "courier")
    line.until(lambda: any("loopback" in one["problem"] for one in line.events("feed_failed")))
    assert web.served == []
    assert line.stop() == 0


def test_lexicon_and_confidence_take_effect(line, web, polls, told):
    served: list[Any] = []
    line.configure({"courier": web.feed("/courier", lambda: list(served))})
    line.start()
    line.until(lambda: line.events("siegewatch"))
    lexicon = line.folder / "config" / "lexicon"
    lexicon.mkdir()
    (lexicon / "triggers.yaml").write_text("verbs: [{frame: capture, verbs: [zorble]}]\n")
    assert changed(line)["lexicon"] is True
    served.append(told("Rebels zorble Goma", "https://courier.example/1"))
    line.until(web.alerts)
    edit(line, "siegewatch", lambda content: content.update(detect={"min_confidence": "1.0"}))
    assert changed(line, 2)["keys"] == ["detect.min_confidence"]
    served.append(told("Rebels besiege Mosul", "https://courier.example/2"))
    line.until(lambda: line.decided() == 2)
    assert len(web.alerts()) == 1
    assert line.stop() == 0
