"""What waits for a channel, on a real store: order kept, pace kept, told together, nothing lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from siegewatch.domain.alert import Alert, Route
from siegewatch.domain.delivery import Accepted, ChannelSpec, DeliveryState, Message, Rejected, Retry, Verdict
from siegewatch.domain.digest import Digest, Gathered
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.standing import Budget, Terms
from siegewatch.domain.story import Story, StoryChange
from siegewatch.domain.taxonomy import Change, Kind, Phase, Status
from siegewatch.notify.outbox import Teller
from siegewatch.notify.sender import Sender
from siegewatch.store import codec
from siegewatch.store.alerts import AlertStore
from siegewatch.store.claims import Worker
from siegewatch.store.client import Store
from siegewatch.store.outbox import Crowd, Taken

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
US = Worker("host:1", lambda process: process == "host:dead")
STORY = Story("s1", "c:SY", "Fighting in SY", None, "SY", NOW, NOW)
IMPOSED = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, country="SY")
THREAT = Event(Kind.SIEGE, Phase.IMPOSED, Status.THREATENED, country="SY")
ONE_A_SECOND = Terms(Budget(1, SECOND))


@dataclass
class World:
    """A desk, its channel and its clock: `verdicts` are what it answers, in turn; then it accepts."""

    alerts: AlertStore
    terms: Terms = field(default_factory=Terms)
    now: datetime = NOW
    verdicts: list[Verdict] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    always: Verdict | None = None
    needs_url: bool = True
    digest: str = ""

    def send(self, message: Message) -> Verdict:
        self.sent.append(message)
        return self.verdicts.pop(0) if self.verdicts else self.always or Accepted(200)

    def tell(self, *stories: str, event: Event = IMPOSED) -> None:
        """One change of each story, decided a millisecond after the other."""
        spec = ChannelSpec("desk", "test", "https://x.example", terms=self.terms)
        routes = (Route({}, ("desk",), digest=self.digest),)
        for story in stories:
            self.now += SECOND / 1000
            version = int(self.now.timestamp() * 1000)
            changed = replace(STORY, id=story, version=version)
            told = StoryChange(changed, Change.OPENED, (event,), Item("i", story, "", NOW, NOW), self.now)
            self.alerts.store.redis.xadd(self.alerts.changes.key, {"change": codec.dump(told)})
            Teller(self.alerts, routes, {"desk": spec}, "one", lambda: self.now).step()

    def sender(self, worker: Worker = US) -> Sender:
        return Sender(self.alerts, "desk", self, "", "UTC", lambda: self.now, worker, self.terms, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def run(self, length: timedelta, tick: timedelta = SECOND) -> None:
        """Sends what can be sent, until so much time has passed."""
        until, sender = self.now + length, self.sender()
        while self.now <= until:
            while sender.step():
                pass
            self.now += tick

    @property
    def told(self) -> list[list[str]]:
        """The stories of each message."""
        return [
            [one.story or "" for one in told.entries] if isinstance(told, Digest) else [told.story.id]
            for told in (message.alert for message in self.sent)
        ]

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.sent]


@pytest.fixture
def world(store: Store) -> World:
    world = World(AlertStore(store))
    world.alerts.changes.open()
    return world


def flat(told: Sequence[Sequence[str]]) -> list[str]:
    return [story for stories in told for story in stories]


def test_later_alert_of_a_story_waits_for_the_earlier_one(world: World) -> None:
    world.tell("a", "b", "a")
    world.verdicts = [Retry("broken", 500)]
    world.run(4 * SECOND - SECOND / 2)
    assert world.told == [["a"], ["b"]], "the second a waits, b does not"
    world.run(4 * SECOND)
    assert world.told == [["a"], ["b"], ["a"], ["a"]]
    assert world.ids[0] == world.ids[2] != world.ids[3]


def test_story_does_not_wait_for_ever_for_an_alert_that_the_channel_refuses(world: World) -> None:
    world.tell("a", "a")
    refused: list[Verdict] = [Retry("broken", 500)] * 3
    world.verdicts = refused
    world.run(timedelta(minutes=7), tick=5 * SECOND)
    assert [world.ids[0]] * 3 == world.ids[:3]
    assert world.ids[3] != world.ids[0], "after three refusals the next is tried"


def test_while_one_process_sends_another_waits(world: World) -> None:
    world.tell("a", "b")
    outbox = world.alerts.outbox("desk")
    assert outbox.claim(US, world.now, lease=timedelta(minutes=2))
    assert world.sender(Worker("host:2", US.is_gone)).step() is None
    world.now += timedelta(minutes=2)
    assert world.sender(Worker("host:2", US.is_gone)).step(), "its lease ran out"


def test_delivery_asks_the_store_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.tell("a", "b", "c")
    redis, asked = world.alerts.store.redis, list[str]()
    ask = redis.execute_command
    world.sender().step()
    monkeypatch.setattr(redis, "execute_command", lambda *words, **how: (asked.append(words[0]), ask(*words, **how))[1])
    world.sender().step()
    assert asked == ["EVALSHA", "EVALSHA"], "claimed with all that it tells, and settled"


def test_nothing_is_claimed_where_more_waits_than_may(world: World) -> None:
    world.tell("a", "b")
    outbox, one, two = world.alerts.outbox("desk"), Crowd(1, NOW - SECOND), Crowd(2, NOW - SECOND)
    assert outbox.claim(US, world.now, lease=SECOND, most=one) == one
    taken = outbox.claim(US, world.now, lease=SECOND, most=two)
    assert isinstance(taken, Taken)
    assert isinstance(taken.told, Alert)
    assert taken.told.story.id == "a"


def test_nothing_is_claimed_where_something_waits_for_too_long(world: World) -> None:
    world.tell("a")
    long_ago = Crowd(9, world.now + SECOND)
    assert world.alerts.outbox("desk").claim(US, world.now, lease=SECOND, most=long_ago) == long_ago


def test_busy_channel_is_left_alone_and_order_is_kept(world: World) -> None:
    world.tell("a", "b")
    world.verdicts = [Retry("busy", 429, after_seconds=30)]
    world.run(29 * SECOND)
    assert world.told == [["a"]]
    world.run(5 * SECOND)
    assert world.told == [["a"], ["a"], ["b"]]
    [first] = [one for one in world.alerts.recent_deliveries(9) if one.id == world.ids[0]]
    assert [attempt.counts for attempt in first.attempts] == [False, True]


def test_schedule_ends_in_a_dead_letter_where_others_are_taken(world: World) -> None:
    world.tell("a")
    began, tries = world.now, []
    world.always = Retry("broken", 500)
    for _ in range(8):
        delivery = world.sender().step()
        assert delivery
        tries.append((world.now - began).total_seconds())
        world.alerts.enable("desk")  # As if others had been taken meanwhile.
        world.now = max(delivery.due_at, world.now)
    assert delivery.state is DeliveryState.DEAD
    expected = [0, 5, 305, 2_105, 9_305, 27_305, 63_305, 99_305]
    assert all(0.8 * wanted <= at <= 1.2 * wanted for at, wanted in zip(tries, expected, strict=True))
    assert world.alerts.dead_letters() == 1


def test_dead_channel_is_paused_not_forgotten_and_tells_one_digest_when_it_is_back(world: World) -> None:
    world.always = Retry("no route", unsent=True)
    stories = [f"s{number:02}" for number in range(16)]
    for story in stories:
        world.tell(story)
        world.run(timedelta(hours=3), tick=timedelta(minutes=12))
    assert world.alerts.dead_letters() == 0, "the schedule of 28 hours stands still while the channel is paused"
    assert world.alerts.outbox("desk").standing().failures == len(world.sent)
    world.sent, world.always = [], None
    world.run(timedelta(minutes=6))
    assert world.told == [stories[::-1]], "one digest, the newest first"
    assert world.alerts.waiting(["desk"]) == {"desk": 0}


def test_what_a_channel_may_have_taken_is_sent_again_under_its_id_never_in_a_digest(world: World) -> None:
    world.always = Retry("timed out")
    world.tell("a", "b", "c", "d")
    world.run(timedelta(hours=2), tick=timedelta(minutes=6))
    tried = set(world.ids)
    world.sent, world.always = [], None
    world.run(timedelta(minutes=10))
    assert sorted(flat(world.told)) == ["a", "b", "c", "d"]
    assert tried <= set(world.ids)


def test_two_days_of_downtime_end_in_one_digest_the_gravest_first(world: World) -> None:
    world.tell("a", "b")
    world.tell("threat", event=THREAT)
    world.tell("c")
    world.now += timedelta(days=2)
    world.run(timedelta(minutes=1))
    [message] = world.sent
    assert world.told == [["c", "b", "a", "threat"]]
    assert isinstance(message.alert, Digest)
    assert message.alert.why is Gathered.LATE
    states = {one.state for one in world.alerts.recent_deliveries(9) if one.alert != message.alert.id}
    assert states == {DeliveryState.DIGESTED}


def test_alert_that_waited_too_long_is_a_dead_letter_that_says_so(world: World) -> None:
    world.terms = Terms(expire_after=timedelta(hours=6))
    world.tell("a", "b")
    world.now += timedelta(hours=7)
    world.tell("c")
    world.run(timedelta(minutes=1))
    assert world.told == [["c"]]
    assert {one.reason for one in world.alerts.recent_deliveries(9, dead=True)} == {
        "expired: not accepted within 6:00:00"
    }


def test_burst_over_the_budget_is_told_in_order_and_complete(world: World) -> None:
    world.terms = ONE_A_SECOND
    stories = [f"s{number:03}" for number in range(250)]
    world.tell(*stories)
    world.run(timedelta(seconds=15), tick=SECOND / 2)
    assert sorted(flat(world.told)) == stories
    assert [len(told) for told in world.told[:2]] == [100, 100]
    spans = [(min(told), max(told)) for told in world.told]
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_refused_digest_takes_in_what_came_since(world: World) -> None:
    world.terms = ONE_A_SECOND
    world.tell(*(f"s{number:03}" for number in range(40)))
    world.verdicts = [Retry("busy", 429, after_seconds=900)]
    world.run(2 * SECOND)
    assert len(world.sent) == 1
    world.tell("late")
    world.run(timedelta(minutes=20), tick=timedelta(minutes=1))
    assert len(world.sent) == 2
    assert len(world.told[1]) == 41


def test_digest_keeps_its_place_in_the_lines_of_its_stories(world: World) -> None:
    world.terms = ONE_A_SECOND
    world.tell(*(f"s{number:03}" for number in range(40)))
    world.verdicts = [Retry("broken", 500)]
    world.run(SECOND / 2)
    world.tell("s000", "other")
    world.run(timedelta(seconds=3))
    assert world.told[1:] == [["other"]], "the story waits for the digest that tells of it"
    world.run(timedelta(seconds=9))
    assert [len(told) for told in world.told] == [40, 1, 40, 1]
    assert world.ids[0] == world.ids[2]


def test_hourly_route_is_told_once_an_hour(world: World) -> None:
    world.digest = "hourly"
    world.tell("a", "b")
    assert world.alerts.waiting(["desk"]) == {"desk": 2}
    world.run(timedelta(minutes=59), tick=timedelta(minutes=10))
    assert world.told == []
    world.run(timedelta(minutes=2), tick=timedelta(minutes=1))
    assert world.told == [["b", "a"]]


def test_drain_keeps_the_pace_of_the_budget(world: World) -> None:
    world.terms = ONE_A_SECOND
    world.tell("a", "b", "c")
    began = world.now
    assert len(world.sender().drain()) == 3
    assert world.now - began >= 2 * SECOND


def test_drain_leaves_a_channel_alone_that_asks_for_it(world: World) -> None:
    world.tell("a", "b")
    world.always = Retry("busy", 429, after_seconds=60)
    assert len(world.sender().drain()) == 1


def test_retried_dead_letters_go_out_in_their_order(world: World) -> None:
    world.tell("a", "b", "a")
    world.verdicts = [Rejected("no", 400)] * 3
    world.run(SECOND)
    dead = world.alerts.recent_deliveries(9, dead=True)
    assert len(dead) == 3
    for one in sorted(dead, key=lambda delivery: delivery.created_at):
        world.now += SECOND / 1000
        world.alerts.send_again(one, world.now)
    first = world.ids[:]
    world.run(SECOND)
    assert world.ids[3:] == first


def test_old_dead_letters_leave_the_listing(world: World) -> None:
    world.tell("a")
    world.verdicts = [Rejected("no", 400)]
    world.run(SECOND)
    assert world.alerts.expire_dead(world.now + timedelta(days=29)) == 0
    assert world.alerts.expire_dead(world.now + timedelta(days=31)) == 1
    assert world.alerts.dead_letters() == 0
