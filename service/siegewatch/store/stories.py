"""What detection remembers: headlines, claims of items, stories; and the one step that stores a decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Any, cast

from siegewatch.domain.item import Said
from siegewatch.domain.story import Decision, Story
from siegewatch.store import codec
from siegewatch.store.client import Store, millis, told
from siegewatch.store.items import ItemRecord, newest
from siegewatch.store.keys import ITEM_LIFE, RECENT_KEPT, REPORTS_KEPT, STORY_LIFE
from siegewatch.store.packing import packed_edit, packed_id, packed_record, packed_said
from siegewatch.store.streams import Stream


class Stored(IntEnum):
    """What storing a decision came to."""

    DONE = 1
    CONFLICT = 0
    GONE = -1


@dataclass(frozen=True, slots=True)
class StoryStore:
    """Memory of the detect phase."""

    store: Store
    remember: timedelta

    @property
    def changes(self) -> Stream:
        """The stream of story changes that waits for notify."""
        return Stream(self.store, "changes", "notify")

    def facts(self, root: str) -> frozenset[str]:
        """What the wordings of an item have claimed."""
        with told():
            members = cast("set[bytes]", self.store.redis.smembers(self.store.keys("facts:{root}", root=root)))
        return frozenset(member.decode() for member in members)

    def at(self, places: Iterable[str]) -> dict[str, Story | None]:
        """The running story of each place or front, by key."""
        return {place: self._at(place) for place in places}

    def _at(self, place: str) -> Story | None:
        with told():
            found = cast("bytes | None", self.store.redis.get(self.store.keys("story:at:{key}", key=place)))
        return self.story(found.decode()) if found else None

    def running(self, story: str) -> dict[str, Story | None]:
        """The story with this id by its key, while it is the one of its place or front; else nothing."""
        found = self.story(story)
        return {found.key: found} if found and self._runs(found) else {}

    def _runs(self, story: Story) -> bool:
        with told():
            running = cast("bytes | None", self.store.redis.get(self.store.keys("story:at:{key}", key=story.key)))
        return running is not None and running.decode() == story.id

    def story(self, story: str) -> Story | None:
        """The story with this id, None where it is not (or no longer) known."""
        with told():
            raw = cast("bytes | None", self.store.redis.hget(self.store.keys("story:{id}", id=story), "state"))
        return codec.load(Story, raw) if raw else None

    def recent(self, limit: int, skip: int = 0) -> list[Story]:
        """The stories changed last, newest first, after the first `skip`."""
        ids = newest(self.store, "stories:recent", limit, skip)
        with told(), self.store.redis.pipeline(transaction=False) as pipe:
            for story in ids:
                pipe.hget(self.store.keys("story:{id}", id=story), "state")
            return [codec.load(Story, raw) for raw in pipe.execute() if raw]

    def decide(self, decided: Sequence[tuple[str, Decision]]) -> list[Stored]:
        """Stores each (stream entry, decision) in a step of its own, sent together."""
        calls = [(self._keys(decision), self._args(entry, decision)) for entry, decision in decided]
        with told():
            return [Stored(int(answer)) for answer in self.store.run_each("decide", calls)]

    def _keys(self, decision: Decision) -> list[str]:
        keys, item = self.store.keys, decision.item
        fixed = [
            keys("items"),
            keys("changes"),
            keys("tails:{feed}", feed=item.feed or ""),
            keys("facts:{root}", root=item.root),
            keys("reports"),
            keys("items:recent"),
            keys("stories:recent"),
        ]
        stories = [
            (keys("story:{id}", id=story.id), keys("story:at:{key}", key=story.key)) for story in decision.stories
        ]
        return fixed + [key for pair in stories for key in pair]

    def _args(self, entry: str, decision: Decision) -> list[Any]:
        first = Said(decision.item.root, decision.item.seen_at, decision.item.late, bool(decision.events))
        record = ItemRecord(decision.item, decision.events, decision.ruling, decision.item.seen_at)
        return [
            self.store.keys.prefix,
            "detect",
            entry,
            millis(decision.item.seen_at),
            _seconds(self.remember),
            _seconds(ITEM_LIFE),
            _seconds(STORY_LIFE),
            RECENT_KEPT,
            packed_id(decision.headline),
            packed_id(decision.known.owner) if decision.known.owner else "",
            packed_said(first) if decision.ruling.repeat_of is None else "",
            decision.tail,
            packed_record(record),
            decision.item.id,
            packed_id(decision.item.root),
            packed_edit(decision.item.id) if decision.item.edit_of else "",
            codec.dump(decision.change) if decision.change else "",
            len(decision.facts),
            *sorted(decision.facts),
            REPORTS_KEPT,
            len(decision.words),
            *decision.words,
            *_story_args(decision),
        ]


def _story_args(decision: Decision) -> list[Any]:
    args: list[Any] = []
    for story in decision.stories:
        args += [story.id, story.version - 1, codec.dump(story)]
    return args + [_replaced(decision.known.stories, story) for story in decision.stories]


def _replaced(known: Mapping[str, Story | None], story: Story) -> str:
    """The id of the expired story whose place a new one takes, empty where the place was free."""
    before = known.get(story.key)
    return before.id if before and before.id != story.id else ""


def _seconds(life: timedelta) -> int:
    return int(life.total_seconds())
