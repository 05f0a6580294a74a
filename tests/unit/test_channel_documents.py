"""CAP and Atom: documents by the rules of their standards, whatever feeds say."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import feedparser
import pytest

from siegewatch.domain.alert import AlertType
from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Retry
from siegewatch.domain.event import Place
from siegewatch.domain.ops import OpsAlert, OpsType, Subject, Trouble
from siegewatch.domain.taxonomy import Precision
from siegewatch.notify.channels import atom, cap
from siegewatch.notify.channels.atom import AtomChannel
from siegewatch.notify.channels.cap import CapChannel, document
from siegewatch.notify.channels.hostile import hostile
from siegewatch.notify.channels.trial import trial_message
from siegewatch.notify.sample import sample_alert

NOW = datetime(2026, 3, 1, 5, tzinfo=UTC)
SENDER = "siegewatch@example.org"
PLACE = Place("Deir al-Zor", 35.33, 40.14, 170794, Precision.CITY)

ALERT_ELEMENTS = ["identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses",
                  "code", "note", "references", "incidents", "info"]  # fmt: skip
INFO_ELEMENTS = ["language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience",
                 "eventCode", "effective", "onset", "expires", "senderName", "headline", "description", "instruction",
                 "web", "contact", "parameter", "resource", "area"]  # fmt: skip
AREA_ELEMENTS = ["areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"]
REQUIRED = {
    "alert": {"identifier", "sender", "sent", "status", "msgType", "scope"},
    "info": {"category", "event", "urgency", "severity", "certainty"},
    "area": {"areaDesc"},
}
VALUES = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE",
                 "Other"},
    "responseType": {"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}  # fmt: skip
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
CIRCLE = re.compile(r"-?\d+(\.\d+)?,-?\d+(\.\d+)? \d+(\.\d+)?")
NAME = re.compile(r"[^\s,<&]+")


def children(element: ElementTree.Element) -> list[str]:
    assert all(child.tag.startswith(f"{{{cap.NAMESPACE}}}") for child in element)
    return [child.tag.partition("}")[2] for child in element]


def keeps_the_rules_of_cap(written: bytes) -> dict[str, str]:
    """Elements, their order, their number and their values, as CAP-v1.2.xsd and section 3.2 have them."""
    root = ElementTree.fromstring(written)
    assert root.tag == f"{{{cap.NAMESPACE}}}alert"
    [info] = [child for child in root if child.tag.endswith("}info")]
    areas = [child for child in info if child.tag.endswith("}area")]
    parts = [("alert", root, ALERT_ELEMENTS), ("info", info, INFO_ELEMENTS)]
    for name, element, known in [*parts, *(("area", area, AREA_ELEMENTS) for area in areas)]:
        found = children(element)
        assert REQUIRED[name] <= set(found)
        assert found == sorted(found, key=known.index)
    told = {
        child.tag.partition("}")[2]: child.text or ""
        for child in [*root, *info, *(one for area in areas for one in area)]
    }
    for name, values in VALUES.items():
        assert name not in told or told[name] in values
    for name in {"sent", "expires", "onset", "effective"} & told.keys():
        assert TIME.fullmatch(told[name])
    assert NAME.fullmatch(told["identifier"])
    assert NAME.fullmatch(told["sender"])
    assert told["msgType"] == "Alert" or told["references"]
    assert "circle" not in told or CIRCLE.fullmatch(told["circle"])
    assert all(len(one.split(",")) == 3 for one in told.get("references", "").split())
    return told


def message(**changes: object) -> Message:
    alert = sample_alert(NOW)
    events = tuple(replace(event, place=PLACE, country="SY") for event in alert.events)
    return Message("msg_1", replace(alert, events=events, **changes), "https://desk.example.org")  # type: ignore[arg-type]


def test_cap_keeps_the_rules_and_tells_what_is_known() -> None:
    told = keeps_the_rules_of_cap(document(message(), SENDER))
    assert (told["status"], told["msgType"], told["scope"]) == ("Actual", "Alert", "Public")
    assert (told["urgency"], told["severity"], told["certainty"]) == ("Immediate", "Severe", "Possible")
    assert (told["sent"], told["expires"]) == ("2026-03-01T05:00:00-00:00", "2026-03-02T05:00:00-00:00")
    assert told["circle"] == "35.3300,40.1400 10"
    assert told["incidents"] == "test-story"
    assert "not verified" in told["description"]


def test_cap_marks_tests_and_its_own_troubles() -> None:
    assert keeps_the_rules_of_cap(document(replace(message(), test=True), SENDER))["status"] == "Test"
    trouble = Trouble(Subject.FEED, "Courier", "No new item for 7h.", NOW)
    for kind in OpsType:
        told = keeps_the_rules_of_cap(document(Message("m", OpsAlert("o1", kind, trouble, NOW)), SENDER))
        assert (told["status"], told["category"]) == ("System", "Infra")


def test_cap_never_says_that_news_was_observed() -> None:
    alert = message().alert
    story = replace(alert.story, outlets=("A", "B", "C"))  # type: ignore[union-attr]
    assert keeps_the_rules_of_cap(document(message(story=story), SENDER))["certainty"] == "Likely"


def test_cap_in_a_folder_updates_what_it_told_of_the_story_before(tmp_path: Path) -> None:
    channel = CapChannel(ChannelSpec("c", "cap", tmp_path.as_uri(), options={"sender": SENDER}), None, lambda: NOW)  # type: ignore[arg-type]
    later = message(id="second", type=AlertType.UPDATED, at=NOW + timedelta(hours=1))
    assert channel.send(message()) == Accepted(answer="written")
    assert channel.send(later) == Accepted(answer="written")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert channel.send(later) == Accepted(answer="written")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    told = keeps_the_rules_of_cap(before["siegewatch.second.cap.xml"])
    assert told["msgType"] == "Update"
    assert told["references"] == f"{SENDER},siegewatch.test-alert,2026-03-01T05:00:00-00:00"


def test_cap_clears_its_folder_of_what_is_long_over(tmp_path: Path) -> None:
    spec = ChannelSpec("c", "cap", tmp_path.as_uri(), options={"sender": SENDER})
    CapChannel(spec, None).send(message())  # type: ignore[arg-type]
    (tmp_path / "notes.txt").write_text("not ours")
    three_days_on = datetime.now(UTC) + timedelta(days=3)
    CapChannel(spec, None, lambda: three_days_on).send(message(id="second"))  # type: ignore[arg-type]
    CapChannel(spec, None, lambda: datetime.now(UTC)).send(message(id="third"))  # type: ignore[arg-type]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "siegewatch.third.cap.xml"]


def test_hostile_words_break_no_document(tmp_path: Path) -> None:
    path = tmp_path / "alerts.atom"
    channel = AtomChannel(ChannelSpec("a", "atom", path.as_uri()), None, lambda: NOW)  # type: ignore[arg-type]
    for number, text in enumerate(hostile()):
        made = trial_message(text)
        keeps_the_rules_of_cap(document(made, SENDER))
        if number % 10 == 0:
            assert channel.send(replace(made, alert=replace(made.alert, id=str(number)))) == Accepted(answer="written")  # type: ignore[arg-type]
    feed = ElementTree.parse(path).getroot()
    assert len(feed.findall(f"{{{atom.NAMESPACE}}}entry")) == 30
    assert {child.tag for child in feed.iter()} <= {
        f"{{{atom.NAMESPACE}}}{name}"
        for name in ("feed", "id", "title", "updated", "author", "name", "entry", "link", "category", "content")
    }


def test_atom_holds_the_newest_alerts_first_and_each_once(tmp_path: Path) -> None:
    path = tmp_path / "alerts.atom"
    channel = AtomChannel(ChannelSpec("a", "atom", path.as_uri()), None, lambda: NOW)  # type: ignore[arg-type]
    for number in (*range(atom.ENTRIES_KEPT + 5), atom.ENTRIES_KEPT + 4):
        channel.send(message(id=f"a{number}"))
    feed = ElementTree.parse(path).getroot()
    ids = [entry.findtext(f"{{{atom.NAMESPACE}}}id") for entry in feed.findall(f"{{{atom.NAMESPACE}}}entry")]
    assert ids[0] == f"urn:siegewatch:alert:a{atom.ENTRIES_KEPT + 4}"
    assert (len(ids), len(set(ids))) == (atom.ENTRIES_KEPT, atom.ENTRIES_KEPT)
    for name in ("id", "title", "updated", "author"):
        assert feed.find(f"{{{atom.NAMESPACE}}}{name}") is not None


def test_atom_begins_anew_where_the_file_was_broken(tmp_path: Path) -> None:
    path = tmp_path / "alerts.atom"
    path.write_text("<feed")
    assert isinstance(AtomChannel(ChannelSpec("a", "atom", path.as_uri()), None).send(message()), Accepted)  # type: ignore[arg-type]
    assert ElementTree.parse(path).getroot().tag == f"{{{atom.NAMESPACE}}}feed"


def rss(path: Path) -> AtomChannel:
    return AtomChannel(ChannelSpec("r", "atom", path.as_uri(), options={"format": "rss"}), None, lambda: NOW)  # type: ignore[arg-type]


def test_rss_is_read_by_feed_readers_newest_first_and_each_alert_once(tmp_path: Path) -> None:
    path = tmp_path / "alerts.rss"
    for number in (*range(atom.ENTRIES_KEPT + 5), atom.ENTRIES_KEPT + 4):
        assert rss(path).send(message(id=f"a{number}")) == Accepted(answer="written")
    read = feedparser.parse(path.read_bytes())
    assert (read.bozo, read.version, read.feed.link) == (False, "rss20", "https://desk.example.org")
    ids = [entry.id for entry in read.entries]
    assert ids[0] == f"urn:siegewatch:alert:a{atom.ENTRIES_KEPT + 4}"
    assert (len(ids), len(set(ids))) == (atom.ENTRIES_KEPT, atom.ENTRIES_KEPT)
    first = read.entries[0]
    assert not first.guidislink
    assert first.published == "Sun, 01 Mar 2026 05:00:00 +0000"
    assert first.link.startswith("https://desk.example.org/")


def test_hostile_words_are_text_in_rss(tmp_path: Path) -> None:
    path = tmp_path / "alerts.rss"
    for number, text in enumerate(hostile()[::10]):
        made = trial_message(text)
        assert rss(path).send(replace(made, alert=replace(made.alert, id=str(number)))) == Accepted(answer="written")  # type: ignore[arg-type]
    items = ElementTree.parse(path).getroot().findall("channel/item")
    assert len(items) == 30
    for item in items:
        tags = set(re.findall(r"<(\w+)", item.findtext("description") or ""))
        assert tags <= {"a", "br"}


def test_rss_begins_anew_where_the_file_was_atom_or_broken(tmp_path: Path) -> None:
    path = tmp_path / "alerts.xml"
    AtomChannel(ChannelSpec("a", "atom", path.as_uri()), None).send(message())  # type: ignore[arg-type]
    assert isinstance(rss(path).send(message()), Accepted)
    assert len(feedparser.parse(path.read_bytes()).entries) == 1
    path.write_text("<rss")
    assert isinstance(rss(path).send(message()), Accepted)
    assert len(feedparser.parse(path.read_bytes()).entries) == 1


def test_a_feed_of_another_format_is_a_fault() -> None:
    spec = ChannelSpec("a", "atom", "file:///var/www/alerts", options={"format": "rdf"})
    assert AtomChannel.check(spec) == ["options.format is no format, write atom or rss"]
    assert AtomChannel.check(replace(spec, options={"format": "rss"})) == []


@pytest.mark.parametrize("make", [AtomChannel, CapChannel])
def test_a_folder_that_is_not_there_is_tried_again(tmp_path: Path, make: type) -> None:
    spec = ChannelSpec("x", "x", (tmp_path / "none" / "file").as_uri(), options={"sender": SENDER})
    verdict = make(spec, None).send(message())
    assert verdict == Retry("cannot be written: no such file or directory", unsent=True)
