"""The ledger of a story: its sieges and offensives one by one, each from its beginning to its end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from siegewatch.domain.story import Beat, Harm, Story, Toll
from siegewatch.domain.taxonomy import Kind, Phase, Precision

OVER = {
    Kind.SIEGE: frozenset({Phase.BROKEN, Phase.FALLEN}),
    Kind.OFFENSIVE: frozenset({Phase.REPELLED, Phase.ENDED}),
}
"""Phases that end a fight. An offensive also ends where it takes the place that the story is about."""


@dataclass(frozen=True, slots=True)
class TollRange:
    """What the sources count of one harm: from the lowest to the highest; `most` is None where one says "at least"
    of the highest."""

    harm: Harm
    least: int
    most: int | None
    tolls: tuple[Toll, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Who counts, each once."""
        return tuple(dict.fromkeys(toll.source for toll in self.tolls))


@dataclass(frozen=True, slots=True)
class Fight:
    """One siege or offensive. `begun_at` is None while it is only threatened; `begun_words` are those that date it,
    None where it is dated by its first report; `ended_by` is the step that ended it, None while it goes on."""

    number: int
    kind: Kind
    begun_at: datetime | None
    begun_words: str | None
    beats: tuple[Beat, ...]
    ended_by: Beat | None
    tolls: tuple[TollRange, ...] = ()

    @property
    def ended_how(self) -> str | None:
        """*broken*, *fallen*, *repelled*, *ended*, or *taken*."""
        return None if self.ended_by is None else "taken" if self.ended_by.taken else str(self.ended_by.phase)

    @property
    def attackers(self) -> tuple[str, ...]:
        """Who besieged or attacked, as ids or else names."""
        return _each(beat.attacker for beat in self.beats)

    @property
    def defenders(self) -> tuple[str, ...]:
        """Who was besieged or attacked."""
        return _each(beat.defender for beat in self.beats)

    @property
    def outlets(self) -> tuple[str, ...]:
        """Who reported it."""
        return _each(outlet for beat in self.beats for outlet in beat.outlets)

    def days(self, now: datetime) -> int | None:
        """Whole days from its beginning to its end, or until now; None while it is only threatened."""
        if self.begun_at is None:
            return None
        until = self.ended_by.at if self.ended_by else now
        return max(until - self.begun_at, timedelta()) // timedelta(days=1)


def fights(story: Story) -> tuple[Fight, ...]:
    """The sieges and offensives of a story by their beginning; those only threatened last."""
    found = [fight for kind in Kind for fight in _of_kind(story, kind)]
    return tuple(sorted(found, key=lambda fight: (fight.begun_at is None, fight.begun_at or story.opened_at)))


def _of_kind(story: Story, kind: Kind) -> list[Fight]:
    parts: list[list[Beat]] = []
    for beat in story.timeline:
        if beat.kind is kind and not beat.moved_to:
            if not parts or _begins_another(parts[-1], beat, story):
                parts.append([])
            parts[-1].append(beat)
    tolls: list[list[Toll]] = [[] for _ in parts]
    for toll in story.tolls:
        if parts and toll.kind is kind:
            tolls[_part_of(toll, parts)].append(toll)
    return [_fight(number + 1, part, tolls[number], story) for number, part in enumerate(parts)]


def _part_of(toll: Toll, parts: Sequence[Sequence[Beat]]) -> int:
    """The last fight that had been reported when the toll was given."""
    begun = [number for number, part in enumerate(parts) if part[0].at <= toll.at]
    return begun[-1] if begun else 0


def _begins_another(before: Sequence[Beat], beat: Beat, story: Story) -> bool:
    """Whether a step is of another fight than the steps before it: those had ended it, and this one tells that there is
    fighting, or a threat of it. Whoever took the place and goes on from there is still at the same offensive."""
    ended = _end(before, story)
    if ended is None or beat.phase in OVER[beat.kind] or _is_eased(ended, [beat]):
        return False
    same_captor = ended.taken and beat.attacker in (None, ended.attacker)
    return beat.phase is Phase.LAUNCHED or not same_captor


def _end(beats: Iterable[Beat], story: Story) -> Beat | None:
    """The last step that ended the fight."""
    actual = [beat for beat in beats if beat.is_actual]
    ends = [at for at, beat in enumerate(actual) if beat.phase in OVER[beat.kind] or _takes_all(beat, story)]
    if not ends or _is_eased(actual[ends[-1]], actual[ends[-1] + 1 :]):
        return None
    return actual[ends[-1]]


def _is_eased(ended: Beat, later: Iterable[Beat]) -> bool:
    """Whether a siege that was told as broken is told to go on: people were let out, and the ring is still closed."""
    return ended.phase is Phase.BROKEN and any(beat.phase is Phase.ONGOING and beat.is_actual for beat in later)


def _takes_all(beat: Beat, story: Story) -> bool:
    is_one_place = story.place is not None and story.place.precision not in (Precision.REGION, Precision.COUNTRY)
    return beat.taken and beat.spot is None and is_one_place


def _fight(number: int, beats: Sequence[Beat], tolls: Sequence[Toll], story: Story) -> Fight:
    actual = [beat for beat in beats if beat.is_actual]
    first = min(actual, key=lambda beat: beat.begun_at, default=None)
    ended_by = _end(beats, story)
    return Fight(
        number,
        beats[0].kind,
        first.begun_at if first else None,
        first.since.words if first and first.since else None,
        tuple(beats),
        ended_by,
        _ranges(tolls),
    )


def _ranges(tolls: Iterable[Toll]) -> tuple[TollRange, ...]:
    by_harm: dict[Harm, list[Toll]] = {}
    for toll in tolls:
        by_harm.setdefault(toll.counted.harm, []).append(toll)
    return tuple(_range(harm, by_harm[harm]) for harm in Harm if harm in by_harm)


def _range(harm: Harm, tolls: Sequence[Toll]) -> TollRange:
    """ "At least 30" of one and "40" of another is 30 to 40; of "at least 50" beside them the end is open."""
    counts = [toll.counted for toll in tolls]
    most = max(one.least if one.most is None else one.most for one in counts)
    is_open = any(one.most is None and one.least >= most for one in counts)
    return TollRange(harm, min(one.least for one in counts), None if is_open else most, tuple(tolls))


def _each(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
