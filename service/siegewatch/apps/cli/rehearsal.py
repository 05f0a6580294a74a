"""Items run through repeats, detection, stories and routing as the service would have run them, on a store of their
own that is gone afterwards; nothing is sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from siegewatch import wiring
from siegewatch.apps.cli.items import BadLine, ItemLine
from siegewatch.apps.cli.judging import batched
from siegewatch.collect.identity import identities, wording
from siegewatch.detect.detector import Detector
from siegewatch.domain.alert import Alert
from siegewatch.domain.event import Event
from siegewatch.domain.item import Entry, Item
from siegewatch.domain.story import Decision
from siegewatch.domain.taxonomy import Outcome
from siegewatch.notify.outbox import Teller
from siegewatch.settings import Settings
from siegewatch.store.items import Candidate

TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """One line, or one item of the archive, at its time: no two are seen at the same instant, so `at` names it within
    a run."""

    line: ItemLine | BadLine | Item
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One alert on one channel."""

    alert: str
    channel: str
    severity: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one line, as the contract writes it."""

    id: str | None
    outcome: Outcome
    repeat_of: str | None = None
    events: tuple[Event, ...] = ()
    story: str | None = None
    change: str | None = None
    alerts: tuple[Told, ...] = ()


def in_order(lines: Iterable[ItemLine | BadLine], now: datetime) -> list[Turn]:
    """The lines by when they were published. One that does not say, or is bad, follows the line before it; those
    before any that says share the time of the first that does."""
    dated = list(map(_dated, lines))
    clock = next((at for _, at in dated if at), now)
    turns = []
    for line, at in dated:
        clock = at or clock
        turns.append(Turn(line, clock))
    return _one_by_one(sorted(turns, key=lambda turn: turn.at))


def as_admitted(items: Iterable[Item]) -> list[Turn]:
    """Items of the archive by when they were seen, which was the clock."""
    return _one_by_one(sorted((Turn(item, item.seen_at) for item in items), key=lambda turn: turn.at))


def _dated(line: ItemLine | BadLine) -> tuple[ItemLine | BadLine, datetime | None]:
    if isinstance(line, BadLine):
        return line, None
    try:
        return line, line.published_at()
    except ValueError:
        return BadLine(line.number, "published is no time as in RFC 3339", line.id), None


def _one_by_one(turns: Iterable[Turn]) -> list[Turn]:
    spread: list[Turn] = []
    for turn in turns:
        earliest = spread[-1].at + TICK if spread else turn.at
        spread.append(replace(turn, at=max(turn.at, earliest)))
    return spread


@contextmanager
def opened(settings: Settings) -> Iterator["Rehearsal"]:
    """A rehearsal on an embedded store in a temporary folder, whatever store the settings name."""
    with TemporaryDirectory(prefix="siegewatch-replay-") as folder:
        own = replace(settings, data_dir=Path(folder), store=settings.store.model_copy(update={"url": ""}))
        with wiring.opened_store(own) as store:
            memory = wiring.memory(own, store)
            memory.open()
            detector = wiring.detector(own, memory, wiring.classifier(own))
            tags = {feed.name: feed.tags for feed in own.feeds}
            yield Rehearsal(detector, wiring.teller(own, memory), tags)


@dataclass
class Rehearsal:
    """One run. `tags` are those of the configured feeds, by name; `roots` remembers who was first known by what."""

    detector: Detector
    teller: Teller
    tags: Mapping[str, tuple[str, ...]]
    roots: dict[str, str] = field(default_factory=dict)

    def run(self, turns: Sequence[Turn]) -> Iterator[list[Replayed]]:
        """What became of each line, in order, batch by batch."""
        for batch in batched(turns):
            yield self._run(batch)

    def _run(self, batch: Sequence[Turn]) -> list[Replayed]:
        candidates = {
            turn.at: _candidate(turn.line, turn.at, self.tags) for turn in batch if not isinstance(turn.line, BadLine)
        }
        for candidate in candidates.values():
            self.detector.items.admit([candidate])
        decisions = {one.item.seen_at: one for one in self._decisions()}
        alerts = {one.item.seen_at: one for one in self._alerts(batch[-1].at)}
        return [
            self._replayed(turn, candidates.get(turn.at), decisions.get(turn.at), alerts.get(turn.at)) for turn in batch
        ]

    def _decisions(self) -> Iterator[Decision]:
        while done := self.detector.step().decisions:
            yield from done

    def _alerts(self, now: datetime) -> Iterator[Alert]:
        teller = replace(self.teller, clock=lambda: now)
        while (batch := teller.step()).handed:
            yield from batch.alerts

    def _replayed(
        self, turn: Turn, candidate: Candidate | None, decision: Decision | None, alert: Alert | None
    ) -> Replayed:
        if candidate is None:
            return Replayed(turn.line.id, Outcome.INVALID)
        known = [self.roots[identity] for identity in candidate.identities if identity in self.roots]
        root = decision.item.root if decision else known[0]
        self.roots.update(dict.fromkeys(candidate.identities, root))
        if decision is None:
            # Admission knew identity and wording: the service would not have looked at it again.
            return Replayed(turn.line.id, Outcome.REPEAT, repeat_of=root)
        ruling = decision.ruling
        told = tuple(Told(alert.id, name, alert.severity) for name in alert.channels) if alert else ()
        return Replayed(
            turn.line.id, ruling.outcome, ruling.repeat_of, decision.events, ruling.story, ruling.change, told
        )


def _candidate(line: ItemLine | Item, at: datetime, tags: Mapping[str, tuple[str, ...]]) -> Candidate:
    if isinstance(line, Item):
        return _once_more(line, at, tags)
    item = line.item(at, at, tags.get(line.keys.get("feed") or "", ()))
    entry = Entry(item.title, item.summary, guid=item.id, link=item.link, published_at=at)
    return Candidate(identities("replay", entry, trust_guid=True, trust_link=True), wording(entry), item)


def _once_more(item: Item, at: datetime, tags: Mapping[str, tuple[str, ...]]) -> Candidate:
    """An item as it was admitted: a wording of the item that it was a wording of, as old as it was."""
    entry = Entry(item.title, item.summary, guid=item.root, link=item.link, published_at=item.published_at)
    own_tags = tags.get(item.feed or "", item.tags)
    first = replace(item, id=item.root, edit_of=None, seen_at=at, tags=own_tags)
    return Candidate((item.root,), wording(entry), first, edit_late=item.late)
