"""Which channels an alert goes to. Pure: the contract's rules over the routes of `alerts.yaml`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from siegewatch.domain.alert import OPS_MATCHERS, Route
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.ops import Subject, Trouble
from siegewatch.domain.taxonomy import Change, Severity
from siegewatch.domain.way import Step, Weighed
from siegewatch.notify.matching import News, weigh

_ONLY_ON_REQUEST = frozenset({Change.SIDES, Change.TOLL})
NO_ROUTES = "there are no routes"


@dataclass(frozen=True, slots=True)
class Routed:
    """`channels` in the order of the routes, each once; `path` says of every route looked at what it did; `digests`
    are the channels that only routes with a digest chose, with the first such route's."""

    channels: tuple[str, ...]
    path: tuple[str, ...]
    digests: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is on its way down the tree: news (or the subject of a trouble), and whether a route above asked for its
    change, or for troubles."""

    news: News | None
    subject: Subject | None = None
    is_asked_for: bool = False


def route(events: Sequence[Event], severity: Severity, change: Change, item: Item, routes: Sequence[Route]) -> Routed:
    """Which channels are told of news: routes that ask for ops alerts are passed by. Hours and days are asked of the
    time at which the item was seen."""
    return _routed(routes, _Asked(News(tuple(events), severity, change, item)))


def route_ops(trouble: Trouble, routes: Sequence[Route]) -> Routed:
    """Which channels are told of a trouble: those of routes that ask for its subject, but for the one that is itself
    in trouble."""
    routed = _routed(routes, _Asked(None, trouble.subject))
    return replace(routed, channels=fit_to_tell(trouble, routed.channels), digests={})


def fit_to_tell(trouble: Trouble, channels: Iterable[str]) -> tuple[str, ...]:
    """The channels but for the one that is itself in trouble."""
    own = trouble.name if trouble.subject is Subject.CHANNEL else None
    return tuple(channel for channel in channels if channel != own)


def _routed(routes: Sequence[Route], asked: _Asked) -> Routed:
    steps: list[Step] = []
    channels: dict[str, str] = {}
    for taking in _walk(routes, asked, steps, ""):
        for channel in taking.channels:
            # Told at once by one route and in a digest by another, it is told at once.
            channels[channel] = taking.digest and channels.get(channel, taking.digest)
    digests = {channel: digest for channel, digest in channels.items() if digest}
    return Routed(tuple(channels), tuple(map(str, steps)) or (NO_ROUTES,), digests, tuple(steps))


def _walk(routes: Sequence[Route], asked: _Asked, steps: list[Step], above: str) -> Iterator[Route]:
    """The routes that tell, from the top; the first match that does not continue ends the walk among its like. What a
    route takes is told by those inside it that take it too, else by itself."""
    for position, branch in enumerate(routes, start=1):
        number = f"{above}{position}"
        hindrance, left, weighed = _looked_at(branch, asked)
        at = len(steps)
        inside = tuple(_walk(branch.routes, left, steps, f"{number}.")) if hindrance is None else ()
        hindrance = hindrance or (None if inside else _unasked(left))
        came_to = hindrance or _effect(branch, inside)
        steps.insert(at, Step(number, _words(branch), came_to, weighed))
        if hindrance is None:
            yield from inside or (branch,)
            if not branch.continues:
                break


def _looked_at(branch: Route, asked: _Asked) -> tuple[str | None, _Asked, tuple[Weighed, ...]]:
    """Why `branch` does not take it (None where it does), what goes on to the routes inside, and each matcher."""
    if asked.news is None:
        return _ops_hindrance(branch, asked), replace(asked, is_asked_for=True), ()
    if OPS_MATCHERS & branch.match.keys():
        return "passed by, as it asks for ops alerts", asked, ()
    weighed, left = weigh(branch.match, branch.zone, asked.news)
    going_on = replace(asked, news=left or asked.news, is_asked_for=asked.is_asked_for or "change" in branch.match)
    return (None if left else _why_not(weighed)), going_on, weighed


def _unasked(asked: _Asked) -> str | None:
    """Why a route itself does not tell what it takes: nobody asked for such a change."""
    if asked.news is None or asked.is_asked_for or asked.news.change not in _ONLY_ON_REQUEST:
        return None
    return f"passed by, as a change of {asked.news.change} rings only where match.change asks for it"


def _why_not(weighed: Sequence[Weighed]) -> str:
    """The first matcher that does not hold; of events where all hold, though of different ones."""
    for one in weighed:
        if one.holds:
            continue
        if one.name == "hours":
            return "passed by, as it is another time"
        return f"passed by, as {one.name} is {', '.join(one.found) or 'unknown'}"
    return "passed by, as no event has all of that"


def _ops_hindrance(branch: Route, asked: _Asked) -> str | None:
    if "subject" not in branch.match:
        return None if asked.is_asked_for else "passed by, as it does not ask for a subject"
    subjects = frozenset(map(str.casefold, branch.match["subject"]))
    return None if asked.subject in subjects else f"passed by, as subject is {asked.subject}"


def _words(branch: Route) -> str:
    return "; ".join(f"{name}: {', '.join(values)}" for name, values in branch.match.items()) or "everything"


def _effect(branch: Route, inside: Sequence[Route]) -> str:
    goes_on = " and goes on" if branch.continues else ""
    if inside:
        return f"matched, leaves it to those inside{goes_on}"
    when = f" in a digest ({branch.digest})" if branch.digest else ""
    return f"matched, tells {', '.join(branch.channels)}{when}{goes_on}"
