"""The webhook's body against the schema that ships."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from siegewatch.domain.alert import AlertType
from siegewatch.domain.delivery import Message
from siegewatch.domain.event import Codes, Event, Place
from siegewatch.domain.ops import OpsAlert, OpsType, Subject, Trouble
from siegewatch.domain.taxonomy import PHASES, Change, Kind, Precision, Status
from siegewatch.notify.payload import body_of, timestamp
from siegewatch.notify.sample import sample_alert

NOW = datetime(2026, 3, 1, 5, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(files("siegewatch.notify").joinpath("schema/alert.v1.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def body(message: Message) -> dict[str, Any]:
    """As a receiver gets it."""
    loaded: dict[str, Any] = json.loads(json.dumps(body_of(message)))
    return loaded


def test_body_keeps_the_schema(validator: Draft202012Validator) -> None:
    validator.validate(body(Message("m1", sample_alert(NOW), "https://desk.example.org", test=True)))


def ops_validator() -> Draft202012Validator:
    schema = json.loads(files("siegewatch.notify").joinpath("schema/ops.v1.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


@pytest.mark.parametrize("ops_type", list(OpsType))
@pytest.mark.parametrize("subject", list(Subject))
def test_body_of_a_trouble_keeps_its_schema(ops_type: OpsType, subject: Subject) -> None:
    trouble = Trouble(subject, "Courier", "No answer.", NOW - timedelta(hours=3))
    told = body(Message("m1", OpsAlert("o1", ops_type, trouble, NOW), "https://desk.example.org"))
    ops_validator().validate(told)
    assert told == {
        "type": ops_type.value,
        "timestamp": "2026-03-01T05:00:00Z",
        "data": {
            "schema": "siegewatch.ops.v1",
            "id": "o1",
            "subject": subject.value,
            "name": "Courier",
            "reason": "No answer.",
            "since": "2026-03-01T02:00:00Z",
        },
    }


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("alert_type", list(AlertType))
def test_body_keeps_the_schema_whatever_is_known(
    validator: Draft202012Validator, kind: Kind, alert_type: AlertType
) -> None:
    bare = [Event(kind, phase, status) for phase in PHASES[kind] for status in Status]
    place = Place("Deir al-Zor", 35.33, 40.14, 170794, Precision.CITY)
    full = [replace(event, place=place, country="SY", codes=Codes("190", "ASSAULT", None)) for event in bare]
    for change in set(Change) - {Change.NONE}:
        told = replace(sample_alert(NOW), type=alert_type, change=change, events=(*bare, *full))
        validator.validate(body(Message("m1", told)))


def test_body_tells_story_days_outlets_and_items() -> None:
    story = body(Message("m1", sample_alert(NOW)))["data"]["story"]
    assert (story["siege_days"], story["outlets"], story["items"]) == (100, 1, 2)
    assert [beat["phase"] for beat in story["timeline"]] == ["imposed", "advance", "broken"]


def test_body_has_links_only_with_a_public_address() -> None:
    assert "links" not in body(Message("m1", sample_alert(NOW)))["data"]
    links = body(Message("m1", sample_alert(NOW), "https://desk.example.org/sw/"))["data"]["links"]
    assert links == {
        "story": "https://desk.example.org/sw/api/v1/stories/test-story",
        "explain": "https://desk.example.org/sw/api/v1/alerts/test-alert",
    }


def test_body_marks_tests_alone() -> None:
    assert "test" not in body(Message("m1", sample_alert(NOW)))["data"]
    assert body(Message("m1", sample_alert(NOW), test=True))["data"]["test"] is True


def test_timestamps_are_utc_to_the_second() -> None:
    assert timestamp(NOW) == "2026-03-01T05:00:00Z"
    assert timestamp(NOW.astimezone(timezone(timedelta(hours=3)))) == "2026-03-01T05:00:00Z"


def test_schema_refuses_what_the_contract_does_not_name(validator: Draft202012Validator) -> None:
    wrong = body(Message("m1", sample_alert(NOW)))
    wrong["data"]["severity"] = "urgent"
    with pytest.raises(ValidationError):
        validator.validate(wrong)
