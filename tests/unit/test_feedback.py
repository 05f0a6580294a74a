"""What readers say of alerts: links, verdicts, counts, labels, and what the commands make of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fakeredis
import pytest
from typer.testing import CliRunner, Result

from siegewatch import wiring
from siegewatch.apps.appraisal import GROUPS, appraised, tallies, tally
from siegewatch.apps.cli import app
from siegewatch.apps.cli.feedback import labelled
from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Message
from siegewatch.domain.feedback import Reply, Way, summary
from siegewatch.notify.answers import answer
from siegewatch.notify.asking import Asking, is_over
from siegewatch.notify.layout import links
from siegewatch.notify.render import words
from siegewatch.notify.sample import sample_alert
from siegewatch.settings import load
from siegewatch.store import codec
from siegewatch.store.client import Store
from siegewatch.store.feedback import FeedbackStore
from siegewatch.store.keys import Keys
from siegewatch.store.memory import Memory

NOW = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
SECRET = "correct horse battery staple"
ASKING = Asking("https://desk.example/siege/", SECRET)


@pytest.fixture
def store() -> Store:
    return Store(fakeredis.FakeRedis(), Keys("sw:"))


@pytest.fixture
def alert() -> Alert:
    return sample_alert(NOW)


@pytest.fixture
def kept(store: Store) -> FeedbackStore:
    return FeedbackStore(store)


def say(kept: FeedbackStore, alert: Alert, reply: Reply, by: str = "Anna", minute: int = 0, note: str = "") -> None:
    kept.add(answer(alert, reply, by, Way.CLI, NOW + timedelta(minutes=minute), note), alert)


def parts(link: str) -> tuple[str, str, str]:
    alert, until, signature = link.rsplit("/", 3)[1:]
    return alert, until, signature


def test_link_is_the_same_at_every_attempt_and_known_again(alert: Alert) -> None:
    link = ASKING.link(alert)
    assert link == ASKING.link(alert)
    assert link.startswith(f"https://desk.example/siege/f/{alert.id}/")
    assert ASKING.is_ours(*parts(link))


def test_link_for_another_alert_another_time_or_by_another_key_is_none_of_ours(alert: Alert) -> None:
    name, until, signature = parts(ASKING.link(alert))
    assert not ASKING.is_ours("other", until, signature)
    assert not ASKING.is_ours(name, str(int(until) + 1), signature)
    assert not ASKING.is_ours(name, until, signature[:-1])
    assert not ASKING.is_ours(name, until, "é" * 32)
    assert not Asking("https://desk.example", SECRET + "!").is_ours(name, until, signature)


def test_link_is_good_for_its_days_and_no_longer(alert: Alert) -> None:
    _, until, _ = parts(ASKING.link(alert))
    assert not is_over(until, NOW + timedelta(days=14))
    assert is_over(until, NOW + timedelta(days=14, seconds=1))


@pytest.mark.parametrize("asking", [Asking(), Asking("https://desk.example", ""), Asking("", SECRET)])
def test_without_secret_or_public_address_there_is_no_link_and_none_is_ours(asking: Asking, alert: Alert) -> None:
    assert asking.link(alert) == ""
    assert not asking.is_ours(*parts(ASKING.link(alert)))


def test_message_leads_to_the_page_that_asks(alert: Alert) -> None:
    told = words(Message("msg_1", alert, answer_url=ASKING.link(alert)))
    assert (ASKING.link(alert), "Right or wrong?") in links(told)
    assert "Right or wrong?" not in dict(map(reversed, links(words(Message("msg_1", alert)))))


def test_last_verdict_of_a_person_takes_the_place_of_their_earlier_one(kept: FeedbackStore, alert: Alert) -> None:
    say(kept, alert, Reply.RIGHT)
    say(kept, alert, Reply.LATE, minute=1)
    say(kept, alert, Reply.WRONG, minute=2)
    say(kept, alert, Reply.WRONG, minute=3)
    assert [(one.reply, one.by) for one in kept.of(alert.id)] == [(Reply.LATE, "Anna"), (Reply.WRONG, "Anna")]
    judged = kept.judged(alert.id)
    assert judged
    assert (judged.verdict, judged.is_late, judged.item) == (Reply.WRONG, True, alert.item)


def test_verdict_is_the_last_of_all_and_late_alone_says_right(kept: FeedbackStore, alert: Alert) -> None:
    say(kept, alert, Reply.LATE)
    assert kept.recent()[0].verdict is Reply.RIGHT
    say(kept, alert, Reply.DUPLICATE, "Ben", 1)
    assert kept.recent()[0].verdict is Reply.DUPLICATE
    say(kept, alert, Reply.RIGHT, "Cleo", 2)
    assert kept.recent()[0].verdict is Reply.RIGHT


def test_having_it_is_no_verdict(kept: FeedbackStore, alert: Alert) -> None:
    say(kept, alert, Reply.HAVE)
    assert kept.recent()[0].verdict is None


def test_answers_are_kept_longer_than_alerts(kept: FeedbackStore, store: Store, alert: Alert) -> None:
    say(kept, alert, Reply.RIGHT)
    assert store.redis.ttl(f"sw:feedback:{alert.id}") > timedelta(days=90).total_seconds()


def test_names_and_notes_are_one_clean_line(alert: Alert) -> None:
    given = answer(alert, Reply.RIGHT, "Anna\n\x1b[2J" + "a" * 100, Way.LINK, NOW, "x\u202e\n" + "y" * 900)
    assert given.by.isprintable()
    assert len(given.by) <= 60
    assert given.note.isprintable()
    assert len(given.note) <= 500
    assert answer(alert, Reply.RIGHT, " ", Way.LINK, NOW).by == "someone"


def test_summary_says_who_has_it_and_who_said_what(alert: Alert) -> None:
    said = [
        answer(alert, reply, by, Way.CLI, NOW)
        for reply, by in ((Reply.RIGHT, "Ben"), (Reply.HAVE, "Anna"), (Reply.RIGHT, "Cleo"), (Reply.HAVE, "Dan"))
    ]
    assert summary(said) == "Anna, Dan have it. Right: Ben, Cleo"
    assert summary(said[:2]) == "Anna has it. Right: Ben"
    assert summary([]) == ""


def test_tallies_count_by_verdict_and_leave_out_of_precision_what_nobody_judged(kept: FeedbackStore) -> None:
    from dataclasses import replace

    alerts = [replace(sample_alert(NOW), id=f"a{number}") for number in range(5)]
    for one, reply in zip(alerts, (Reply.RIGHT, Reply.LATE, Reply.WRONG, Reply.HAVE), strict=False):
        say(kept, one, reply)
    whole = tally("all", appraised(alerts, kept.recent()))
    assert (whole.told, whole.right, whole.wrong, whole.duplicate, whole.late, whole.unanswered) == (5, 2, 1, 0, 1, 2)
    assert whole.precision == 2 / 3
    assert tally("none", []).precision is None
    [outlet] = tallies(appraised(alerts, kept.recent()), GROUPS["outlet"])
    assert (outlet.name, outlet.told) == (alerts[0].item.outlet, 5)


def test_labels_are_certain_of_a_right_alert_alone(kept: FeedbackStore, alert: Alert) -> None:
    say(kept, alert, Reply.RIGHT, note="seen on film")
    line = labelled(kept.recent()[0])
    assert line["events"][0]["kind"] == alert.events[0].kind
    assert line["events"][0]["place"] == alert.events[0].place.name
    assert (line["stratum"], line["note"], "hard" in line) == ("right", "seen on film", False)
    assert "Anna" not in json.dumps(line)
    say(kept, alert, Reply.WRONG, minute=1)
    line = labelled(kept.recent()[0])
    assert (line["events"], line["hard"], line["told"][0]["phase"]) == ([], True, alert.events[0].phase)


@pytest.fixture
def config(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    @contextmanager
    def opened(_: object) -> Iterator[Store]:
        yield store

    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    (tmp_path / "alerts.yaml").write_text(
        "channels: [{name: console, type: console}]\nroutes: [{channels: [console]}]\n"
    )
    monkeypatch.setattr(wiring, "opened_store", opened)
    return tmp_path


@pytest.fixture
def memory(config: Path, store: Store, alert: Alert) -> Memory:
    remembers = wiring.memory(load(config, {}), store)
    remembers.open()
    store.redis.set(f"sw:alert:{alert.id}", codec.dump(alert))
    store.redis.zadd("sw:alerts:recent", {alert.id: NOW.timestamp() * 1000})
    return remembers


def siegewatch(config: Path, *arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, [*arguments, "--config", str(config)])


def test_answer_by_command_is_shown_with_the_alert_and_by_explain(memory: Memory, config: Path, alert: Alert) -> None:
    done = siegewatch(config, "feedback", "add", alert.id, "wrong", "--by", "Anna", "--note", "a film")
    assert (done.exit_code, done.stdout) == (0, "noted: Anna: Wrong\n")
    for command in (("alerts", "show"), ("explain",)):
        assert "Wrong: Anna (cli), a film" in siegewatch(config, *command, alert.id).stdout
    shown = json.loads(siegewatch(config, "alerts", "show", alert.id, "--format", "json").stdout)
    assert (shown["feedback"][0]["reply"], shown["feedback"][0]["item"]) == ("wrong", alert.item.id)


def test_answer_to_no_alert_fails_in_one_line(memory: Memory, config: Path) -> None:
    done = siegewatch(config, "feedback", "add", "nosuch", "right")
    assert done.exit_code == 1
    assert "there is no alert nosuch" in done.stderr
    assert siegewatch(config, "feedback", "add", "nosuch", "perhaps").exit_code == 2


def test_evaluate_by_feedback_tells_precision_in_each_group(memory: Memory, config: Path, alert: Alert) -> None:
    assert "nobody has judged" in siegewatch(config, "evaluate", "--feedback").stdout
    siegewatch(config, "feedback", "add", alert.id, "right", "--by", "Anna")
    told = json.loads(siegewatch(config, "evaluate", "--feedback", "--format", "json").stdout)
    assert told["all"]["precision"] == 1.0
    assert told["severity"][0]["name"] == alert.severity
    assert told["outlet"][0]["told"] == 1
    assert "PRECISION" in siegewatch(config, "evaluate", "--feedback").stdout


def test_evaluate_takes_labelled_items_or_feedback_not_both(config: Path) -> None:
    assert siegewatch(config, "evaluate").exit_code == 2
    assert siegewatch(config, "evaluate", "gold.jsonl", "--feedback").exit_code == 2


def test_export_is_lines_that_evaluate_reads(memory: Memory, config: Path, alert: Alert, tmp_path: Path) -> None:
    from siegewatch.apps.cli.evaluate import _labelled_lines

    siegewatch(config, "feedback", "add", alert.id, "have", "--by", "Anna")
    assert siegewatch(config, "feedback", "export").stdout == ""
    siegewatch(config, "feedback", "add", alert.id, "right", "--by", "Anna")
    written = tmp_path / "labelled.jsonl"
    written.write_bytes(siegewatch(config, "feedback", "export").stdout_bytes)
    with written.open("rb") as raw:
        assert list(_labelled_lines(raw)) == [alert.item.id]
    assert siegewatch(config, "feedback", "export", "--since", "1h").stdout_bytes == written.read_bytes()


def test_secret_that_is_easily_guessed_is_a_fault_and_is_not_told(config: Path) -> None:
    from siegewatch.domain.errors import SettingsError

    with pytest.raises(SettingsError, match="is easily guessed") as caught:
        load(config, {"SIEGEWATCH_FEEDBACK__SECRET": "hunter2"})
    assert "hunter2" not in str(caught.value)
    loaded = load(config, {"SIEGEWATCH_FEEDBACK__SECRET": SECRET})
    assert SECRET not in repr(loaded)
    assert SECRET not in loaded.feedback.model_dump_json()
