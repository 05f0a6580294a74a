"""The state machine of a story, under any order of reports: what can follow what, and what never rings."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from siegewatch.detect.course import FOLLOWS, LAG, UNDER_WAY, UNREPORTED
from siegewatch.detect.stories import Told, tell
from siegewatch.domain.event import Event, Place
from siegewatch.domain.item import Item
from siegewatch.domain.ledger import OVER, fights
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import PHASES, Change, Kind, Phase, Precision, Status

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOWN = Place("Tal Rumman", 35.1, 40.2, 999_001, Precision.CITY)

steps = st.lists(
    st.tuples(
        st.sampled_from([(kind, phase) for kind in Kind for phase in sorted(PHASES[kind])]),
        st.sampled_from(Status),
        st.integers(0, 100),
        st.sampled_from([None, "army", "rebels"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)


def run(reports) -> list[tuple[Story | None, Event, Item, Told]]:
    """Each report with the story before it and what it changed; hours pass between them."""
    story, at, seen = None, NOW, []
    for number, ((kind, phase), status, hours, attacker, taken) in enumerate(reports):
        at += timedelta(hours=hours)
        captures = taken and phase is Phase.ADVANCE and status is Status.ACTUAL
        event = Event(kind, phase, status, attacker, place=TOWN, country="SY", taken=captures)
        item = Item(f"i{number}", "title", "", at, at, outlet="Courier")
        told = tell(story, "p:999001", [event], item)
        seen.append((story, event, item, told))
        story = told.story
    return seen


def actual(story: Story, kind: Kind) -> list:
    return [beat for beat in story.timeline if beat.kind is kind and beat.is_actual]


@settings(deadline=None)
@given(steps)
def test_same_report_at_once_again_changes_nothing(reports):
    *_, (_, event, item, told) = run(reports)
    assert tell(told.story, "p:999001", [event], item).change is Change.NONE


@settings(deadline=None)
@given(steps)
def test_new_phase_of_a_running_story_can_follow_the_one_before(reports):
    for before, event, item, told in run(reports):
        if told.change is not Change.PHASE or event.status is Status.THREATENED or event.taken or before is None:
            continue
        earlier = actual(before, event.kind)
        if not earlier or told.story.id != before.id:
            continue
        last = earlier[-1]
        waited = item.published_at - last.last_at > LAG
        anew = event.phase is Phase.ADVANCE and item.published_at - last.last_at > UNREPORTED
        assert event.phase in FOLLOWS[event.kind][last.phase] or waited
        assert event.phase is not last.phase or anew


@settings(deadline=None)
@given(steps)
def test_siege_under_way_is_never_imposed_again(reports):
    for before, event, _, told in run(reports):
        if before is None or told.story.id != before.id or event.phase is not Phase.IMPOSED:
            continue
        earlier = actual(before, Kind.SIEGE)
        if event.status is Status.ACTUAL and earlier and earlier[-1].phase in UNDER_WAY[Kind.SIEGE]:
            assert told.change in (Change.NONE, Change.SIDES)


@settings(deadline=None)
@given(steps)
def test_every_step_stands_in_one_fight_and_no_fight_goes_on_after_its_end(reports):
    story = run(reports)[-1][3].story
    ledger = fights(story)
    assert sorted(beat.item for fight in ledger for beat in fight.beats) == sorted(beat.item for beat in story.timeline)
    for fight in ledger:
        if fight.ended_by and not fight.ended_by.taken:
            after = fight.beats[fight.beats.index(fight.ended_by) + 1 :]
            assert all(beat.phase in OVER[fight.kind] for beat in after)


@settings(deadline=None)
@given(steps)
def test_days_are_never_negative_and_versions_grow_by_one(reports):
    for before, _, item, told in run(reports):
        assert (told.story.siege_days(item.seen_at) or 0) >= 0
        assert all((fight.days(item.seen_at) or 0) >= 0 for fight in fights(told.story))
        if before is not None and before.id == told.story.id:
            assert told.story.version == before.version + 1


@settings(deadline=None)
@given(steps)
def test_siege_has_days_exactly_while_the_ledger_has_one_under_way(reports):
    story = run(reports)[-1][3].story
    running = any(fight.kind is Kind.SIEGE and fight.begun_at and not fight.ended_by for fight in fights(story))
    assert (story.siege_days(story.changed_at) is not None) is running
