"""Commands that classify: classify, evaluate, explain --text, alerts route; with a classifier of known answers."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from siegewatch import wiring
from siegewatch.apps.cli import app
from siegewatch.apps.cli.stages import by_stage, headed
from siegewatch.domain.event import Event, Evidence, Judgement, Place
from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import Kind, Phase, Status

SAYS = re.compile(r"(?P<side>\w+): (?P<kind>siege|offensive) (?P<phase>\w+) at (?P<place>\w+)(?P<unsure>, perhaps)?")


class Reader:
    """Finds what headlines such as *Rebels: siege imposed at Exampleton* say."""

    name = "reader.v1"

    def load(self) -> None:
        """Has nothing to load."""

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        return [Judgement("en", tuple(self._events(item.title)), ("the headline was read",)) for item in items]

    def _events(self, title: str) -> Iterator[Event]:
        for said in SAYS.finditer(title):
            yield Event(
                Kind(said["kind"]),
                Phase(said["phase"]),
                Status.ACTUAL,
                attacker=said["side"],
                place=Place(said["place"]),
                country="SY",
                confidence=0.3 if said["unsure"] else 0.9,
                evidence=(Evidence("title", said.start(), said.end(), said.group()),),
                classifier=self.name,
            )


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wiring, "classifier", lambda _: Reader())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def siegewatch(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=given)


def lines(*items: dict[str, Any]) -> str:
    return "".join(json.dumps(item) + "\n" for item in items)


def written(path: Path, *items: dict[str, Any]) -> str:
    path.write_text(lines(*items))
    return str(path)


EVENT_KEYS = (
    "kind phase status attacker defender attacker_id defender_id place country taken claimed_by confidence evidence "
    "codes classifier"
)
SIEGE = {"id": "a", "title": "Rebels: siege imposed at Exampleton"}
QUIET = {"id": "b", "title": "Cup final postponed"}


def test_classify_answers_each_line_in_order_and_skips_bad_ones() -> None:
    result = siegewatch("classify", given=lines(QUIET) + "bad\n" + lines(SIEGE))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["b", "a"]
    assert [len(answer["events"]) for answer in answers] == [0, 1]
    assert result.stderr.startswith("line 2: ")
    assert result.exit_code == 0


def test_classify_writes_events_as_the_contract_does(tmp_path: Path) -> None:
    result = siegewatch("classify", written(tmp_path / "items.jsonl", SIEGE))
    answer = json.loads(result.stdout)
    assert list(answer) == ["id", "language", "events"]
    assert " ".join(answer["events"][0]) == EVENT_KEYS
    assert list(answer["events"][0]["place"]) == ["name", "lat", "lon", "geonames_id", "precision", "within"]
    assert list(answer["events"][0]["evidence"][0]) == ["field", "start", "end", "text"]


def test_classify_drops_what_the_classifier_is_not_sure_of() -> None:
    result = siegewatch("classify", "--text", "Rebels: siege imposed at Exampleton, perhaps")
    assert json.loads(result.stdout) == {"id": "text", "language": "en", "events": []}


def test_classify_reads_items_with_their_own_date(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Item] = []
    monkeypatch.setattr(Reader, "classify", lambda _, items: [read.append(item) or Judgement("en") for item in items])
    siegewatch(
        "classify", given=lines({**QUIET, "published": "2024-05-06T07:08:09Z"}, {**QUIET, "published": "May"}, QUIET)
    )
    assert [item.published_at.year for item in read] == [2024, 1, 1]


def test_classify_obeys_the_configured_confidence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIEGEWATCH_DETECT__MIN_CONFIDENCE", "0.2")
    result = siegewatch("classify", "--text", "Rebels: siege imposed at Exampleton, perhaps")
    assert len(json.loads(result.stdout)["events"]) == 1


def test_classify_shows_a_table_that_fits() -> None:
    result = siegewatch("classify", "--format", "table", given=lines(SIEGE, QUIET))
    shown = result.stdout.splitlines()
    assert max(map(len, shown)) <= 80
    assert shown[0].split() == ["ID", "KIND", "PHASE", "STATUS", "PLACE", "IN", "ATTACKER", "DEFENDER"]
    assert shown[1].split() == ["a", "siege", "imposed", "actual", "Exampleton", "SY", "Rebels", "–"]


def test_classify_of_a_file_that_is_not_there_exits_2() -> None:
    result = siegewatch("classify", "nowhere.jsonl")
    assert (result.exit_code, result.stderr) == (2, "siegewatch: nowhere.jsonl: No such file or directory\n")


def test_classify_of_a_named_configuration_that_is_not_there_exits_2() -> None:
    assert siegewatch("classify", "--config", "nowhere", given=lines(SIEGE)).exit_code == 2


GOLD = (
    {**SIEGE, "events": [{"kind": "siege", "phase": "imposed", "status": "actual", "place": "Exampleton",
                          "country": "SY", "attacker": "Rebel fighters", "defender": "army"}]},
    {"id": "c", "title": "Army: offensive advance at Sampleville", "events": [
        {"kind": "offensive", "phase": "launched", "status": "actual", "place": {"name": "Sample Ville"},
         "country": "IQ", "attacker": "Army", "defender": None}]},
    {"id": "d", "title": "Army: siege broken at Sampleville", "events": []},
    {"id": "e", "title": "Nothing said", "events": [{"kind": "siege", "phase": "ongoing", "status": "actual"}]},
    {"id": "f", "title": "Plans", "events": [{"kind": "siege", "phase": "imposed", "status": "threatened"}]},
)  # fmt: skip


def test_evaluate_gives_the_figures_of_the_scoring_rules(tmp_path: Path) -> None:
    result = siegewatch("evaluate", written(tmp_path / "gold.jsonl", *GOLD), "--format", "json")
    figures = json.loads(result.stdout)
    third = {"precision": 0.3333, "recall": 0.3333, "f1": 0.3333, "tp": 1, "fp": 2, "fn": 2}
    wanted = {
        "items": 5,
        "item": {"precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "tp": 2, "fp": 1, "fn": 1},
        "siege": {"precision": 0.5, "recall": 0.5, "f1": 0.5, "tp": 1, "fp": 1, "fn": 1},
        "offensive": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "tp": 1, "fp": 0, "fn": 0},
        "kind+phase": third,
        "place": {"accuracy": 1.0, "of": 2},
        "country": {"accuracy": 0.5, "of": 2},
        "attacker": {"accuracy": 1.0, "of": 2},
        "defender": {"accuracy": 0.5, "of": 2},
        "status": {"accuracy": 1.0, "of": 2},
        "wrong": [["d", "false"], ["e", "missed"]],
    }
    assert {name: figures[name] for name in wanted} == wanted
    behind = {"phases", "intervals", "sources", "calibration", "confusion", "confidences", "mistakes"}
    assert figures.keys() == wanted.keys() | behind


def test_evaluate_names_the_wrong_items_when_asked(tmp_path: Path) -> None:
    gold = written(tmp_path / "gold.jsonl", *GOLD)
    assert "false\td" not in siegewatch("evaluate", gold).stdout
    assert siegewatch("evaluate", gold, "--wrong").stdout.endswith("5 items, 2 wrong\nfalse\td\nmissed\te\n")


def test_evaluate_skips_lines_without_labels(tmp_path: Path) -> None:
    result = siegewatch("evaluate", written(tmp_path / "gold.jsonl", SIEGE, *GOLD), "--format", "json")
    assert json.loads(result.stdout)["items"] == 5
    assert result.stderr == "line 1: no events, which must be a list of objects with texts in their fields; skipped\n"


def test_evaluate_shows_tables_that_fit(tmp_path: Path) -> None:
    shown = siegewatch("evaluate", written(tmp_path / "gold.jsonl", *GOLD)).stdout.splitlines()
    assert max(map(len, shown)) <= 80
    assert next(line for line in shown if line.startswith("siege broken")).split()[-3:] == ["0", "1", "0"]
    assert next(line for line in shown if line.startswith("defender")).split()[1] == "0.5000"


def test_evaluate_writes_a_page_of_the_mistakes(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = siegewatch("evaluate", written(tmp_path / "gold.jsonl", *GOLD), "--report", str(page), "--format", "json")
    assert page.read_text("utf-8").count("<article") == len(json.loads(result.stdout)["mistakes"]) == 5
    assert result.stderr == f"{page} holds every mistake: open it in a browser\n"


def test_evaluate_refuses_a_page_where_there_is_no_folder(tmp_path: Path) -> None:
    result = siegewatch("evaluate", written(tmp_path / "gold.jsonl", *GOLD), "--report", "nowhere/page.html")
    assert (result.exit_code, result.stderr) == (2, "siegewatch: nowhere/page.html: no such folder\n")


def test_explain_text_tells_steps_events_and_what_was_dropped() -> None:
    said = "Rebels: siege imposed at Exampleton; Army: offensive ended at Sampleville, perhaps"
    told = json.loads(siegewatch("explain", "--text", said, "--format", "json").stdout)
    assert told["steps"] == ["the headline was read"]
    assert [event["kind"] for event in told["events"]] == ["siege"]
    assert [event["kind"] for event in told["dropped"]] == ["offensive"]
    assert told["stages"] == [
        {"stage": "language", "steps": ["en"]},
        {"stage": "decision", "steps": ["the headline was read"]},
    ]
    shown = siegewatch("explain", "--text", said).stdout
    assert "title 0-35: Rebels: siege imposed at Exampleton" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_explain_text_weighs_places_where_a_trigger_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def stages(*steps: str) -> dict[str, list[str]]:
        monkeypatch.setattr(Reader, "classify", lambda _, items: [Judgement("en", (), steps) for _ in items])
        told = json.loads(siegewatch("explain", "--text", "Rebels storm Tripoli", "--format", "json").stdout)
        return {stage["stage"]: stage["steps"] for stage in told["stages"]}

    assert "“Tripoli” is the city in LY" in stages("trigger: storm in title")["place"][0]
    assert "place" not in stages("gate: no words of siege or offensive")


def test_explain_text_puts_each_step_under_the_stage_that_took_it() -> None:
    steps = (
        "gate: passed by 'siege'",
        "trigger: siege in title",
        "score: siege 0.9",
        "trigger: siege in summary",
        "odd: x",
    )
    assert by_stage((*steps, "story a: none", "https://example.org/")) == [
        ("gate", ["passed by 'siege'"]),
        ("trigger", ["siege in title", "siege in summary"]),
        ("score", ["siege 0.9"]),
        ("odd", ["x"]),
        ("decision", ["story a: none", "https://example.org/"]),
    ]
    assert [heading.split(":")[0] for heading, _ in headed(steps)] == ["Gate", "Triggers", "Score", "odd"]


ALERTS = """
channels:
  - {name: desk, type: slack, url: ""}
  - {name: console, type: console}
routes:
  - {match: {country: UA}, channels: [console]}
  - {match: {severity: flash, tag: world}, channels: [desk], continue: true}
  - {channels: [console]}
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "feeds.yaml").write_text('feeds: [{url: "https://example.org/rss", name: Example, tags: [world]}]\n')
    (tmp_path / "alerts.yaml").write_text(ALERTS)
    return str(tmp_path)


def test_alerts_route_shows_the_way_through_the_routes(tmp_path: Path, config: str) -> None:
    item = written(tmp_path / "item.jsonl", {**SIEGE, "feed": "Example"})
    [way] = json.loads(siegewatch("alerts", "route", "--item", item, "--config", config, "--format", "json").stdout)
    assert (way["severity"], way["channels"], way["off"]) == ("flash", ["console"], ["desk"])
    assert ["passed by" in step for step in way["path"]] == [True, False, False]


def test_alerts_route_says_so_where_there_is_nothing_to_tell(tmp_path: Path, config: str) -> None:
    item = written(tmp_path / "item.jsonl", QUIET)
    shown = siegewatch("alerts", "route", "--item", item, "--config", config).stdout
    assert "no event: nothing to tell" in shown
    assert "nobody" in shown


def test_alerts_route_weighs_every_matcher_and_tells_what_holds(tmp_path: Path, config: str) -> None:
    (tmp_path / "alerts.yaml").write_text(
        "channels: [{name: console, type: console, budget: 30/h}]\n"
        "routes: [{match: {kind: siege}, channels: [console], digest: hourly, routes: [{match: {country: UA}}]}]\n"
    )
    arguments = ("alerts", "route", "--text", str(SIEGE["title"]), "--config", config)
    [way] = json.loads(siegewatch(*arguments, "--format", "json").stdout)
    outer, inner = way["steps"]
    assert (outer["number"], outer["came_to"]) == ("1", "matched, tells console in a digest (hourly)")
    assert (inner["number"], inner["matchers"][0]["name"], inner["matchers"][0]["holds"]) == ("1.1", "country", False)
    assert [line.split(",")[0] for line in way["held"]] == [
        "silences: not asked",
        "console: waits for the hourly digest",
        "console: budget 30 in 1h; what is more is told in digests",
    ]
    shown = siegewatch(*arguments).stdout
    assert "yes  kind: siege  (it is siege)" in shown
    assert "no   country: UA" in shown


@pytest.mark.parametrize("arguments", [(), ("--text", "x", "--alert", "y")])
def test_alerts_route_takes_one_thing(config: str, arguments: tuple[str, ...]) -> None:
    assert siegewatch("alerts", "route", *arguments, "--config", config).exit_code == 2


@pytest.mark.parametrize(("published", "taken"), [("2026-03-01T09:30:00Z", True), ("2026-03-01T23:30:00Z", False)])
def test_alerts_route_asks_hours_of_the_time_of_publication(
    tmp_path: Path, config: str, published: str, taken: bool
) -> None:
    (tmp_path / "alerts.yaml").write_text(
        "channels: [{name: console, type: console}]\n"
        "routes: [{match: {hours: 09:00-17:00, days: sun}, channels: [console]}]\n"
    )
    item = written(tmp_path / "item.jsonl", {**SIEGE, "published": published})
    [way] = json.loads(siegewatch("alerts", "route", "--item", item, "--config", config, "--format", "json").stdout)
    assert bool(way["channels"]) is taken
