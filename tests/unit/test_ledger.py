"""The ledger of a story: fights from beginning to end, their days, sides, sources and tolls."""

from datetime import UTC, datetime, timedelta

from siegewatch.detect.stories import tell
from siegewatch.domain.alert import alert_severity
from siegewatch.domain.event import Event, Place
from siegewatch.domain.item import Item
from siegewatch.domain.ledger import Fight, fights
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import Change, Kind, Phase, Precision, Severity, Status

NOW = datetime(2017, 9, 5, tzinfo=UTC)
CITY = Place("Aleppo", 36.2, 37.16, 170_063, Precision.CITY)
SALAHEDDIN = Place("Salaheddin district", within=170_063)
HANANO = Place("Hanano", 36.233, 37.21, None, Precision.REGION, within=170_063)


def siege(phase: Phase, **more) -> Event:
    return Event(Kind.SIEGE, phase, Status.ACTUAL, **({"place": CITY, "country": "SY"} | more))


def attack(phase: Phase, **more) -> Event:
    return Event(Kind.OFFENSIVE, phase, Status.ACTUAL, **({"place": CITY, "country": "SY"} | more))


def item(hours: float, title: str = "title", outlet: str = "Courier") -> Item:
    at = NOW + timedelta(hours=hours)
    return Item(f"i{hours}", title, "", at, at, outlet=outlet)


def told(*reports: tuple[Item, Event]) -> Story:
    story = None
    for source, event in reports:
        story = tell(story, "p:170063", [event], source).story
    assert story is not None
    return story


def only(story: Story) -> Fight:
    [fight] = fights(story)
    return fight


def test_fight_has_its_days_sides_outlets_and_how_it_ended():
    story = told(
        (item(0, outlet="Courier"), siege(Phase.IMPOSED, attacker="army", defender="rebels")),
        (item(30, outlet="Herald"), siege(Phase.ONGOING)),
        (item(72, outlet="Courier"), siege(Phase.BROKEN, attacker="army")),
    )
    fight = only(story)
    assert (fight.begun_at, fight.ended_how, fight.days(NOW + timedelta(days=99))) == (NOW, "broken", 3)
    assert (fight.attackers, fight.defenders, fight.outlets) == (("army",), ("rebels",), ("Courier", "Herald"))
    assert [beat.phase for beat in fight.beats] == [Phase.IMPOSED, Phase.ONGOING, Phase.BROKEN]


def test_siege_imposed_again_is_a_new_entry_of_the_same_story_and_rings():
    story = told((item(0), siege(Phase.IMPOSED)), (item(20), siege(Phase.BROKEN)))
    again = tell(story, "p:170063", [siege(Phase.IMPOSED)], item(20 + 49))
    assert (again.story.id, again.change) == (story.id, Change.PHASE)
    assert alert_severity(again.events, again.change) is Severity.FLASH
    assert [(fight.number, fight.ended_how) for fight in fights(again.story)] == [(1, "broken"), (2, None)]


def test_late_report_of_a_siege_that_ended_does_not_begin_another():
    story = told((item(0), siege(Phase.IMPOSED)), (item(20), siege(Phase.BROKEN)), (item(25), siege(Phase.ONGOING)))
    assert only(story).ended_how == "broken"
    assert story.siege_days(NOW + timedelta(days=3)) is None


def test_old_siege_is_told_as_ongoing_with_its_days():
    opened = tell(None, "p:170063", [siege(Phase.IMPOSED)], item(0, "IS tightens siege, in place since 2013"))
    assert opened.change is Change.OPENED
    assert [event.phase for event in opened.events] == [Phase.ONGOING]
    assert alert_severity(opened.events, opened.change) is Severity.UPDATE
    assert opened.story.siege_days(NOW) == (NOW - datetime(2013, 12, 31, tzinfo=UTC)).days
    assert only(opened.story).begun_words == "since 2013"
    assert opened.steps == ("siege told as ongoing, not imposed: since 2013",)


def test_siege_of_a_few_days_is_still_news():
    opened = tell(None, "p:170063", [siege(Phase.IMPOSED)], item(0, "Town under siege since Monday"))
    assert [event.phase for event in opened.events] == [Phase.IMPOSED]


def test_later_report_can_tell_an_earlier_beginning():
    story = told((item(0), siege(Phase.ONGOING)), (item(1, "Day 500 of the siege"), siege(Phase.ONGOING)))
    assert story.siege_days(NOW) == 498


def test_tolls_are_a_range_over_sources_and_a_later_count_replaces_a_source_s_earlier():
    story = told(
        (item(0, "Assault kills 20"), attack(Phase.LAUNCHED)),
        (item(1, "At least 30 killed in assault", "Herald"), attack(Phase.LAUNCHED)),
        (item(2, "Assault kills 35"), attack(Phase.LAUNCHED)),
    )
    [killed] = only(story).tolls
    assert (killed.least, killed.most, set(killed.sources)) == (30, 35, {"Courier", "Herald"})


def test_open_end_of_the_highest_count_stays_open():
    story = told(
        (item(0, "Assault kills 20"), attack(Phase.LAUNCHED)),
        (item(1, "At least 30 killed in assault", "Herald"), attack(Phase.LAUNCHED)),
    )
    [killed] = only(story).tolls
    assert (killed.least, killed.most) == (20, None)


def test_another_count_is_a_change_of_toll_and_the_same_count_is_none():
    story = told((item(0, "Assault kills six"), attack(Phase.LAUNCHED)))
    same = tell(story, "k", [attack(Phase.LAUNCHED)], item(1, "Six killed in assault", "Herald"))
    other = tell(story, "k", [attack(Phase.LAUNCHED)], item(1, "Assault kills nine", "Herald"))
    assert (same.change, other.change) == (Change.NONE, Change.TOLL)


def test_tolls_of_an_earlier_fight_stay_with_it():
    story = told(
        (item(0, "Assault kills six"), attack(Phase.LAUNCHED)),
        (item(20), attack(Phase.REPELLED)),
        (item(60, "New assault kills 40"), attack(Phase.LAUNCHED)),
    )
    assert [[toll.least for toll in fight.tolls] for fight in fights(story)] == [[6], [40]]


def test_each_district_of_a_city_is_taken_for_itself():
    taken = {"taken": True, "attacker": "army"}
    story = told((item(0), attack(Phase.ADVANCE, place=SALAHEDDIN, **taken)))
    next_day = attack(Phase.ADVANCE, place=HANANO, **taken)
    assert tell(story, "k", [attack(Phase.ADVANCE, place=SALAHEDDIN, **taken)], item(24)).change is Change.NONE
    assert tell(story, "k", [next_day], item(24)).change is Change.PLACE
    assert tell(story, "k", [attack(Phase.ADVANCE, **taken)], item(24)).change is Change.PHASE


def test_district_taken_does_not_end_the_offensive_on_its_city():
    taken = {"taken": True, "attacker": "army"}
    assert only(told((item(0), attack(Phase.ADVANCE, place=HANANO, **taken)))).ended_by is None
    assert only(told((item(0), attack(Phase.ADVANCE, **taken)))).ended_how == "taken"


def test_story_opened_by_a_district_is_named_after_its_city_once_that_is_named():
    story = told((item(0), attack(Phase.ADVANCE, place=SALAHEDDIN)), (item(1), attack(Phase.ADVANCE)))
    assert (story.title, story.place) == ("The fight for Aleppo, SY", CITY)


def test_siege_that_nobody_reports_for_weeks_is_the_same_story():
    story = told((item(0), siege(Phase.IMPOSED)))
    assert tell(story, "p:170063", [siege(Phase.ONGOING)], item(24 * 30)).story.id == story.id
    over = tell(story, "p:170063", [siege(Phase.ONGOING)], item(24 * 61))
    assert (over.change, over.story.follows) == (Change.OPENED, story.id)
