"""When a channel is asked again, and what is told together."""

from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.domain.delivery import Accepted, Attempt, Delivery, Rejected, Retry
from siegewatch.domain.digest import Gathered
from siegewatch.domain.standing import Budget, Standing
from siegewatch.notify.pacing import (
    LATE,
    after,
    is_paused,
    is_unsure,
    opens_at,
    room,
    to_gather,
    yields,
)

NOW = datetime(2026, 3, 1, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ONE_A_SECOND = Budget(1, SECOND)
THIRTY_AN_HOUR = Budget(30, timedelta(hours=1))


def failed(times: int, verdict: Retry, budget: Budget | None = None) -> Standing:
    standing = Standing()
    for _ in range(times):
        standing = after(standing, verdict, NOW, budget)
    return standing


def held(times: int, verdict: Retry) -> float:
    opens = opens_at(failed(times, verdict), None)
    return (opens - NOW).total_seconds() if opens else 0


@pytest.mark.parametrize(("times", "seconds"), [(1, 0), (2, 5), (3, 10), (4, 20), (8, 300), (500, 300)])
def test_failing_channel_is_left_alone_for_longer_and_longer(times: int, seconds: float) -> None:
    assert held(times, Retry("broken", 500)) == seconds


@pytest.mark.parametrize(
    ("times", "asked", "seconds"),
    [(1, None, 5), (1, 1, 1), (1, 40, 40), (1, 9e9, 3_600), (3, 1, 10), (3, 60, 60), (1, -5, 0)],
)
def test_busy_channel_is_believed_within_bounds(times: int, asked: float | None, seconds: float) -> None:
    assert held(times, Retry("busy", 429, asked)) == seconds


@pytest.mark.parametrize("verdict", [Accepted(200), Rejected("no such user", 400)])
def test_any_answer_ends_the_failures(verdict: Accepted | Rejected) -> None:
    assert after(failed(9, Retry("broken", 500)), verdict, NOW, None) == Standing()


def test_channel_is_paused_once_it_failed_for_long() -> None:
    standing = failed(3, Retry("broken", 500))
    assert not is_paused(standing, NOW + timedelta(minutes=29))
    assert is_paused(standing, NOW + timedelta(minutes=30))
    assert not is_paused(failed(2, Retry("broken", 500)), NOW + timedelta(days=1)), "one delivery may be at fault"


def test_budget_allows_so_many_at_once_and_then_one_at_a_time() -> None:
    standing = Standing()
    for _ in range(30):
        assert (opens_at(standing, THIRTY_AN_HOUR) or NOW) <= NOW
        standing = after(standing, Accepted(200), NOW, THIRTY_AN_HOUR)
    assert opens_at(standing, THIRTY_AN_HOUR) == NOW + timedelta(minutes=2)


def test_refused_requests_spend_the_budget_as_well() -> None:
    assert opens_at(failed(1, Retry("broken", 500), ONE_A_SECOND), ONE_A_SECOND) == NOW + SECOND


def test_room_is_what_can_be_told_before_patience_ends() -> None:
    assert room(Standing(), None, NOW) is None
    assert room(Standing(), ONE_A_SECOND, NOW) == 11
    assert room(Standing(spent_until=NOW + SECOND), ONE_A_SECOND, NOW) == 10
    assert room(Standing(), THIRTY_AN_HOUR, NOW) == 30
    assert room(Standing(spent_until=NOW + timedelta(hours=1)), THIRTY_AN_HOUR, NOW) == 1


def waits(number: int, ago: timedelta = SECOND, story: str = "", gather: Gathered | None = None) -> Delivery:
    return Delivery(
        f"d{number}", f"a{number}", "desk", NOW - ago, NOW - ago, lines=(story or f"s{number}",), gather=gather
    )


def test_few_alerts_of_late_are_told_one_by_one() -> None:
    assert to_gather([waits(1), waits(2)], (), 2, NOW) is None
    assert to_gather([waits(1, LATE + SECOND)], (), 2, NOW) is None, "one alone needs no digest"
    assert to_gather([waits(number) for number in range(500)], (), None, NOW) is None, "no budget, no limit"


def test_more_than_the_budget_has_room_for_is_told_together() -> None:
    many = [waits(number) for number in range(150)]
    assert to_gather(many, (), 11, NOW) == (Gathered.BUDGET, tuple(many[:100]))
    assert to_gather(many, (), 11, NOW, most=30) == (Gathered.BUDGET, tuple(many[:30]))


def test_what_waited_for_long_is_told_together_whatever_the_budget() -> None:
    both = [waits(1, LATE + SECOND), waits(2)]
    assert to_gather(both, (), None, NOW) == (Gathered.LATE, tuple(both))


def test_what_the_channel_may_have_taken_goes_alone_and_before_the_rest_of_its_story() -> None:
    first, second, other, more = waits(1, LATE * 2, "s"), waits(2, LATE * 2, "s"), waits(3, LATE * 2), waits(4)
    assert to_gather([first, second, other, more], [first], None, NOW) == (Gathered.LATE, (other, more))


def test_what_waits_for_a_digest_is_told_in_one_however_few() -> None:
    hourly = waits(1, gather=Gathered.HOURLY)
    quiet = waits(2, gather=Gathered.QUIET)
    assert to_gather([waits(9), hourly, quiet], (), None, NOW) == (Gathered.HOURLY, (hourly,))


@pytest.mark.parametrize(
    ("verdict", "unsure"),
    [
        (Accepted(200), False),
        (Retry("busy", 429), False),
        (Retry("busy", 503), False),
        (Retry("refused", unsent=True), False),
        (Retry("timed out"), True),
        (Retry("broken", 500), True),
    ],
)
def test_what_may_have_been_taken_or_be_at_fault_itself_is_unsure(verdict: Accepted | Retry, unsure: bool) -> None:
    assert is_unsure(verdict) is unsure


def test_others_of_a_story_wait_for_three_refusals_and_no_more() -> None:
    refused = Attempt(NOW, ok=False, status=500)
    probe = Attempt(NOW, ok=False, status=500, counts=False)
    delivery = waits(1)
    assert not yields(Delivery(delivery.id, "a", "desk", NOW, NOW, attempts=(refused, refused, probe)))
    assert yields(Delivery(delivery.id, "a", "desk", NOW, NOW, attempts=(refused, refused, refused)))
