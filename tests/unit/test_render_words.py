"""What an editor reads."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.domain.alert import Alert, AlertType
from siegewatch.domain.delivery import Message
from siegewatch.domain.event import Event, Evidence, Place
from siegewatch.domain.item import Item
from siegewatch.domain.story import Beat, Story, StoryChange
from siegewatch.domain.taxonomy import PHASES, Change, Kind, Phase, Precision, Severity, Status
from siegewatch.notify.phrases import is_plural, phrase
from siegewatch.notify.render import gravest_first, plain_text, reason_for, words
from siegewatch.notify.sample import sample_alert
from siegewatch.notify.text import calm, clean, cut

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
PLACE = Place("Deir al-Zor", 35.33, 40.14, 170794, Precision.CITY)
TITLE = "Army closes in on Deir al-Zor"
SUMMARY = "Fighting went on overnight. The siege could be broken by Tuesday! Markets fell."
EVIDENCE = Evidence("summary", 28, 65, SUMMARY[28:65])
ADVANCE = Event(Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, "Syrian army", "Islamic State", place=PLACE, country="SY")
RELIEF = Event(
    Kind.SIEGE, Phase.BROKEN, Status.THREATENED, "Islamic State", "army garrison", place=PLACE, country="SY",
    claimed_by="the governor", evidence=(EVIDENCE,),
)  # fmt: skip


def alert(*events: Event, **changes: object) -> Alert:
    item = Item("i1", TITLE, SUMMARY, NOW, NOW, "https://news.example.org/1", "Example Times", "Example World")
    begun = NOW - timedelta(days=1340, hours=5)
    story = Story(
        "s1", "k", "The fight for Deir al-Zor", PLACE, "SY", begun, NOW,
        (Beat(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, begun, "i0", begun),), outlets=("A", "B", "C"), items=7,
    )  # fmt: skip
    made = Alert("a1", AlertType.OPENED, Severity.FLASH, "Because.", Change.OPENED, events, story, item, NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


def headline(*events: Event, **changes: object) -> str:
    return words(Message("m1", alert(*events, **changes))).headline


def test_headline_tells_both_kinds_the_gravest_first() -> None:
    told = "🔴 FLASH · Deir al-Zor, Syria: Syrian army advances on Deir al-Zor; siege about to be broken"
    assert headline(ADVANCE, RELIEF) == told
    assert headline(RELIEF, ADVANCE).endswith("advances on Deir al-Zor; siege about to be broken")


def test_plain_text_tells_everything_an_editor_asks() -> None:
    text = plain_text(words(Message("m1", alert(ADVANCE, RELIEF), "https://desk.example.org/", "Asia/Damascus")))
    assert text.splitlines()[1:] == [
        "  “Army closes in on Deir al-Zor”",
        "  ▸ “The siege could be broken by Tuesday!”",
        "  Example Times, 1 Mar 2026, 08:00 +03",
        "  Offensive (advance): Syrian army against Islamic State",
        "  Siege (broken, threatened): Islamic State besieging army garrison; claimed by the governor",
        "  Under siege for 1,340 days",
        "  35.33° N, 40.14° E, 124 km south-east of Ar Raqqah",
        "  3 outlets, not verified",
        "  Why: Because.",
        "  https://news.example.org/1",
        "  Story: https://desk.example.org/api/v1/stories/s1",
    ]


def test_headline_does_with_what_is_known() -> None:
    unknown = Event(Kind.OFFENSIVE, Phase.LAUNCHED, Status.ACTUAL)
    assert headline(unknown) == "🔴 FLASH · Offensive begins"
    assert headline(replace(unknown, country="SY")) == "🔴 FLASH · Syria: Offensive begins"
    country = Place("Syria", precision=Precision.COUNTRY)
    assert headline(replace(unknown, place=country, country="SY")) == "🔴 FLASH · Syria: Offensive in Syria begins"


def test_headline_marks_tests_and_corrections() -> None:
    corrected = alert(ADVANCE, type=AlertType.CORRECTED)
    assert words(Message("m1", corrected, test=True)).banner == "TEST · 🔴 FLASH · CORRECTED"


def test_correction_says_what_had_been_told() -> None:
    told = words(Message("m1", alert(ADVANCE, type=AlertType.CORRECTED, change=Change.CORRECTED)))
    assert told.what == "Earlier report corrected: Syrian army advances on Deir al-Zor"
    assert told.details[0].startswith("Was told: Offensive (advance)")


def test_headline_names_two_places_where_there_are_two() -> None:
    other = replace(RELIEF, place=Place("Raqqa"))
    assert headline(ADVANCE, other).endswith("Syrian army advances on Deir al-Zor; siege of Raqqa about to be broken")


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("known", [{}, {"attacker": "Rebels"}, {"defender": "Rebels"}, {"place": PLACE}])
def test_every_event_has_a_phrase_without_gaps(
    kind: Kind, status: Status, taken: bool, known: dict[str, object]
) -> None:
    for phase in PHASES[kind]:
        said = phrase(Event(kind, phase, status, taken=taken, **known))  # type: ignore[arg-type]
        assert said.split(" ") == said.split()
        assert not set(said) & set("{}[]")
        assert "None" not in said


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, "Rebels", place=PLACE), "Rebels besiege Deir al-Zor"),
        (Event(Kind.SIEGE, Phase.FALLEN, Status.ACTUAL, "RSF", place=PLACE), "besieged Deir al-Zor falls to RSF"),
        (Event(Kind.SIEGE, Phase.ONGOING, Status.ACTUAL, place=PLACE), "siege of Deir al-Zor goes on"),
        (replace(ADVANCE, taken=True), "Syrian army takes Deir al-Zor"),
        (replace(ADVANCE, attacker="Rapid Support Forces", taken=True), "Rapid Support Forces take Deir al-Zor"),
        (replace(ADVANCE, place=None), "Syrian army advances against Islamic State"),
        (replace(ADVANCE, phase=Phase.REPELLED), "Islamic State repels Syrian army at Deir al-Zor"),
        (replace(ADVANCE, phase=Phase.LAUNCHED, status=Status.THREATENED, attacker=None),
         "offensive on Deir al-Zor looms"),
    ],
)  # fmt: skip
def test_phrases_read_like_headlines(event: Event, said: str) -> None:
    assert phrase(event) == said


def test_verbs_agree_with_their_subject() -> None:
    plural = ["rebels", "M23 rebels", "Houthis", "gunmen", "Taliban", "Russia and Wagner", "Armed Forces"]
    singular = ["Syrian army", "US", "ISIS", "Hamas", "Islamic State", "Yemen", "United States", "Congress"]
    assert [name for name in plural if not is_plural(name)] == []
    assert [name for name in singular if is_plural(name)] == []


@pytest.mark.parametrize("change", list(Change))
@pytest.mark.parametrize("outlet", ["Example Times", None])
def test_reason_is_one_sentence(change: Change, outlet: str | None) -> None:
    told = alert(ADVANCE)
    reason = reason_for(StoryChange(told.story, change, (ADVANCE,), replace(told.item, outlet=outlet), NOW))
    assert reason[0].isupper() or reason[0].isdigit()
    assert reason.endswith(".")
    assert reason.count(".") == 1
    assert "None" not in reason
    assert "  " not in reason


def test_hostile_text_is_one_clean_line() -> None:
    hostile = "a\x1b[31m\u202eb\u200bc\r\nd\u2028e\x00\ud800f\u00adg\ufeff"
    assert clean(hostile) == "a[31mbc d efg"


def test_hostile_words_steer_nothing() -> None:
    item = Item("i1", "x\x1b]0;y\x07\n\nz", "", NOW, NOW, "javascript:alert(1)", "O\u202e", None)
    event = replace(ADVANCE, attacker="A\x1b[2J", place=Place("P\u202e\n"), claimed_by="\x9bC", evidence=())
    text = plain_text(words(Message("m1", alert(event, item=item, reason="r\x07"))))
    assert all(line.isprintable() for line in text.split("\n"))
    assert "javascript" not in text


def test_cut_marks_what_is_missing() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abc defg", 5) == "abc…"


def test_events_of_equal_weight_stay_in_order() -> None:
    assert gravest_first(alert(RELIEF, ADVANCE)) == (ADVANCE, RELIEF)
    same = replace(ADVANCE, defender=None)
    assert gravest_first(alert(ADVANCE, same)) == (ADVANCE, same)


def test_sample_cannot_be_taken_for_news() -> None:
    sample = sample_alert(NOW)
    assert sample.item.title.startswith("TEST")
    assert sample.story.title.startswith("TEST")
    assert sample.story.country is None
    assert {event.kind for event in sample.events} == set(Kind)


@pytest.mark.parametrize(
    ("loud", "said"),
    [
        ("DEIR AL-ZOR", "Deir Al-Zor"),
        ("SYRIAN ARMY", "Syrian Army"),
        ("RSF", "RSF"),
        ("ISIS", "ISIS"),
        ("M23 rebels", "M23 rebels"),
        ("Deir al-Zor", "Deir al-Zor"),
    ],
)
def test_names_in_capitals_are_told_calmly(loud: str, said: str) -> None:
    assert calm(loud) == said


def test_siege_that_the_item_ends_is_told_with_the_days_it_lasted() -> None:
    ended = Beat(Kind.SIEGE, Phase.BROKEN, Status.ACTUAL, NOW, "i1", NOW)
    told = alert(replace(RELIEF, status=Status.ACTUAL))
    told = replace(told, story=replace(told.story, timeline=(*told.story.timeline, ended)))
    assert words(Message("m1", told)).details[-1] == "The siege lasted 1,340 days"
