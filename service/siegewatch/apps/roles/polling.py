"""Polls under way: requests in one curl loop, what takes long in threads, and one thread that settles what is done.

A poll that finds nothing new, as most do, touches neither a thread of its own nor the store alone: its answer is judged
and settled along with the others of the moment.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from time import monotonic
from typing import TypeVar

import structlog

from siegewatch.apps.roles.loop import Trouble
from siegewatch.collect.poller import Polled, Poller
from siegewatch.collect.sources.base import Reading
from siegewatch.collect.turn import NOTHING, Conclusion, Outcome, Turn
from siegewatch.domain.errors import StoreError
from siegewatch.domain.feed import Feed
from siegewatch.net.messages import Ask
from siegewatch.net.multi import MultiDoor
from siegewatch.store.claims import Claim

log = structlog.get_logger()
T = TypeVar("T")

TOGETHER = 200
"""Polls settled in one round trip at most."""

LINGER_SECONDS, CROWDED = 0.25, 64
"""How long what a poll came to may wait for others, since a round trip costs as much as settling ten; and with how many
polls under way it may not, as others wait for their room."""


@dataclass
class Polling:
    """`settle` stores what polls came to; `told` hears of each, with the seconds it took; `blames` hears how a feed was
    read, and says whether one that gave no answer is to blame. `hands` are the threads for what takes long, `busy` the
    polls under way."""

    settle: Callable[[Sequence[Conclusion], datetime], list[Polled]]
    told: Callable[[Polled, float], None]
    blames: Callable[[Feed, Reading], bool]
    trouble: Trouble
    hands: int
    busy: int = 0
    _heavy: "SimpleQueue[tuple[Turn, Outcome | None] | None]" = field(default_factory=SimpleQueue)
    _light: "SimpleQueue[tuple[Turn, Outcome | Conclusion] | None]" = field(default_factory=SimpleQueue)
    _threads: list[Thread] = field(default_factory=list)
    _settling: Thread | None = None
    _changed: Condition = field(default_factory=Condition)

    def start(self) -> None:
        """Begins."""
        self._settling = Thread(target=self._settle, name="settle", daemon=True)
        self._settling.start()
        self.hire(self.hands)

    def hire(self, hands: int) -> None:
        """As many threads for what takes long: those too many end with what they have in hand."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        for number in range(len(self._threads), hands):
            self._threads.append(Thread(target=self._work, name=f"poll {number}", daemon=True))
            self._threads[-1].start()
        for _ in range(hands, len(self._threads)):
            self._heavy.put(None)
        self.hands = hands

    def begin(self, poller: Poller, door: MultiDoor, claims: Sequence[Claim]) -> None:
        """Begins the polls of what was claimed. They end under the rules of this poller, whatever comes after it."""
        turns = poller.turns(claims, self.trouble.clock())
        with self._changed:
            self.busy += len(turns)
        asks = [(ask, partial(self._heard, turn)) for turn in turns if (ask := self._safely(turn, self._asked(turn)))]
        door.get(asks)

    def _asked(self, turn: Turn) -> Callable[[], Ask | None]:
        """Asks what to request; a feed whose source fetches for itself goes to the threads."""

        def ask() -> Ask | None:
            asked = turn.ask()
            if asked is None:
                self._heavy.put((turn, None))
            return asked

        return ask

    def stop(self, deadline: float) -> None:
        """Waits until the monotonic clock says `deadline` for what is under way; what is not settled then comes back
        with its lease."""
        with self._changed:
            self._changed.wait_for(lambda: not self.busy, max(0.0, deadline - monotonic()))
        for _ in self._threads:
            self._heavy.put(None)
        self._light.put(None)
        for thread in (*self._threads, self._settling):
            if thread:
                thread.join(max(0.0, deadline - monotonic()))

    def _heard(self, turn: Turn, outcome: Outcome) -> None:
        self._light.put((turn, outcome))

    def _work(self) -> None:
        while found := self._heavy.get():
            if conclusion := self._safely(found[0], partial(self._concluded, *found)):
                self._light.put((found[0], conclusion))

    def _concluded(self, turn: Turn, outcome: Outcome | None) -> Conclusion:
        reading = turn.read(outcome)
        admitted = turn.admit(reading)
        blame = self.blames(turn.feed, reading)
        return turn.concluded(reading, admitted, turn.pushes(reading, admitted), blame=blame)

    def _settle(self) -> None:
        while self._settle_some():
            pass

    def _settle_some(self) -> bool:
        """Settles what is done by now, waiting for the first and a moment for more; False once asked to stop."""
        done: list[Conclusion] = []
        found, until = self._light.get(), monotonic() + LINGER_SECONDS
        with suppress(Empty):
            while found:
                turn, what = found
                if judged := self._safely(turn, partial(self._judged, turn, what)):
                    done.append(judged)
                if len(done) >= TOGETHER:
                    break
                found = self._light.get(timeout=max(0.0, until - monotonic()) if self.busy < CROWDED else 0.0)
        if done:
            self._store(done)
        return found is not None

    def _judged(self, turn: Turn, what: Outcome | Conclusion) -> Conclusion | None:
        """What a poll came to, if that can be told at once; else it is for the threads."""
        if isinstance(what, Conclusion):
            return what
        if turn.is_light(what):
            reading = turn.read(what)
            return turn.concluded(reading, NOTHING, turn.push, blame=self.blames(turn.feed, reading))
        self._heavy.put((turn, what))
        return None

    def _store(self, done: Sequence[Conclusion]) -> None:
        try:
            now = self.trouble.clock()
            for polled, one in zip(self.settle(done, now), done, strict=True):
                self.told(polled, (now - one.began_at).total_seconds())
        except StoreError as error:
            self.trouble.met(error)
        except Exception:
            # A bug in telling of one poll must not end all that come after it.
            log.exception("polls_not_settled", polls=len(done))
        finally:
            self._ended(len(done))

    def _safely(self, turn: Turn, step: Callable[[], T]) -> T | None:
        """One step of a poll; where it fails the lease brings the feed back."""
        try:
            return step()
        except StoreError as error:
            self.trouble.met(error)
        except Exception:
            # The trace tells whose bug it is.
            log.exception("poll_failed", feed=turn.feed.name)
        self._ended(1)
        return None

    def _ended(self, polls: int) -> None:
        with self._changed:
            self.busy -= polls
            self._changed.notify_all()
