"""A digest in words, in blocks and as a body."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

from jsonschema import Draft202012Validator, FormatChecker

from siegewatch.domain.alert import AlertType
from siegewatch.domain.delivery import Delivery, Message
from siegewatch.domain.digest import Digest, Entry, Gathered
from siegewatch.domain.ops import OpsAlert, OpsType, Subject, Trouble
from siegewatch.notify.channels.slack_blocks import slack_body
from siegewatch.notify.gathering import digest_of
from siegewatch.notify.payload import body_of
from siegewatch.notify.render import plain_text, words
from siegewatch.notify.sample import sample_alert

NOW = datetime(2026, 3, 1, 5, tzinfo=UTC)
SCHEMA = json.loads((files("siegewatch.notify") / "schema" / "digest.v1.json").read_text("utf-8"))


def entry(number: int, severity: str = "update", what: str = "The army advances") -> Entry:
    return Entry(
        f"a{number}", severity, NOW + timedelta(minutes=number), "Exampleton, Syria", what, "Example Times", "s"
    )


def digest(*entries: Entry, why: Gathered = Gathered.LATE) -> Digest:
    return Digest("d1", why, min(one.at for one in entries), max(one.at for one in entries), entries)


def text(told: Digest) -> str:
    return plain_text(words(Message("msg_1", told)))


def test_digest_says_how_many_of_what_since_when_and_why() -> None:
    told = digest(entry(9, "flash"), entry(30), entry(5), entry(1, "watch"))
    lines = text(told).splitlines()
    assert lines[0] == "🗞️ DIGEST · 4 alerts, 1 Mar 2026, 05:01 to 05:30 UTC: 1 flash, 2 update, 1 watch"
    assert lines[1].strip() == "🔴 FLASH"
    assert lines[2] == "  05:09  Exampleton, Syria: The army advances (Example Times)"
    assert "This waited: siegewatch or this channel was down." in text(told)


def test_digest_over_several_days_tells_the_day_of_each() -> None:
    told = digest(entry(3_000), entry(1))
    assert "1 Mar 2026, 05:01 to 3 Mar, 07:00 UTC" in text(told)
    assert "3 Mar 07:00  Exampleton" in text(told)


def test_what_does_not_fit_is_counted() -> None:
    told = digest(*(entry(number, what="x" * 300) for number in range(400, 0, -1)))
    assert "… and 336 more: siegewatch alerts list" in text(told)
    assert len(json.dumps(slack_body(Message("msg_1", told)))) < 40_000
    assert len(body_of(Message("msg_1", told))["data"]["alerts"]) == 400, "the webhook tells all"


def test_a_hundred_alerts_fit_whole_into_one_message_of_slack() -> None:
    told = digest(*(entry(number, what="The army advances on the city") for number in range(100, 0, -1)))
    body = slack_body(Message("msg_1", told))
    assert json.dumps(body["blocks"]).count("The army advances on the city") == 100
    assert len(body["blocks"]) <= 50


def test_body_is_what_its_schema_says() -> None:
    told = digest(entry(2, "flash"), replace(entry(1, "ops"), where="", story=None, outlet=""))
    validator = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
    validator.validate(body_of(Message("msg_1", told)))


def test_digest_gathers_news_troubles_and_earlier_digests_the_gravest_and_newest_first() -> None:
    news = replace(sample_alert(NOW), id="news")
    trouble = OpsAlert("ops", OpsType.RAISED, Trouble(Subject.FEED, "Courier", "Silent.", NOW), NOW)
    earlier = digest(entry(7, "flash"), entry(1, "watch"))
    known = {"news": news, "ops": trouble, "d1": earlier}
    waits = [Delivery(f"m{name}", name, "desk", NOW, NOW) for name in (*known, "gone")]
    told = digest_of(Gathered.BUDGET, "desk", waits, known.get)
    assert [one.alert for one in told.entries] == ["a7", "news", "a1", "ops"]
    assert told.entries[1].story == "test-story"
    assert told.entries[3].line == "Feed Courier: Silent."
    assert (told.since, told.until) == (NOW, NOW + timedelta(minutes=7))
    assert digest_of(Gathered.BUDGET, "desk", waits[::-1], known.get).id == told.id


def test_digest_of_troubles_that_are_over_is_no_trouble() -> None:
    trouble = Trouble(Subject.FEED, "Courier", "It is back.", NOW)
    kinds = {"over": OpsType.CLEARED, "begun": OpsType.RAISED}
    known = {name: OpsAlert(name, kind, trouble, NOW) for name, kind in kinds.items()}
    waits = [Delivery(f"m{name}", name, "desk", NOW, NOW) for name in known]
    assert words(Message("m", digest_of(Gathered.QUIET, "desk", waits[:1], known.get))).tone is OpsType.CLEARED
    assert words(Message("m", digest_of(Gathered.QUIET, "desk", waits, known.get))).tone is OpsType.RAISED


def test_digest_tells_a_correction_as_one() -> None:
    taken_back = replace(sample_alert(NOW), type=AlertType.CORRECTED)
    told = digest_of(Gathered.QUIET, "desk", [Delivery("m1", "a1", "desk", NOW, NOW)], {"a1": taken_back}.get)
    assert "Earlier report corrected: " in told.entries[0].line
