"""The ledger for other programs, by the rules of each form."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import feedparser

from siegewatch.apps.exports.atom import as_atom
from siegewatch.apps.exports.geojson import as_geojson
from siegewatch.apps.exports.ledger import COLUMNS, as_csv, as_json
from siegewatch.detect.stories import tell
from siegewatch.domain.event import Event, Place
from siegewatch.domain.item import Item
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import Kind, Phase, Precision, Status

NOW = datetime(2017, 9, 5, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
CITY = Place("Deir al-Zor", 35.33588, 40.14084, 170_794, Precision.CITY)


def story() -> Story:
    told = None
    for hours, title, phase in (
        (0, "Siege of Deir al-Zor since 2013 kills 30 & more <b>", Phase.ONGOING),
        (24, "=Army breaks siege\x0b", Phase.BROKEN),
    ):
        at = NOW + timedelta(hours=hours)
        event = Event(Kind.SIEGE, phase, Status.ACTUAL, "IS", "army", place=CITY, country="SY")
        told = tell(told, "p:170794", [event], Item(f"i{hours}", title, "", at, at, outlet="Courier")).story
    assert told is not None
    return told


def test_json_tells_each_fight_with_dates_tolls_and_sources():
    [entry] = as_json([story()], LATER)
    [fight] = entry["fights"]
    assert (fight["begun_at"], fight["begun_words"]) == ("2013-12-31T00:00:00Z", "since 2013")
    assert (fight["ended_how"], fight["days"], entry["siege_days"]) == ("broken", 1344 + 1, None)
    assert [(phase["phase"], phase["at"]) for phase in fight["phases"]] == [
        ("ongoing", "2017-09-05T00:00:00Z"),
        ("broken", "2017-09-06T00:00:00Z"),
    ]
    [toll] = fight["tolls"]
    assert (toll["harm"], toll["least"], toll["most"]) == ("killed", 30, 30)
    assert toll["sources"][0]["source"] == "Courier"


def test_csv_has_a_row_a_fight_and_no_formula():
    rows = list(csv.DictReader(io.StringIO(as_csv([replace(story(), outlets=("=1+1",))], LATER))))
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["kind"], row["ended_how"], row["tolls"]) for row in rows] == [("siege", "broken", "killed 30")]
    named = replace(story(), place=replace(CITY, name="=cmd()"))
    assert next(csv.DictReader(io.StringIO(as_csv([named], LATER))))["place"] == "'=cmd()"


def test_geojson_has_the_shape_of_rfc_7946():
    nowhere = replace(story(), id="nowhere", place=None)
    found = as_geojson([story(), nowhere], LATER)
    assert found["type"] == "FeatureCollection"
    for feature in found["features"]:
        assert feature.keys() == {"type", "id", "geometry", "properties"}
        assert feature["type"] == "Feature"
        assert isinstance(feature["properties"], dict)
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [40.14084, 35.33588]}
    assert found["features"][1]["geometry"] is None


def test_atom_is_a_feed_that_readers_take():
    parsed = feedparser.parse(as_atom([story()], LATER, "https://desk.example.org/sw"))
    assert not parsed.bozo
    assert parsed.version == "atom10"
    assert parsed.feed.id == "https://desk.example.org/sw/stories.atom"
    [entry] = parsed.entries
    assert entry.title == "The fight for Deir al-Zor, SY: siege broken"
    assert entry.link == f"https://desk.example.org/sw/api/v1/stories/{story().id}"
    assert entry.updated == "2017-09-06T00:00:00Z"
    assert "kills 30 & more" in entry.content[0].value


def test_atom_without_a_public_address_has_no_links():
    parsed = feedparser.parse(as_atom([story()], LATER, ""))
    assert not parsed.bozo
    assert parsed.entries[0].get("links", []) == []
    assert parsed.entries[0].id == f"urn:siegewatch:story:{story().id}"


def test_atom_without_stories_is_still_a_feed():
    parsed = feedparser.parse(as_atom([], LATER, ""))
    assert (parsed.bozo, parsed.entries, parsed.feed.updated) == (False, [], "2017-09-07T00:00:00Z")
